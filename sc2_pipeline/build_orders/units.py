"""The life of every unit and structure, assembled from tracker events."""

from bisect import bisect_right
from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(slots=True, kw_only=True)
class Unit:
    """One tag from its first event to its last. Times are game loops; None for events that never happened."""

    tag: int
    player_id: int
    """The first controller."""
    x: float
    y: float
    first_event_index: int
    creator_tag: int | None = None
    creator_ability: str | None = None
    """This and ``creator_tag`` are None in replays before base build 55505, and for units without a maker."""
    born: int | None = None
    init: int | None = None
    done: int | None = None
    died: int | None = None
    died_at: tuple[float, float] | None = None
    """Position in map cells; None while it lives, and if the event has none."""
    killer_player_id: int | None = None
    type_loops: list[int] = field(default_factory=list)
    type_names: list[str] = field(default_factory=list)
    """Its types with their start times, first to last."""

    @property
    def first_type(self) -> str:
        """Its type on appearance."""
        return self.type_names[0]

    @property
    def ready(self) -> int | None:
        """When it was complete: birth or completion."""
        return self.born if self.born is not None else self.done

    def type_at(self, game_loop: int) -> str:
        """Its type just after ``game_loop``; before its first event, the first type."""
        return self.type_names[max(bisect_right(self.type_loops, game_loop) - 1, 0)]


def unit_lives(events: pa.RecordBatch, position_scale: int) -> dict[int, Unit]:
    """Every unit by tag, in order of appearance; ``events`` are ``TrackerEvents.unit_events``."""
    names = ("event", "event_index", "game_loop", "unit_tag", "unit_type", "player_id", "x", "y", "creator_unit_tag",
             "creator_ability", "killer_player_id")  # fmt: skip
    units: dict[int, Unit] = {}
    for row in zip(*(events.column(name).to_pylist() for name in names), strict=True):
        event, index, game_loop, tag, unit_type, player_id, x, y, creator_tag, creator_ability, killer = row
        if event in ("born", "init"):
            if unit_type is None or player_id is None or x is None or y is None:
                continue  # A damaged event: its unit or owner is unknown.
            units[tag] = Unit(
                tag=tag,
                player_id=player_id,
                x=x * position_scale,
                y=y * position_scale,
                first_event_index=index,
                creator_tag=creator_tag,
                creator_ability=creator_ability,
                type_loops=[game_loop],
                type_names=[unit_type],
            )
            setattr(units[tag], event, game_loop)
        elif (unit := units.get(tag)) is not None:
            if event == "type_change" and unit_type is not None:
                unit.type_loops.append(game_loop)
                unit.type_names.append(unit_type)
            elif event == "done":
                unit.done = game_loop
            elif event == "died":
                unit.died, unit.killer_player_id = game_loop, killer
                if x is not None and y is not None:
                    unit.died_at = (x * position_scale, y * position_scale)
    return units
