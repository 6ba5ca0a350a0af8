"""Summary of one pass over a replay: when units appeared, changed and disappeared, who attacked them, and the players'
results."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sc2_pipeline.sc2_client.observation.passes import ObservedPass
from sc2_pipeline.sources.base import Take
from sc2_pipeline.sources.vanished_units import VanishedUnits
from sc2_pipeline.tables import RAW_TABLES

_COPIED = ("player_id", "unit_type", "x", "y", "build_progress", "health", "health_max", "is_hallucination")
"""Columns that ``unit_snapshots`` and ``unit_changes`` have in common."""

_COMPLETE = 1.0
_UNSET = -1


class PassSummary:
    """Passes rows on to ``take`` and remembers of units what :meth:`finish` gives as rows of its own.

    Wants batches of ``unit_snapshots`` as the observation tables give them: in order of their observations, sorted by
    tag and game loop within a batch. Memory grows with the units of the game, not with its length. ``vanished`` is told
    what the deaths that the game keeps to itself are found by.
    """

    def __init__(
        self, replay_id: str, observed: ObservedPass, take: Take, vanished: VanishedUnits | None = None
    ) -> None:
        self._take = take
        self._observed = observed
        self._vanished = vanished
        self._identity = {"replay_id": replay_id, "source": "sc2", "pass_player_id": observed.player_id}
        self._states: dict[int, int] = {}
        self._last: dict[int, dict[str, Any]] = {}
        self._inside: dict[int, int] = {}
        self._attackers: dict[int, tuple[int, int]] = {}
        self._last_loop = 0

    def take(self, name: str, batch: pa.RecordBatch) -> None:
        """Passes a batch on and updates the summary."""
        self._take(name, batch)
        if name == "unit_snapshots":
            self._look(batch)
        elif name == "unit_passengers":
            self._note_last(self._inside, batch, "passenger_unit_tag")
        elif name == "dead_units" and self._vanished is not None:
            self._vanished.note_told(batch)

    def finish(self, results: Mapping[int, str]) -> None:
        """Passes on the rows of last sights, attackers and ``results``, at the end of the pass."""
        last = [self._identity | row | {"sight": "last"} | self._whereabouts(row) for row in self._last.values()]
        if self._vanished is not None:
            self._vanished.note_last(self._observed, last)
        attackers = [
            self._identity | {"game_loop": loop, "unit_tag": tag, "attacker_unit_tag": attacker}
            for tag, (loop, attacker) in self._attackers.items()
        ]
        told = [
            self._identity | {"game_loop": self._last_loop, "player_id": player, "result": result}
            for player, result in results.items()
        ]
        for name, rows in (("unit_changes", last), ("unit_attackers", attackers), ("player_results", told)):
            if rows:
                self._take(name, pa.RecordBatch.from_pylist(rows, schema=RAW_TABLES[name].schema))

    def _whereabouts(self, row: Mapping[str, Any]) -> dict[str, Any]:
        inside = self._inside.get(row["unit_tag"], _UNSET)
        return {"game_loop": max(inside, row["game_loop"]), "is_inside": inside > row["game_loop"]}

    def _look(self, batch: pa.RecordBatch) -> None:
        # A placeholder is only planned; remembered units have no tag of their own.
        is_there = pc.and_kleene(pc.is_valid(batch["unit_tag"]), pc.not_equal(batch["display_type"], "placeholder"))
        rows = batch.filter(pc.fill_null(is_there, True))
        if rows.num_rows == 0:
            return
        tags, loops, states = _numbers(rows, "unit_tag"), _numbers(rows, "game_loop"), _states(rows)
        begins = np.flatnonzero(np.concatenate(([True], tags[1:] != tags[:-1])))
        lasts = np.concatenate((begins[1:], [tags.size])) - 1
        before = np.concatenate(([_UNSET], states[:-1]))
        before[begins] = [self._states.get(tag, _UNSET) for tag in tags[begins].tolist()]
        self._give_changes(rows, np.flatnonzero(states != before), _previous(loops, self._last_loop))
        for row in rows.take(pa.array(lasts)).select(["unit_tag", "game_loop", *_COPIED]).to_pylist():
            self._last[row["unit_tag"]] = row
        if self._vanished is not None:
            self._vanished.note_loops(np.unique(loops))
        self._states |= dict(zip(tags[lasts].tolist(), states[lasts].tolist(), strict=True))
        self._note_attackers(rows)
        self._last_loop = max(self._last_loop, int(loops.max()))

    def _give_changes(self, rows: pa.RecordBatch, places: NDArray[np.int64], previous: NDArray[np.int64]) -> None:
        if places.size == 0:
            return
        changed = rows.take(pa.array(places))
        seen: set[int] = set(self._states)
        sights = []
        for tag in changed["unit_tag"].to_pylist():
            sights.append("change" if tag in seen else "first")
            seen.add(tag)
        given = {
            "sight": pa.array(sights),
            "previous_game_loop": pa.array(previous[places], mask=previous[places] == 0),
            "is_inside": pa.nulls(places.size),
        }
        schema = RAW_TABLES["unit_changes"].schema
        columns = [pc.cast(given[f.name] if f.name in given else changed[f.name], f.type) for f in schema]
        self._take("unit_changes", pa.RecordBatch.from_arrays(columns, schema=schema))

    def _note_attackers(self, rows: pa.RecordBatch) -> None:
        fighting = rows.filter(pc.is_valid(rows["engaged_target_unit_tag"]))
        targets, loops = _numbers(fighting, "engaged_target_unit_tag"), _numbers(fighting, "game_loop")
        attackers = _numbers(fighting, "unit_tag")
        # Of each target the latest loop comes last, and of its attackers then the one listed first.
        order = np.lexsort((-np.arange(targets.size), loops, targets))
        is_last = np.append(targets[order][1:] != targets[order][:-1], [True])[: targets.size]
        for at in order[is_last].tolist():
            self._attackers[int(targets[at])] = (int(loops[at]), int(attackers[at]))

    def _note_last(self, noted: dict[int, int], batch: pa.RecordBatch, column: str) -> None:
        rows = batch.filter(pc.is_valid(batch[column]))
        for tag, loop in zip(_numbers(rows, column), _numbers(rows, "game_loop"), strict=True):
            noted[int(tag)] = max(noted.get(int(tag), _UNSET), int(loop))


def _numbers(rows: pa.RecordBatch, column: str) -> NDArray[np.int64]:
    filled = pc.fill_null(rows[column], _UNSET)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.int64)


def _states(rows: pa.RecordBatch) -> NDArray[np.int64]:
    """Type, owner and completion of each row, encoded as one number, never :data:`_UNSET`."""
    progress = np.asarray(pc.fill_null(rows["build_progress"], _COMPLETE).to_numpy(zero_copy_only=False))
    is_complete = (progress >= _COMPLETE).astype(np.int64)
    return (_numbers(rows, "unit_type_id") + 1 << 8) + (_numbers(rows, "player_id") + 1 << 1) + is_complete


def _previous(loops: NDArray[np.int64], last_loop: int) -> NDArray[np.int64]:
    """For each row, the observation before; 0 if there is none."""
    observed, places = np.unique(loops, return_inverse=True)
    return np.concatenate(([last_loop], observed[:-1]))[places]
