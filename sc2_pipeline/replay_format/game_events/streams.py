"""Reads one event stream with its own build's schema, or with the nearest one that fits it to the last byte."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from sc2_pipeline.replay_format.game_events.schema import OLDEST_BUILD, EventDecoder, first_alike
from sc2_pipeline.replay_format.protocols import nearest


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamReading:
    """How far a stream was read, and by whose schema."""

    protocol_build: int | None
    """Build whose schema read it: the replay's own, or the nearest one that fits; None where none does."""
    event_count: int
    """Events read whole, all kinds."""
    last_game_loop: int
    is_complete: bool
    """A schema took the stream to its last byte."""
    fault: str | None
    """Why reading stopped; None when it did not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecodedStream:
    """What a decoder left behind: see ``compiler.StreamDecoder``."""

    reading: StreamReading
    log: list[tuple[Any, ...]]
    marks: list[int]
    decoder: EventDecoder | None
    """None where no schema read the stream; then there are no rows either."""


MAX_EVENTS: Final = 4_000_000
"""In one stream; the longest real ones have some 100,000."""


def decoded_stream(
    data: bytes, base_build: int, decoder_of: Callable[[int], EventDecoder], *, max_events: int = MAX_EVENTS
) -> DecodedStream:
    """Every wanted event of ``data``. Never raises on what the bytes hold.

    The build's own schema comes first, then the nearest ones: a schema fits when it takes the stream to its last byte.
    Where none does, the stream is damaged: what its own schema read before the fault is kept, of any other's nothing.
    All schemas together read ``max_events``: a wrong one fails at once, unless the stream is made for it not to.
    """
    prefix = None
    most = max_events
    for build in _candidates(base_build):
        decoded = _read(data, build, decoder_of(build), most)
        most -= decoded.reading.event_count
        if decoded.reading.is_complete:
            return decoded
        if build == base_build:
            prefix = decoded
        if most <= 0:
            break
    return prefix or _unread(base_build)


def _candidates(base_build: int) -> Iterator[int]:
    """Builds worth trying, likeliest first, one for each distinct schema; none for builds before OLDEST_BUILD."""
    if base_build < OLDEST_BUILD:
        return
    tried = set()
    for build in nearest(base_build):
        if build >= OLDEST_BUILD and (schema := first_alike(build)) not in tried:
            tried.add(schema)
            yield build


def _read(data: bytes, build: int, decoder: EventDecoder, most: int) -> DecodedStream:
    log: list[tuple[Any, ...]] = []
    marks: list[int] = []
    count, game_loop, at, fault = decoder.compiled.decode(data, log, marks, most)
    if fault is not None:
        fault = f"event {count} at byte {at} of {len(data)}: {fault}"
    reading = StreamReading(
        protocol_build=build, event_count=count, last_game_loop=game_loop, is_complete=fault is None, fault=fault
    )
    return DecodedStream(reading=reading, log=log, marks=marks, decoder=decoder)


def _unread(base_build: int) -> DecodedStream:
    fault = f"no known schema reads the events of base build {base_build} to their end"
    if base_build < OLDEST_BUILD:
        fault = f"events of base build {base_build} name no users (before {OLDEST_BUILD}): nothing decodes them"
    reading = StreamReading(protocol_build=None, event_count=0, last_game_loop=0, is_complete=False, fault=fault)
    return DecodedStream(reading=reading, log=[], marks=[], decoder=None)
