"""Batches of new replays that workers read, check, build and test, so that the writer has only to merge them."""

import shutil
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
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
from sc2_pipeline.warehouse.parquet_files import ParquetFile
from sc2_pipeline.workers import Died, Handed

BUILT_REPLAYS = 50
"""Replays that a worker builds at once: enough that the models' fixed cost (0.4 s) is little of it, few enough that all workers
have some at the end of a run, and that each takes no more memory than a worker has."""


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
    loads = {(e.replay_id, e.part): e.settings for e in task.extractions if e.replay_id not in checked.broken}
    replay_ids = frozenset(replay_id for replay_id, _ in loads)
    batch = Batch(
        replay_ids=replay_ids,
        tables=checked.tables,
        files=tuple(file for file in task.files if file.replay_id in replay_ids),
        loads=loads,
        held_rows=task.game_data,
    )
    models = batch_models(read_models())
    outcomes = build_batch_file(task.path, batch, models, read_tests(), homes=[task.home])
    return BuiltBatch(
        path=task.path,
        batch=replace(batch, tables={"replays": checked.tables["replays"]}, held_rows={}),
        checked=replace(checked, tables={}, outcomes=(*checked.outcomes, *task.unfit)),
        outcomes=outcomes,
    )


class Builds:
    """The batches of one run that workers build: handed out, and merged as they come back, ``merged_replays`` at once.

    ``merge`` merges some in one transaction, and returns the replays of them that it could not.
    """

    def __init__(
        self, folder: Path, *, merge: Callable[[Sequence[BuiltBatch]], Collection[str]], merged_replays: int
    ) -> None:
        self._folder = folder
        self._merge = merge
        self._merged_replays = merged_replays
        self._out: list[tuple[Handed, tuple[str, ...]]] = []
        self._built: list[BuiltBatch] = []
        self.left: set[str] = set()
        """Replays that the writer has to load: their batch could not be built, or they could not be merged."""
        self._count = 0

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Inside the block there is a folder for the files, which goes at its end, as does what a killed run left."""
        shutil.rmtree(self._folder, ignore_errors=True)
        try:
            yield
        finally:
            shutil.rmtree(self._folder, ignore_errors=True)

    def new_path(self) -> Path:
        """Where the next batch is to be built."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._count += 1
        return self._folder / f"{self._count}.duckdb"

    def add(self, handed: Handed, replay_ids: Collection[str]) -> None:
        """A batch that a worker has been told to build."""
        self._out.append((handed, tuple(replay_ids)))

    def merge_finished(self, *, wait: bool = False) -> None:
        """Merges what has been built if it is enough for a transaction; or all there is, once it is built."""
        for handed, replay_ids in [out for out in self._out if wait or out[0].is_done]:
            self._out.remove((handed, replay_ids))
            built = handed.result()
            if built is None or isinstance(built, Died):
                self.left.update(replay_ids)
            else:
                self._built.append(built)
            self._merge_built(at_least=self._merged_replays)
        if wait:
            self._merge_built(at_least=1)

    def _merge_built(self, *, at_least: int) -> None:
        if sum(len(built.batch.replay_ids) for built in self._built) < at_least:
            return
        merged, self._built = self._built, []
        self.left.update(self._merge(merged))
        for built in merged:
            built.path.unlink(missing_ok=True)
