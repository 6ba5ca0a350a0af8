"""Rows and vectors of games, from the published warehouse."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sc2_pipeline.game import game_seconds
from sc2_pipeline.training import queries
from sc2_pipeline.training.columns import LABELS, NAMES, PLAIN
from sc2_pipeline.training.elements import GRID, elements, places

Loops = npt.NDArray[np.int64]


class Rows:
    """Makes rows of the games in the temporary table ``training_games(game_key, replay_id, split, number)``.

    ``players``: the temporary table ``training_players`` as rows may show it, so anonymous if they are to be.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, players: pa.Table, grid: int) -> None:
        self._connection = connection
        self._players = players
        self._steps = np.arange(0, GRID, grid)

    def of_games(self, first: int, last: int, size: int) -> Iterator[pa.Table]:
        """Rows of the games with these numbers, ``size`` games a table (without rows if they have none), by game, player and game loop; columns as in :data:`NAMES`."""
        asked = {"first": first, "last": last}
        samples = self._read(queries.SAMPLES, asked)
        sample, age = self._grid(_column(samples, "game_loop"), _column(samples, "duration_game_loops"))
        sequence, loop = _column(samples, "sequence")[sample], _column(samples, "game_loop")[sample] + age
        keys, players = _keys(sequence, loop), self._players.take(pa.array(sequence))
        columns = {name: players.column(name) for name in (*PLAIN[:-3], LABELS[0])}
        columns["game_loop"] = pa.array(loop, pa.int32())
        columns["economy_age_game_loops"] = pa.array(age, pa.int16())
        columns["opponent_row_offset"] = _offsets(keys, players.column("opponent_sequence").combine_chunks(), loop)
        columns["features"] = self._features(samples, sample, keys, players, asked)
        for name, query in zip(LABELS[1:3], (queries.FIGHTS, queries.STEPS), strict=True):
            columns[name] = _next(keys, self._read(query, asked))
        left = _column(samples, "duration_game_loops")[sample] - loop
        columns[LABELS[3]] = pa.array(left * game_seconds(1), pa.float32())
        table = pa.table([columns[name] for name in NAMES], schema=_schema(columns))
        bounds = np.searchsorted(_column(players, "number"), np.arange(first, last + size, size))
        for begin, end in pairwise(bounds.tolist()):
            yield table.slice(begin, end - begin)

    def _read(self, query: str, asked: dict[str, int]) -> pa.Table:
        return self._connection.sql(query, params=asked).to_arrow_table()

    def _grid(self, loops: Loops, durations: Loops) -> tuple[Loops, Loops]:
        """Of each row its sample and how old that is, until the game ends."""
        samples = np.repeat(np.arange(len(loops)), len(self._steps))
        ages = np.tile(self._steps, len(loops))
        lies_within = loops[samples] + ages <= durations[samples]
        return samples[lies_within], ages[lies_within]

    def _features(
        self, samples: pa.Table, sample: Loops, keys: Loops, players: pa.Table, asked: dict[str, int]
    ) -> pa.Array:
        features = np.zeros((len(keys), len(elements())), dtype=np.float32)
        counts = queries.COUNTS_AT_SAMPLES
        if len(self._steps) > 1:
            ids = self._read(queries.REPLAYS, asked).column("replay_id").to_pylist()
            counts = queries.COUNTS.format(replays=", ".join(f"'{replay_id}'" for replay_id in ids))
        for query in (counts, queries.UPGRADES):
            _add(features, keys, self._read(query, asked))
        # What was put down are steps up and down; what stands is their sum so far.
        starts = np.flatnonzero(np.diff(keys >> 32, prepend=-1))
        for begin, end in zip(starts, [*starts[1:], len(keys)], strict=True):
            np.cumsum(features[begin:end], axis=0, out=features[begin:end])
        known = places("known")
        features[:, known["statistics"]] = 1
        for name, place in places("economy").items():
            values = samples.column(name).combine_chunks()
            features[:, place] = np.asarray(values.fill_null(0))[sample]
            if values.null_count:
                features[:, known["statistics"]] *= np.asarray(values.is_valid())[sample]
        for name, place in places("ratings").items():
            ratings = players.column(name).combine_chunks()
            features[:, place] = np.asarray(ratings.fill_null(0))
            features[:, known[name]] = np.asarray(ratings.is_valid())
        return pa.FixedSizeListArray.from_arrays(pa.array(features.reshape(-1)), type=VECTOR)


VECTOR: Final = pa.list_(pa.field("element", pa.float32(), nullable=False), len(elements()))
"""No element and no vector is NULL, which readers need not look for then."""


def _schema(columns: dict[str, Any]) -> pa.Schema:
    return pa.schema([pa.field(name, columns[name].type, nullable=name != "features") for name in NAMES])


def _column(table: pa.Table, name: str) -> Loops:
    return np.asarray(table.column(name).combine_chunks(), dtype=np.int64)


def _keys(sequences: Loops, loops: Loops) -> Loops:
    """Numbers that sort by sequence and game loop."""
    return (sequences << 32) + loops


def _add(features: npt.NDArray[np.float32], keys: Loops, changes: pa.Table) -> None:
    """Adds each change to the first row that is not before it; those after a sequence's last row are left out."""
    sequences = _column(changes, "sequence")
    rows = np.searchsorted(keys, _keys(sequences, _column(changes, "game_loop")))
    applies = rows < len(keys)
    applies[applies] = keys[rows[applies]] >> 32 == sequences[applies]
    where = (rows[applies], _column(changes, "place")[applies])
    np.add.at(features, where, _column(changes, "change")[applies].astype(np.float32))


def _next(keys: Loops, events: pa.Table) -> pa.Array:
    """Of each row the ``value`` of the sequence's first event after it, NULL where there is none; events are sorted."""
    sequences = _column(events, "sequence")
    found = np.searchsorted(_keys(sequences, _column(events, "game_loop")), keys, side="right")
    is_none = found >= len(sequences)
    is_none[~is_none] = sequences[found[~is_none]] != keys[~is_none] >> 32
    return events.column("value").combine_chunks().take(pa.array(found, mask=is_none))


def _offsets(keys: Loops, opponents: pa.Array, loops: Loops) -> pa.Array:
    """Rows from each row to the opponent's of the same game loop."""
    wanted = _keys(np.asarray(opponents.fill_null(-1), dtype=np.int64), loops)
    found = np.searchsorted(keys, wanted)
    is_none = found >= len(keys)
    is_none[~is_none] = keys[found[~is_none]] != wanted[~is_none]
    return pa.array(found - np.arange(len(keys)), pa.int32(), mask=is_none)
