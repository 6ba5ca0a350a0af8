"""Reads the header of a reply without decoding the rest: kind, status, game loop, and whether the replay has ended."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum

from sc2_pipeline.errors import EngineError
from sc2_pipeline.storable import text_of


class Status(IntEnum):
    """States of the game, as ``SC2APIProtocol.Status`` numbers them."""

    LAUNCHED = 1
    INIT_GAME = 2
    IN_GAME = 3
    IN_REPLAY = 4
    ENDED = 5
    QUIT = 6


class Kind(IntEnum):
    """Kinds of requests and replies: field numbers shared by ``Request`` and ``Response``."""

    START_REPLAY = 4
    QUIT = 8
    GAME_INFO = 9
    OBSERVATION = 10
    STEP = 12
    DATA = 13
    REPLAY_INFO = 16
    PING = 19


STUB_GAME_LOOP = 2**32 - 1
"""The game loop of an observation that carries only results (pysc2, ``remote_controller.observe``)."""

_ID, _ERROR, _STATUS = 97, 98, 99
_NO_STATUS = 0
"""Status of an error reply without one, according to s2client-proto's protocol.md."""
_OBSERVATION, _PLAYER_RESULT = 3, 4
_GAME_LOOP = 9
_VARINT, _FIXED64, _LENGTH, _FIXED32 = 0, 1, 2, 5


@dataclass(frozen=True, slots=True)
class Header:
    """``kind`` is None for an error reply, which answers nothing; ``start`` and ``end`` bound the answer's bytes.

    ``game_loop`` and ``has_result`` belong to observations; the loop is None if it is unset.
    """

    kind: int | None
    start: int
    end: int
    status: int
    errors: tuple[str, ...]
    request_id: int | None
    game_loop: int | None
    has_result: bool


def read_header(message: bytes) -> Header:
    """The header of a complete ``Response``; raises EngineError ``garbled_reply`` if the bytes are not one."""
    kind = status = request_id = None
    start = end = 0
    errors = []
    for number, wire_type, value, stop in _fields(message, 0, len(message)):
        if wire_type == _LENGTH and number == _ERROR:
            errors.append(text_of(message[value:stop]))
        elif wire_type == _LENGTH:
            kind, start, end = number, value, stop
        elif number == _STATUS:
            status = value
        elif number == _ID:
            request_id = value
    if status is None and not errors:
        raise garbled(f"a reply of {len(message)} bytes has no status")
    game_loop, has_result = _observed(message, start, end) if kind == Kind.OBSERVATION else (None, False)
    return Header(kind, start, end, status or _NO_STATUS, tuple(errors), request_id, game_loop, has_result)


def garbled(detail: str) -> EngineError:
    """The error for bytes that are not a message of the protocol; retryable with a new instance."""
    return EngineError("garbled_reply", detail)


def _observed(message: bytes, start: int, end: int) -> tuple[int | None, bool]:
    game_loop = None
    has_result = False
    for number, wire_type, value, stop in _fields(message, start, end):
        if number == _PLAYER_RESULT:
            has_result = True
        elif number == _OBSERVATION and wire_type == _LENGTH:
            for inner, inner_type, inner_value, _ in _fields(message, value, stop):
                if inner == _GAME_LOOP and inner_type == _VARINT:
                    game_loop = inner_value
    return game_loop, has_result


def _fields(message: bytes, position: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """``(number, wire type, value or first byte, position after)`` of each field; nested messages are skipped."""
    while position < end:
        tag, position = _varint(message, position, end)
        wire_type = tag & 7
        if wire_type == _LENGTH:
            length, value = _varint(message, position, end)
            position = value + length
        elif wire_type == _VARINT:
            value, position = _varint(message, position, end)
        elif wire_type in (_FIXED64, _FIXED32):
            value, position = position, position + (8 if wire_type == _FIXED64 else 4)
        else:
            raise garbled(f"wire type {wire_type} at byte {position} of a reply of {len(message)} bytes")
        if position > end:
            raise garbled(f"a field of a reply of {len(message)} bytes ends {position - end} bytes after it")
        yield tag >> 3, wire_type, value, position


def _varint(message: bytes, position: int, end: int) -> tuple[int, int]:
    value = shift = 0
    while position < end and shift < 70:
        byte = message[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, position
        shift += 7
    raise garbled(f"a number at byte {position} of a reply of {len(message)} bytes does not end")
