"""Faults of the machine that no file, no replay and no home is to blame for, in one sentence with the way out."""

import errno
import os
import shutil
from pathlib import Path

from sc2_pipeline.errors import MachineError

_WAYS_OUT = {
    errno.ENOSPC: "make room",
    errno.EDQUOT: "make room, or ask for a larger quota",
    errno.EFBIG: "allow larger files (ulimit -f)",
    errno.EROFS: "give a --home that can be written to",
    errno.EIO: "look at the disk",
    errno.EMFILE: "allow more open files (ulimit -n)",
    errno.ENFILE: "allow more open files",
    errno.ENOMEM: "free memory",
}
"""By number of the operating system's error; DuckDB, SQLite and Arrow pass on its words only."""

_WORDS = {os.strerror(number): number for number in _WAYS_OUT} | {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
}

_FROM_OUTSIDE = {"OSError", "Error", "ArrowException"}
"""Classes of errors by which the system, SQLite, DuckDB and Arrow refuse; subclasses are meant too."""

_ABOUT_VALUES = {"ValueError", "TypeError", "LookupError", "DataError", "ProgrammingError"}
"""Those of them that quote values and statements: the machine's words may be a replay's there."""


def machine_error(error: BaseException, home: Path) -> MachineError | None:
    """What to raise in place of an error by which the machine refused something; None for every other error."""
    mend = way_out(error)
    if mend is None:
        return None
    what = " ".join(str(error).split())
    return MachineError(
        f"the machine refused: {what} ({_free(home)}). What is done so far is kept: {mend}, and run again"
    )


def way_out(error: BaseException) -> str | None:
    """What helps against the machine's refusal that this error tells of; None where it tells of none."""
    # By name: SQLite and DuckDB both have the classes of Python's DB-API, and to load DuckDB and Arrow for this takes long.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & _ABOUT_VALUES or not kinds & _FROM_OUTSIDE:
        return None
    number = error.errno if isinstance(error, OSError) else None
    said = next((n for words, n in _WORDS.items() if words in str(error)), None)
    return _WAYS_OUT.get(number or 0) or _WAYS_OUT.get(said or 0)


def is_out_of_files(error: OSError) -> bool:
    """Whether this process, or the machine, may open no more files: no fault of the file that was to be opened."""
    return error.errno in (errno.EMFILE, errno.ENFILE)


def _free(home: Path) -> str:
    there = next(folder for folder in (home, *home.absolute().parents) if folder.is_dir())
    return f"{shutil.disk_usage(there).free / 1e6:,.1f} MB are free at {there}"
