"""The published warehouse, opened for reading."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

import duckdb

from sc2_pipeline.config import Home
from sc2_pipeline.steps.publish import published_warehouse
from sc2_pipeline.warehouse.opening import opening_error
from sc2_pipeline.warehouse.parquet_views import search_home

_CONFIG: dict[str, str | bool | int | float | list[str]] = {
    # A misspelt function must be an error, not a download.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": True,
}


@contextmanager
def opened_warehouse(place: Home) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only connection to what was last published; raises HomeError when nothing was, or it cannot be read."""
    path = published_warehouse(place.warehouse)
    try:
        connection = duckdb.connect(str(path), read_only=True, config=_CONFIG)
    except duckdb.Error as error:
        raise opening_error(path, error, "run `sc2-pipeline run` again, and it is made anew") from error
    with closing(connection):
        # DuckDB draws it on standard output, where the rows belong.
        connection.execute("set enable_progress_bar = false")
        search_home(connection, place.root)
        yield connection
