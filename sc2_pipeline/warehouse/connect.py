"""The writer's connection to its warehouse, which is made, or brought up to this release, as it opens."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.warehouse.declared import make_declared_tables
from sc2_pipeline.warehouse.opening_errors import is_log_torn, opening_error
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline.warehouse.part_migration import divide_loads

_CHECKPOINT_THRESHOLD = "256MB"
"""Size of the log that is folded into the file at a commit. Folding rewrites the last rows of every table, so with
DuckDB's 16 MB each batch pays for it, more as the file grows; publishing folds what is left."""


def open_warehouse(path: Path, *, home: Path | None = None, visiting: Path | None = None) -> duckdb.DuckDBPyConnection:
    """The writer's connection to a warehouse, made when it is not there, its declared tables brought up to date.

    ``home`` is the folder under which tables that stay in Parquet have their files, ``visiting`` another one, of those
    that are there for a batch.
    Raises HomeError when the file is in use, is no warehouse, or has a column that cannot become the declared one.
    """
    try:
        if not path.exists():
            _make_file(path)
        connection = _connect(path)
    except (OSError, duckdb.Error) as error:
        way_out = "`sc2-pipeline verify --repair` keeps it aside and makes it anew from the lake"
        raise opening_error(path, error, way_out) from error
    try:
        # DuckDB draws it on standard output wherever it takes the program for a prompt, as under `python -c`.
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set checkpoint_threshold = '{_CHECKPOINT_THRESHOLD}'")
        if home is not None:
            search_home(connection, home, *([] if visiting is None else [visiting]))
        divide_loads(connection)
        make_declared_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Opens the file; without its log where that is torn, for all that a warehouse holds comes from lake and manifest."""
    try:
        return duckdb.connect(str(path))
    except duckdb.Error as error:
        if not is_log_torn(error):
            raise
        log = path.with_name(f"{path.name}.wal")
        aside = log.with_name(f"{log.name}.damaged-{datetime.now(UTC):%Y%m%dT%H%M%S}")
        log.replace(aside)
        message = (
            "%s was damaged, as a power cut leaves it, and is kept as %s: what it held is loaded again from the lake"
        )
        logging.getLogger(__name__).warning(message, log, aside.name)
        return duckdb.connect(str(path))


def _make_file(path: Path) -> None:
    """Makes a warehouse of nothing, whole from the first: one that DuckDB was making when it died can never be opened."""
    for leftover in path.parent.glob(f".partial-{path.name}-*"):
        leftover.unlink()
    # A log without its file: of one that was moved away.
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    with whole_file(path) as partial:
        duckdb.connect(str(partial)).close()
