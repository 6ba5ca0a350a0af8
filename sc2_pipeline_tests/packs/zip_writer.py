"""Writes ZIP files as no library does: encrypted by ZipCrypto, with names of any bytes, with sizes that lie."""

import struct
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline_demo.synthetic import ladder_game, replay_bytes

_TABLE = [zlib.crc32(bytes([n ^ 0xFF])) ^ 0xFF000000 for n in range(256)]


@dataclass(frozen=True, kw_only=True)
class Member:
    """One member; ``declared_bytes`` is the size that the ZIP tells, if not the true one."""

    name: bytes
    content: bytes
    password: bytes = b""
    method: int = 8
    flags: int = 0
    extra: bytes = b""
    declared_bytes: int | None = None


def game(number: int) -> bytes:
    """A short replay."""
    return replay_bytes(ladder_game(number, game_loops=1_400))


def write_pack(path: Path, members: Iterable[Member]) -> Path:
    """Writes the members and their list (APPNOTE.TXT 4.3)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(pack_bytes(members))
    return path


def pack_of(path: Path, contents: dict[str, bytes], password: str = "") -> Path:
    """Writes a pack of contents by name."""
    members = (Member(name=n.encode(), content=c, password=password.encode()) for n, c in contents.items())
    return write_pack(path, members)


def pack_bytes(members: Iterable[Member]) -> bytes:
    """The bytes of a ZIP."""
    body, listing, count = b"", b"", 0
    for member in members:
        packer = zlib.compressobj(wbits=-15)
        stored = packer.compress(member.content) + packer.flush() if member.method == 8 else member.content
        checksum = zlib.crc32(member.content)
        if member.password:
            stored = encrypted(bytes(11) + bytes([checksum >> 24]) + stored, member.password)
        size = len(member.content) if member.declared_bytes is None else member.declared_bytes
        about = struct.pack(
            "<HHHHHIIIHH",
            20,
            member.flags | bool(member.password),
            member.method,
            0,
            33,
            checksum,
            len(stored),
            size,
            len(member.name),
            len(member.extra),
        )
        listing += b"PK\1\2" + struct.pack("<H", 20) + about + struct.pack("<HHHII", 0, 0, 0, 0, len(body))
        listing += member.name + member.extra
        body += b"PK\3\4" + about + member.name + member.extra + stored
        count += 1
    return body + listing + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, count, count, len(listing), len(body), 0)


def encrypted(data: bytes, password: bytes) -> bytes:
    """ZipCrypto (APPNOTE.TXT 6.1); ``data`` begins with the twelve bytes of the encryption header."""
    keys = [0x12345678, 0x23456789, 0x34567890]

    def advance(byte: int) -> None:
        keys[0] = keys[0] >> 8 ^ _TABLE[(keys[0] ^ byte) & 0xFF]
        keys[1] = ((keys[1] + (keys[0] & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        keys[2] = keys[2] >> 8 ^ _TABLE[(keys[2] ^ keys[1] >> 24) & 0xFF]

    for byte in password:
        advance(byte)
    result = bytearray()
    for byte in data:
        key = keys[2] & 0xFFFF | 2
        result.append(byte ^ (key * (key ^ 1) >> 8 & 0xFF))
        advance(byte)
    return bytes(result)
