"""Which units each user has selected, followed through the changes that the stream holds.

A change names units by their place in the selection, and the stream never says a whole selection again. Of six orders
tried on 20,719 changes of 21 real replays the order by tag fits best: 3% of the changes name a place that is not there.
"""

from typing import Any, Final, TypeAlias

ACTIVE: Final = 10
"""Number of the active selection; 0 to 9 are control groups."""

MAX_REMEMBERED_TAGS: Final = 4_000_000
"""In all selections that commands used. Real games stay below 100,000; a hostile one must not fill the memory."""

MAX_SELECTED: Final = 512
"""Counts in the stream have nine bits."""

_MASK, _WITHOUT, _ONLY = 1, 2, 3
_SET, _APPEND, _RECALL, _CLEAR, _SET_AND_STEAL, _APPEND_AND_STEAL = range(6)

Units: TypeAlias = tuple[int, ...] | None
"""Tags of a selection, in order; None where a change did not fit what was known before it."""


class Selections:
    """The groups of every user. What a change proves wrong is forgotten until the user selects afresh."""

    __slots__ = ("_groups", "_last", "_tags_left", "remembered")

    def __init__(self) -> None:
        self.remembered: list[tuple[int, ...]] = []
        self._groups: dict[tuple[int, int], Units] = {}
        self._last: dict[int, tuple[Units, int | None]] = {}
        self._tags_left = MAX_REMEMBERED_TAGS

    def change(self, user_id: int, group: int, mask_kind: int, mask: Any, added: tuple[int, ...]) -> None:
        """Some units leave the group, then others join it."""
        kept = _reduced(self._groups.get((user_id, group), ()), mask_kind, mask)
        self._groups[user_id, group] = _joined(kept, added)

    def control_group(self, user_id: int, group: int, update: int, mask_kind: int, mask: Any) -> None:
        """The user sets, extends, recalls or clears a control group; the mask says which of its units are gone."""
        active = self._groups.get((user_id, ACTIVE), ())
        if update in (_SET, _SET_AND_STEAL):
            self._groups[user_id, group] = active
        elif update in (_APPEND, _APPEND_AND_STEAL):
            self._groups[user_id, group] = _joined(self._reduced_group(user_id, group, mask_kind, mask), active)
        elif update == _RECALL:
            self._groups[user_id, ACTIVE] = self._reduced_group(user_id, group, mask_kind, mask)
        elif update == _CLEAR:
            self._groups[user_id, group] = ()

    def _reduced_group(self, user_id: int, group: int, mask_kind: int, mask: Any) -> Units:
        return _reduced(self._groups.get((user_id, group), ()), mask_kind, mask)

    def active(self, user_id: int) -> int | None:
        """Entry of ``remembered`` that holds what the user has selected; None where that is unknown."""
        units = self._groups.get((user_id, ACTIVE), ())
        known, entry = self._last.get(user_id, (None, None))
        # By identity: a selection that changed is another tuple, and to compare long ones would cost more than it saves.
        if units is known:
            return entry
        entry = self._remember(units)
        self._last[user_id] = (units, entry)
        return entry

    def _remember(self, units: Units) -> int | None:
        if units is None or len(units) > self._tags_left:
            return None
        self._tags_left -= len(units)
        self.remembered.append(units)
        return len(self.remembered) - 1


def _reduced(units: Units, mask_kind: int, mask: Any) -> Units:
    """What of ``units`` stays; None where the mask names places that are not there."""
    if mask_kind == _ONLY and not mask:
        return ()
    if units is None or not mask_kind:
        return units
    if mask_kind == _MASK:
        count, gone = mask
        return None if count > len(units) else tuple([tag for at, tag in enumerate(units) if not gone >> at & 1])
    if max(mask, default=-1) >= len(units):
        return None
    if mask_kind == _ONLY:
        return tuple([units[at] for at in mask])
    gone_places = set(mask)
    return tuple([tag for at, tag in enumerate(units) if at not in gone_places])


def _joined(units: Units, added: Units) -> Units:
    if units is None or added is None:
        return None
    if not added:
        return units
    return tuple(sorted({*units, *added}))[:MAX_SELECTED]
