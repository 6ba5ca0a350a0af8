"""A folder that is written beside its place, and is there as a whole or not at all."""

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sc2_pipeline.errors import HomeError


@contextmanager
def new_folder(destination: Path) -> Iterator[Path]:
    """A folder to write to, which becomes ``destination`` if the block ends without an error, and is removed else.

    Raises HomeError for a destination that is neither new nor an empty folder.
    """
    if destination.exists() and (not destination.is_dir() or any(destination.iterdir())):
        raise HomeError(f"{destination} is not empty; give a new folder")
    partial = destination.with_name(f".partial-{destination.name}-{secrets.token_hex(4)}")
    partial.mkdir(parents=True)
    try:
        yield partial
        if destination.is_dir():
            destination.rmdir()
        partial.rename(destination)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
