"""The bit-packed encoding: initData, game events and messages, which only the schema of their own build can read."""

import struct
from collections.abc import Callable
from typing import Any

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format.protocols import TypeInfo


def decode(data: bytes, typeinfos: list[TypeInfo], typeid: int, *, reason: str) -> tuple[Any, int]:
    """Decodes one value of a type, in s2protocol's shape; returns it with the number of bits of ``data`` left unread.

    A wrong build's schema often decodes *something*; that fewer than 8 bits are left is a sign of the right one.
    Raises CorruptReplayError with ``reason``; never anything else, whatever the bytes.
    """
    decoder = BitPackedDecoder(data, typeinfos, reason=reason)
    value = decoder.instance(typeid)
    return value, 8 * len(data) - decoder.used_bits


class BitPackedDecoder:
    """Reads values one after another. Bits are taken from each byte lowest first, and fill a number from its highest bit."""

    __slots__ = ("_bits", "_data", "_readers", "_reason", "_typeinfos", "used_bits")

    def __init__(self, data: bytes, typeinfos: list[TypeInfo], *, reason: str) -> None:
        self._data = data
        self._bits = 8 * len(data)
        self._typeinfos = typeinfos
        self._reason = reason
        self.used_bits = 0
        self._readers: dict[str, Callable[..., Any]] = {
            "_array": self._array,
            "_bitarray": self._bitarray,
            "_blob": self._blob,
            "_bool": self._bool,
            "_choice": self._choice,
            "_fourcc": self._fourcc,
            "_int": self._int,
            "_null": self._null,
            "_optional": self._optional,
            "_real32": self._real32,
            "_real64": self._real64,
            "_struct": self._struct,
        }

    @property
    def is_done(self) -> bool:
        """Whether every bit is read."""
        return self.used_bits >= self._bits

    def instance(self, typeid: int) -> Any:
        """The next value, of the type with this number.

        Raises CorruptReplayError with the reason given at the start.
        """
        kind, arguments = self._typeinfos[typeid]
        return self._readers[kind](*arguments)

    def byte_align(self) -> None:
        """Skips to the next whole byte, where every event and blob begins."""
        self.used_bits = self.used_bits + 7 & ~7

    def read_bits(self, count: int) -> int:
        """The next ``count`` bits as a number."""
        at = self.used_bits
        end = at + count
        if end > self._bits:
            raise self._fault(f"{count} bits wanted, {self._bits - at} left")
        self.used_bits = end
        data = self._data
        value = 0
        while at < end:
            low = at & 7
            taken = min(8 - low, end - at)
            value = value << taken | (data[at >> 3] >> low) & ((1 << taken) - 1)
            at += taken
        return value

    def _aligned_bytes(self, count: int) -> bytes:
        self.byte_align()
        start = self.used_bits >> 3
        if start + count > len(self._data):
            raise self._fault(f"{count} bytes wanted, {len(self._data) - start} left")
        self.used_bits += 8 * count
        return self._data[start : start + count]

    def _int(self, bounds: tuple[int, int]) -> int:
        return bounds[0] + self.read_bits(bounds[1])

    def _bool(self) -> bool:
        return self.read_bits(1) != 0

    def _null(self) -> None:
        return None

    def _blob(self, bounds: tuple[int, int]) -> bytes:
        return self._aligned_bytes(self._int(bounds))

    def _optional(self, typeid: int) -> Any:
        return self.instance(typeid) if self.read_bits(1) else None

    def _array(self, bounds: tuple[int, int], typeid: int) -> list[Any]:
        length = self._int(bounds)
        if length > self._bits - self.used_bits:
            raise self._fault(f"an array of {length} with {self._bits - self.used_bits} bits left")
        return [self.instance(typeid) for _ in range(length)]

    def _bitarray(self, bounds: tuple[int, int]) -> tuple[int, int]:
        length = self._int(bounds)
        return length, self.read_bits(length)

    def _choice(self, bounds: tuple[int, int], fields: dict[int, tuple[str, int]]) -> dict[str, Any]:
        tag = self._int(bounds)
        if tag not in fields:
            raise self._fault(f"choice {tag} of {len(fields)}")
        name, typeid = fields[tag]
        return {name: self.instance(typeid)}

    def _struct(self, fields: list[tuple[str, int, int]]) -> Any:
        values: dict[str, Any] = {}
        for name, typeid, _ in fields:
            value = self.instance(typeid)
            if name != "__parent":
                values[name] = value
            elif isinstance(value, dict):
                values |= value
            elif len(fields) == 1:
                return value
            else:
                values[name] = value
        return values

    def _fourcc(self) -> bytes:
        return bytes(self.read_bits(8) for _ in range(4))

    def _real32(self) -> float:
        return float(struct.unpack(">f", bytes(self.read_bits(8) for _ in range(4)))[0])

    def _real64(self) -> float:
        return float(struct.unpack(">d", bytes(self.read_bits(8) for _ in range(8)))[0])

    def _fault(self, sentence: str) -> CorruptReplayError:
        return CorruptReplayError(self._reason, f"{sentence} (bit {self.used_bits} of {self._bits})")
