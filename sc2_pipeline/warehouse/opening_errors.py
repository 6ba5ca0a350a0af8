"""Why a DuckDB file cannot be opened: a machine fault, another program using it, or damage; each with its remedy."""

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
"""Parts of DuckDB messages that report damaged bytes."""

_TORN_LOG = "Corrupt WAL file"

_LAKE_FILE = re.compile(r"[^\s\"']*lake/[^\s\"']+\.parquet")
"""How DuckDB names a file read by a view if it is missing or not Parquet."""

_IN_USE = ("Could not set lock on file", "being used by another process")
_HOLDER = re.compile(r"Conflicting lock is held in (.*? \(PID \d+\))")


def opening_error(path: Path, error: duckdb.Error | OSError, if_damaged: str) -> PipelineError:
    """The error to raise. ``if_damaged`` is the remedy if the file itself is damaged, and is only used then."""
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
    """Whether the WAL beside the file is torn.

    A power cut during a commit leaves such a WAL. DuckDB ignores a WAL that ends too early, but rejects one with other
    bytes in it.
    """
    return _TORN_LOG in str(error)


def damage_met(path: Path, error: duckdb.Error) -> HomeError | None:
    """The error to raise if a block of the open file, or a lake file that its views read, is damaged; else None."""
    said = " ".join(str(error).split())
    repair = "`sc2-pipeline verify` says what is not sound, and with --repair mends it"
    if any(words in said for words in _DAMAGE):
        return HomeError(f"{path} is damaged ({said}); {repair}")
    if file := _LAKE_FILE.search(said):
        return HomeError(
            f"{file[0]} is missing or damaged ({said}); `sc2-pipeline run` over its replay's folder writes it again; {repair}"
        )
    return None
