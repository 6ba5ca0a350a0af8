"""SQLite files that others write, kept from being folded at every turn."""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path


@contextmanager
def kept_open(files: Iterable[Path]) -> Iterator[None]:
    """Holds a reading connection to those of the files that are there, in write-ahead mode.

    SQLite folds its log into the file when the last connection closes. Dagster opens and closes one for every event:
    with another that stays open an event costs a third (3 to 4 ms instead of 11, measured on a quiet disk).
    """
    with ExitStack() as stack:
        for file in files:
            if file.is_file():
                connection = stack.enter_context(closing(sqlite3.connect(f"file:{file.as_posix()}?mode=ro", uri=True)))
                # A connection takes part only once it has read; fetching to the end leaves no lock behind.
                connection.execute("select count(*) from sqlite_master").fetchall()
        yield
