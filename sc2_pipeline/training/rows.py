"""Rows and vectors of games, from the published warehouse."""

from collections.abc import Sequence
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sc2_pipeline.training.elements import GRID, elements, places

# Statistics of one player every 160 game loops, and what is known of the game and the player. The sample that the stream ends
# with lies on no grid and would tell that the game is over.
_ROWS: Final = """
with

players as (

    select
        replays.game_key,
        summaries.replay_id,
        summaries.player_id,
        summaries.opponent_player_id,
        replays.split,
        games.map_key,
        games.patch,
        games.game_mode,
        games.has_ai,
        summaries.matchup,
        summaries.race_actual,
        summaries.opponent_race_actual,
        summaries.mmr,
        theirs.mmr as opponent_mmr,
        summaries.is_winner,
        games.duration_game_loops,
        mine.side,
        1 / count(*) over (partition by summaries.replay_id) as weight

    from marts.player_game_summary as summaries

    inner join training_games as replays using (replay_id)

    inner join marts.games as games using (replay_id)

    inner join marts.fct_replay_players as mine using (replay_id, player_id)

    left join marts.fct_replay_players as theirs
        on summaries.replay_id = theirs.replay_id and summaries.opponent_player_id = theirs.player_id

    where not summaries.is_computer and replays.number >= $first and replays.number < $last

),

samples as (

    select players.*, economy.* exclude (replay_id, player_id, source)

    from players

    inner join marts.fct_economy_snapshots as economy using (replay_id, player_id)

    where economy.game_loop % {grid} = 0 and economy.game_loop <= players.duration_game_loops

),

with_fights as (

    select samples.*, fights.winner_side as next_fight_side, fights.started_game_loop as next_fight_game_loop

    from samples

    asof left join marts.fct_battles as fights
        on samples.replay_id = fights.replay_id and samples.game_loop < fights.started_game_loop

)

select
    with_fights.*,
    game_seconds(with_fights.duration_game_loops - with_fights.game_loop)::float as seconds_to_end,
    steps.display_name as next_step

from with_fights

asof left join (
    select replay_id, player_id, display_name, started_game_loop from marts.fct_build_orders
    where started_game_loop is not null and not is_cancelled and not is_worker
) as steps
    on with_fights.replay_id = steps.replay_id and with_fights.player_id = steps.player_id
    and with_fights.game_loop < steps.started_game_loop

order by with_fights.replay_id, with_fights.player_id, with_fights.game_loop
"""
_UNITS: Final = """
select runs.replay_id, runs.player_id, types.base_unit_type as name, runs.from_game_loop, runs.until_game_loop,
    runs.alive_count as count
from marts.fct_unit_count_runs as runs
inner join training_games as replays using (replay_id)
inner join (select distinct unit_type, base_unit_type from raw.known_unit_types) as types using (unit_type)
where runs.alive_count > 0 and replays.number >= $first and replays.number < $last
"""
_UPGRADES: Final = """
select upgrades.replay_id, upgrades.player_id, upgrades.upgrade as name, min(upgrades.finished_game_loop) as from_game_loop,
    2147483647 as until_game_loop, 1 as count
from marts.fct_upgrades as upgrades
inner join training_games as replays using (replay_id)
where upgrades.finished_game_loop is not null and replays.number >= $first and replays.number < $last
group by all
"""
_PARTS: Final = ("army", "economy", "technology")

PLAIN: Final = (
    *(
        "game_key",
        "replay_id",
        "player_id",
        "split",
        "map_key",
        "patch",
        "game_mode",
        "has_ai",
        "matchup",
        "race_actual",
    ),
    *("opponent_race_actual", "mmr", "opponent_mmr", "weight", "game_loop"),
)
"""Columns beside the vector. An unknown rating is NULL; ``weight`` makes every game count as one row a grid point."""

LABELS: Final = ("label_is_winner", "label_next_fight_is_won", "label_next_step", "label_seconds_to_end")
"""What may be predicted; never part of the vector."""


def rows_of(connection: duckdb.DuckDBPyConnection, first: int, last: int) -> pa.Table:
    """Rows of the games with these numbers, by replay, player and game loop: :data:`PLAIN`, ``features`` and :data:`LABELS`.

    Reads the temporary table ``training_games(game_key, replay_id, split, number)``.
    """
    bounds = {"first": first, "last": last}
    samples = connection.sql(_ROWS.format(grid=GRID), params=bounds).to_arrow_table()
    features = np.zeros((samples.num_rows + 1, len(elements())), dtype=np.float32)
    sequences = _Sequences(samples)
    for kind, query in (("units", _UNITS), ("upgrades", _UPGRADES)):
        _add_runs(features, sequences, places(kind), connection.execute(query, bounds).fetchnumpy())
    # Runs were put down as steps up and down; what stands is their sum so far.
    np.cumsum(features, axis=0, out=features)
    for name, place in places("economy").items():
        features[:-1, place] = _economy(samples, name)
    table = samples.select([*PLAIN[:-1], "game_loop"])
    vectors = pa.FixedSizeListArray.from_arrays(pa.array(features[:-1].reshape(-1)), len(elements()))
    return _with_labels(table.append_column("features", vectors), samples)


class _Sequences:
    """Where the rows of each replay and player stand in a table that is sorted by them."""

    def __init__(self, samples: pa.Table) -> None:
        replays, players = samples.column("replay_id").to_pylist(), samples.column("player_id").to_pylist()
        self.loops = _numbers(samples, "game_loop")
        self.bounds: dict[tuple[str, int], tuple[int, int]] = {}
        for row, key in enumerate(zip(replays, players, strict=True)):
            self.bounds[key] = (self.bounds.get(key, (row, row))[0], row + 1)


def _add_runs(
    features: npt.NDArray[np.float32], sequences: _Sequences, elements_at: dict[str, int], runs: dict[str, Any]
) -> None:
    for replay_id, player_id, name, begun, ended, count in zip(
        *(runs[c] for c in ("replay_id", "player_id", "name", "from_game_loop", "until_game_loop", "count")),
        strict=True,
    ):
        bounds, place = sequences.bounds.get((replay_id, player_id)), elements_at.get(name)
        if bounds is None or place is None:
            continue
        start, end = bounds
        first, last = start + np.searchsorted(sequences.loops[start:end], (begun, ended))
        if first < last:
            features[first, place] += count
            features[last, place] -= count


def _economy(samples: pa.Table, name: str) -> npt.NDArray[np.float32]:
    """A statistic; ``resources_...`` is minerals and vespene together, and never below 0."""
    kind, _, part = name.removeprefix("resources_").rpartition("_")
    if not name.startswith("resources_") or part not in _PARTS:
        return np.asarray(_numbers(samples, name), dtype=np.float32)
    total = _numbers(samples, f"minerals_{kind}_{part}") + _numbers(samples, f"vespene_{kind}_{part}")
    return np.asarray(np.maximum(total, 0), dtype=np.float32)


def _numbers(samples: pa.Table, name: str) -> npt.NDArray[Any]:
    return np.asarray(samples.column(name).combine_chunks().fill_null(0))


def _with_labels(table: pa.Table, samples: pa.Table) -> pa.Table:
    sides, winners = samples.column("side").to_pylist(), samples.column("next_fight_side").to_pylist()
    fights = [None if winner is None else winner == side for side, winner in zip(sides, winners, strict=True)]
    labels: Sequence[pa.Array | pa.ChunkedArray] = (
        samples.column("is_winner"),
        pa.array(fights, pa.bool_()),
        samples.column("next_step"),
        samples.column("seconds_to_end"),
    )
    for name, values in zip(LABELS, labels, strict=True):
        table = table.append_column(name, values)
    return table
