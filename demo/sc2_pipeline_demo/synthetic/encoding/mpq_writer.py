"""Writes MPQ archives as the game does: user-data block, members, hash table, block table.

The format follows StormLib's StormLib.h (MIT, Ladislav Zezula) and the archives the game itself writes.
"""

import bz2
import hashlib
import struct
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

Compression = Literal["bz2", "zlib", "none"]
"""bz2 is what the game writes; only its output is the same on every Python (zlib has several implementations)."""

USER_DATA_BYTES = 512
HEADER_OFFSET = 1024
SECTOR_SIZE_SHIFT = 5
SECTOR_BYTES = 512 << SECTOR_SIZE_SHIFT

_COMPRESSED = 0x0000_0200
_SINGLE_UNIT = 0x0100_0000
_SECTOR_CRC = 0x0400_0000
_EXISTS = 0x8000_0000
_WORD = 0xFFFF_FFFF
_HEADER_BYTES = {0: 32, 1: 44, 3: 208}
_KEY_OFFSET, _HASH_A, _HASH_B, _TABLE_KEY, _CIPHER = range(0, 0x500, 0x100)


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveLayout:
    """Layout of an archive; the default is that of the game's replays."""

    compression: Compression = "bz2"
    is_single_unit: bool = True
    has_sector_checksums: bool = False
    format_version: Literal[0, 1, 3] = 3
    has_listfile: bool = True

    def __post_init__(self) -> None:
        if self.has_sector_checksums and self.is_single_unit:
            raise ValueError("sector checksums need sectors; set is_single_unit=False")
        if self.compression == "none" and not self.is_single_unit:
            raise ValueError("uncompressed members have no table of sectors; set is_single_unit=True")
        if self.format_version not in _HEADER_BYTES:
            raise ValueError(f"cannot write format version {self.format_version} (possible: 0, 1 and 3)")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Block:
    offset: int
    archived_bytes: int
    size: int
    flags: int


GAME_LAYOUT = ArchiveLayout()


def archive_bytes(
    members: Mapping[str, bytes], *, user_data: bytes = b"", layout: ArchiveLayout = GAME_LAYOUT
) -> bytes:
    """A complete archive with ``members`` in the order given, and a listfile after them.

    ``user_data`` goes into the block before the archive proper, where replays keep their header. Raises ValueError for
    a duplicate name (MPQ names ignore case) or a header block that is too large.
    """
    if len(user_data) > USER_DATA_BYTES:
        raise ValueError(f"user data of {len(user_data)} bytes does not fit (limit: {USER_DATA_BYTES})")
    files = dict(members)
    if layout.has_listfile:
        files["(listfile)"] = "".join(f"{name}\r\n" for name in members).encode()
    blocks: list[_Block] = []
    body = bytearray(_HEADER_BYTES[layout.format_version])
    for content in files.values():
        stored, flags = _stored(content, layout)
        blocks.append(_Block(offset=len(body), archived_bytes=len(stored), size=len(content), flags=flags))
        body += stored
    hash_table = _hash_table(tuple(files))
    block_table = _block_table(blocks)
    header = _header(layout.format_version, len(body), hash_table, block_table)
    body[: len(header)] = header
    return _user_data_block(user_data) + bytes(body) + hash_table + block_table


def _user_data_block(content: bytes) -> bytes:
    block = struct.pack("<4s3I", b"MPQ\x1b", USER_DATA_BYTES, HEADER_OFFSET, len(content)) + content
    return block.ljust(HEADER_OFFSET, b"\x00")


def _stored(content: bytes, layout: ArchiveLayout) -> tuple[bytes, int]:
    """A member's bytes in the archive and its block flags."""
    flags = _EXISTS | (_COMPRESSED if layout.compression != "none" else 0)
    pieces = range(0, 0 if layout.is_single_unit else len(content), SECTOR_BYTES)
    sectors = [_smaller(content[at : at + SECTOR_BYTES], layout.compression) for at in pieces]
    if not sectors or not _mpyq_reads(sectors, len(content)):
        return _smaller(content, layout.compression), flags | _SINGLE_UNIT
    if layout.has_sector_checksums:
        flags |= _SECTOR_CRC
        sectors.append(struct.pack(f"<{len(sectors)}I", *(zlib.adler32(sector) for sector in sectors)))
    offsets = [4 * (len(sectors) + 1)]
    for sector in sectors:
        offsets.append(offsets[-1] + len(sector))
    return struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(sectors), flags


def _mpyq_reads(sectors: Sequence[bytes], size: int) -> bool:
    """Whether mpyq 0.2.5 can read a member stored in these sectors.

    It reads one sector too many if the size is a multiple of the sector size, and treats a full-size sector that did
    not shrink as compressed. Such members are stored in one piece, which every reader understands.
    """
    return size % SECTOR_BYTES != 0 and all(len(sector) < SECTOR_BYTES for sector in sectors[:-1])


def _smaller(content: bytes, compression: Compression) -> bytes:
    """Compressed, if that saves at least a byte: readers distinguish the two by length."""
    match compression:
        case "bz2":
            packed = b"\x10" + bz2.compress(content)
        case "zlib":
            packed = b"\x02" + zlib.compress(content)
        case "none":
            return content
    return packed if len(packed) < len(content) else content


def _header(format_version: int, tables_at: int, hash_table: bytes, block_table: bytes) -> bytes:
    archive_size = tables_at + len(hash_table) + len(block_table)
    entries = len(hash_table) // 16, len(block_table) // 16
    header = struct.pack(
        "<4s2I2H4I",
        b"MPQ\x1a",
        _HEADER_BYTES[format_version],
        archive_size,
        format_version,
        SECTOR_SIZE_SHIFT,
        tables_at,
        tables_at + len(hash_table),
        *entries,
    )
    if format_version >= 1:
        header += struct.pack("<Q2H", 0, 0, 0)
    if format_version >= 3:
        header += struct.pack("<3Q", archive_size, 0, 0)
        header += struct.pack("<5QI", len(hash_table), len(block_table), 0, 0, 0, 0)
        for table in (block_table, hash_table, b"", b"", b""):
            header += _md5(table) if table else bytes(16)
        header += _md5(header)
    return header


def _md5(content: bytes) -> bytes:
    return hashlib.md5(content, usedforsecurity=False).digest()


@cache
def _hash_table(names: tuple[str, ...]) -> bytes:
    size = 16
    while size * 3 < len(names) * 4:
        size *= 2
    slots: list[tuple[int, int, int, int, int]] = [(_WORD, _WORD, 0xFFFF, 0xFFFF, _WORD)] * size
    if len({name.upper() for name in names}) != len(names):
        raise ValueError(f"two members share a name, which MPQ compares without case (members: {', '.join(names)})")
    for block, name in enumerate(names):
        at = _name_hash(name, _KEY_OFFSET) % size
        while slots[at][4] != _WORD:
            at = (at + 1) % size
        slots[at] = (_name_hash(name, _HASH_A), _name_hash(name, _HASH_B), 0, 0, block)
    return _encrypted(b"".join(struct.pack("<2I2HI", *slot) for slot in slots), "(hash table)")


def _block_table(blocks: Sequence[_Block]) -> bytes:
    rows = (struct.pack("<4I", block.offset, block.archived_bytes, block.size, block.flags) for block in blocks)
    return _encrypted(b"".join(rows), "(block table)")


def _encrypted(content: bytes, key_name: str) -> bytes:
    keys = _crypt_table()
    key, seed = _name_hash(key_name, _TABLE_KEY), 0xEEEE_EEEE
    words = []
    for word in struct.unpack(f"<{len(content) // 4}I", content):
        seed = (seed + keys[_CIPHER + (key & 0xFF)]) & _WORD
        words.append(word ^ ((key + seed) & _WORD))
        key = (((~key << 0x15) + 0x1111_1111) | (key >> 0x0B)) & _WORD
        seed = (word + seed + (seed << 5) + 3) & _WORD
    return struct.pack(f"<{len(words)}I", *words)


@cache
def _name_hash(name: str, kind: int) -> int:
    keys = _crypt_table()
    seed, salt = 0x7FED_7FED, 0xEEEE_EEEE
    for character in name.upper().encode():
        seed = (keys[kind + character] ^ (seed + salt)) & _WORD
        salt = (character + seed + salt + (salt << 5) + 3) & _WORD
    return seed


@cache
def _crypt_table() -> list[int]:
    table = [0] * 0x500
    seed = 0x0010_0001
    for column in range(0x100):
        for row in range(5):
            seed = (seed * 125 + 3) % 0x2A_AAAB
            high = (seed & 0xFFFF) << 16
            seed = (seed * 125 + 3) % 0x2A_AAAB
            table[column + 0x100 * row] = high | (seed & 0xFFFF)
    return table
