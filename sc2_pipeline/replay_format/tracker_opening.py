"""What the lobby needs from a tracker stream: the players' ids, and the races in games without metadata."""

import re
from dataclasses import dataclass
from typing import Final

from sc2_pipeline.replay_format.tracker_careful import EventReader
from sc2_pipeline.replay_format.tracker_fields import ABSENT, PLAYER_SETUP, UNIT_BORN
from sc2_pipeline.replay_format.versioned import WireError

WORKERS: Final = {"SCV": "terran", "Probe": "protoss", "Drone": "zerg"}

_TOWN_HALL_BORN: Final = re.compile(rb"\x04\x02.(?:CommandCenter|Nexus|Hatchery)\x06\x09", re.DOTALL)
"""Field 2 (type name) of a birth or a start, and the beginning of field 3."""

_MAX_OPENING_EVENTS: Final = 2000

_MAX_PLAYER_ID: Final = 16


@dataclass(frozen=True, slots=True)
class PlayerSetup:
    """The person or computer behind a player_id. ``slot_id`` is a lobby slot; archon partners are two setups of one player_id."""

    player_id: int
    is_computer: bool
    user_id: int | None
    slot_id: int | None


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


def has_town_halls(data: bytes) -> bool:
    """Whether any of the three town halls is ever built; arcade maps have other units."""
    return _TOWN_HALL_BORN.search(data) is not None


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
