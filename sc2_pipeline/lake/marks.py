"""By what a file is known again: its size, and a hash of its end, where Parquet describes the rest."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

TAIL_BYTES = 65_536
"""All of most files, and the description of the rest of any: another replay's file has another one."""

LEAST_BYTES = 12
"""A Parquet file without a description would have so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileMark:
    """How many bytes a file has, and the first 16 hex digits of the sha256 of its last 64 KiB; None: nobody looked."""

    bytes: int
    tail: str | None = None

    @classmethod
    def of(cls, path: Path) -> Self:
        """The mark of a file of this machine; raises OSError."""
        with path.open("rb") as file:
            size = file.seek(0, 2)
            file.seek(max(0, size - TAIL_BYTES))
            return cls(bytes=size, tail=hashlib.sha256(file.read()).hexdigest()[:16])

    @classmethod
    def told(cls, content: Any) -> Self | None:
        """The mark as JSON has it; None where it is none."""
        match content:
            case {"bytes": int(size), "tail": str(tail)}:
                return cls(bytes=size, tail=tail)
        return None


def difference(wanted: FileMark | None, found: FileMark | None) -> str | None:
    """What is wrong with a file that was written as ``wanted`` (None: an earlier release kept no mark); None: nothing seen."""
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
    """Only the size of a file of this machine; None where no file is there. Raises OSError where the system refuses to say."""
    try:
        return FileMark(bytes=path.stat().st_size)
    except (FileNotFoundError, NotADirectoryError):
        return None


def told_marks(content: Mapping[str, Any]) -> dict[str, FileMark]:
    """Marks by table, as ``extract.json`` has them; none where an earlier release wrote it."""
    files = content.get("files")
    if not isinstance(files, Mapping):
        return {}
    return {name: mark for name, told in files.items() if (mark := FileMark.told(told)) is not None}
