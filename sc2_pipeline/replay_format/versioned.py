"""The self-describing encoding: header, details and tracker events, where every value begins with its kind.

A schema only names the fields; what it does not know is skipped by kind, so the newest one reads every build. Kinds
(s2protocol, ``decoders.py``): 0 array, 1 bit array, 2 blob, 3 choice, 4 optional, 5 struct, 6 u8, 7 u32, 8 u64, 9 vint.
"""

import struct
from typing import Any, Final

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format.protocols import TypeInfo

MAX_DEPTH: Final = 32
MAX_VINT_BYTES: Final = 10
"""Enough for 69 bits; the game's largest number has 64."""

ARRAY, BIT_ARRAY, BLOB, CHOICE, OPTIONAL, STRUCT, U8, U32, U64, VINT = range(10)
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


def decode(data: bytes, typeinfos: list[TypeInfo], typeid: int, *, reason: str) -> Any:
    """One value of a type, in s2protocol's shape: structs are dicts, blobs bytes, absent fields absent.

    Raises CorruptReplayError with ``reason``; never anything else, whatever the bytes.
    """
    decoder = _Decoder(data, typeinfos)
    try:
        return decoder.instance(typeid)
    except _Fault as fault:
        raise CorruptReplayError(reason, f"{fault} (byte {decoder.position} of {len(data)})") from fault


class _Fault(Exception):
    """What is wrong with the bytes; leaves this module as a CorruptReplayError."""


class _Decoder:
    __slots__ = ("_data", "_depth", "_typeinfos", "position")

    def __init__(self, data: bytes, typeinfos: list[TypeInfo]) -> None:
        self._data = data
        self._typeinfos = typeinfos
        self._depth = 0
        self.position = 0

    def instance(self, typeid: int) -> Any:
        kind_name, arguments = self._typeinfos[typeid]
        if kind_name == "_null":
            return None
        kind = self._byte()
        if kind != _KIND_OF[kind_name]:
            raise _Fault(f"a value of kind {kind} where the schema has {kind_name[1:]}")
        match kind_name:
            case "_int":
                return self._vint()
            case "_blob":
                return self._bytes(self._length())
            case "_bool":
                return self._byte() != 0
            case "_optional":
                return self.instance(arguments[0]) if self._byte() else None
            case "_struct":
                return self._struct(arguments[0])
            case "_array":
                return [self.instance(arguments[1]) for _ in range(self._length())]
            case "_choice":
                return self._choice(arguments[1])
            case "_bitarray":
                bits = self._length(bits_each=1)
                return bits, self._bytes((bits + 7) // 8)
            case "_fourcc":
                return self._bytes(4)
            case "_real32":
                return struct.unpack(">f", self._bytes(4))[0]
            case _:
                return struct.unpack(">d", self._bytes(8))[0]

    def _struct(self, fields: list[tuple[str, int, int]]) -> Any:
        values: dict[str, Any] = {}
        for _ in range(self._length()):
            tag = self._vint()
            for name, typeid, number in fields:
                if number == tag:
                    value = self.instance(typeid)
                    if name != "__parent":
                        values[name] = value
                    elif isinstance(value, dict):
                        values |= value
                    elif len(fields) == 1:
                        return value
                    else:
                        values[name] = value
                    break
            else:
                self._skip()
        return values

    def _choice(self, fields: dict[int, tuple[str, int]]) -> dict[str, Any]:
        tag = self._vint()
        if tag not in fields:
            self._skip()
            return {}
        name, typeid = fields[tag]
        return {name: self.instance(typeid)}

    def _skip(self) -> None:
        """Steps over one value of any kind. Only here can the data, not the schema, choose the depth."""
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _Fault(f"values nested deeper than {MAX_DEPTH}")
        match self._byte():
            case 0:
                for _ in range(self._length()):
                    self._skip()
            case 1:
                self._bytes((self._length(bits_each=1) + 7) // 8)
            case 2:
                self._bytes(self._length())
            case 3:
                self._vint()
                self._skip()
            case 4:
                if self._byte():
                    self._skip()
            case 5:
                for _ in range(self._length()):
                    self._vint()
                    self._skip()
            case 6:
                self._bytes(1)
            case 7:
                self._bytes(4)
            case 8:
                self._bytes(8)
            case 9:
                self._vint()
            case kind:
                raise _Fault(f"unknown kind {kind}")
        self._depth -= 1

    def _length(self, *, bits_each: int = 8) -> int:
        """A count of elements, each of at least ``bits_each`` bits, that the bytes left can hold."""
        length = self._vint()
        if not 0 <= length * bits_each <= 8 * (len(self._data) - self.position):
            raise _Fault(f"a length of {length} with {len(self._data) - self.position} bytes left")
        return length

    def _vint(self) -> int:
        byte = self._byte()
        is_negative = byte & 1
        value = byte >> 1 & 0x3F
        shift = 6
        while byte & 0x80:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            shift += 7
            if shift > 7 * MAX_VINT_BYTES:
                raise _Fault(f"a number of more than {MAX_VINT_BYTES} bytes")
        return -value if is_negative else value

    def _byte(self) -> int:
        if self.position >= len(self._data):
            raise _Fault("the data ends inside a value")
        byte = self._data[self.position]
        self.position += 1
        return byte

    def _bytes(self, count: int) -> bytes:
        chunk = self._data[self.position : self.position + count]
        if len(chunk) != count:
            raise _Fault("the data ends inside a value")
        self.position += count
        return chunk
