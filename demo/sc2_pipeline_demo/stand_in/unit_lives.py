"""Every unit of a replay from birth to death, assembled from the tracker's unit events."""

import math
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sc2_pipeline.replay_format.tracker import TrackerEvents
from sc2_pipeline_demo.stand_in.known_types import KnownType, KnownTypes

NEUTRAL = 16
"""The API's player number of neutral units (as recorded)."""

NEVER = math.inf

FIGHT_LOOPS = 48
"""Game loops before a unit's death during which its killer is shown attacking it."""

Value = TypeVar("Value")


@dataclass(slots=True, kw_only=True)
class UnitLife:
    """One unit. ``owners`` and ``types`` hold its changes as ``(game loop, new value)``, the first at its start.

    ``done_loop`` is when its construction ended (NEVER if it was cancelled); ``end_loop`` when it died. ``places`` are
    known positions in map cells. ``makes`` are spans of production: from, to, the type made; ``fights`` spans in which
    it attacks a unit that it kills: from, to, the unit's tag.
    """

    tag: int
    start_loop: int
    done_loop: float
    is_begun: bool
    owners: list[tuple[int, int]]
    types: list[tuple[int, KnownType]]
    places: list[tuple[int, float, float]]
    end_loop: float = NEVER
    makes: list[tuple[int, int, KnownType]] = field(default_factory=list)
    fights: list[tuple[int, int, int]] = field(default_factory=list)

    def owner_at(self, game_loop: int) -> int:
        """The API's number of the player who controls it."""
        return _latest(self.owners, game_loop)

    def type_at(self, game_loop: int) -> KnownType:
        """Its type at that loop."""
        return _latest(self.types, game_loop)

    def made_at(self, game_loop: int) -> tuple[int, int, KnownType] | None:
        """Its production at that loop."""
        return next((span for span in self.makes if span[0] <= game_loop < span[1]), None)

    def target_at(self, game_loop: int) -> int | None:
        """The tag of the unit it attacks at that loop."""
        return next((tag for start, end, tag in self.fights if start <= game_loop < end), None)

    def changes_after(self, game_loop: int) -> float:
        """The next loop at which owner, type, orders or target change, or construction ends."""
        loops = [loop for loop, _ in self.owners] + [loop for loop, _ in self.types]
        loops += [loop for start, end, _ in (*self.makes, *self.fights) for loop in (start, end)]
        return min((loop for loop in [*loops, self.done_loop] if loop > game_loop), default=NEVER)

    @property
    def moves(self) -> bool:
        """Whether more than one position is known."""
        return len({(x, y) for _, x, y in self.places}) > 1

    def place_at(self, game_loop: int) -> tuple[float, float, float]:
        """x, y in map cells and the facing in radians, linearly interpolated between the known positions."""
        places = self.places
        at = bisect_right(places, (game_loop, math.inf, math.inf))
        if at == 0:
            return places[0][1], places[0][2], 0.0
        since, x, y = places[at - 1]
        if at == len(places):
            return x, y, 0.0
        until, next_x, next_y = places[at]
        share = (game_loop - since) / (until - since)
        facing = math.atan2(next_y - y, next_x - x) % math.tau
        return x + (next_x - x) * share, y + (next_y - y) * share, facing


def unit_lives(events: TrackerEvents, known: KnownTypes, scale: int) -> list[UnitLife]:
    """Every unit in order of its start; ``scale`` is map cells per unit of position in the stream."""
    lives: dict[int, UnitLife] = {}
    ended: list[UnitLife] = []
    for event in events.unit_events.to_pylist():
        kind, tag, loop = event["event"], event["unit_tag"], event["game_loop"]
        if kind in ("born", "init"):
            if tag in lives:
                ended.append(lives[tag])
            if not event["unit_type"].startswith("Beacon"):  # the editor's markers; the API shows none
                lives[tag] = _begun(event, known, scale)
                _add_production(lives, event, known)
            continue
        life = lives.get(tag)
        if life is None:
            continue
        if kind == "done":
            life.done_loop = loop
        elif kind == "type_change":
            life.types.append((loop, known.of(event["unit_type"])))
        elif kind == "owner_change":
            life.owners.append((loop, event["player_id"] or NEUTRAL))
        elif kind == "died":
            life.end_loop = loop
            killer = lives.get(event["killer_unit_tag"] or 0)
            if killer is not None and killer is not life:
                killer.fights.append((max(loop - FIGHT_LOOPS, killer.start_loop), loop, tag))
            life.places.append((loop, event["x"] * scale, event["y"] * scale))
            ended.append(lives.pop(tag))
    everyone = [*ended, *lives.values()]
    _add_positions(events, everyone, scale)
    return sorted(everyone, key=lambda life: life.start_loop)


def _begun(event: dict[str, Any], known: KnownTypes, scale: int) -> UnitLife:
    loop = event["game_loop"]
    is_begun = event["event"] == "init"
    return UnitLife(
        tag=event["unit_tag"],
        start_loop=loop,
        done_loop=NEVER if is_begun else loop,
        is_begun=is_begun,
        owners=[(loop, event["player_id"] or NEUTRAL)],
        types=[(loop, known.of(event["unit_type"]))],
        places=[(loop, event["x"] * scale, event["y"] * scale)],
    )


def _add_production(lives: dict[int, UnitLife], event: dict[str, Any], known: KnownTypes) -> None:
    """Records that the producing building of a born unit worked on it for the type's build time before."""
    creator = lives.get(event["creator_unit_tag"] or 0)
    made = known.of(event["unit_type"])
    if creator is not None and event["event"] == "born" and made.build_time:
        start = max(creator.start_loop, event["game_loop"] - int(made.build_time))
        creator.makes.append((start, event["game_loop"], made))


def _add_positions(events: TrackerEvents, lives: list[UnitLife], scale: int) -> None:
    by_tag: dict[int, list[UnitLife]] = {}
    for life in lives:
        by_tag.setdefault(life.tag, []).append(life)
    for row in events.unit_positions.to_pylist():
        for life in by_tag.get(row["unit_tag"], ()):
            if life.start_loop < row["game_loop"] < life.end_loop:
                life.places.append((row["game_loop"], row["x"] * scale, row["y"] * scale))
    for life in lives:
        life.places = _distinct(sorted(life.places))


def _distinct(places: list[tuple[int, float, float]]) -> list[tuple[int, float, float]]:
    """One position per loop, the last one given."""
    return list({loop: (loop, x, y) for loop, x, y in places}.values())


def _latest(changes: list[tuple[int, Value]], game_loop: int) -> Value:
    """The value of the last change at or before the loop."""
    value = changes[0][1]
    for loop, changed in changes:
        if loop > game_loop:
            break
        value = changed
    return value
