"""Bit-packed values written again with one lie in them: a number, a length, a choice or a text that is not what it was."""

from collections.abc import Callable
from functools import lru_cache
from random import Random
from typing import Any

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format.bitpacked import BitPackedDecoder, decode
from sc2_pipeline.replay_format.protocols import Protocol, nearest, protocol
from sc2_pipeline_demo.synthetic.encoding.bitpacked_encoder import BitPackedEncoder, BitWriter
from sc2_pipeline_tests.hostile.values import hostile_text

EventSpan = tuple[int, int, int]
"""First byte, byte behind the last, and type id of an event's content."""


class LyingWriter(BitWriter):
    """Replaces what the ``at``-th write says; counts writes."""

    __slots__ = ("_at", "_lie", "writes")

    def __init__(
        self, at: int = -1, lie: Callable[[int, int], int] = lambda value, _: value, text: bytes = b""
    ) -> None:
        super().__init__()
        self.writes = 0
        self._at, self._lie = at, (lie, text)

    def write_bits(self, value: int, count: int) -> None:
        """As the writer it is, but for one number."""
        if self.writes == self._at:
            value = self._lie[0](value, count)
        self.writes += 1
        super().write_bits(value, count)

    def write_aligned(self, content: bytes) -> None:
        """As the writer it is, but for one text, which keeps its length."""
        if self.writes == self._at:
            content = (self._lie[1] * (len(content) or 1)).ljust(len(content))[: len(content)]
        self.writes += 1
        super().write_aligned(content)


def lied(rng: Random, write: Callable[[BitWriter], None]) -> bytes:
    """What ``write`` writes, with one lie at some place."""
    honest = LyingWriter()
    write(honest)
    lie = rng.choice(
        (
            lambda _value, _count: 0,
            lambda _value, count: (1 << count) - 1,
            lambda value, count: (value + 1) % (1 << count),
            lambda value, count: (value - 1) % (1 << count),
            lambda value, count: value ^ 1 << rng.randrange(count) if count else 0,
            lambda _value, count: rng.getrandbits(count) if count else 0,
        )
    )
    writer = LyingWriter(rng.randrange(max(1, honest.writes)), lie, hostile_text(rng))
    write(writer)
    return writer.content()


def lied_initdata(rng: Random, data: bytes, base_build: int) -> bytes:
    """The lobby with one lie; raises ValueError where no schema reads it."""
    known, value = _initdata(data, base_build)
    encoder = BitPackedEncoder(known.typeinfos)
    value = grown(rng, value) if rng.random() < 0.3 else value
    try:
        return lied(rng, lambda out: encoder.writer(known.initdata_typeid)(out, value))
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(str(error)) from error


@lru_cache(maxsize=64)
def _initdata(data: bytes, base_build: int) -> tuple[Protocol, Any]:
    for build in nearest(base_build):
        known = protocol(build)
        try:
            value, left = decode(data, known.typeinfos, known.initdata_typeid, reason="corrupt_details")
        except CorruptReplayError:
            continue
        if 0 <= left < 8:
            return known, value
    raise ValueError("no schema reads this lobby")


def grown(rng: Random, value: Any) -> Any:
    """The value with one of its lists empty or longer; the same where it has none."""
    lists = list(_lists(value))
    if not lists:
        return value
    chosen = rng.choice(lists)
    times = rng.choice((0, 0, 2, 3))
    return _replaced(value, chosen, chosen * times)


def _lists(value: Any) -> Any:
    if isinstance(value, list):
        if value:
            yield value
        for item in value:
            yield from _lists(item)
    elif isinstance(value, dict):
        for item in value.values():
            yield from _lists(item)


def _replaced(value: Any, old: Any, new: Any) -> Any:
    if value is old:
        return new
    if isinstance(value, dict):
        return {name: _replaced(item, old, new) for name, item in value.items()}
    return [_replaced(item, old, new) for item in value] if isinstance(value, list) else value


@lru_cache(maxsize=64)
def event_spans(data: bytes, base_build: int, stream: str) -> list[EventSpan]:
    """Where the events of a game or message stream lie, as far as its own schema reads them."""
    known = protocol(base_build)
    types = known.game_event_types if stream == "game" else known.message_event_types
    id_type = known.game_eventid_typeid if stream == "game" else known.message_eventid_typeid
    decoder = BitPackedDecoder(data, known.typeinfos, reason="corrupt_tracker")
    spans: list[EventSpan] = []
    try:
        while not decoder.is_done:
            start = decoder.used_bits // 8
            decoder.instance(known.svaruint32_typeid)
            decoder.instance(known.replay_userid_typeid or 0)
            event_id = decoder.instance(id_type)
            decoder.instance(types[event_id][0])
            decoder.byte_align()
            spans.append((start, decoder.used_bits // 8, event_id))
    except (CorruptReplayError, KeyError):
        pass
    return spans


def lied_event(rng: Random, data: bytes, base_build: int, stream: str) -> bytes:
    """One event of a stream with one lie; raises ValueError where the stream has none."""
    spans = event_spans(data, base_build, stream)
    if not spans:
        raise ValueError("no event that the build's own schema reads")
    kinds = sorted({event_id for _, _, event_id in spans})
    wanted = rng.choice(kinds)  # Else nearly all would be camera moves.
    start, end, _ = rng.choice([span for span in spans if span[2] == wanted])
    return data[:start] + _lied_bytes(rng, data[start:end], base_build, stream) + data[end:]


def _lied_bytes(rng: Random, event: bytes, base_build: int, stream: str) -> bytes:
    known = protocol(base_build)
    types = known.game_event_types if stream == "game" else known.message_event_types
    id_type = known.game_eventid_typeid if stream == "game" else known.message_eventid_typeid
    decoder = BitPackedDecoder(event, known.typeinfos, reason="corrupt_tracker")
    typeids = [known.svaruint32_typeid, known.replay_userid_typeid or 0, id_type]
    values = [decoder.instance(typeid) for typeid in typeids]
    typeids.append(types[values[2]][0])
    values.append(decoder.instance(typeids[3]))
    if rng.random() < 0.2:
        values[3] = grown(rng, values[3])
    encoder = BitPackedEncoder(known.typeinfos)

    def write(out: BitWriter) -> None:
        for typeid, value in zip(typeids, values, strict=True):
            encoder.writer(typeid)(out, value)

    try:
        return lied(rng, write)
    except (TypeError, KeyError, AttributeError) as error:
        raise ValueError(str(error)) from error
