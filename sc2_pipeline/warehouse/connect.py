"""The writer's connection to its warehouse, which is created, or migrated to this release, when it is opened."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.warehouse.declared import make_declared_tables
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.opening_errors import is_log_torn, opening_error
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline.warehouse.part_migration import divide_loads

_CHECKPOINT_THRESHOLD = "256MB"
"""WAL size at which a commit triggers a checkpoint. A checkpoint rewrites the last rows of every table, so with
DuckDB's 16 MB each batch pays for one, more as the file grows; publishing does a final checkpoint."""

FEW_LOADS = 80
"""Up to this many, which are 40 replays without the game, one thread is as fast as several and takes two thirds of their
processor time: the models are hundreds of statements of milliseconds, and at each of them DuckDB's other threads spin
before they sleep."""


def open_warehouse(
    path: Path, *, home: Path | None = None, visiting: Path | None = None, memory: Memory | None = None
) -> duckdb.DuckDBPyConnection:
    """Opens a warehouse for writing; creates it if it does not exist, and migrates its declared tables.

    The connection has one thread, until ``fit_threads`` is called.
    ``home`` is the folder with the files of tables that stay in Parquet, ``visiting`` a second one for files fetched
    temporarily for a batch. Raises HomeError if the file is in use, is not a warehouse, or has a column that cannot be
    migrated.
    """
    try:
        if not path.exists():
            _make_file(path)
        connection = _connect(path)
    except (OSError, duckdb.Error) as error:
        way_out = "`sc2-pipeline verify --repair` keeps it aside and makes it anew from the lake"
        raise opening_error(path, error, way_out) from error
    try:
        # DuckDB prints the progress bar on standard output if it takes the program for a prompt, as under `python -c`.
        connection.execute("set enable_progress_bar = false")
        connection.execute(f"set checkpoint_threshold = '{_CHECKPOINT_THRESHOLD}'")
        fit_threads(connection, 0)
        if memory is not None:
            memory.bound(connection)
        if home is not None:
            search_home(connection, home, *([] if visiting is None else [visiting]))
        divide_loads(connection)
        make_declared_tables(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def fit_threads(connection: duckdb.DuckDBPyConnection, loads: int) -> None:
    """Gives DuckDB the threads that are worth their while for models of so many loaded parts of replays.

    One, or as many as it likes.
    """
    connection.execute("set threads = 1" if loads <= FEW_LOADS else "reset threads")


def _connect(path: Path) -> duckdb.DuckDBPyConnection:
    """Opens the file, without its WAL if that is torn: everything in a warehouse can be loaded again from the lake."""
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
    """Creates an empty warehouse atomically: a file that DuckDB was creating when the process died can never be
    opened."""
    for leftover in path.parent.glob(f".partial-{path.name}-*"):
        leftover.unlink()
    # A WAL without its file, from a warehouse that was moved away.
    path.with_name(f"{path.name}.wal").unlink(missing_ok=True)
    with whole_file(path) as partial:
        duckdb.connect(str(partial)).close()
