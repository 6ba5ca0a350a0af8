"""A batch's models, built over its replays alone and tested, in the writer's process or in another one."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from sc2_pipeline.sql_models import Model, SingularTest
from sc2_pipeline.warehouse.batch.contents import Batch
from sc2_pipeline.warehouse.batch.stage import in_batch, stage_batch
from sc2_pipeline.warehouse.data_tests import TestOutcome, run_tests
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
    """Stages the batch, builds ``models``, which are ``sql_models.batch_models`` or some of them, and tests them.

    Outcomes of the models' own tests, and of those ``tests`` that read no others; none where ``tests`` is None. Raises what
    ``stage_batch`` raises, ContractError for what does not run, ModelRowsError where a model cannot compute a replay's rows.
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
) -> tuple[TestOutcome, ...]:
    """The same in a new DuckDB file, by a process that opens no warehouse.

    The writer merges it with ``attach_batch`` and ``merge_batch``, while it ``is_current``. Files of tables that stay in
    Parquet are looked for under the ``homes``, the first that has them.
    """
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        if homes:
            search_home(connection, *homes)
        return build_batch(connection, batch, models, tests, path=path)
