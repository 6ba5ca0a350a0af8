"""What people did, as the game event stream tells it: commands, selections, camera moves, leaving."""

from collections import Counter
from dataclasses import dataclass
from typing import Any, Final

from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE
from sc2_pipeline.replay_format.game_events.commands import POINT_SCALE, QUEUED, Command, Orders, orders
from sc2_pipeline.replay_format.game_events.compiler import USER_BITS
from sc2_pipeline.replay_format.game_events.schema import game_event_decoder
from sc2_pipeline.replay_format.game_events.streams import MAX_EVENTS, DecodedStream, StreamReading, decoded_stream
from sc2_pipeline.replay_format.game_events.takeovers import (
    TAKEOVER_EVENT,
    Seat,
    Takeover,
    may_hold_takeover,
    takeovers_of,
)

GAME_EVENTS_MEMBER: Final = "replay.game.events"

_USER_MASK = (1 << USER_BITS) - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMinute:
    """What one user did in one minute of game time."""

    user_id: int
    game_minute: int
    command_count: int
    """Repetitions counted."""
    camera_update_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Leave:
    """A user left the game."""

    game_loop: int
    user_id: int
    reason: int | None
    """Number in the stream; None before it had one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GameEvents:
    """All that is kept of a game event stream."""

    reading: StreamReading
    orders: Orders
    user_minutes: list[UserMinute]
    """By user and minute; minutes in which a user did nothing are absent."""
    leaves: list[Leave]
    takeovers: tuple[Takeover, ...] = ()
    """Where it was resumed from a replay."""


def decode_game_events(data: bytes, base_build: int, *, max_events: int = MAX_EVENTS) -> GameEvents:
    """The events in ``data``, the content of GAME_EVENTS_MEMBER.

    Never raises on what the bytes hold: ``reading`` says how far they were read and by whose schema. No more than
    ``max_events`` are read.
    """
    stream = decoded_stream(data, base_build, game_event_decoder, max_events=max_events)
    names = stream.decoder.names if stream.decoder else {}
    given = orders(stream.log, names)
    return GameEvents(
        reading=stream.reading,
        orders=given,
        user_minutes=_user_minutes(given.commands, stream.marks),
        leaves=_leaves(stream),
        takeovers=_takeovers(data, stream),
    )


def _user_minutes(commands: list[Command], camera_marks: list[int]) -> list[UserMinute]:
    per_minute = GAME_LOOPS_PER_MINUTE
    camera = Counter([(mark & _USER_MASK, (mark >> USER_BITS) // per_minute) for mark in camera_marks])
    ordered = Counter([(command.user_id, command.game_loop // per_minute) for command in commands])
    return [
        UserMinute(user_id=key[0], game_minute=key[1], command_count=ordered[key], camera_update_count=camera[key])
        for key in sorted(camera.keys() | ordered.keys())
    ]


def _leaves(stream: DecodedStream) -> list[Leave]:
    rows = _rows(stream, "SGameUserLeaveEvent")
    return [Leave(game_loop=row[1], user_id=row[2], reason=row[4]) for row in rows]


def _takeovers(data: bytes, stream: DecodedStream) -> tuple[Takeover, ...]:
    rows, build = _rows(stream, TAKEOVER_EVENT), stream.reading.protocol_build
    return () if build is None else takeovers_of(data, rows, build)


def _rows(stream: DecodedStream, name: str) -> list[tuple[Any, ...]]:
    names = stream.decoder.names if stream.decoder else {}
    return [row for row in stream.log if names[row[3]] == name]


__all__ = [
    "GAME_EVENTS_MEMBER",
    "POINT_SCALE",
    "QUEUED",
    "Command",
    "GameEvents",
    "Leave",
    "Orders",
    "Seat",
    "StreamReading",
    "Takeover",
    "UserMinute",
    "decode_game_events",
    "may_hold_takeover",
]
