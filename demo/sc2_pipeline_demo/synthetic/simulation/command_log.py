"""Collects game events: the commands of the players."""

from typing import Any

from sc2_pipeline.game_rules import GameRules
from sc2_pipeline_demo.synthetic.encoding.event_streams import Event, fields_of, has_event
from sc2_pipeline_demo.synthetic.simulation.unit_data import Command

_GLOBAL_USER = 16
_COMMAND_FLAGS = 256
_ACTIVE_SELECTION = 10
_POINT_UNITS_PER_CELL = 4096
_HEIGHT = 49_152
_CAN_SEE_TARGET = 111


class CommandLog:
    """Events in order. Fields that the base build does not have are omitted.

    A computer's user id is None, and nothing is recorded for it, since replays contain no commands of computers.
    Commands of abilities whose numbers are not known for the build are not recorded either.
    """

    def __init__(self, base_build: int, rules: GameRules) -> None:
        self.events: list[Event] = []
        self._rules = rules
        self._base_build = base_build
        self._sequence: dict[int, int] = {}
        self._selected: dict[int, int] = {}

    def begin(self, users: int) -> None:
        """Everyone has finished loading."""
        for user_id in range(users):
            options = {
                "m_gameFullyDownloaded": True,
                "m_baseBuildNum": self._base_build,
                "m_buildNum": self._base_build,
            }
            self._append(0, "SUserOptionsEvent", user_id, options | {"m_hotkeyProfile": b"Standard"})
        self._append(0, "SUserFinishedLoadingSyncEvent", _GLOBAL_USER, {})

    def leave(self, loop: int, user_id: int) -> None:
        """A user leaves the game."""
        self._append(loop, "SGameUserLeaveEvent", user_id, {"m_leaveReason": 0})

    def select(self, loop: int, user_id: int | None, tag: int, name: str) -> None:
        """Selects one unit, unless it is selected already."""
        if user_id is None or self._selected.get(user_id) == tag:
            return
        replaced: dict[str, Any] = {"Mask": (1, 1)} if user_id in self._selected else {"None": None}
        self._selected[user_id] = tag
        subgroup = {"m_unitLink": self._unit_link(name), "m_intraSubgroupPriority": 1, "m_count": 1}
        delta = {"m_removeMask": replaced, "m_addSubgroups": [subgroup], "m_addUnitTags": [tag]}
        self._append(loop, "SSelectionDeltaEvent", user_id, {"m_controlGroupId": _ACTIVE_SELECTION, "m_delta": delta})

    def order(self, loop: int, user_id: int | None, ability: Command) -> None:
        """A command without target: train, research."""
        self._command(loop, user_id, ability, {"None": None})

    def order_at(self, loop: int, user_id: int | None, ability: Command, place: tuple[int, int]) -> None:
        """A command at a position: build, attack."""
        self._command(loop, user_id, ability, {"TargetPoint": _point(place)})

    def order_on(  # noqa: PLR0917 - a command is who, when, what and on what
        self, loop: int, user_id: int | None, ability: Command, tag: int, name: str, place: tuple[int, int]
    ) -> None:
        """A command on a unit: chrono boost, inject, gas."""
        target = {
            "m_targetUnitFlags": _CAN_SEE_TARGET,
            "m_tag": tag,
            "m_snapshotUnitLink": self._unit_link(name),
            "m_snapshotPoint": _point(place),
        }
        self._command(loop, user_id, ability, {"TargetUnit": target})

    def _command(self, loop: int, user_id: int | None, ability: Command, data: dict[str, Any]) -> None:
        link = self._rules.ability_link(ability[0])
        if user_id is None or link is None:
            return
        self._sequence[user_id] = self._sequence.get(user_id, 0) + 1
        fields = {
            "m_cmdFlags": _COMMAND_FLAGS,
            "m_abil": {"m_abilLink": link, "m_abilCmdIndex": ability[1]},
            "m_data": data,
            "m_sequence": self._sequence[user_id],
        }
        self._append(loop, "SCmdEvent", user_id, fields)

    def _unit_link(self, name: str) -> int:
        return int(self._rules.value(name, "unit_link") or 0)

    def _append(self, loop: int, name: str, user_id: int, fields: dict[str, Any]) -> None:
        if has_event(self._base_build, name):
            known = fields_of(self._base_build, name)
            kept = {field: value for field, value in fields.items() if field in known}
            self.events.append(kept | {"_event": name, "_gameloop": loop, "_userid": user_id})


def _point(place: tuple[int, int]) -> dict[str, int]:
    x, y = place
    return {"x": x * _POINT_UNITS_PER_CELL, "y": y * _POINT_UNITS_PER_CELL, "z": _HEIGHT}
