"""Adds to units' rows which other players saw them, from the passes with fog."""

from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from sc2_pipeline.game import MAX_GAME_LOOPS

_LOOP_BITS = MAX_GAME_LOOPS.bit_length()
_UNSET = -1
_NOBODY = (_UNSET, 0, 16)
"""Owner ids of neutral units and of units with unknown owner; passes do not say who saw those."""

Numbers = NDArray[np.int64]


class Sights:
    """Collects the passes that contain only sightings, then says of each unit which players saw it.

    Each unit is stored as stretches of observations in which it was visible, so memory grows with how often units come
    into view, not with the length of the game.
    """

    def __init__(self) -> None:
        self._of: dict[int, _PlayerSights] = {}

    def note_loop(self, player_id: int, game_loop: int) -> None:
        """Records that the player's fogged pass was observed at a loop; called before the rows of that observation."""
        loops = self._of.setdefault(player_id, _PlayerSights()).loops
        if not loops or game_loop > loops[-1]:
            loops.append(game_loop)

    def note(self, player_id: int, sightings: pa.RecordBatch) -> None:
        """Records rows of ``unit_sightings`` of the player's fogged pass, sorted by tag and game loop."""
        self._of.setdefault(player_id, _PlayerSights()).note(sightings)

    def told(self, snapshots: pa.RecordBatch) -> pa.RecordBatch:
        """The rows of ``unit_snapshots`` with ``visible_to`` filled; unchanged if there was no fogged pass."""
        if not self._of:
            return snapshots
        owners, tags, loops = (_numbers(snapshots, name) for name in ("player_id", "unit_tag", "game_loop"))
        is_known = ~np.isin(owners, _NOBODY) & (tags != _UNSET)
        seers = sorted(self._of)
        saw = np.zeros((snapshots.num_rows, len(seers)), np.bool_)
        for place, player_id in enumerate(seers):
            is_others = owners != player_id
            is_known &= ~is_others | self._of[player_id].has_looked(loops)
            saw[:, place] = is_others & self._of[player_id].saw(tags, loops)
        saw &= is_known[:, None]
        at = snapshots.schema.get_field_index("visible_to")
        return snapshots.set_column(at, snapshots.schema.field(at), _lists(saw, seers, is_known))


@dataclass
class _PlayerSights:
    """Sightings of one player: observed ``loops``, and ``stretches`` as ``(tag, first loop, last loop)``."""

    loops: list[int] = field(default_factory=list)
    _stretches: list[Numbers] = field(default_factory=list)
    _sorted: tuple[Numbers, Numbers, Numbers] | None = None

    def note(self, sightings: pa.RecordBatch) -> None:
        """Adds the stretches in which units are visible, from a batch sorted by tag and loop."""
        is_seen = pc.and_(pc.equal(sightings["display_type"], "visible"), pc.is_valid(sightings["unit_tag"]))
        rows = sightings.filter(is_seen)
        if rows.num_rows == 0:
            return
        tags, loops = _numbers(rows, "unit_tag"), _numbers(rows, "game_loop")
        observations = np.searchsorted(np.asarray(self.loops), loops)
        is_apart = (tags[1:] != tags[:-1]) | (np.diff(observations) > 1)
        begins = np.concatenate(([0], np.flatnonzero(is_apart) + 1))
        ends = np.concatenate((begins[1:], [tags.size])) - 1
        self._stretches.append(np.stack((tags[begins], loops[begins], loops[ends])))
        self._sorted = None

    def has_looked(self, loops: Numbers) -> NDArray[np.bool_]:
        return np.isin(loops, np.asarray(self.loops, dtype=np.int64))

    def saw(self, tags: Numbers, loops: Numbers) -> NDArray[np.bool_]:
        """For each tag and loop, whether the unit was visible then."""
        if not self._stretches:
            return np.zeros(tags.size, np.bool_)
        known, begins, lasts = self._by_tag()
        places = np.minimum(np.searchsorted(known, tags), known.size - 1)
        # The last stretch of the same tag that begins no later.
        before = np.searchsorted(begins, places << _LOOP_BITS | loops, side="right") - 1
        found = np.maximum(before, 0)
        is_its_own = (before >= 0) & (begins[found] >> _LOOP_BITS == places) & (known[places] == tags)
        seen: NDArray[np.bool_] = is_its_own & (loops <= lasts[found])
        return seen

    def _by_tag(self) -> tuple[Numbers, Numbers, Numbers]:
        """Tags, the combined key of tag and first loop of each stretch, and last loops, in order."""
        if self._sorted is None:
            tags, firsts, lasts = np.concatenate(self._stretches, axis=1)
            known, places = np.unique(tags, return_inverse=True)
            begins = places << _LOOP_BITS | firsts
            order = np.argsort(begins, kind="stable")
            self._sorted = known, begins[order], lasts[order]
        return self._sorted


def _numbers(rows: pa.RecordBatch, column: str) -> Numbers:
    filled = pc.fill_null(rows[column], _UNSET)
    return np.asarray(filled.to_numpy(zero_copy_only=False), dtype=np.int64)


def _lists(saw: NDArray[np.bool_], player_ids: list[int], is_known: NDArray[np.bool_]) -> pa.ListArray:
    """For each row the players who saw the unit, in order; NULL if that is unknown."""
    offsets = np.concatenate(([0], np.cumsum(saw.sum(axis=1))))
    players = np.asarray(player_ids, dtype=np.int16)[np.nonzero(saw)[1]]
    return pa.ListArray.from_arrays(pa.array(offsets, pa.int32()), pa.array(players), mask=pa.array(~is_known))
