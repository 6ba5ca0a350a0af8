"""Turns SQLite's errors about a manifest into one sentence that says what to do."""

import sqlite3
from pathlib import Path

from sc2_pipeline.errors import HomeError

_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT})
_TAKEN = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
_REFUSED = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH})

REPAIR = (
    "`sc2-pipeline verify --repair` makes it anew from the warehouse and the lake, and keeps the damaged file aside"
)


def is_damage(error: sqlite3.Error) -> bool:
    """Whether the error means that the file is damaged: inconsistent pages, not SQLite, or tables missing."""
    return _code(error) in _DAMAGED or _code(error) == sqlite3.SQLITE_ERROR


def unusable(path: Path, error: sqlite3.Error) -> HomeError:
    """The SQLite error as a HomeError that says what to do."""
    code = _code(error)
    if is_damage(error):
        return HomeError(f"the manifest {path} is damaged ({error}); {REPAIR}")
    if code in _TAKEN:
        return HomeError(
            f"the manifest {path} cannot be used ({error}): another process keeps it to itself; "
            "let that one end (a backup, a browser of SQLite files, a stopped run), and run again"
        )
    if code in _REFUSED:
        return HomeError(
            f"the manifest {path} cannot be used ({error}); "
            "give the right to write to the file and its folder, or another --home"
        )
    return HomeError(f"the manifest {path} cannot be used ({error}); check the folder or give another --home")


def later_release(path: Path, version: int, known: int) -> HomeError:
    """The error for a manifest whose version is newer than this release knows."""
    return HomeError(
        f"{path} was made by a later version of sc2_pipeline (manifest {version}, known {known}); "
        "upgrade sc2_pipeline or give another --home"
    )


def _code(error: sqlite3.Error) -> int | None:
    """SQLite's primary error code; None for errors that Python's sqlite3 module raised itself."""
    code = getattr(error, "sqlite_errorcode", None)
    return None if code is None else code & 0xFF
