"""Deaths that the game does not report: units present in one observation and in none after it."""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sc2_pipeline.sc2_client.observation.mending import OWN_TAGS
from sc2_pipeline.sc2_client.observation.passes import ObservedPass
from sc2_pipeline.tables import RAW_TABLES

_WORKERS = frozenset({"SCV", "Drone", "Probe"})
_IN_REFINERY_GAME_LOOPS = 64
"""A worker harvesting vespene is in no list for about 45 game loops."""


class VanishedUnits:
    """Collects over all passes of a replay when each unit was last seen, and returns rows of ``dead_units`` for units
    that vanished.

    All passes are needed because a unit that changes sides moves from one player's list to another's. Under fog only a
    player's own units are sure to be visible as long as they live.
    """

    def __init__(self, replay_id: str) -> None:
        self._replay_id = replay_id
        self._told: set[int] = set()
        self._told_at: Counter[tuple[int, int]] = Counter()
        self._last: dict[int, Mapping[str, Any]] = {}
        self._is_fogged = False
        self._loops: set[int] = set()

    def note_told(self, dead_units: pa.RecordBatch) -> None:
        """Records the deaths that the game did report."""
        self._told.update(tag for tag in dead_units["unit_tag"].to_pylist() if tag is not None)
        passes, loops = dead_units["pass_player_id"].to_pylist(), dead_units["game_loop"].to_pylist()
        self._told_at.update(zip(passes, loops, strict=True))

    def note_loops(self, game_loops: NDArray[np.int64]) -> None:
        """Records at which game loops units were observed."""
        self._loops.update(game_loops.tolist())

    def note_last(self, observed: ObservedPass, sights: Iterable[Mapping[str, Any]]) -> None:
        """Records the last sights of a pass, given as rows of ``unit_changes``."""
        self._is_fogged = observed.is_fogged
        for sight in sights:
            if observed.is_fogged and sight["player_id"] != observed.player_id:
                continue
            before = self._last.get(sight["unit_tag"])
            if before is None or before["game_loop"] < sight["game_loop"]:
                self._last[sight["unit_tag"]] = sight

    def rows(self) -> pa.RecordBatch:
        """A row of ``dead_units`` for each vanished unit, at the first observation without it."""
        loops = sorted(self._loops)
        rows = [
            self._row(tag, sight, loops[bisect_right(loops, sight["game_loop"])])
            for tag, sight in sorted(self._last.items())
            if tag not in self._told and _has_vanished(sight, loops[-1])
        ]
        return pa.RecordBatch.from_pylist(rows, schema=RAW_TABLES["dead_units"].schema)

    def _row(self, tag: int, sight: Mapping[str, Any], game_loop: int) -> dict[str, Any]:
        at = sight["pass_player_id"], game_loop
        index = self._told_at[at]
        self._told_at[at] += 1
        return {
            "replay_id": self._replay_id,
            "source": "sc2",
            "pass_player_id": sight["pass_player_id"],
            "game_loop": game_loop,
            "is_fogged": self._is_fogged,
            "death_index": index,
            "unit_tag": tag,
            "api_tag": tag & ~OWN_TAGS if tag & OWN_TAGS else None,
            "is_told": False,
        }


def _has_vanished(sight: Mapping[str, Any], last_loop: int) -> bool:
    may_be_inside = _IN_REFINERY_GAME_LOOPS if sight["unit_type"] in _WORKERS else 0
    return bool(sight["game_loop"] + may_be_inside < last_loop)
