"""A replay taken apart into header and members, and put together again as a valid archive around them."""

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from random import Random

from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.mpq_cipher import decrypted, encrypted
from sc2_pipeline_demo.synthetic import ArchiveLayout
from sc2_pipeline_demo.synthetic.encoding.mpq_writer import archive_bytes

DETAILS, INITDATA, METADATA = "replay.details", "replay.initData", "replay.gamemetadata.json"
TRACKER, GAME, MESSAGES = "replay.tracker.events", "replay.game.events", "replay.message.events"

_MEMBERS = (
    "replay.attributes.events",
    DETAILS,
    GAME,
    METADATA,
    INITDATA,
    "replay.load.info",
    MESSAGES,
    "replay.sync.events",
    TRACKER,
)
_ARCHIVE_AT = 1024
_HASH_TABLE_KEY = 0xC3AF3770
_BLOCK_TABLE_KEY = 0xEC83B3A3
_SINGLE_UNIT = 0x01000000

PLAIN = ArchiveLayout(compression="zlib")
"""As the game lays a replay out, only packed faster."""

SECTORS = ArchiveLayout(compression="zlib", is_single_unit=False)


@dataclass(frozen=True)
class Parts:
    """What a replay consists of; all that a decoder sees."""

    base_build: int
    header: bytes
    members: Mapping[str, bytes]

    def having(self, name: str, content: bytes) -> "Parts":
        """The same replay with another member."""
        return replace(self, members={**self.members, name: content})

    def packed(self, layout: ArchiveLayout = PLAIN) -> bytes:
        """The replay as a file; sizes and tables are right whatever the members hold."""
        return archive_bytes(self.members, user_data=self.header, layout=layout)

    @cached_property
    def names(self) -> list[str]:
        """Members that hold something."""
        return [name for name, content in self.members.items() if content]


def parts_of(data: bytes, base_build: int) -> Parts:
    """A good replay taken apart."""
    archive = Archive(data)
    members = {name: archive.read(name) for name in _MEMBERS if name in archive}
    return Parts(base_build=base_build, header=archive.header_block, members=members)


def with_archive_field(rng: Random, data: bytes, number: Callable[[Random], int]) -> bytes:
    """One field of the user data's or the archive's header replaced."""
    place, kind = rng.choice(
        [(0, "I"), (4, "I"), (8, "I"), (12, "I")]
        + [
            (_ARCHIVE_AT + at, kind)
            for at, kind in zip((0, 4, 8, 12, 14, 16, 20, 24, 28, 32, 40, 42), "IIIHHIIIIQHH", strict=True)
        ]
    )
    size = struct.calcsize(f"<{kind}")
    value = number(rng) & ((1 << 8 * size) - 1)
    return data[:place] + struct.pack(f"<{kind}", value) + data[place + size :]


def with_table_word(rng: Random, data: bytes, number: Callable[[Random], int]) -> bytes:
    """One word of the hash or the block table replaced, the table encrypted again."""
    hash_at, block_at, hashes, blocks = struct.unpack_from("<4I", data, _ARCHIVE_AT + 16)
    if rng.random() < 0.3:
        at, count, key = hash_at, hashes, _HASH_TABLE_KEY
    else:
        at, count, key = block_at, blocks, _BLOCK_TABLE_KEY
    words = _words(data, at, count, key)
    place = rng.randrange(len(words))
    words[place] = (
        rng.choice((number(rng), words[place] ^ 1 << rng.randrange(32), words[place] + rng.choice((-1, 1, 16))))
        & 0xFFFFFFFF
    )
    return _with_words(data, at, words, key)


def with_sector_offset(rng: Random, parts: Parts, number: Callable[[Random], int]) -> bytes:
    """One entry of a member's table of sectors replaced."""
    data = parts.packed(SECTORS)
    block_at, blocks = (
        struct.unpack_from("<I", data, _ARCHIVE_AT + 20)[0],
        struct.unpack_from("<I", data, _ARCHIVE_AT + 28)[0],
    )
    words = _words(data, block_at, blocks, _BLOCK_TABLE_KEY)
    cut = [words[at : at + 4] for at in range(0, len(words), 4) if not words[at + 3] & _SINGLE_UNIT and words[at + 2]]
    if not cut:
        raise ValueError("no member is longer than a sector")
    offset, _, size, _ = rng.choice(cut)
    place = _ARCHIVE_AT + offset + 4 * rng.randrange(-(-size // 16384) + 1)
    [old] = struct.unpack_from("<I", data, place)
    value = rng.choice((number(rng), old + rng.choice((-1, 1, 7)), 0)) & 0xFFFFFFFF
    return data[:place] + struct.pack("<I", value) + data[place + 4 :]


def with_member_size(rng: Random, parts: Parts) -> bytes:
    """A member whose declared size is not that of its content."""
    data = parts.packed()
    block_at, blocks = (
        struct.unpack_from("<I", data, _ARCHIVE_AT + 20)[0],
        struct.unpack_from("<I", data, _ARCHIVE_AT + 28)[0],
    )
    words = _words(data, block_at, blocks, _BLOCK_TABLE_KEY)
    place = 4 * rng.randrange(blocks) + rng.choice((1, 2))
    words[place] = max(0, rng.choice((words[place] - 1, words[place] + 1, words[place] // 2, 2**20, 2**26, 2**26 + 1)))
    return _with_words(data, block_at, words, _BLOCK_TABLE_KEY)


def _words(data: bytes, at: int, count: int, key: int) -> list[int]:
    return decrypted(struct.unpack_from(f"<{4 * count}I", data, _ARCHIVE_AT + at), key)


def _with_words(data: bytes, at: int, words: list[int], key: int) -> bytes:
    start = _ARCHIVE_AT + at
    return data[:start] + struct.pack(f"<{len(words)}I", *encrypted(words, key)) + data[start + 4 * len(words) :]
