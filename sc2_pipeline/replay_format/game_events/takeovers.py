"""Where a recording takes over from a replay: the event 'hijack replay', by which a game is resumed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format.bitpacked import BitPackedDecoder
from sc2_pipeline.replay_format.game_events.compiler import LOOP_DELTA_WIDTHS
from sc2_pipeline.replay_format.protocols import protocol
from sc2_pipeline.storable import text_of

TAKEOVER_EVENT: Final = "SHijackReplayGameEvent"

USER_AND_EVENT_BITS: Final = 5 + 7
"""In every protocol whose events name users."""

MAX_TAKEOVERS: Final = 64
"""Of one stream; real ones have one or two."""

_MOST_EVENT_BYTES: Final = 32768
"""31 seats with the longest names have less."""

_LIKE_A_TAKEOVER: Final = re.compile(
    rb"(?s)(?=[\x40-\x50]([\x0b\x1b\x2b\x3b\x4b\x5b\x6b\x7b\x8b\x9b\xab\xbb\xcb\xdb\xeb\xfb].)(.))"
)
"""A user, the event's number (43 in every protocol), the count of seats, and the first one's number, role and length of name,
behind a delta that ends at a whole byte. One of 32 bits does not, but would be years of game."""

_TOON_HANDLE: Final = re.compile("[0-9A-Za-z-]+")

_LAYOUTS: Final = (26490, 27950)
"""The event has the layout of one of these builds in every protocol: the later one also has the clan's logo."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who went on with the game, and as what."""

    user_id: int
    """The seat taken: the user's number in the events that follow."""
    observe: int
    """0 a player, 1 a spectator, 2 a referee."""
    name: str
    toon_handle: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Takeover:
    """One event 'hijack replay'."""

    event_index: int
    byte_offset: int
    """Where the event begins in the decompressed stream."""
    game_loop: int
    user_id: int
    """Who resumed the game."""
    method: int | None
    """Number in the stream, 0 or 1."""
    seats: tuple[Seat, ...]
    """Empty where they cannot be read."""


def takeovers_of(data: bytes, rows: Iterable[tuple[Any, ...]], base_build: int) -> tuple[Takeover, ...]:
    """The takeovers among a decoder's rows: (event_index, game_loop, user_id, event_id, method, byte_offset)."""
    return tuple(
        Takeover(
            event_index=index,
            byte_offset=offset,
            game_loop=game_loop,
            user_id=user_id,
            method=method,
            seats=_seats(data[offset : offset + _MOST_EVENT_BYTES], base_build),
        )
        for index, game_loop, user_id, _, method, offset in list(rows)[:MAX_TAKEOVERS]
    )


def may_hold_takeover(data: bytes) -> bool:
    """Whether something in the stream looks like a takeover, whatever the build.

    Without it there is none; with it, decoding the stream tells.
    """
    return any(_is_like_a_takeover(data, found) for found in _LIKE_A_TAKEOVER.finditer(data))


def _is_like_a_takeover(data: bytes, found: re.Match[bytes]) -> bool:
    """Whether every seat has a name and, where it says so, an account."""
    (numbers, seat), (name_length,) = found[1], found[2]
    count = numbers >> 4 << 1 | seat & 1
    start = found.end(2)
    end = start + (seat >> 7 << 7 | name_length & 0x7F)
    if not count or start == end or end >= len(data) or not _is_name(data[start:end]):
        return False
    # A delta of no loops in front makes an event of it.
    event = b"\0" + data[found.start() : found.start() + _MOST_EVENT_BYTES]
    return any(_are_seats(_seats(event, build)) for build in _LAYOUTS)


def _is_name(text: bytes) -> bool:
    try:
        return text.decode().isprintable()
    except UnicodeDecodeError:
        return False


def _are_seats(seats: Sequence[Seat]) -> bool:
    return bool(seats) and all(
        seat.name and seat.name.isprintable() and (seat.toon_handle is None or _TOON_HANDLE.fullmatch(seat.toon_handle))
        for seat in seats
    )


def _seats(event: bytes, base_build: int) -> tuple[Seat, ...]:
    known = protocol(base_build)
    [typeid] = [typeid for typeid, name in known.game_event_types.values() if name.endswith(f".{TAKEOVER_EVENT}")]
    decoder = BitPackedDecoder(event, known.typeinfos, reason="corrupt_member")
    try:
        decoder.read_bits(LOOP_DELTA_WIDTHS[decoder.read_bits(2)])
        decoder.read_bits(USER_AND_EVENT_BITS)
        seats = decoder.instance(typeid)["m_userInfos"]
    except CorruptReplayError:
        return ()
    return tuple(
        Seat(
            user_id=seat["m_gameUserId"],
            observe=seat["m_observe"],
            name=text_of(seat["m_name"]),
            toon_handle=text_of(seat["m_toonHandle"]) if seat["m_toonHandle"] else None,
        )
        for seat in seats
    )
