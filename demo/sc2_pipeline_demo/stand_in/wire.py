"""Hand-written protobuf encoding for the fields that the stand-in writes often: units are many, and most do not
change."""

import struct

_VARINT, _LENGTH, _FLOAT = 0, 2, 5
_POINT = struct.Struct("<BfBfBf")
_ONE_FLOAT = struct.Struct("<f")
_POSITION_TAG, _POSITION_BYTES, _FACING_TAG = b"\x32", b"\x0f", b"\x3d"


def varint(value: int) -> bytes:
    """An integer, seven bits per byte; negative ones as 64-bit two's complement."""
    value &= 2**64 - 1
    encoded = bytearray()
    while value > 0x7F:
        encoded.append(value & 0x7F | 0x80)
        value >>= 7
    encoded.append(value)
    return bytes(encoded)


def number(field: int, value: int) -> bytes:
    """An integer or enum field."""
    return varint(field << 3 | _VARINT) + varint(value)


def nested(field: int, content: bytes) -> bytes:
    """A message, text or bytes field."""
    return varint(field << 3 | _LENGTH) + varint(len(content)) + content


def place(x: float, y: float, z: float, facing: float) -> bytes:
    """Fields 6 (``pos``) and 7 (``facing``) of a unit."""
    point = _POINT.pack(0x0D, x, 0x15, y, 0x1D, z)
    return _POSITION_TAG + _POSITION_BYTES + point + _FACING_TAG + _ONE_FLOAT.pack(facing)
