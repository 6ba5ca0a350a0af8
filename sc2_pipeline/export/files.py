"""The files of a dataset."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Self

FILE_BYTES = 256 * 2**20
"""Size in bytes after which a new file is started."""

TRAINING_TABLES = ("data", "sequences", "unit_sets", "actions", "maps")
"""What a training set has instead of marts."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file of a dataset; ``path`` is relative to the dataset."""

    path: str
    table: str
    split: str
    rows: int
    bytes: int
    sha256: str

    @classmethod
    def of(cls, folder: Path, path: Path, *, table: str, split: str, rows: int) -> Self:
        """The file at ``path`` of the dataset in ``folder``."""
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        relative = path.relative_to(folder).as_posix()
        return cls(path=relative, table=table, split=split, rows=rows, bytes=path.stat().st_size, sha256=digest)
