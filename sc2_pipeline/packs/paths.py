"""Paths of replays in packs: ``pack.zip!inner/name.SC2Replay``. A file of such a name wins over the pack."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

REPLAY_SUFFIX = ".sc2replay"
PACK_SUFFIX = ".zip"

BORDER = re.compile(r"(?<=\.zip)!", re.IGNORECASE)
"""Between a pack and what is in it."""


def split_path(path: Path) -> tuple[Path, str] | None:
    """The pack's path and the member's name in it; None for a path outside any pack."""
    *_, border = [None, *BORDER.finditer(str(path))]
    if border is None or os.path.lexists(path):
        return None
    return Path(str(path)[: border.start()]), str(path)[border.end() :].replace("\\", "/")


def file_name(path: Path) -> str:
    """The last part of a path, in a pack or not."""
    return BORDER.split(path.name)[-1]


def is_there(path: Path) -> bool:
    """Whether the file, or the pack around the member, exists."""
    return os.path.isfile(outermost(path))  # noqa: PTH113 - Path.is_file raises for names too long for a file


def outermost(path: Path) -> Path:
    """The file that holds the bytes: the path itself, or the pack around it."""
    *_, file = (path, *packs_around(path))
    return file


def packs_around(path: Path) -> Iterator[Path]:
    """The packs that a path is in, from the innermost; none for a file."""
    while (inside := split_path(path)) is not None:
        path = inside[0]
        yield path
