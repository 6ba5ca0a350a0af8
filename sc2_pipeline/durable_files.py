"""Files that outlive a power cut: on the disk before anything counts on them, and whole under their name or not there."""

import os
import secrets
import sys
from collections.abc import Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

SYNCED_TOGETHER = 16
"""Files synced at once. One after another, each waits for a commit of the file system's journal; together they share one."""


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A name beside ``path`` to write to; it becomes ``path``, on the disk, once the block ends without an error."""
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
    """Puts the names in folders on the disk, ``with_files`` the files that lie there first."""
    with ThreadPoolExecutor(SYNCED_TOGETHER) as threads:
        if with_files:
            list(threads.map(sync_file, [path for folder in folders for path in folder.iterdir() if path.is_file()]))
        list(threads.map(sync_folder, folders))


def sync_file(path: Path) -> None:
    """Puts a file's bytes on the disk."""
    # Windows syncs only what is open for writing.
    with path.open("rb+") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder last: new files, renames. Windows cannot, and orders them itself."""
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(folder: Path) -> None:
    """Makes a folder, and those above it, where they are not there; each lasts."""
    missing = [place for place in (folder, *folder.parents) if not place.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    for place in missing:
        sync_folder(place.parent)
