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


def machine_error(error: BaseException, home: Path) -> MachineError | None:
    """What to raise in place of an error by which the machine refused something; None for every other error."""
    number = error.errno if isinstance(error, OSError) else None
    said = next((n for words, n in _WORDS.items() if words in str(error)), None)
    way_out = _WAYS_OUT.get(number or 0) or _WAYS_OUT.get(said or 0)
    if way_out is None:
        return None
    what = " ".join(str(error).split())
    return MachineError(
        f"the machine refused: {what} ({_free(home)}). What is done so far is kept: {way_out}, and run again"
    )


def _free(home: Path) -> str:
    there = next(folder for folder in (home, *home.absolute().parents) if folder.is_dir())
    return f"{shutil.disk_usage(there).free / 1e6:,.1f} MB are free at {there}"
