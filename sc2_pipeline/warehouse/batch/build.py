"""Builds and tests a batch's models over its replays alone, in the writer's process or in another one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from sc2_pipeline.sql_models import Model, SingularTest
from sc2_pipeline.warehouse.batch.contents import Batch
from sc2_pipeline.warehouse.batch.stage import in_batch, stage_batch
from sc2_pipeline.warehouse.data_tests import TestOutcome, run_tests
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline.warehouse.relations import build_models
from sc2_pipeline.warehouse.remote_files import RemoteFiles


def build_batch(
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    models: Sequence[Model],
    tests: Iterable[SingularTest] | None = None,
    *,
    path: Path | None = None,
    remote_files: RemoteFiles | None = None,
) -> tuple[TestOutcome, ...]:
    """Stages the batch, builds ``models`` (``sql_models.batch_models`` or some of them), and tests them.

    Returns outcomes of the models' own tests and of the ``tests`` that read only these models; nothing if ``tests`` is
    None. Raises what ``stage_batch`` raises, ContractError for SQL that does not run, ModelRowsError if a model cannot
    compute a replay's rows.
    """
    stage_batch(connection, batch, path=path, remote_files=remote_files)
    with in_batch(connection):
        build_models(connection, models)
        return () if tests is None else run_tests(connection, models, tests)


def build_batch_file(
    path: Path,
    batch: Batch,
    models: Sequence[Model],
    tests: Iterable[SingularTest] | None = None,
    *,
    homes: Sequence[Path] = (),
    memory: Memory | None = None,
) -> tuple[TestOutcome, ...]:
    """Does the same in a new DuckDB file, for a process that does not open the warehouse, with one thread.

    The writer merges the file with ``attach_batches`` and ``merge_batch``, without ``related_replays``. Files of tables that stay in
    Parquet are read from the first of ``homes`` that has them.
    """
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        connection.execute("set threads = 1")
        if memory is not None:
            memory.bound(connection)
        if homes:
            search_home(connection, *homes)
        return build_batch(connection, batch, models, tests, path=path)
