"""A server's access to the published warehouse: queries limited in memory and time, always over the newest published file."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import duckdb

from sc2_pipeline.config import Home
from sc2_pipeline.errors import QueryError
from sc2_pipeline.public.published import open_published, plain_errors
from sc2_pipeline.warehouse.reading.current_file import published_warehouse

MEMORY_MB = 300
"""Limit of DuckDB's memory for all queries together. Unit: megabytes."""

SECONDS = 10.0
"""Limit of the time of one query. Unit: seconds."""


class TooSlowError(QueryError):
    """A query took longer than it may, and was interrupted."""


class Reader:
    """Gives each request a cursor of one shared read-only connection.

    When a new warehouse has been published, new requests wait until the running queries on the old file have ended; the new file is then
    opened for them.
    """

    def __init__(self, home: Home, *, seconds: float = SECONDS) -> None:
        self.home = home
        self._seconds = seconds
        self._changed = threading.Condition()
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._generation: tuple[int, ...] | None = None
        self._asking = 0

    def published(self) -> tuple[int, ...]:
        """Identifies the currently published file; another file has another value. Raises HomeError if nothing is published."""
        status = published_warehouse(self.home.warehouse).stat()
        return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size

    @contextmanager
    def asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on the currently published warehouse.

        Raises TooSlowError if the block takes longer than its time, and HomeError and QueryError like
        :func:`sc2_pipeline.public.published.opened_warehouse`.
        """
        cursor = self._cursor()
        alarm = threading.Timer(self._seconds, cursor.interrupt)
        alarm.daemon = True
        alarm.start()
        try:
            with plain_errors(self.home, cursor):
                yield cursor
        except duckdb.InterruptException as error:
            raise TooSlowError(
                f"the query took longer than {self._seconds:g} seconds and was stopped; ask for less"
            ) from error
        finally:
            alarm.cancel()
            cursor.close()
            with self._changed:
                self._asking -= 1
                self._changed.notify_all()

    def _cursor(self) -> duckdb.DuckDBPyConnection:
        with self._changed:
            self._changed.wait_for(lambda: self._asking == 0 or self.published() == self._generation)
            generation = self.published()
            if self._connection is None or generation != self._generation:
                self._close()
                self._connection = open_published(self.home, memory_mb=MEMORY_MB)
                self._generation = generation
            self._asking += 1
            return self._connection.cursor()

    def close(self) -> None:
        """Closes the file after the running queries have ended."""
        with self._changed:
            self._changed.wait_for(lambda: self._asking == 0)
            self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._generation = None
