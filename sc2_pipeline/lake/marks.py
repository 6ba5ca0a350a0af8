"""Cheap fingerprints of Parquet files: the size, and a hash of the end of the file, which describes the rest of it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

TAIL_BYTES = 65_536
"""Number of bytes hashed. Most files are smaller, and of larger ones this covers the footer, which differs between replays."""

LEAST_BYTES = 12
"""Smallest size in bytes that a Parquet file can have: magic numbers and the footer's length."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """The size of a file in bytes, and the first 16 hex digits of the sha256 of its last 64 KiB; ``tail`` is None when the file
    was not read.
    """

    bytes: int
    tail: str | None = None

    @classmethod
    def of(cls, path: Path) -> Self:
        """The mark of a local file; raises OSError."""
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            return cls(bytes=size, tail=hashlib.sha256(file.read()).hexdigest()[:16])

    @classmethod
    def told(cls, content: Any) -> Self | None:
        """The mark in parsed JSON; None when the JSON holds none."""
        match content:
            case {"bytes": int(size), "tail": str(tail)}:
                return cls(bytes=size, tail=tail)
        return None


def difference(wanted: FileMark | None, found: FileMark | None) -> str | None:
    """How the file ``found`` differs from the one written, as the end of a sentence; None when no difference is seen.

    ``wanted`` is None for files of earlier releases, which kept no marks; ``found`` is None for a missing file.
    """
    if found is None:
        return "is missing"
    if wanted is None:
        return f"has {found.bytes} bytes, too few for a Parquet file" if found.bytes < LEAST_BYTES else None
    if found.bytes != wanted.bytes:
        return f"has {found.bytes:,} bytes, where {wanted.bytes:,} were written"
    if None not in (found.tail, wanted.tail) and found.tail != wanted.tail:
        return "holds other bytes than were written"
    return None


def size_of(path: Path) -> FileMark | None:
    """The mark of a local file without its hash; None when the file is missing. Raises OSError when it cannot be accessed."""
    try:
        return FileMark(bytes=path.stat().st_size)
    except (FileNotFoundError, NotADirectoryError):
        return None


def told_marks(content: Mapping[str, Any]) -> dict[str, FileMark]:
    """Marks by table from the content of ``extract.json``; empty when an earlier release wrote it."""
    files = content.get("files")
    if not isinstance(files, Mapping):
        return {}
    return {name: mark for name, told in files.items() if (mark := FileMark.told(told)) is not None}
