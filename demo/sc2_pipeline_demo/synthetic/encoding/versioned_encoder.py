"""Encodes values in the self-describing encoding of headers, details and tracker streams.

The encoder of a type is compiled once, into nested functions: most of the time to write a replay is spent here.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sc2_pipeline.replay_format.protocols import TypeInfo

Write: TypeAlias = Callable[[bytearray, Any], None]
"""Appends one value to the bytes."""

EVENT_MARKS = frozenset({"_event", "_gameloop", "_userid"})
"""Keys of an event's mapping that are not fields of its type."""

_MAX_CACHED = 1 << 13
_ARRAY, _BIT_ARRAY, _BLOB, _CHOICE, _OPTIONAL, _STRUCT, _BYTE, _WORD, _LONG, _VINT = range(10)


def vint(value: int) -> bytes:
    """A signed number: sign in bit 0, six bits, then seven per byte, lowest first; the high bit marks a continuation.

    >>> vint(-3).hex(), vint(100).hex()
    ('07', 'c801')
    """
    magnitude = abs(value)
    byte = (magnitude & 0x3F) << 1 | (value < 0)
    magnitude >>= 6
    encoded = bytearray()
    while magnitude:
        encoded.append(byte | 0x80)
        byte = magnitude & 0x7F
        magnitude >>= 7
    encoded.append(byte)
    return bytes(encoded)


_SMALL = [bytes([_VINT]) + vint(number) for number in range(_MAX_CACHED)]
"""Small numbers encoded with their kind, which make up most of every stream."""


class VersionedEncoder:
    """Encodes values of one protocol's types.

    A field that the value lacks is omitted, as the game omits fields unknown to a build. A field that the type lacks
    raises ValueError if ``is_strict``, and is dropped otherwise.
    """

    def __init__(self, typeinfos: list[TypeInfo], *, is_strict: bool = True) -> None:
        self._typeinfos = typeinfos
        self._is_strict = is_strict
        self._writers: dict[int, Write] = {}

    def encode(self, typeid: int, value: Any) -> bytes:
        """``value`` as bytes. Raises ValueError if it does not fit the type."""
        out = bytearray()
        self.writer(typeid)(out, value)
        return bytes(out)

    def writer(self, typeid: int) -> Write:
        """The function that appends values of that type."""
        if typeid not in self._writers:
            kind, arguments = self._typeinfos[typeid]
            self._writers[typeid] = getattr(self, kind)(*arguments)
        return self._writers[typeid]

    def _int(self, bounds: tuple[int, int]) -> Write:
        low, high = bounds[0], bounds[0] + (1 << bounds[1])

        def write(out: bytearray, value: int) -> None:
            if not low <= value < high:
                raise ValueError(f"{value} is out of bounds (possible: {low} to {high - 1})")
            if 0 <= value < _MAX_CACHED:
                out += _SMALL[value]
            else:
                out.append(_VINT)
                out += vint(value)

        return write

    def _bool(self) -> Write:
        return lambda out, value: out.extend(b"\x06\x01" if value else b"\x06\x00")

    def _null(self) -> Write:
        return lambda _out, _value: None

    def _blob(self, bounds: tuple[int, int]) -> Write:
        low, high = bounds[0], bounds[0] + (1 << bounds[1])

        def write(out: bytearray, value: bytes) -> None:
            if not low <= len(value) < high:
                raise ValueError(f"{len(value)} bytes are out of bounds (possible: {low} to {high - 1})")
            out.append(_BLOB)
            out.extend(vint(len(value)))
            out.extend(value)

        return write

    def _fourcc(self) -> Write:
        def write(out: bytearray, value: bytes) -> None:
            if len(value) != 4:
                raise ValueError(f"a four-character code of {len(value)} bytes: {value!r}")
            out.append(_WORD)
            out.extend(value)

        return write

    def _bitarray(self, _bounds: tuple[int, int]) -> Write:
        def write(out: bytearray, value: tuple[int, bytes]) -> None:
            count, content = value
            if len(content) != (count + 7) // 8:
                raise ValueError(f"{count} bits need {(count + 7) // 8} bytes, not {len(content)}")
            out.append(_BIT_ARRAY)
            out.extend(vint(count))
            out.extend(content)

        return write

    def _array(self, bounds: tuple[int, int], typeid: int) -> Write:
        low, high = bounds[0], bounds[0] + (1 << bounds[1])
        write_item = self.writer(typeid)

        def write(out: bytearray, value: list[Any]) -> None:
            if not low <= len(value) < high:
                raise ValueError(f"{len(value)} items are out of bounds (possible: {low} to {high - 1})")
            out.append(_ARRAY)
            out.extend(vint(len(value)))
            for item in value:
                write_item(out, item)

        return write

    def _optional(self, typeid: int) -> Write:
        write_item = self.writer(typeid)

        def write(out: bytearray, value: Any) -> None:
            if value is None:
                out.extend(b"\x04\x00")
            else:
                out.extend(b"\x04\x01")
                write_item(out, value)

        return write

    def _choice(self, _bounds: tuple[int, int], fields: Mapping[int, tuple[str, int]]) -> Write:
        writers = {name: (vint(tag), self.writer(typeid)) for tag, (name, typeid) in fields.items()}

        def write(out: bytearray, value: Mapping[str, Any]) -> None:
            [(name, content)] = value.items()
            if name not in writers:
                raise ValueError(f"no choice {name} (possible: {', '.join(writers)})")
            tag, write_content = writers[name]
            out.append(_CHOICE)
            out.extend(tag)
            write_content(out, content)

        return write

    def _struct(self, fields: list[tuple[str, int, int]]) -> Write:
        # In the order of their tags, as the game writes them.
        writers = [(name, vint(tag), self.writer(typeid)) for name, typeid, tag in sorted(fields, key=lambda f: f[2])]
        names = {name for name, _, _ in writers}
        expected = names | EVENT_MARKS

        def write(out: bytearray, value: Mapping[str, Any]) -> None:
            present = [entry for entry in writers if entry[0] in value]
            if self._is_strict and not expected.issuperset(value):
                refuse_unknown(value, names)
            out.append(_STRUCT)
            out.extend(vint(len(present)))
            for name, tag, write_field in present:
                out.extend(tag)
                write_field(out, value[name])

        return write


def refuse_unknown(value: Mapping[str, Any], names: set[str]) -> None:
    """Raises ValueError if ``value`` has a field that is not among ``names``; keys with ``_`` are not written."""
    unknown = [name for name in value if name not in names and not name.startswith("_")]
    if unknown:
        raise ValueError(f"no field {', '.join(unknown)} in this build's type (possible: {', '.join(sorted(names))})")
