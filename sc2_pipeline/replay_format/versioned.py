"""The self-describing encoding: header, details and tracker events, where every value begins with its kind.

The schema only names the fields. Unknown ones are skipped by kind, so the newest schema reads every build.
"""

import struct
from collections.abc import Callable
from typing import Any, Final

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format.protocols import TypeInfo

MAX_DEPTH: Final = 32
MAX_VINT_BYTES: Final = 10
"""Enough for 69 bits; the game's largest number has 64."""

MAX_SKIPPED: Final = 100_000
"""Most values unknown to the schema that one stream may have; real ones have none. They are cheap to write and slow to skip."""

ARRAY, BIT_ARRAY, BLOB, CHOICE, OPTIONAL, STRUCT, U8, U32, U64, VINT = range(10)
"""The kinds (s2protocol, ``decoders.py``)."""

_KIND_OF: Final = {
    "_array": ARRAY,
    "_bitarray": BIT_ARRAY,
    "_blob": BLOB,
    "_choice": CHOICE,
    "_optional": OPTIONAL,
    "_struct": STRUCT,
    "_bool": U8,
    "_fourcc": U32,
    "_real32": U32,
    "_real64": U64,
    "_int": VINT,
}
_FIXED_SIZES: Final = {U8: 1, U32: 4, U64: 8}


def decode(data: bytes, typeinfos: list[TypeInfo], typeid: int, *, reason: str) -> Any:
    """One value of a type, in s2protocol's shape: structs are dicts, blobs bytes, absent fields absent.

    Raises CorruptReplayError with ``reason``; never anything else, whatever the bytes.
    """
    cursor = Cursor(data)
    try:
        return _Decoder(cursor, typeinfos).instance(typeid)
    except WireError as error:
        raise CorruptReplayError(reason, f"{error} (byte {cursor.position} of {len(data)})") from error


class WireError(Exception):
    """The bytes violate the encoding; becomes a CorruptReplayError or the fault of a stream."""


class Cursor:
    """Bytes and a position in them; every method reads on from there or raises WireError."""

    __slots__ = ("_data", "_skipped", "position")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._skipped = 0
        self.position = 0

    @property
    def left(self) -> int:
        """Bytes not yet read."""
        return len(self._data) - self.position

    def byte(self) -> int:
        """The next byte as a number."""
        if self.position >= len(self._data):
            raise WireError("the data ends inside a value")
        value = self._data[self.position]
        self.position += 1
        return value

    def chunk(self, count: int) -> bytes:
        """The next ``count`` bytes."""
        if count > self.left:
            raise WireError("the data ends inside a value")
        self.position += count
        return self._data[self.position - count : self.position]

    def vint(self) -> int:
        """A number: bit 0 its sign, then 6 bits, then 7 a byte, the top bit says whether more follow."""
        byte = self.byte()
        is_negative = byte & 1
        value = byte >> 1 & 0x3F
        shift = 6
        while byte & 0x80:
            if shift >= 7 * (MAX_VINT_BYTES - 1) + 6:
                raise WireError(f"a number of more than {MAX_VINT_BYTES} bytes")
            byte = self.byte()
            value |= (byte & 0x7F) << shift
            shift += 7
        return -value if is_negative else value

    def length(self, *, bits_each: int = 8) -> int:
        """A count of elements, each of at least ``bits_each`` bits, that the bytes left can hold."""
        count = self.vint()
        if not 0 <= count * bits_each <= 8 * self.left:
            raise WireError(f"a length of {count} with {self.left} bytes left")
        return count

    def expect(self, kind: int) -> None:
        """Reads the kind of a value; raises WireError when it is another one."""
        found = self.byte()
        if found != kind:
            raise WireError(f"a value of kind {found} where one of kind {kind} belongs")

    def skip(self, depth: int = 0) -> None:
        """Steps over one value of any kind. Only here can the data, not a schema, choose the depth."""
        if depth > MAX_DEPTH:
            raise WireError(f"values nested deeper than {MAX_DEPTH}")
        self._skipped += 1
        if self._skipped > MAX_SKIPPED:
            raise WireError(f"more than {MAX_SKIPPED} values that no schema knows")
        kind = self.byte()
        if kind == ARRAY:
            for _ in range(self.length()):
                self.skip(depth + 1)
        elif kind == BIT_ARRAY:
            self.chunk((self.length(bits_each=1) + 7) // 8)
        elif kind == BLOB:
            self.chunk(self.length())
        elif kind == CHOICE or (kind == OPTIONAL and self.byte()):
            self._skip_choice(kind, depth)
        elif kind == STRUCT:
            for _ in range(self.length()):
                self.vint()
                self.skip(depth + 1)
        elif kind == VINT:
            self.vint()
        else:
            # A kind that nobody knows has no content, as in s2protocol: what follows will show that it is no value.
            self.chunk(_FIXED_SIZES.get(kind, 0))

    def _skip_choice(self, kind: int, depth: int) -> None:
        if kind == CHOICE:
            self.vint()
        self.skip(depth + 1)


class _Decoder:
    """Values of one schema from one cursor."""

    __slots__ = ("_cursor", "_readers", "_typeinfos")

    def __init__(self, cursor: Cursor, typeinfos: list[TypeInfo]) -> None:
        self._cursor = cursor
        self._typeinfos = typeinfos
        self._readers: dict[str, Callable[..., Any]] = {
            "_array": lambda _, typeid: [self.instance(typeid) for _ in range(cursor.length())],
            "_bitarray": self._bitarray,
            "_blob": lambda _: cursor.chunk(cursor.length()),
            "_bool": lambda: cursor.byte() != 0,
            "_choice": self._choice,
            "_fourcc": lambda: cursor.chunk(4),
            "_int": lambda _: cursor.vint(),
            "_optional": lambda typeid: self.instance(typeid) if cursor.byte() else None,
            "_real32": lambda: struct.unpack(">f", cursor.chunk(4))[0],
            "_real64": lambda: struct.unpack(">d", cursor.chunk(8))[0],
            "_struct": self._struct,
        }

    def instance(self, typeid: int) -> Any:
        kind, arguments = self._typeinfos[typeid]
        if kind == "_null":
            return None
        self._cursor.expect(_KIND_OF[kind])
        return self._readers[kind](*arguments)

    def _bitarray(self, _: tuple[int, int]) -> tuple[int, bytes]:
        bits = self._cursor.length(bits_each=1)
        return bits, self._cursor.chunk((bits + 7) // 8)

    def _choice(self, _: tuple[int, int], fields: dict[int, tuple[str, int]]) -> dict[str, Any]:
        tag = self._cursor.vint()
        if tag not in fields:
            self._cursor.skip()
            return {}
        name, typeid = fields[tag]
        return {name: self.instance(typeid)}

    def _struct(self, fields: list[tuple[str, int, int]]) -> dict[str, Any]:
        # No versioned type of any build has a parent, so none is merged here (the bit-packed ones have).
        values: dict[str, Any] = {}
        for _ in range(self._cursor.length()):
            tag = self._cursor.vint()
            for name, typeid, number in fields:
                if number == tag:
                    values[name] = self.instance(typeid)
                    break
            else:
                self._cursor.skip()
        return values
