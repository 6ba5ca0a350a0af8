"""What is kept of a stream, so that two of them can be compared: how it begins, its length, and checksums along it."""

import hashlib
import zlib
from dataclasses import dataclass
from typing import Final

GAME_EVENTS_BYTES: Final = 4096
"""Of 6,681 real files, no two of different games had game events that begin alike for so long; some had for 2,048."""

TRACKER_BYTES: Final = 32768
"""Games on one map begin with the same units: of 147 real replays two different ones shared 10,658 bytes."""

CHECKSUM_BYTES: Final = 1024
"""A checksum stands at each multiple."""

GAME_EVENTS_TAIL_BYTES: Final = 64
"""At the end of game events, or just before a takeover, people leave: 4 bytes each, and at most 16. The recordings of one game
differ there."""

TRACKER_TAIL_BYTES: Final = 1024
"""The last statistics of each player are taken when a recording ends; two players' have some 500 bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamEvidence:
    """Of one stream, as decompressed.

    ``family``: 16 hex digits, the same for streams that begin alike. ``checksums``: CRC-32 of the first ``CHECKSUM_BYTES``, of
    twice as many and so on, as far as the stream goes: two streams are equal as far as their checksums are.
    """

    family: str
    size: int
    checksums: tuple[int, ...]


def game_events_evidence(content: bytes) -> StreamEvidence | None:
    """Of ``replay.game.events``, or what could be read of it; None where that is nothing."""
    return _evidence(content, GAME_EVENTS_BYTES)


def tracker_evidence(content: bytes) -> StreamEvidence | None:
    """Of ``replay.tracker.events``, or what could be read of it; None where that is nothing."""
    return _evidence(content, TRACKER_BYTES)


def _evidence(content: bytes, family_bytes: int) -> StreamEvidence | None:
    if not content:
        return None
    view = memoryview(content)
    checksum, checksums = 0, []
    for end in range(CHECKSUM_BYTES, len(view) + 1, CHECKSUM_BYTES):
        checksum = zlib.crc32(view[end - CHECKSUM_BYTES : end], checksum)
        checksums.append(checksum)
    family = hashlib.sha256(view[:family_bytes]).hexdigest()[:16]
    return StreamEvidence(family=family, size=len(view), checksums=tuple(checksums))
