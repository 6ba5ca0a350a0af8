"""Faults of the machine that no replay and no home is to blame for, in one sentence with the way out."""

import errno
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pyarrow as pa

from sc2_pipeline.errors import MachineError

_WAYS_OUT = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room, or ask for a larger quota",
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.EROFS: "give a --home that can be written to",
    errno.EIO: "look at the disk",
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.ENFILE: "allow more open files",
}
"""By number of the operating system's error; DuckDB, SQLite and Arrow pass on its words only."""

_WORDS = {os.strerror(number): number for number in _WAYS_OUT} | {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
}


@contextmanager
def naming_machine_faults(home: Path) -> Iterator[None]:
    """Raises MachineError for what the machine refuses in it; every other error passes as it is."""
    try:
        yield
    except (OSError, duckdb.Error, sqlite3.Error, pa.ArrowException) as error:
        number = error.errno if isinstance(error, OSError) else None
        said = next((n for words, n in _WORDS.items() if words in str(error)), None)
        way_out = _WAYS_OUT.get(number or 0) or _WAYS_OUT.get(said or 0)
        if way_out is None:
            raise
        what = " ".join(str(error).split())
        raise MachineError(
            f"the machine refused: {what} ({_free(home)}). What is done so far is kept: {way_out}, and run again"
        ) from error


def _free(home: Path) -> str:
    there = next(folder for folder in (home, *home.absolute().parents) if folder.is_dir())
    return f"{shutil.disk_usage(there).free / 1e6:,.1f} MB are free at {there}"
