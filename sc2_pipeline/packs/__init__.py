"""ZIP archives of replays ("packs"): which replays are in one, and the bytes of each, without unpacking the others.

A replay in a pack has a path too: ``pack.zip!inner/name.SC2Replay``, or ``pack.zip!inner.zip!name.SC2Replay`` in a pack
inside it. A file of such a name wins over the pack.
"""

from sc2_pipeline.packs.archive import PACK_REASONS, FileStamp, file_stamp, read_bytes, replays_in
from sc2_pipeline.packs.paths import (
    PACK_SUFFIX,
    REPLAY_SUFFIX,
    file_name,
    is_there,
    outermost,
    packs_around,
    split_path,
)

__all__ = [
    "PACK_REASONS",
    "PACK_SUFFIX",
    "REPLAY_SUFFIX",
    "FileStamp",
    "file_name",
    "file_stamp",
    "is_there",
    "outermost",
    "packs_around",
    "read_bytes",
    "replays_in",
    "split_path",
]
