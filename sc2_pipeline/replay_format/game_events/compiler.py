"""Writes the Python source that decodes one schema's event stream, and compiles it.

Walking a type tree for every event costs ten times the reading. But every event begins at a whole byte, so until the
first thing of unknown length the place of each bit is known beforehand: the source written here tests and reads
exactly those bits, and steps over what nobody wants. Where branches end at different bits, what follows them is written
once per branch. Behind an array only the running code knows the place (``p``, in bits), and reading goes through
functions.

``compiled(...).source`` is the text, for whoever wants to see it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Protocol

from sc2_pipeline.replay_format.game_events.layout import Bits, Step, bit_set, bits, numbers, skipped
from sc2_pipeline.replay_format.game_events.step_source import (
    UNKNOWN,
    Place,
    SourceText,
    always_set,
    as_bits,
    known_bits,
    stepped,
    value_at,
    write_steps,
)

MAX_GAME_LOOP = 2**31 - 1
"""Columns of game loops have 32 bits; the game itself ends at 2^19."""

LOOP_DELTA_WIDTHS = (6, 14, 22, 32)
"""Bits of the game-loop delta before every event, by its tag of two bits (svaruint32 of every protocol)."""


class Misfit(Exception):  # noqa: N818 - a signal inside compiled code, which turns it into the fault it gives back
    """The stream holds what its schema does not allow."""


class StreamDecoder(Protocol):
    """A compiled decoder: appends a row to ``log`` for every wanted event, or a mark to ``marks``.

    It stops behind ``most`` events, of which there is at least one. Gives the number of events read whole, the game loop and the byte at which reading ended, and the fault that ended
    it (None at the stream's end).
    """

    def __call__(
        self, data: bytes, log: list[tuple[Any, ...]], marks: list[int], most: int, /
    ) -> tuple[int, int, int, str | None]:
        """Reads ``data`` to its end or to a fault; never raises."""


@dataclass(frozen=True, slots=True)
class WantedEvent:
    """An event worth code of its own.

    A row of it is (event_index, game_loop, user_id, event_id, *columns), and where ``is_placed`` the byte at which it begins.
    An event without columns leaves only a mark, ``game_loop << USER_BITS | user_id``, which costs a third of a row.
    """

    event_id: int
    steps: tuple[Step, ...]
    columns: tuple[str, ...]
    is_placed: bool = False


USER_BITS = 8


@dataclass(frozen=True, slots=True)
class Schema:
    """What a stream looks like: the widths of its event header and the events in it, those wanted commonest first."""

    user_width: int
    event_id_width: int
    wanted: tuple[WantedEvent, ...]
    others: Mapping[int, tuple[Step, ...]]
    keeps_all: bool = False
    """Every event leaves a row; those of ``others``, and those without columns, one of the first four columns."""


@dataclass(frozen=True, slots=True)
class Compiled:
    """The decoder of one schema and the source it was compiled from."""

    decode: StreamDecoder
    source: str


def compiled(schema: Schema) -> Compiled:
    """The decoder of streams of ``schema``."""
    text = SourceText()
    _write_decoder(text, schema)
    scope: dict[str, Any] = {
        "Misfit": Misfit,
        "others": dict(schema.others),
        "bit_set": bit_set,
        "bits": bits,
        "numbers": numbers,
        "skipped": skipped,
        **text.constants,
    }
    exec(compile(text.source, "<event stream decoder>", "exec"), scope)
    return Compiled(scope["decode"], text.source)


def _write_decoder(text: SourceText, schema: Schema) -> None:
    with text.block("def decode(data, log, marks, most):"):
        text.line("keep = log.append")
        text.line("mark = marks.append")
        text.line("size = len(data)")
        text.line("i = loop = count = start = 0")
        text.line("fault = None")
        with text.block("try:"):
            with text.block("for count in range(most):"):
                text.line("if i >= size: break")
                _write_event(text, schema)
                text.line("start = i")
            with text.block("else:"):
                text.line("count = most")
                text.line("if i < size: fault = f'more than {most} events'")
        with text.block("except IndexError:"):
            text.line("fault = 'the stream ends inside an event'")
        with text.block("except KeyError as error:"):
            text.line("fault = f'no event and no choice has the number {error}'")
        with text.block("except Misfit as error:"):
            text.line("fault = str(error)")
        text.line("return count, loop, start, fault")


def _write_event(text: SourceText, schema: Schema) -> None:
    text.line("delta_tag = data[i] & 3")
    for tag, width in enumerate(LOOP_DELTA_WIDTHS[:3]):
        with text.block(f"{'elif' if tag else 'if'} delta_tag == {tag}:"):
            text.line(f"loop += {known_bits(Place(0, 2), width)}")
            text.line(f"i += {Place(0, 2).after(width).ahead}")
            if tag:
                _write_loop_bound(text)
    with text.block("if delta_tag < 3:"):
        _write_body(text, schema, Place())
    # The widest delta alone ends inside a byte. It is rare (the counter of a resumed game wraps round), so that the
    # shorter source is better than the faster one.
    with text.block("else:"):
        text.line("p = i * 8 + 2")
        text.line(f"loop = loop + bits(data, p, {LOOP_DELTA_WIDTHS[3]}) & 0xFFFFFFFF")
        _write_loop_bound(text)
        text.line(f"p += {LOOP_DELTA_WIDTHS[3]}")
        _write_body(text, schema, UNKNOWN)


def _write_loop_bound(text: SourceText) -> None:
    # Steps of 6 bits alone cannot get there in the longest stream.
    text.line(f"if loop > {MAX_GAME_LOOP}: raise Misfit(f'game loop {{loop}} is beyond any game')")


def _write_body(text: SourceText, schema: Schema, place: Place) -> None:
    """User, event id and content, from ``place`` on."""
    text.line(f"user = {value_at(place, Bits(schema.user_width))}")
    place = stepped(text, place, schema.user_width)
    text.line(f"event = {value_at(place, Bits(schema.event_id_width))}")
    content = stepped(text, place, schema.event_id_width)
    for at, event in enumerate(schema.wanted):
        with text.block(f"{'elif' if at else 'if'} event == {event.event_id}:"):
            if unset := [name for name in event.columns if name not in always_set(event.steps)]:
                text.line(" = ".join(unset) + " = None")
            write_steps(text, event.steps, content, partial(_write_row, text, event, schema.keeps_all))
    with text.block("else:" if schema.wanted else "if True:"):
        text.line(f"i = skipped(others[event], data, {as_bits(content)}) + 7 >> 3")
        _write_bound(text)
        if schema.keeps_all:
            text.line("keep((count, loop, user, event))")


def _write_row(text: SourceText, event: WantedEvent, keeps_all: bool, end: Place) -> None:
    """Keeps the row and moves to the next event, which begins at a whole byte."""
    if end.bit is None:
        text.line("i = p + 7 >> 3")
    elif ahead := end.ahead + bool(end.bit):
        text.line(f"i += {ahead}")
    _write_bound(text)
    if event.columns or keeps_all:
        columns = (*event.columns, "start") if event.is_placed else event.columns
        text.line(f"keep(({', '.join(('count', 'loop', 'user', str(event.event_id), *columns))}))")
    else:
        text.line(f"mark(loop << {USER_BITS} | user)")


def _write_bound(text: SourceText) -> None:
    text.line("if i > size: raise Misfit('the stream ends inside an event')")
