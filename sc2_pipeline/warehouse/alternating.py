"""Two published files that take turns where the file system cannot share blocks: one is read, the other is brought up.

The one before last is ``warehouse.duckdb.older``. It is written only while nobody has it open; its new name is a hard link's, so
that both files are whole at every moment.
"""

import os
from pathlib import Path

from sc2_pipeline.durable_files import sync_file, sync_folder
from sc2_pipeline.warehouse.catch_up import catch_up
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.reading.current_file import current_file

ALTERNATING_BYTES = 256_000_000
"""From this size on two files take turns: copying a smaller one takes less time than catching up, and a third file less disk."""

_OPEN_FILES = Path("/dev/fd")
"""Files that this process has open; on Linux and macOS."""


def older_file(warehouse: Path) -> Path:
    """The published file before last."""
    return warehouse.with_name(f"{warehouse.name}.older")


def forget_older(warehouse: Path) -> None:
    """Removes the file before last; whoever has it open keeps it."""
    older = older_file(warehouse)
    older.unlink(missing_ok=True)
    older.with_name(f"{older.name}.wal").unlink(missing_ok=True)


def renew_older(build: Path, warehouse: Path, memory: Memory | None) -> str | None:
    """Brings the file before last up to the writer's, synced; returns None, or why it cannot be, and removes it then."""
    older = older_file(warehouse)
    doubt = _doubt(older, build, warehouse) or catch_up(older, build, home=warehouse.parent, memory=memory)
    if doubt is None:
        sync_file(older)
    else:
        forget_older(warehouse)
    return doubt


def _doubt(older: Path, build: Path, warehouse: Path) -> str | None:
    if build.stat().st_size < ALTERNATING_BYTES:
        return "it is small"
    if not older.is_file() or not warehouse.is_file() or current_file(warehouse) != warehouse:
        return "there is no file before last"
    if older.samefile(warehouse):
        # A run ended between the two names that a file has for a moment.
        return "the file before last is the published one"
    if older.stat().st_nlink != 1:
        return "the file before last has another name, as in a copy of the home by hard links"
    if _is_open_here(older):
        # A lock keeps other processes' readers, but not this one's.
        return "this process has the file before last open"
    return None


def _is_open_here(path: Path) -> bool:
    wanted = path.stat()
    if not _OPEN_FILES.is_dir():
        return True
    for entry in _OPEN_FILES.iterdir():
        try:
            status = os.fstat(int(entry.name))
        except OSError:
            continue
        if os.path.samestat(status, wanted):
            return True
    return False


def exchange(warehouse: Path, spare: Path) -> Path:
    """Gives both files one another's names; ``spare`` is the name that the published one has meanwhile."""
    older = older_file(warehouse)
    os.link(warehouse, spare)
    older.replace(warehouse)
    spare.replace(older)
    sync_folder(warehouse.parent)
    return warehouse


def keep_as_older(warehouse: Path, build: Path) -> None:
    """Gives the published file, which is about to be replaced, the name of the one before last, if it is to take turns."""
    forget_older(warehouse)
    if build.stat().st_size < ALTERNATING_BYTES or not _OPEN_FILES.is_dir() or current_file(warehouse) != warehouse:
        return
    try:
        os.link(warehouse, older_file(warehouse))
    except OSError:  # The first one, or a file system without hard links.
        return
