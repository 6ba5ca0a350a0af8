"""Files that survive a power cut: synced before anything depends on them, and either complete or absent."""

import os
import secrets
import sys
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

SYNCED_TOGETHER = 16
"""Files synced concurrently. Each sync waits for a commit of the file system's journal; concurrent ones share a
commit."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A temporary path beside ``path`` to write to; it is synced and renamed to ``path`` if the block ends without an
    error."""
    make_folders(path.parent)
    partial = path.with_name(f".partial-{path.name}-{secrets.token_hex(4)}")
    try:
        yield partial
        sync_file(partial)
        partial.replace(path)
        sync_folder(path.parent)
    finally:
        partial.unlink(missing_ok=True)


def sync_folders(folders: Collection[Path], *, with_files: bool = False) -> None:
    """Syncs the entries of folders to disk; with ``with_files``, the files in them first."""
    with ThreadPoolExecutor(SYNCED_TOGETHER) as threads:
        if with_files:
            list(threads.map(sync_file, [path for folder in folders for path in folder.iterdir() if path.is_file()]))
        list(threads.map(sync_folder, folders))


def sync_file(path: Path) -> None:
    """Syncs a file's contents to disk."""
    # Windows only syncs files that are open for writing.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Syncs a folder's entries (new files, renames) to disk. Does nothing on Windows, which cannot, and orders them
    itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> None:
    """Creates a folder and its missing parents, and syncs them to disk."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in missing:
        sync_folder(place.parent)
