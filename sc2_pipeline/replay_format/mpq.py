"""Reads the MPQ archive that a replay file is, with a bound on everything that a hostile file can choose.

Layout after StormLib's description of the format (versions 1 to 4) and mpyq; no code of either. Members are looked up
by hash, so a missing or lying list file does not matter, and are decompressed only when asked for.
"""

import bz2
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, Protocol

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format.mpq_cipher import decrypted, name_hashes

MAX_ARCHIVE_BYTES: Final = 64 * 2**20
"""The largest real replays known are a few MB."""

MAX_MEMBER_BYTES: Final = 64 * 2**20
"""Uncompressed. A real arcade game of 139,354 loops has a tracker stream of 13.5 MB."""

MAX_TIMES_PACKED: Final = 64
"""Largest ratio of uncompressed to stored bytes. The highest in a real replay is 17, an arcade game's tracker stream; zlib
reaches 1,000, and a few kB of bz2 can hold 64 MB of zeros."""

ALWAYS_UNPACKED_BYTES: Final = 2**20
"""Uncompressed bytes that are allowed whatever the ratio."""

MAX_FACTS_BYTES: Final = 2**18
"""Uncompressed limit for members other than event streams. The largest of these, the lobby, has 7 KB in real replays."""

MAX_TABLE_ENTRIES: Final = 4096
"""Real replays have 16 to 64 hash entries and about 12 blocks."""

_USER_DATA_MAGIC = b"MPQ\x1b"
_HEADER_MAGIC = b"MPQ\x1a"
_HASH_TABLE_KEY = 0xC3AF3770
_BLOCK_TABLE_KEY = 0xEC83B3A3
_HEADER_SIZES = {0: 32, 1: 44, 2: 68, 3: 208}

_EXISTS = 0x80000000
_SECTOR_CHECKSUMS = 0x04000000
_DELETED = 0x02000000
_SINGLE_UNIT = 0x01000000
_PATCH = 0x00100000
_ENCRYPTED = 0x00010000
_COMPRESSED = 0x00000200
_IMPLODED = 0x00000100

_BITE = 512
_DECOMPRESSION_FAULTS = (zlib.error, OSError, EOFError, ValueError)


class _Decompressor(Protocol):
    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes | memoryview, max_length: int, /) -> bytes: ...


_DECOMPRESSORS: dict[int, Callable[[], _Decompressor]] = {0x02: zlib.decompressobj, 0x10: bz2.BZ2Decompressor}
"""Decompressors by the first byte of a compressed piece. The game writes no other methods."""


@dataclass(frozen=True, slots=True)
class _Tables:
    """Positions and sizes of the hash table and the block table, from the archive's header."""

    archive_offset: int
    sector_size: int
    hash_offset: int
    hash_count: int
    block_offset: int
    block_count: int


@dataclass(frozen=True, slots=True)
class _Block:
    """One member's entry in the block table; ``offset`` is in bytes from the start of the file."""

    offset: int
    stored_size: int
    size: int
    flags: int


class Archive:
    """An opened replay: the file's bytes, the header block, where each member is, and the members read so far."""

    __slots__ = ("_blocks", "_data", "_read", "_sector_size", "header_block")

    def __init__(self, data: bytes) -> None:
        """Reads the tables, no member.

        Raises CorruptReplayError: empty_file, not_an_archive, truncated, corrupt_archive, corrupt_table,
        empty_archive, too_large.
        """
        if len(data) > MAX_ARCHIVE_BYTES:
            raise CorruptReplayError("too_large", f"the file has {len(data)} bytes (limit {MAX_ARCHIVE_BYTES})")
        self._data = data
        self.header_block, archive_offset = _user_data(data)
        tables = _tables(data, archive_offset)
        self._sector_size = tables.sector_size
        self._blocks = _blocks(data, tables)
        self._read: dict[str, tuple[bytes, CorruptReplayError | None]] = {}

    def __contains__(self, name: str) -> bool:
        return name_hashes(name) in self._blocks

    def read(self, name: str, *, max_bytes: int = MAX_MEMBER_BYTES) -> bytes:
        """The whole member, of at most ``max_bytes`` uncompressed.

        Raises CorruptReplayError: missing_member, encrypted, truncated, corrupt_member, unsupported_compression,
        too_large.
        """
        content, fault = self.read_prefix(name, max_bytes=max_bytes)
        if fault is not None:
            raise fault
        return content

    def read_prefix(self, name: str, *, max_bytes: int = MAX_MEMBER_BYTES) -> tuple[bytes, CorruptReplayError | None]:
        """The intact beginning of the member, and what is wrong with the rest (None when it is whole).

        Raises CorruptReplayError: missing_member.
        """
        block = self._blocks.get(name_hashes(name))
        if block is None:
            raise CorruptReplayError("missing_member", f"the archive has no {name}")
        limit = min(max_bytes, max(ALWAYS_UNPACKED_BYTES, MAX_TIMES_PACKED * min(block.stored_size, len(self._data))))
        if block.size > limit:
            sentence = (
                f"{name}: {block.size} bytes uncompressed (limit {limit}, as it is stored in {block.stored_size})"
            )
            return b"", CorruptReplayError("too_large", sentence)
        if name not in self._read:
            self._read[name] = self._decompressed(name, block)
        return self._read[name]

    def _decompressed(self, name: str, block: _Block) -> tuple[bytes, CorruptReplayError | None]:
        parts: list[bytes] = []
        try:
            for part in _parts(self._data, block, self._sector_size):
                parts.append(part)
        except CorruptReplayError as fault:
            return b"".join(parts), CorruptReplayError(fault.reason, f"{name}: {fault.detail}")
        return parts[0] if len(parts) == 1 else b"".join(parts), None


def open_archive(path: Path) -> Archive:
    """The replay at ``path``.

    Raises CorruptReplayError: as Archive, and not_a_file, unreadable_file, vanished_file.
    """
    return Archive(read_file(path))


def read_file(path: Path) -> bytes:
    """The file's bytes, at most MAX_ARCHIVE_BYTES of them.

    Raises CorruptReplayError: not_a_file, unreadable_file, vanished_file, too_large.
    """
    # A named pipe would block in open() for ever: look before opening.
    try:
        if path.exists() and not path.is_file():
            raise CorruptReplayError("not_a_file", f"{path.name} is a folder or a device, not a file")
        with path.open("rb") as file:
            data = file.read(MAX_ARCHIVE_BYTES + 1)
    except FileNotFoundError as error:
        raise CorruptReplayError("vanished_file", f"{path.name} is not there any more") from error
    except OSError as error:
        raise CorruptReplayError("unreadable_file", f"{path.name} cannot be read: {error.strerror}") from error
    if len(data) > MAX_ARCHIVE_BYTES:
        raise CorruptReplayError("too_large", f"{path.name} has more than {MAX_ARCHIVE_BYTES} bytes")
    return data


def _user_data(data: bytes) -> tuple[bytes, int]:
    """The block before the archive, which holds the replay's header, and the archive's offset."""
    if not data:
        raise CorruptReplayError("empty_file", "the file has no bytes")
    if data[:4] != _USER_DATA_MAGIC:
        raise CorruptReplayError("not_an_archive", "the file does not begin with MPQ 1B as every replay does")
    if len(data) < 16:
        raise CorruptReplayError("truncated", f"the file ends inside its first block, after {len(data)} bytes")
    _, archive_offset, size = struct.unpack_from("<III", data, 4)
    if 16 + size > len(data) or archive_offset > len(data):
        raise CorruptReplayError("truncated", "the file ends inside its user data block")
    return data[16 : 16 + size], archive_offset


def _tables(data: bytes, at: int) -> _Tables:
    if len(data) > at + 4 and data[at : at + 4] != _HEADER_MAGIC:
        # Real: a replay sent in text mode, every byte 0A of it now 0D 0A.
        shift = data[at : at + 512].find(_HEADER_MAGIC)
        found = f"; the header is {shift} further on, as if bytes were added in a transfer" if shift > 0 else ""
        raise CorruptReplayError("corrupt_archive", f"no archive header (MPQ 1A) at byte {at}{found}")
    if at + 32 > len(data):
        raise CorruptReplayError("truncated", "the file ends inside its archive header")
    header_size, _, version, shift, hash_offset, block_offset, hashes, blocks = struct.unpack_from(
        "<IIHHIIII", data, at + 4
    )
    if version not in _HEADER_SIZES or header_size < _HEADER_SIZES[version] or shift > 16:
        raise CorruptReplayError("corrupt_archive", f"archive header of {header_size} bytes for version {version}")
    if version:
        if at + 44 > len(data):
            raise CorruptReplayError("truncated", "the file ends inside its archive header")
        high_blocks, hash_high, block_high = struct.unpack_from("<QHH", data, at + 32)
        hash_offset |= hash_high << 32
        block_offset |= block_high << 32
        if high_blocks:
            # Only archives beyond 4 GB need one, and those are past the limit.
            raise CorruptReplayError("corrupt_archive", "the archive has a table of offsets beyond 4 GB")
    return _Tables(at, 512 << shift, at + hash_offset, hashes, at + block_offset, blocks)


def _blocks(data: bytes, tables: _Tables) -> dict[tuple[int, int], _Block]:
    """Every member by the two hashes of its name."""
    if not tables.hash_count and not tables.block_count:
        raise CorruptReplayError("empty_archive", "the archive has no members: the game did not finish writing it")
    hashes = _table(data, tables.hash_offset, tables.hash_count, _HASH_TABLE_KEY, "hash")
    blocks = _table(data, tables.block_offset, tables.block_count, _BLOCK_TABLE_KEY, "block")
    members: dict[tuple[int, int], _Block] = {}
    for first, second, _, number in hashes:
        if number < len(blocks):
            offset, stored_size, size, flags = blocks[number]
            if flags & _EXISTS and not flags & _DELETED:
                members.setdefault((first, second), _Block(tables.archive_offset + offset, stored_size, size, flags))
    return members


def _table(data: bytes, offset: int, count: int, key: int, name: str) -> list[tuple[int, int, int, int]]:
    """The decrypted rows, four words each, of the hash or block table."""
    if not 0 < count <= MAX_TABLE_ENTRIES:
        raise CorruptReplayError("corrupt_table", f"{name} table of {count} entries (limit {MAX_TABLE_ENTRIES})")
    end = offset + 16 * count
    if end > len(data):
        raise CorruptReplayError("truncated", f"the {name} table ends at byte {end} of {len(data)}")
    words = decrypted(struct.unpack_from(f"<{4 * count}I", data, offset), key)
    rows = iter(words)
    return list(zip(rows, rows, rows, rows, strict=True))


def _parts(data: bytes, block: _Block, sector_size: int) -> Iterator[bytes]:
    """The member's content in pieces, whose total length is the size in the block table."""
    if block.flags & _ENCRYPTED:
        raise CorruptReplayError("encrypted", "the member is encrypted; the game writes none that are")
    if block.flags & (_IMPLODED | _PATCH):
        raise CorruptReplayError("unsupported_compression", f"imploded or patch file (flags {block.flags:08x})")
    stored = memoryview(data)[block.offset : block.offset + block.stored_size]
    try:
        if not block.size or not block.flags & _COMPRESSED:
            yield from _inflated(stored, block.size, is_compressed=False)
        elif block.flags & _SINGLE_UNIT:
            yield from _inflated(stored, block.size, is_compressed=block.stored_size != block.size)
        else:
            yield from _sectors(stored, block, sector_size)
    except CorruptReplayError as fault:
        if missing := block.stored_size - len(stored):
            raise CorruptReplayError("truncated", f"the file ends {missing} bytes before the member does") from fault
        raise


def _sectors(stored: memoryview, block: _Block, sector_size: int) -> Iterator[bytes]:
    """The content of a member stored as a table of offsets and separately compressed sectors."""
    count = -(-block.size // sector_size)
    # Checksums, where there are any, are one more sector; zlib and bz2 carry better ones.
    table = struct.Struct(f"<{count + 1 + bool(block.flags & _SECTOR_CHECKSUMS)}I")
    if table.size > len(stored):
        raise CorruptReplayError("corrupt_member", f"the table of {count} sectors is longer than the member")
    left = block.size
    for start, end in pairwise(table.unpack_from(stored)[: count + 1]):
        expected = min(sector_size, left)
        if not table.size <= start <= end <= block.stored_size:
            raise CorruptReplayError("corrupt_member", f"a sector from byte {start} to {end} of {block.stored_size}")
        yield from _inflated(stored[start:end], expected, is_compressed=end - start != expected)
        left -= expected


def _inflated(stored: memoryview, size: int, *, is_compressed: bool) -> Iterator[bytes]:
    """Decompresses one piece to ``size`` bytes at most: yields what is good, then raises for a fault."""
    if not is_compressed or not size or not stored:
        content = bytes(stored[:size])
    elif stored[0] in _DECOMPRESSORS:
        content = _decompressed(_DECOMPRESSORS[stored[0]], stored[1:], size)
    else:
        raise CorruptReplayError("unsupported_compression", f"compression {stored[0]:#04x} (known: zlib, bz2)")
    yield content[:size]
    if len(content) != size:
        got = "more" if len(content) > size else str(len(content))
        raise CorruptReplayError("corrupt_member", f"{size} bytes declared, {got} came out")


def _decompressed(new: Callable[[], _Decompressor], stored: memoryview, size: int) -> bytes:
    """Decompresses at most ``size + 1`` bytes; keeps what precedes a fault in the stream."""
    try:
        return new().decompress(stored, size + 1)
    except _DECOMPRESSION_FAULTS:
        pass
    # Again in small bites: one call gives all or nothing, and the last events before a fault are worth the time.
    decompressor, content = new(), bytearray()
    try:
        for bite in range(0, len(stored), _BITE):
            content += decompressor.decompress(stored[bite : bite + _BITE], size - len(content))
            if len(content) >= size or decompressor.eof:
                break
    except _DECOMPRESSION_FAULTS:
        pass
    # One short at least, so that the fault is not taken for a whole member.
    return bytes(content[: size - 1])
