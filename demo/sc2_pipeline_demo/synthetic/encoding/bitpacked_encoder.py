"""Encodes values in the bit-packed encoding of initData, game events and messages.

The encoding is not self-describing: every field is written, and a field that a value lacks gets the type's zero.
"""

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from sc2_pipeline.replay_format.protocols import TypeInfo
from sc2_pipeline_demo.synthetic.encoding.versioned_encoder import EVENT_MARKS, refuse_unknown

Write: TypeAlias = Callable[["BitWriter", Any], None]
"""Appends one value to the bits."""


class BitWriter:
    """Bits in the order of the game's big-endian bit buffer: high bits first, each byte filled from its low end."""

    __slots__ = ("_byte", "_bytes", "_used")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._byte = 0
        self._used = 0

    def write_bits(self, value: int, count: int) -> None:
        """The low ``count`` bits of ``value``."""
        room = 8 - self._used
        if count < room:
            self._byte |= (value & ((1 << count) - 1)) << self._used
            self._used += count
            return
        count -= room
        self._bytes.append(self._byte | (value >> count & ((1 << room) - 1)) << self._used)
        while count >= 8:
            count -= 8
            self._bytes.append(value >> count & 0xFF)
        self._byte = value & ((1 << count) - 1)
        self._used = count

    def align(self) -> None:
        """Moves to the next byte unless at the start of one."""
        if self._used:
            self._bytes.append(self._byte)
            self._byte = self._used = 0

    def write_aligned(self, content: bytes) -> None:
        """Appends whole bytes, starting at the next byte."""
        self.align()
        self._bytes += content

    def content(self) -> bytes:
        """Everything written, the last byte padded with zeros."""
        self.align()
        return bytes(self._bytes)


class BitPackedEncoder:
    """Encodes values of one protocol's types.

    A field that the type lacks raises ValueError if ``is_strict``, and is dropped otherwise.
    """

    def __init__(self, typeinfos: list[TypeInfo], *, is_strict: bool = True) -> None:
        self._typeinfos = typeinfos
        self._is_strict = is_strict
        self._writers: dict[int, Write] = {}

    def encode(self, typeid: int, value: Any) -> bytes:
        """``value`` as bytes. Raises ValueError if it does not fit the type."""
        out = BitWriter()
        self.writer(typeid)(out, value)
        return out.content()

    def writer(self, typeid: int) -> Write:
        """The function that appends values of that type."""
        if typeid not in self._writers:
            kind, arguments = self._typeinfos[typeid]
            self._writers[typeid] = getattr(self, kind)(*arguments)
        return self._writers[typeid]

    def zero(self, typeid: int) -> Any:
        """The zero of that type: lowest number, null, empty text, the first choice."""
        zero: Any = None
        match self._typeinfos[typeid]:
            case "_int", [(low, _)]:
                zero = low
            case "_blob", [(low, _)]:
                zero = bytes(low)
            case "_fourcc", _:
                zero = bytes(4)
            case "_bitarray", [(low, _)]:
                zero = low, 0
            case "_array", [(low, _), item]:
                zero = [self.zero(item)] * low
            case "_choice", [_, fields]:
                name, item = fields[min(fields)]
                zero = {name: self.zero(item)}
            case "_struct", [[("__parent", item, _)]]:
                zero = self.zero(item)
            case "_struct", _:
                zero = {}
        return zero

    def _int(self, bounds: tuple[int, int]) -> Write:
        low, bits = bounds
        high = low + (1 << bits)

        def write(out: BitWriter, value: int) -> None:
            if not low <= value < high:
                raise ValueError(f"{value} is out of bounds (possible: {low} to {high - 1})")
            out.write_bits(value - low, bits)

        return write

    def _bool(self) -> Write:
        return lambda out, value: out.write_bits(1 if value else 0, 1)

    def _null(self) -> Write:
        return lambda _out, _value: None

    def _blob(self, bounds: tuple[int, int]) -> Write:
        write_length = self._int(bounds)

        def write(out: BitWriter, value: bytes) -> None:
            write_length(out, len(value))
            out.write_aligned(value)

        return write

    def _fourcc(self) -> Write:
        def write(out: BitWriter, value: bytes) -> None:
            if len(value) != 4:
                raise ValueError(f"a four-character code of {len(value)} bytes: {value!r}")
            for byte in value:
                out.write_bits(byte, 8)

        return write

    def _bitarray(self, bounds: tuple[int, int]) -> Write:
        write_length = self._int(bounds)

        def write(out: BitWriter, value: tuple[int, int]) -> None:
            count, bits = value
            if bits >> count:
                raise ValueError(f"{bits} does not fit into {count} bits")
            write_length(out, count)
            out.write_bits(bits, count)

        return write

    def _array(self, bounds: tuple[int, int], typeid: int) -> Write:
        write_length = self._int(bounds)
        write_item = self.writer(typeid)

        def write(out: BitWriter, value: list[Any]) -> None:
            write_length(out, len(value))
            for item in value:
                write_item(out, item)

        return write

    def _optional(self, typeid: int) -> Write:
        write_item = self.writer(typeid)

        def write(out: BitWriter, value: Any) -> None:
            if value is None:
                out.write_bits(0, 1)
            else:
                out.write_bits(1, 1)
                write_item(out, value)

        return write

    def _choice(self, bounds: tuple[int, int], fields: Mapping[int, tuple[str, int]]) -> Write:
        write_tag = self._int(bounds)
        writers = {name: (tag, self.writer(typeid)) for tag, (name, typeid) in fields.items()}

        def write(out: BitWriter, value: Mapping[str, Any]) -> None:
            [(name, content)] = value.items()
            if name not in writers:
                raise ValueError(f"no choice {name} (possible: {', '.join(writers)})")
            tag, write_content = writers[name]
            write_tag(out, tag)
            write_content(out, content)

        return write

    def _struct(self, fields: list[tuple[str, int, int]]) -> Write:
        if [name for name, _, _ in fields] == ["__parent"]:
            return self.writer(fields[0][1])
        writers = [(name, self.writer(typeid), self.zero(typeid)) for name, typeid, _ in fields]
        names = {name for name, _, _ in writers}
        expected = names | EVENT_MARKS

        def write(out: BitWriter, value: Mapping[str, Any]) -> None:
            if self._is_strict and not expected.issuperset(value):
                refuse_unknown(value, names)
            for name, write_field, zero in writers:
                write_field(out, value.get(name, zero))

        return write
