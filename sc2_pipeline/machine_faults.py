"""Recognises faults of the machine (not of a file, replay or home), with one sentence on how to fix each."""

import errno
import os
import shutil
from pathlib import Path

from sc2_pipeline.errors import MachineError

MORE_MEMORY = "raise duckdb_memory_mb (docs/settings.md)"

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
"""What to do, by errno; DuckDB, SQLite and Arrow pass on only the message."""

_WORDS = {os.strerror(number): number for number in _WAYS_OUT} | {
    "database or disk is full": errno.ENOSPC,
    "disk I/O error": errno.EIO,
}

_BEYOND_LIMIT = "OutOfMemoryException"
"""DuckDB's own class for what does not fit into its ``duckdb_memory_mb``."""

_FROM_OUTSIDE = {"OSError", "Error", "ArrowException"}
"""Exception classes, with their subclasses, by which the system, SQLite, DuckDB and Arrow report such faults."""

_ABOUT_VALUES = {"ValueError", "TypeError", "LookupError", "DataError", "ProgrammingError"}
"""Those that may quote values and statements, so their message can contain a replay's text."""


def machine_error(error: BaseException, home: Path) -> MachineError | None:
    """The MachineError to raise instead of an error that reports a machine fault; None for every other error."""
    mend = way_out(error)
    if mend is None:
        return None
    # DuckDB goes on about its own settings.
    what = " ".join(str(error).partition("\n\n")[0].split())
    return MachineError(
        f"the machine refused: {what} ({_free(home)}). What is done so far is kept: {mend}, and run again"
    )


def way_out(error: BaseException) -> str | None:
    """What to do about the machine fault that this error reports; None if it reports none."""
    # Compared by name: SQLite and DuckDB both use the DB-API class names, and importing DuckDB and Arrow for this is
    # slow.
    kinds = {kind.__name__ for kind in type(error).__mro__}
    if kinds & _ABOUT_VALUES or not kinds & _FROM_OUTSIDE:
        return None
    if is_beyond_memory(error):
        return MORE_MEMORY
    number = error.errno if isinstance(error, OSError) else None
    said = next((n for words, n in _WORDS.items() if words in str(error)), None)
    return _WAYS_OUT.get(number or 0) or _WAYS_OUT.get(said or 0)


def is_beyond_memory(error: BaseException) -> bool:
    """Whether DuckDB needs more memory than it may take; a smaller batch may do with less."""
    return type(error).__name__ == _BEYOND_LIMIT


def is_out_of_files(error: OSError) -> bool:
    """Whether the process or machine has reached its limit of open files; not a fault of the file to be opened."""
    return error.errno in (errno.EMFILE, errno.ENFILE)


def _free(home: Path) -> str:
    there = next(folder for folder in (home, *home.absolute().parents) if folder.is_dir())
    return f"{shutil.disk_usage(there).free / 1e6:,.1f} MB are free at {there}"
