"""Read-only access to the published warehouse."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import duckdb

from sc2_pipeline.config import Home, read_settings
from sc2_pipeline.errors import HomeError, QueryError
from sc2_pipeline.lake import local_folders
from sc2_pipeline.sql_models import read_models
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.opening_errors import damage_met, opening_error
from sc2_pipeline.warehouse.reading.current_file import published_warehouse
from sc2_pipeline.warehouse.reading.read_only import open_for_reading, said_of
from sc2_pipeline.warehouse.rebuild import stale_models


def open_published(
    place: Home, *, any_file: bool = False, writes: Path | None = None, memory_mb: int | None = None
) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the last published warehouse, for the caller to close; see :func:`opened_warehouse`.

    ``memory_mb`` is at most that of the setting ``duckdb_memory_mb``. Raises HomeError if there is none, or it cannot be read.
    """
    path = published_warehouse(place.warehouse)
    settings = read_settings({"home": place.root})
    megabytes = min(memory_mb or settings.duckdb_memory_mb, settings.duckdb_memory_mb)
    try:
        return open_for_reading(
            path,
            home=place.root,
            memory=Memory(megabytes=megabytes, folder=place.root),
            folders=local_folders(settings.lake),
            any_file=any_file,
            writes=writes,
        )
    except duckdb.Error as error:
        raise opening_error(
            path, error, "`sc2-pipeline verify --repair` keeps it aside and publishes it anew"
        ) from error


@contextmanager
def plain_errors(place: Home, connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Raises HomeError where DuckDB fails in the block because a file it reads is damaged, or because the release that
    published the warehouse did not have what is asked; QueryError for a query that takes too much memory."""
    path = published_warehouse(place.warehouse)
    try:
        yield
    except duckdb.Error as error:
        if damage := damage_met(path, error):
            raise damage from error
        if isinstance(error, duckdb.OutOfMemoryException):
            raise QueryError(said_of(error)) from error
        if isinstance(error, duckdb.CatalogException | duckdb.BinderException) and stale_models(
            connection, read_models()
        ):
            said = str(error).splitlines()[0]
            raise HomeError(
                f"{path} was published by another release, whose tables are not all those that this one asks ({said}); "
                "`sc2-pipeline run` over its replays brings it up"
            ) from error
        raise


@contextmanager
def opened_warehouse(
    place: Home, *, any_file: bool = False, writes: Path | None = None
) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to the last published warehouse.

    Raises HomeError if there is none, if it cannot be read, if a file it reads in the block is damaged, and if the
    block uses something that the release which published it did not have; QueryError for a query that takes more memory
    than ``duckdb_memory_mb``.

    The connection can read files of the home and its lake, or any file with ``any_file``; ``writes`` is the only file
    that COPY may create.
    """
    with (
        closing(open_published(place, any_file=any_file, writes=writes)) as connection,
        plain_errors(place, connection),
    ):
        yield connection
