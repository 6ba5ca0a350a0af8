"""A batch's models, built over its replays alone and tested, in the writer's process or in another one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from sc2_pipeline.sql_models import Model, SingularTest
from sc2_pipeline.warehouse.batch.contents import Batch
from sc2_pipeline.warehouse.batch.stage import in_batch, stage_batch
from sc2_pipeline.warehouse.data_tests import TestOutcome, run_tests
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline.warehouse.rebuild import build_models
from sc2_pipeline.warehouse.remote_files import NO_REMOTE_FILES, RemoteFiles


def build_batch(
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    models: Iterable[Model],
    *,
    path: Path | None = None,
    remote_files: RemoteFiles = NO_REMOTE_FILES,
) -> None:
    """Stages the batch and builds ``models``, which are ``sql_models.batch_models`` or some of them, in its catalog.

    Raises what ``stage_batch`` raises, ContractError for models that do not run, ModelRowsError where one cannot compute
    some replay's rows.
    """
    stage_batch(connection, batch, path=path, remote_files=remote_files)
    with in_batch(connection):
        build_models(connection, models)


def batch_outcomes(
    connection: duckdb.DuckDBPyConnection, models: Iterable[Model], tests: Iterable[SingularTest]
) -> tuple[TestOutcome, ...]:
    """Outcomes of the tests of ``models`` over the batch that stands built, and of those ``tests`` that read no others."""
    with in_batch(connection):
        return run_tests(connection, models, tests)


def build_batch_file(
    path: Path,
    batch: Batch,
    models: Sequence[Model],
    tests: Iterable[SingularTest] = (),
    *,
    homes: Sequence[Path] = (),
) -> tuple[TestOutcome, ...]:
    """Stages, builds and tests a batch in a new DuckDB file, and opens no warehouse; outcomes of the tests.

    The writer merges it with ``attach_batch`` and ``merge_batch``, while ``is_current``. Files of tables that stay in Parquet
    are looked for under the ``homes``, the first that has them. Raises what ``build_batch`` raises.
    """
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        if homes:
            search_home(connection, *homes)
        build_batch(connection, batch, models, path=path)
        return batch_outcomes(connection, models, tests)
