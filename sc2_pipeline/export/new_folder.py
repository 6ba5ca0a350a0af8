"""A folder that is written beside its place, and is there as a whole or not at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sc2_pipeline.errors import HomeError


def must_be_free(destination: Path) -> None:
    """Raises HomeError for a destination that is neither new nor an empty folder."""
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise HomeError(f"{destination} is not empty; give a new folder")


@contextmanager
def new_folder(destination: Path, *, replaces: str | None = None) -> Iterator[Path]:
    """A folder to write to, which becomes ``destination`` if the block ends without an error, and is removed else.

    A folder that has a file called ``replaces`` is one that was written before, and is replaced. Raises HomeError for any
    other destination that is neither new nor an empty folder.
    """
    is_old = replaces is not None and (destination / replaces).is_file()
    if not is_old:
        must_be_free(destination)
    partial = destination.with_name(f".partial-{destination.name}-{secrets.token_hex(4)}")
    before = partial.with_name(f"{partial.name}.before")
    partial.mkdir(parents=True)
    try:
        yield partial
        if is_old:
            destination.rename(before)
        elif destination.is_dir():
            destination.rmdir()
        try:
            partial.rename(destination)
        except OSError:
            if is_old:
                before.rename(destination)
            raise
        shutil.rmtree(before, ignore_errors=True)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
