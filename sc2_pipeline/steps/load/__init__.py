"""Rows of checked replays go into the warehouse, a batch at a time: staged beside it, then merged in one transaction."""

import logging
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.steps.load.game_data import game_data_tables, load_game_data
from sc2_pipeline.steps.load.loaded_parts import Load, Pair, loaded_replays
from sc2_pipeline.steps.load.merge import MIRRORED, OpsRows, merge_batch, mirror_ops, remove_replays, withdraw_replays
from sc2_pipeline.steps.load.parquet_files import (
    LoadedFile,
    LostRows,
    NamedFile,
    batch_files,
    drop_files,
    loaded_files,
    move_files_elsewhere,
    named_files,
    replace_files,
)
from sc2_pipeline.steps.load.refill import batches_of_games, fill_in_batches, refuse_unbuildable
from sc2_pipeline.steps.load.remote_files import ALL_HERE, Elsewhere
from sc2_pipeline.steps.load.stage import Batch, ParquetFile, drop_batch, in_batch, stage_batch
from sc2_pipeline.warehouse.declared import make_declared_tables
from sc2_pipeline.warehouse.opening import is_log_torn, opening_error
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


__all__ = [
    "ALL_HERE",
    "MIRRORED",
    "Batch",
    "Elsewhere",
    "Load",
    "LoadedFile",
    "LostRows",
    "NamedFile",
    "OpsRows",
    "Pair",
    "ParquetFile",
    "batch_files",
    "batches_of_games",
    "drop_batch",
    "drop_files",
    "fill_in_batches",
    "game_data_tables",
    "in_batch",
    "load_game_data",
    "loaded_files",
    "loaded_replays",
    "merge_batch",
    "mirror_ops",
    "move_files_elsewhere",
    "named_files",
    "open_warehouse",
    "refuse_unbuildable",
    "remove_replays",
    "replace_files",
    "stage_batch",
    "withdraw_replays",
]
