"""Collects tracker events and assigns unit tags, as a given base build would."""

from collections.abc import Iterable
from typing import Any

from sc2_pipeline.game import unit_tag
from sc2_pipeline_demo.synthetic.encoding.event_streams import Event, fields_of, has_event

FIRST_BUILD_IN_CELLS = 27950
"""Before it, positions are in units of 4 cells."""

POSITIONS_GAME_LOOPS = 240

_RECYCLE_BITS = 18


class TrackerLog:
    """Events in order. Fields and events that the base build does not have are omitted.

    Indices of dead units are reused, the last freed first, with the next recycle number, as the game does.
    """

    def __init__(self, base_build: int) -> None:
        self.events: list[Event] = []
        self._scale = 1 if base_build >= FIRST_BUILD_IN_CELLS else 4
        self._fields = {name: fields_of(base_build, name) for name in _EVENTS if has_event(base_build, name)}
        self._all_fields = fields_of(base_build, "SUnitBornEvent") >= {"m_creatorAbilityName"}
        self._next_index = 1
        self._free: list[tuple[int, int]] = []

    def setup(self, player_id: int, *, user_id: int | None, slot_id: int) -> None:
        """Player setup; one event for each human behind a player."""
        kind = 2 if user_id is None else 1
        self._append(
            0, "SPlayerSetupEvent", {"m_playerId": player_id, "m_type": kind, "m_userId": user_id, "m_slotId": slot_id}
        )

    def born(
        self,
        loop: int,
        name: str,
        player_id: int,
        place: tuple[int, int],
        *,
        creator: int | None = None,
        ability: str = "",
    ) -> int:
        """A unit is born complete; returns its tag."""
        tag = self._new_tag()
        fields = self._unit(tag, name, player_id, place)
        fields |= {
            "m_creatorUnitTagIndex": None if creator is None else creator >> _RECYCLE_BITS,
            "m_creatorUnitTagRecycle": None if creator is None else _recycle(creator),
            "m_creatorAbilityName": None if creator is None else ability.encode(),
        }
        self._append(loop, "SUnitBornEvent", fields)
        return tag

    def begun(self, loop: int, name: str, player_id: int, place: tuple[int, int]) -> int:
        """A structure is placed, or a unit warped in; returns its tag."""
        tag = self._new_tag()
        self._append(loop, "SUnitInitEvent", self._unit(tag, name, player_id, place))
        return tag

    def done(self, loop: int, tag: int) -> None:
        """A started structure or warp-in is completed."""
        self._append(loop, "SUnitDoneEvent", _tag_fields(tag))

    def died(
        self,
        loop: int,
        tag: int,
        place: tuple[int, int],
        *,
        killer_player_id: int | None = None,
        killer: int | None = None,
    ) -> None:
        """A unit dies; its index becomes free."""
        fields = _tag_fields(tag) | {
            "m_killerPlayerId": killer_player_id,
            "m_x": place[0] // self._scale,
            "m_y": place[1] // self._scale,
            "m_killerUnitTagIndex": None if killer is None else killer >> _RECYCLE_BITS,
            "m_killerUnitTagRecycle": None if killer is None else _recycle(killer),
        }
        self._append(loop, "SUnitDiedEvent", fields)
        self._free.append((tag >> _RECYCLE_BITS, _recycle(tag) + 1))

    def changed_type(self, loop: int, tag: int, name: str) -> None:
        """A unit changes its type."""
        self._append(loop, "SUnitTypeChangeEvent", _tag_fields(tag) | {"m_unitTypeName": name.encode()})

    def upgraded(self, loop: int, player_id: int, name: str, count: int = 1) -> None:
        """A player gets an upgrade."""
        fields = {"m_playerId": player_id, "m_upgradeTypeName": name.encode(), "m_count": count}
        self._append(loop, "SUpgradeEvent", fields)

    def stats(self, loop: int, player_id: int, stats: dict[str, Any]) -> None:
        """A player's statistics."""
        self._append(loop, "SPlayerStatsEvent", {"m_playerId": player_id, "m_stats": stats})

    def positions(self, loop: int, places: Iterable[tuple[int, tuple[int, int]]]) -> None:
        """Positions by tag of units that fought recently."""
        items: list[int] = []
        first = last = None
        for tag, (x, y) in sorted(places):
            index = tag >> _RECYCLE_BITS
            first = index if first is None else first
            items += (index - (index if last is None else last), x // self._scale, y // self._scale)
            last = index
        if first is not None:
            self._append(loop, "SUnitPositionsEvent", {"m_firstUnitIndex": first, "m_items": items})

    def _new_tag(self) -> int:
        if self._free:
            return unit_tag(*self._free.pop())
        self._next_index += 1
        return unit_tag(self._next_index - 1, 1)

    def _unit(self, tag: int, name: str, player_id: int, place: tuple[int, int]) -> dict[str, Any]:
        return _tag_fields(tag) | {
            "m_unitTypeName": name.encode(),
            "m_controlPlayerId": player_id,
            "m_upkeepPlayerId": player_id,
            "m_x": place[0] // self._scale,
            "m_y": place[1] // self._scale,
        }

    def _append(self, loop: int, name: str, fields: dict[str, Any]) -> None:
        known = self._fields.get(name)
        if known is None:
            return
        if not self._all_fields:
            fields = {field: value for field, value in fields.items() if field in known}
        fields["_event"] = name
        fields["_gameloop"] = loop
        self.events.append(fields)


_EVENTS = (
    "SPlayerStatsEvent",
    "SUnitBornEvent",
    "SUnitDiedEvent",
    "SUnitTypeChangeEvent",
    "SUpgradeEvent",
    "SUnitInitEvent",
    "SUnitDoneEvent",
    "SUnitPositionsEvent",
    "SPlayerSetupEvent",
)


def _recycle(tag: int) -> int:
    return tag & ((1 << _RECYCLE_BITS) - 1)


def _tag_fields(tag: int) -> dict[str, Any]:
    return {"m_unitTagIndex": tag >> _RECYCLE_BITS, "m_unitTagRecycle": _recycle(tag)}
