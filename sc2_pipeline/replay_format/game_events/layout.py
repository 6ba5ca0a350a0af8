"""What the bits of one event mean: a schema's type tree, flattened into the steps that read or skip it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from struct import unpack_from
from typing import TypeAlias

from sc2_pipeline.replay_format.protocols import TypeInfo

MAX_DEPTH = 32
"""Real types are at most 7 deep; this only bounds a damaged table."""


@dataclass(frozen=True, slots=True)
class Bits:
    """A number of ``width`` bits, ``lowest`` added to it; ``name`` is the variable that wants it, None for nobody."""

    width: int
    lowest: int = 0
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Maybe:
    """One bit that says whether ``steps`` follow."""

    steps: tuple["Step", ...]


@dataclass(frozen=True, slots=True)
class Choice:
    """``tag`` picks the steps that follow; a tag that is not listed is a fault."""

    tag: Bits
    branches: Mapping[int, tuple["Step", ...]]


@dataclass(frozen=True, slots=True)
class Array:
    """``count``, then that many times ``steps``; ``name`` wants the numbers of an array of plain numbers."""

    count: Bits
    steps: tuple["Step", ...]
    name: str | None = None


@dataclass(frozen=True, slots=True)
class BitArray:
    """``count``, then that many bits."""

    count: Bits
    name: str | None = None


@dataclass(frozen=True, slots=True)
class Blob:
    """``count``, then that many bytes from the next whole byte on."""

    count: Bits
    name: str | None = None


Step: TypeAlias = Bits | Maybe | Choice | Array | BitArray | Blob

_FIXED_WIDTHS = {"_bool": 1, "_fourcc": 32, "_real32": 32, "_real64": 64}


def steps(typeinfos: Sequence[TypeInfo], typeid: int, wanted: Mapping[str, str], path: str = "") -> tuple[Step, ...]:  # noqa: PLR0911 - one per kind
    """The steps through one type, in stream order, with neighbours that nobody wants merged.

    ``wanted`` maps a field's dotted path (``m_abil.m_abilLink``; a choice's branch is a part of the path, the choice
    itself names its tag) to the variable it goes into.
    """
    if path.count(".") > MAX_DEPTH:
        raise ValueError(f"type {typeid} is nested deeper than {MAX_DEPTH}")
    kind, arguments = typeinfos[typeid]
    name = wanted.get(path)
    below = f"{path}." if path else ""
    match kind, arguments:
        case "_int", [(lowest, width)]:
            return (Bits(width, lowest, name),)
        case "_null", _:
            return ()
        case "_optional", [inner]:
            return (Maybe(steps(typeinfos, inner, wanted, path)),)
        case "_struct", [fields]:
            return _struct(typeinfos, fields, wanted, path)
        case "_choice", [(lowest, width), branches]:
            taken = {
                tag - lowest: steps(typeinfos, inner, wanted, below + field) for tag, (field, inner) in branches.items()
            }
            return (Choice(Bits(width, 0, name), taken),)
        case "_array", [(lowest, width), inner]:
            return (Array(Bits(width, lowest), steps(typeinfos, inner, {}), name),)
        case "_bitarray", [(lowest, width)]:
            return (BitArray(Bits(width, lowest), name),)
        case "_blob", [(lowest, width)]:
            return (Blob(Bits(width, lowest), name),)
        case _:
            return (Bits(_FIXED_WIDTHS[kind], 0, name),)


def _struct(
    typeinfos: Sequence[TypeInfo], fields: Sequence[tuple[str, int, int]], wanted: Mapping[str, str], path: str
) -> tuple[Step, ...]:
    below = f"{path}." if path else ""
    flat: list[Step] = []
    for field, inner, _ in fields:
        # A parent's fields lie in the struct as if they were its own.
        at = path if field == "__parent" else below + field
        for step in steps(typeinfos, inner, wanted, at):
            last = flat[-1] if flat else None
            if isinstance(step, Bits) and isinstance(last, Bits) and step.name is None and last.name is None:
                flat[-1] = Bits(last.width + step.width)
            else:
                flat.append(step)
    return tuple(flat)


def fixed_width(sequence: Sequence[Step]) -> int | None:
    """Bits that the steps take whatever they hold; None where that depends on the content."""
    total = 0
    for step in sequence:
        if not isinstance(step, Bits):
            return None
        total += step.width
    return total


def skipped(sequence: Sequence[Step], data: bytes, position: int) -> int:
    """The bit after ``sequence`` when it begins at bit ``position``.

    The slow way, for events too rare to have code of their own. Raises IndexError where the data ends, KeyError for a
    tag that no branch has.
    """
    for step in sequence:
        match step:
            case Bits(width):
                position += width
            case Maybe(inner):
                position += 1
                if bits(data, position - 1, 1):
                    position = skipped(inner, data, position)
            case Choice(tag, branches):
                position += tag.width
                position = skipped(branches[bits(data, position - tag.width, tag.width)], data, position)
            case Array(count, inner):
                position = _after_array(count, inner, data, position)
            case BitArray(count):
                position += count.width + count.lowest + bits(data, position, count.width)
            case Blob(count):
                length = count.lowest + bits(data, position, count.width)
                position = (position + count.width + 7 & -8) + 8 * length
    return position


def _after_array(count: Bits, inner: Sequence[Step], data: bytes, position: int) -> int:
    number = count.lowest + bits(data, position, count.width)
    position += count.width
    if (width := fixed_width(inner)) is not None:
        return position + number * width
    for _ in range(number):
        position = skipped(inner, data, position)
    return position


def bits(data: bytes, position: int, width: int) -> int:
    """The number in ``width`` bits from bit ``position`` on.

    Bytes are filled from their low end, but the pieces of a number that spans bytes are put together high end first
    (s2protocol, BitPackedBuffer). Raises IndexError where the data ends.
    """
    if not width:
        return 0
    at, used = position >> 3, position & 7
    left = 8 - used
    if width <= left:
        return data[at] >> used & (1 << width) - 1
    value = data[at] >> used
    width -= left
    while width >= 8:
        at += 1
        value = value << 8 | data[at]
        width -= 8
    return value << width | data[at + 1] & (1 << width) - 1 if width else value


def numbers(data: bytes, position: int, width: int, count: int) -> tuple[int, ...]:
    """``count`` numbers of ``width`` bits each. Raises IndexError where the data ends."""
    if width == 32 and count:
        return _words(data, position, count)
    return tuple([bits(data, at, width) for at in range(position, position + count * width, width)])


def _words(data: bytes, position: int, count: int) -> tuple[int, ...]:
    """Numbers of 32 bits, the commonest arrays (unit tags), all taken from the data in one go."""
    at, used = position >> 3, position & 7
    if at + 4 * count + (used > 0) > len(data):
        raise IndexError(f"{count} words at byte {at} of {len(data)}")
    words = unpack_from(f">{count}I", data, at)
    if not used:
        return words
    ends = data[at + 4 : at + 4 * count + 1 : 4]
    mask, high = (1 << used) - 1, 24 + used
    # A word's own first byte gives its top bits without its lowest ``used`` ones, which the word before has taken.
    return tuple(
        [word >> high << high | (word & 0xFFFFFF) << used | end & mask for word, end in zip(words, ends, strict=True)]
    )


def bit_set(data: bytes, position: int, count: int) -> int:
    """``count`` bits as a number whose bit 0 is the first. Raises IndexError where the data ends."""
    end = position + count
    if end > 8 * len(data):
        raise IndexError(f"{count} bits at bit {position} of {8 * len(data)}")
    return int.from_bytes(data[position >> 3 : (end + 7) >> 3], "little") >> (position & 7) & (1 << count) - 1
