"""File marks: size, and a hash of the file's end (for Parquet, its footer), to detect changed files."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

TAIL_BYTES = 65_536
"""Covers most files whole, and the footer of the rest, which differs between replays."""

LEAST_BYTES = 12
"""Size of a Parquet file with an empty footer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """Size in bytes, and the first 16 hex digits of the sha256 of the last 64 KiB; None if not computed."""

    bytes: int
    tail: str | None = None

    @classmethod
    def of(cls, path: Path) -> Self:
        """Mark of a local file; raises OSError."""
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            return cls(bytes=size, tail=_hash(file.read()))

    @classmethod
    def told(cls, content: Any) -> Self | None:
        """The mark in its JSON form; None if it is not one."""
        match content:
            case {"bytes": int(size), "tail": str(tail)}:
                return cls(bytes=size, tail=tail)
        return None


def mark_of(content: bytes) -> FileMark:
    """Mark of a file with that content."""
    return FileMark(bytes=len(content), tail=_hash(content[-TAIL_BYTES:]))


def _hash(tail: bytes) -> str:
    return hashlib.sha256(tail).hexdigest()[:16]


def difference(wanted: FileMark | None, found: FileMark | None) -> str | None:
    """Describes how a file differs from the mark it was written with; None if no difference is seen. ``wanted`` is None
    for files of earlier releases, which recorded no mark."""
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
    """Mark with only the size of a local file; None if there is no such file. Raises OSError if the system refuses."""
    try:
        return FileMark(bytes=path.stat().st_size)
    except (FileNotFoundError, NotADirectoryError):
        return None


def told_marks(content: Mapping[str, Any]) -> dict[str, FileMark]:
    """Marks by table from ``extract.json``; empty if an earlier release wrote it."""
    files = content.get("files")
    if not isinstance(files, Mapping):
        return {}
    return {name: mark for name, told in files.items() if (mark := FileMark.told(told)) is not None}
