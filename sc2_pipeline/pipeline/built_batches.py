"""Batches of new replays that workers read, check, build and test, so that the writer has only to merge them."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import pyarrow as pa

from sc2_pipeline.errors import PipelineError
from sc2_pipeline.lake import Lake
from sc2_pipeline.manifest import Extraction
from sc2_pipeline.pipeline.extracted_rows import Files, extracted_rows
from sc2_pipeline.sql_models import batch_models, read_models, read_tests
from sc2_pipeline.steps.check import CheckedBatch, CheckOutcome, check_batch
from sc2_pipeline.warehouse.batch.build import build_batch_file
from sc2_pipeline.warehouse.batch.contents import Batch
from sc2_pipeline.warehouse.data_tests import TestOutcome
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.parquet_files import ParquetFile

BUILT_REPLAYS = 50
"""Most replays that a worker builds at once: enough that the models' fixed cost (0.4 s) is little of it, few enough that all workers
have some at the end of a run."""

BUILT_BYTES = 16_000_000
"""Extractions that a worker builds at once: 60 tournament games, for which it takes 0.5 GB, or 15 of the largest arcade games."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildTask:
    """Extractions of replays that the warehouse holds nothing of; ``path`` is the file to make.

    ``files`` are those of tables that stay in Parquet, ``game_data`` rows of the warehouse that models read.
    """

    path: Path
    home: Path
    lake: Lake
    extractions: Mapping[Extraction, Files]
    files: tuple[ParquetFile, ...]
    game_data: Mapping[str, pa.Table]
    unfit: tuple[CheckOutcome, ...]
    max_bad_row_share: float
    duckdb_memory_mb: int


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltBatch:
    """A batch in a file, for the writer to merge. Of its rows only those of ``raw.replays`` are here too, by which it is
    known whether the warehouse has other files of its games; ``checked`` has none."""

    path: Path
    batch: Batch
    checked: CheckedBatch
    outcomes: tuple[TestOutcome, ...]


def build_task(task: BuildTask) -> BuiltBatch | None:
    """Reads, checks, builds and tests; None if anything fails, for the writer to do it again and find out whose fault it is."""
    try:
        return _built(task)
    except (duckdb.Error, pa.ArrowException, OSError, PipelineError):
        task.path.unlink(missing_ok=True)
        return None


def _built(task: BuildTask) -> BuiltBatch:
    checked = check_batch(extracted_rows(task.lake, task.extractions), max_bad_row_share=task.max_bad_row_share)
    loads = {(e.replay_id, e.part): e.settings_digest for e in task.extractions if e.replay_id not in checked.broken}
    replay_ids = frozenset(replay_id for replay_id, _ in loads)
    batch = Batch(
        replay_ids=replay_ids,
        tables=checked.tables,
        files=tuple(file for file in task.files if file.replay_id in replay_ids),
        loads=loads,
        held_rows=task.game_data,
    )
    models = batch_models(read_models())
    memory = Memory(megabytes=task.duckdb_memory_mb, folder=task.path.parent)
    outcomes = build_batch_file(task.path, batch, models, read_tests(), homes=[task.home], memory=memory)
    return BuiltBatch(
        path=task.path,
        batch=replace(batch, tables={"replays": checked.tables["replays"]}, held_rows={}),
        checked=replace(checked, tables={}, outcomes=(*checked.outcomes, *task.unfit)),
        outcomes=outcomes,
    )
