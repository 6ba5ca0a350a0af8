"""Hand-made archives: the smallest MPQ files that show one thing each."""

import bz2
import struct
import zlib
from dataclasses import dataclass

from sc2_pipeline.replay_format.mpq_cipher import encrypted, name_hashes

EXISTS = 0x80000000
SECTOR_CHECKSUMS = 0x04000000
SINGLE_UNIT = 0x01000000
ENCRYPTED = 0x00010000
COMPRESSED = 0x00000200

HEADER_AT = 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A member as stored: its bytes, the size the block table declares, its flags."""

    name: str
    stored: bytes
    size: int
    flags: int = EXISTS | COMPRESSED | SINGLE_UNIT


def with_zlib(name: str, content: bytes) -> Member:
    return Member(name=name, stored=b"\x02" + zlib.compress(content), size=len(content))


def with_bz2(name: str, content: bytes) -> Member:
    return Member(name=name, stored=b"\x10" + bz2.compress(content), size=len(content))


def uncompressed(name: str, content: bytes) -> Member:
    return Member(name=name, stored=content, size=len(content), flags=EXISTS)


def in_sectors(name: str, content: bytes, *, sector_size: int = 512, has_checksums: bool = False) -> Member:
    """Each sector compressed by itself, kept as it is where that is not shorter."""
    sectors = []
    for start in range(0, len(content), sector_size):
        plain = content[start : start + sector_size]
        packed = b"\x02" + zlib.compress(plain)
        sectors.append(packed if len(packed) < len(plain) else plain)
    if has_checksums:
        sectors.append(struct.pack(f"<{len(sectors)}I", *(zlib.adler32(sector) for sector in sectors)))
    offsets = [4 * (len(sectors) + 1)]
    for sector in sectors:
        offsets.append(offsets[-1] + len(sector))
    stored = struct.pack(f"<{len(offsets)}I", *offsets) + b"".join(sectors)
    flags = EXISTS | COMPRESSED | (SECTOR_CHECKSUMS if has_checksums else 0)
    return Member(name=name, stored=stored, size=len(content), flags=flags)


def archive(*members: Member, header_block: bytes = b"header", version: int = 3, hash_count: int = 16) -> bytes:
    """A whole file: user data block, archive header of a format version, members, both tables."""
    header_size = {0: 32, 1: 44, 2: 68, 3: 208}[version]
    body, blocks, hashes = b"", [], [0xFFFFFFFF] * (4 * hash_count)
    for number, member in enumerate(members):
        blocks += [header_size + len(body), len(member.stored), member.size, member.flags]
        hashes[4 * number : 4 * number + 4] = [*name_hashes(member.name), 0, number]
        body += member.stored
    hash_at = header_size + len(body)
    block_at = hash_at + 16 * hash_count
    size = block_at + 16 * len(members)
    header = struct.pack(
        "<4sIIHHIIII", b"MPQ\x1a", header_size, size, version, 0, hash_at, block_at, hash_count, len(members)
    )
    tables = struct.pack(f"<{len(hashes)}I", *encrypted(hashes, 0xC3AF3770))
    tables += struct.pack(f"<{len(blocks)}I", *encrypted(blocks, 0xEC83B3A3))
    front = struct.pack("<4sIII", b"MPQ\x1b", 512, HEADER_AT, len(header_block)) + header_block
    return front.ljust(HEADER_AT, b"\0") + header.ljust(header_size, b"\0") + body + tables
