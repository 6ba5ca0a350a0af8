"""Writes the Python that reads one event's steps, with the place of each bit worked out beforehand where it can be."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeAlias

from sc2_pipeline.replay_format.game_events.layout import Array, BitArray, Bits, Blob, Choice, Maybe, Step, fixed_width


@dataclass(frozen=True, slots=True)
class Place:
    """Where reading stands: bit ``bit`` of byte ``i + ahead``; ``bit`` is None where only ``p`` tells."""

    ahead: int = 0
    bit: int | None = 0

    def after(self, width: int) -> "Place":
        """The place ``width`` bits later."""
        if self.bit is None:
            return self
        bit = self.bit + width
        return Place(self.ahead + (bit >> 3), bit & 7)


UNKNOWN = Place(bit=None)

Finish: TypeAlias = Callable[[Place], None]
"""Writes what follows the last step, which ends at the place given."""


class SourceText:
    """Lines of source, written at the current depth of indentation."""

    def __init__(self) -> None:
        self._lines: list[str] = []
        self._depth = 0
        self.constants: dict[str, tuple[Step, ...]] = {}

    def line(self, text: str) -> None:
        """One line at the current depth."""
        self._lines.append("    " * self._depth + text)

    @contextmanager
    def block(self, opening: str) -> Iterator[None]:
        """What is written inside belongs to ``opening``."""
        self.line(opening)
        self._depth += 1
        before = len(self._lines)
        yield
        if len(self._lines) == before:
            self.line("pass")
        self._depth -= 1

    def constant(self, steps: tuple[Step, ...]) -> str:
        """A name by which the source knows ``steps``."""
        name = f"steps_{len(self.constants)}"
        self.constants[name] = steps
        return name

    @property
    def source(self) -> str:
        """All lines so far."""
        return "\n".join(self._lines) + "\n"


def write_steps(text: SourceText, steps: Sequence[Step], place: Place, finish: Finish) -> None:
    """Reads ``steps`` from ``place`` on; ``finish`` writes what comes after, in every branch that stays apart."""
    for at, step in enumerate(steps):
        meeting: Place | None
        match step:
            case Bits(width, _, name):
                if name is not None:
                    text.line(f"{name} = {value_at(place, step)}")
                meeting = stepped(text, place, width)
            case Maybe(inner):
                meeting = _write_maybe(text, inner, place, steps[at + 1 :], finish)
            case Choice():
                meeting = _write_choice(text, step, place, steps[at + 1 :], finish)
            case Array():
                meeting = _write_array(text, step, place)
            case BitArray():
                meeting = _write_bit_array(text, step, place)
            case Blob():
                meeting = _write_blob(text, step, place)
        if meeting is None:
            return
        place = meeting
    finish(place)


def _write_maybe(
    text: SourceText, inner: tuple[Step, ...], place: Place, rest: Sequence[Step], finish: Finish
) -> Place | None:
    if place.bit is None:
        text.line("there = bits(data, p, 1)")
        text.line("p += 1")
        test = "there"
    else:
        test = f"{_byte(place)} & {1 << place.bit}"
    return _write_branches(text, {f"if {test}:": inner, "else:": ()}, place.after(1), rest, finish)


def _write_choice(text: SourceText, step: Choice, place: Place, rest: Sequence[Step], finish: Finish) -> Place | None:
    tag = step.tag
    name = tag.name or "choice"
    text.line(f"{name} = {value_at(place, tag)}")
    after = stepped(text, place, tag.width)
    branches = {
        f"{'elif' if at else 'if'} {name} == {key}:": steps for at, (key, steps) in enumerate(step.branches.items())
    }
    meeting = _write_branches(text, branches, after, rest, finish)
    if len(step.branches) < 1 << tag.width:
        text.line(f"else: raise KeyError({name})")
    return meeting


def _write_branches(
    text: SourceText, branches: Mapping[str, tuple[Step, ...]], place: Place, rest: Sequence[Step], finish: Finish
) -> Place | None:
    """Writes each branch; gives the place where all meet, or None when they do not and ``rest`` is in each of them."""
    ends = set().union(*(_ends(steps, place.bit) for steps in branches.values()))
    if len(ends) > 1:
        for opening, steps in branches.items():
            with text.block(opening):
                write_steps(text, (*steps, *rest), place, finish)
        return None
    [bit] = ends
    meeting = UNKNOWN if bit is None else Place(place.ahead, bit)
    for opening, steps in branches.items():
        with text.block(opening):
            write_steps(text, steps, place, lambda end: _write_jump(text, end, meeting))
    return meeting


def _write_jump(text: SourceText, place: Place, meeting: Place) -> None:
    if place.ahead != meeting.ahead:
        text.line(f"i += {place.ahead - meeting.ahead}")


def _write_array(text: SourceText, step: Array, place: Place) -> Place:
    text.line(f"number = {value_at(place, step.count)}")
    place = stepped(text, place, step.count.width)
    width = fixed_width(step.steps)
    if step.name is not None:
        text.line(f"{step.name} = numbers(data, {as_bits(place)}, {width}, number)")
    if width is not None and width % 8 == 0 and place.bit is not None:
        text.line(f"i += number * {width // 8}")
        return place
    _write_as_bits(text, place)
    if width is not None:
        text.line(f"p += number * {width}")
    else:
        with text.block("for _ in range(number):"):
            text.line(f"p = skipped({text.constant(step.steps)}, data, p)")
    return UNKNOWN


def _write_bit_array(text: SourceText, step: BitArray, place: Place) -> Place:
    text.line(f"number = {value_at(place, step.count)}")
    _write_as_bits(text, stepped(text, place, step.count.width))
    if step.name is not None:
        text.line(f"{step.name} = number, bit_set(data, p, number)")
    text.line("p += number")
    return UNKNOWN


def _write_blob(text: SourceText, step: Blob, place: Place) -> Place:
    text.line(f"number = {value_at(place, step.count)}")
    place = stepped(text, place, step.count.width)
    text.line("i = p + 7 >> 3" if place.bit is None else f"i += {place.ahead + bool(place.bit)}")
    if step.name is not None:
        text.line(f"{step.name} = data[i : i + number]")
    text.line("i += number")
    return Place()


def _ends(steps: Sequence[Step], start: int | None) -> set[int | None]:
    """The bits of a byte at which reading can stand after ``steps``; None for one that only running code knows."""
    stands = {start}
    for step in steps:
        stands = set().union(*(_ends_of(step, bit) for bit in stands))
    return stands


def _ends_of(step: Step, bit: int | None) -> set[int | None]:
    if isinstance(step, Blob):
        return {0}
    if bit is None or isinstance(step, BitArray):
        return {None}
    match step:
        case Bits(width):
            return {bit + width & 7}
        case Maybe(inner):
            return {bit + 1 & 7} | _ends(inner, bit + 1 & 7)
        case Choice(tag, branches):
            return set().union(*(_ends(steps, bit + tag.width & 7) for steps in branches.values()))
        case Array(count, inner):
            item = fixed_width(inner)
            return {None if item is None or item % 8 else bit + count.width & 7}


def always_set(steps: Sequence[Step]) -> set[str | None]:
    """The variables that reading ``steps`` sets whatever the stream holds."""
    return {step.tag.name if isinstance(step, Choice) else step.name for step in steps if not isinstance(step, Maybe)}


def value_at(place: Place, number: Bits) -> str:
    """An expression for the number at ``place``."""
    value = f"bits(data, p, {number.width})" if place.bit is None else known_bits(place, number.width)
    return f"{number.lowest} + ({value})" if number.lowest else value


def known_bits(place: Place, width: int) -> str:
    """An expression that puts together ``width`` bits from a known place: see ``layout.bits`` for the order."""
    pieces = []
    while width:
        bit = place.bit or 0
        taken = min(8 - bit, width)
        piece = _byte(place)
        if bit:
            piece += f" >> {bit}"
        if taken < 8 - bit:
            piece += f" & {(1 << taken) - 1}"
        width -= taken
        pieces.append(f"({piece}) << {width}" if width else f"({piece})")
        place = place.after(taken)
    return " | ".join(pieces) or "0"


def _byte(place: Place) -> str:
    return f"data[i + {place.ahead}]" if place.ahead else "data[i]"


def stepped(text: SourceText, place: Place, width: int) -> Place:
    """The place ``width`` bits later, the running code moved there where it alone knows the place."""
    if place.bit is None and width:
        text.line(f"p += {width}")
    return place.after(width)


def as_bits(place: Place) -> str:
    """An expression for the place, in bits from the start of the stream."""
    return "p" if place.bit is None else f"(i + {place.ahead}) * 8 + {place.bit}"


def _write_as_bits(text: SourceText, place: Place) -> None:
    if place.bit is not None:
        text.line(f"p = {as_bits(place)}")
