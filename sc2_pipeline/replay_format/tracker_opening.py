"""What the lobby needs from a tracker stream: the players' ids, what each begins with, and the races in games without
metadata."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sc2_pipeline.replay_format.tracker_careful import EventReader
from sc2_pipeline.replay_format.tracker_fields import ABSENT, PLAYER_SETUP, UNIT_BORN, EventColumns
from sc2_pipeline.replay_format.versioned import WireError

WORKERS: Final = {"SCV": "terran", "Probe": "protoss", "Drone": "zerg"}

TOWN_HALLS: Final = {"CommandCenter": "terran", "Nexus": "protoss", "Hatchery": "zerg"}

_TOWN_HALL_BORN: Final = re.compile(rb"\x04\x02.(?:CommandCenter|Nexus|Hatchery)\x06\x09", re.DOTALL)
"""Field 2 (type name) of a birth or a start, and the beginning of field 3."""

_MAX_OPENING_EVENTS: Final = 2000

_MAX_START_EVENTS: Final = 5000
"""Co-op has 1,059 at game loop 0, melee at most 333."""

_START_PLACE: Final = 8
"""Workers are born within 3 map cells of their town hall, in streams before 27950 within one unit of 4 cells."""

_MAX_PLAYER_ID: Final = 16


@dataclass(frozen=True, slots=True)
class PlayerSetup:
    """The person or computer behind a player_id. ``slot_id`` is a lobby slot; archon partners are two setups of one player_id."""

    player_id: int
    is_computer: bool
    user_id: int | None
    slot_id: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Start:
    """What a player begins with."""

    race: str | None
    """None where the units are of several."""
    town_hall_count: int
    worker_count: int
    is_gathered: bool
    """All are around the first town hall."""


def player_setups(data: bytes) -> tuple[PlayerSetup, ...]:
    """The setups, with which every stream since build 27950 begins; empty for earlier builds and corrupt streams."""
    reader = _read(data, until_loop_1=False)
    setups: list[list[int]] = reader.columns(PLAYER_SETUP).fields.T.tolist()
    return tuple(
        PlayerSetup(player_id, kind == 2, *(None if number == ABSENT else number for number in ids))
        for player_id, kind, *ids in setups
        if 0 < player_id <= _MAX_PLAYER_ID
    )


def starting_races(data: bytes) -> dict[int, str]:
    """Races by player_id, inferred from the workers born at game loop 0."""
    reader = _read(data, until_loop_1=True)
    names = reader.names
    _, _, types, player_ids, *_ = reader.columns(UNIT_BORN).fields.tolist()
    births = ((player_id, names[number]) for player_id, number in zip(player_ids, types, strict=True) if number >= 0)
    return {player_id: WORKERS[name] for player_id, name in births if name in WORKERS and player_id > 0}


def starts(data: bytes) -> dict[int, Start] | None:
    """What each player begins with, by player_id: the town halls and workers that are born with the first town hall.

    Empty where no town hall is among the first 5,000 events. None where the stream does not tell: it has no births, is
    damaged before the first town hall, or begins after game loop 0 (a resumed game).
    """
    found = _TOWN_HALL_BORN.search(data)
    reader, first_game_loop, start_game_loop = EventReader(data), None, None
    try:
        while reader.cursor.left and reader.event_count < _MAX_START_EVENTS:
            reader.read_event()
            if first_game_loop is None:
                first_game_loop = reader.game_loop
            if start_game_loop is None and found is not None and reader.cursor.position >= found.end():
                start_game_loop = reader.game_loop
            is_past = reader.game_loop > (0 if start_game_loop is None else start_game_loop)
            if is_past and (found is None or start_game_loop is not None):
                break
    except WireError:
        if start_game_loop is None:
            return None
    births = reader.columns(UNIT_BORN)
    if first_game_loop != 0 or not births.game_loop.size:
        return None
    return {} if start_game_loop is None else _starts(reader.names, births, start_game_loop)


def _starts(names: Sequence[str], births: EventColumns, game_loop: int) -> dict[int, Start]:
    owned: dict[int, list[tuple[str, int, int]]] = {}
    _, _, types, player_ids, _, x, y, *_ = births.fields[:, births.game_loop == game_loop].tolist()
    for number, player_id, *place in zip(types, player_ids, x, y, strict=True):
        name = names[number] if number >= 0 else ""
        if player_id > 0 and (name in TOWN_HALLS or name in WORKERS):
            owned.setdefault(player_id, []).append((name, *place))
    return {player_id: _start(units) for player_id, units in owned.items()}


def _start(units: Sequence[tuple[str, int, int]]) -> Start:
    races = {(TOWN_HALLS | WORKERS)[name] for name, _, _ in units}
    halls = [place for name, *place in units if name in TOWN_HALLS]
    return Start(
        race=races.pop() if len(races) == 1 else None,
        town_hall_count=len(halls),
        worker_count=len(units) - len(halls),
        is_gathered=all(
            abs(x - halls[0][0]) <= _START_PLACE and abs(y - halls[0][1]) <= _START_PLACE for _, x, y in units
        )
        if halls
        else False,
    )


def _read(data: bytes, *, until_loop_1: bool) -> EventReader:
    reader = EventReader(data)
    try:
        while reader.cursor.left and reader.event_count < _MAX_OPENING_EVENTS:
            reader.read_event()
            if reader.game_loop > 0 or not (until_loop_1 or reader.event_ids == [PLAYER_SETUP]):
                break
    except WireError:
        # The stream's own reader will say what is wrong with it.
        pass
    return reader
