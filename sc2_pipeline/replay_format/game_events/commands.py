"""What each user ordered: commands with their repetitions spelt out, and the units selected for them.

The stream writes a command once. When the same user gives it again it only says so (a command manager state), after
telling the new target where there is one (a target update).
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from sc2_pipeline.replay_format.game_events.selection import Selections

TARGET_KINDS: Final = ("none", "point", "unit", "value")
"""What a command is aimed at, by the number in the stream."""

QUEUED: Final = 0x2
"""Bit of ``flags``: given with shift held (sc2reader, CommandEvent)."""

POINT_SCALE: Final = 4096
"""Points are fixed point with 12 fractional bits: map cells are ``x / 4096``."""

_REPEATED = 1


class Command(NamedTuple):
    """One order of one user."""

    event_index: int
    """Place in the game event stream, from 0, all kinds of events counted."""
    game_loop: int
    user_id: int
    flags: int
    ability_link: int | None
    """Number of the ability in that build's game data; None for a right click."""
    ability_index: int | None
    """Which of the ability's commands."""
    target_kind: str
    """One of TARGET_KINDS."""
    target_tag: int | None
    """0 for a unit that the user sees only as a memory under the fog."""
    target_link: int | None
    """The target's unit type as the user saw it, a number in that build's game data."""
    x: int | None
    """Map cells * POINT_SCALE, of the point or of the target unit."""
    y: int | None
    is_repeat: bool
    """The user gave the last command again; the stream says no more than that."""
    selection: int | None
    """Entry of ``Orders.selections``; None where the stream does not let us know."""


class _Ordered(NamedTuple):
    """The part of a command that a repetition takes over."""

    flags: int
    ability_link: int | None
    ability_index: int | None
    target_kind: str
    target_tag: int | None
    target_link: int | None
    x: int | None
    y: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """All commands in stream order."""

    commands: list[Command]
    selections: list[tuple[int, ...]]
    """Tags of units selected together, ascending; in the order in which commands first used them."""


def orders(log: Iterable[tuple[Any, ...]], names: Mapping[int, str]) -> Orders:
    """The commands in a decoder's ``log``; ``names`` are the events' names by id."""
    fold = _Fold()
    by_name: dict[str, Callable[..., None]] = {
        "SCmdEvent": fold.command,
        "SCmdUpdateTargetPointEvent": fold.target_point,
        "SCmdUpdateTargetUnitEvent": fold.target_unit,
        "SCommandManagerStateEvent": fold.manager_state,
        "SSelectionDeltaEvent": fold.selection_delta,
        "SControlGroupUpdateEvent": fold.control_group,
    }
    handlers = {event_id: by_name[name] for event_id, name in names.items() if name in by_name}
    for row in log:
        if row[3] in handlers:
            handlers[row[3]](*row)
    return Orders(commands=fold.commands, selections=fold.selections.remembered)


class _Fold:
    """Each method takes one row of the log: event_index, game_loop, user_id, event_id, then the event's columns."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.selections = Selections()
        self._last: dict[int, _Ordered] = {}

    def command(self, event_index: int, game_loop: int, user_id: int, _event: int, *content: Any) -> None:
        flags, link, index, kind, x, y, target_tag, target_link = content
        ordered = _Ordered(flags, link, index, TARGET_KINDS[kind], target_tag, target_link, x, y)
        self._last[user_id] = ordered
        self._keep((event_index, game_loop, user_id), ordered, is_repeat=False)

    def target_point(self, _index: int, _loop: int, user_id: int, _event: int, *point: int) -> None:
        if ordered := self._last.get(user_id):
            self._last[user_id] = _Ordered(*ordered[:3], "point", None, None, *point)

    def target_unit(self, _index: int, _loop: int, user_id: int, _event: int, *target: int) -> None:
        if ordered := self._last.get(user_id):
            self._last[user_id] = _Ordered(*ordered[:3], "unit", *target)

    def manager_state(self, event_index: int, game_loop: int, user_id: int, _event: int, *content: int | None) -> None:
        state, _ = content
        ordered = self._last.get(user_id)
        if ordered and state == _REPEATED:
            self._keep((event_index, game_loop, user_id), ordered, is_repeat=True)

    def selection_delta(self, _index: int, _loop: int, user_id: int, _event: int, *change: Any) -> None:
        self.selections.change(user_id, *change)

    def control_group(self, _index: int, _loop: int, user_id: int, _event: int, *update: Any) -> None:
        self.selections.control_group(user_id, *update)

    def _keep(self, origin: Sequence[Any], ordered: Iterable[Any], *, is_repeat: bool) -> None:
        selection = self.selections.active(origin[2])
        self.commands.append(Command._make((*origin, *ordered, is_repeat, selection)))
