"""Why a DuckDB file does not open: the machine refuses, another program has it, or it is damaged. Each has its own way out."""

import re
from pathlib import Path

import duckdb

from sc2_pipeline.errors import HomeError, PipelineError
from sc2_pipeline.machine_faults import machine_error

_DAMAGE = (
    "not a valid DuckDB database file",
    "Corrupt database file",
    "Could not read enough bytes",
    "Is a directory",
    "WAL was created for",
    "Corrupt WAL file",
)
"""Words by which DuckDB says that the bytes are at fault."""

_TORN_LOG = "Corrupt WAL file"

_LAKE_FILE = re.compile(r"[^\s\"']*lake/[^\s\"']+\.parquet")
"""How DuckDB names a file that a view reads, when it is not there or no Parquet."""

_IN_USE = ("Could not set lock on file", "being used by another process")
_HOLDER = re.compile(r"Conflicting lock is held in (.*? \(PID \d+\))")


def opening_error(path: Path, error: duckdb.Error | OSError, if_damaged: str) -> PipelineError:
    """What to raise for it. ``if_damaged`` is what to do when the file itself is at fault, and is said only then."""
    said = " ".join(str(error).split())
    if fault := machine_error(error, path.parent):
        return fault
    if any(words in said for words in _IN_USE):
        holder = found[1] if (found := _HOLDER.search(said)) else "another program"
        return HomeError(f"{path} is open in {holder}; wait for it to end, or close it, and run again")
    if any(words in said for words in _DAMAGE):
        return HomeError(f"{path} is damaged ({said}); {if_damaged}")
    return HomeError(f"{path} cannot be opened ({said}); see that this user may read and write it, and run again")


def is_log_torn(error: duckdb.Error) -> bool:
    """Whether the log beside the file holds what was not written as a whole.

    A power cut leaves that of a commit that was under way. DuckDB passes over a log that ends too early, and refuses one
    with other bytes in it.
    """
    return _TORN_LOG in str(error)


def damage_met(path: Path, error: duckdb.Error) -> HomeError | None:
    """What to raise where a block of the open file, or a file of the lake that its views read, is damaged; else None."""
    said = " ".join(str(error).split())
    repair = "`sc2-pipeline verify` says what is not sound, and with --repair mends it"
    if any(words in said for words in _DAMAGE):
        return HomeError(f"{path} is damaged ({said}); {repair}")
    if file := _LAKE_FILE.search(said):
        return HomeError(
            f"{file[0]} is missing or damaged ({said}); `sc2-pipeline run` over its replay's folder writes it again; {repair}"
        )
    return None
