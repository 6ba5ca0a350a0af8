"""Loading of many batches: workers, where there are any, build those of new replays, and the writer merges them."""

import shutil
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Self

import duckdb
import pyarrow as pa

from sc2_pipeline.lake import FolderLake
from sc2_pipeline.pipeline.batch_reports import batch_reports, concerned_replays
from sc2_pipeline.pipeline.built_batches import BUILT_REPLAYS, BuildTask, BuiltBatch, build_task
from sc2_pipeline.pipeline.discovery import chunks
from sc2_pipeline.pipeline.loading import (
    due_parts,
    load,
    record_loaded,
    sound_extractions,
    staying_files,
    unfit_numbers,
)
from sc2_pipeline.pipeline.writer import Writer
from sc2_pipeline.sql_models import batch_models
from sc2_pipeline.stopping import is_told_to_stop
from sc2_pipeline.tables import PARTS
from sc2_pipeline.warehouse.batch.contents import (
    game_data_rows,
    joined_batch,
    related_replays,
    spread_replays,
    without_replays,
)
from sc2_pipeline.warehouse.batch.merge import merge_batch
from sc2_pipeline.warehouse.batch.stage import attach_batches
from sc2_pipeline.warehouse.connect import fit_threads
from sc2_pipeline.workers import Died, Handed


class Loading:
    """Loads batches of extracted replays: workers, where there are any, check and build those of new replays."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        self._builds = Builds(
            writer.session.home.built_batches,
            merge=partial(_merge_built, writer),
            merged_replays=writer.session.settings.batch_replays,
        )

    @contextmanager
    def loading(self) -> Iterator[Self]:
        """Inside the block batches can be added; at its end all are loaded."""
        with self._builds.opened():
            yield self
            self.finish()

    def finish(self) -> None:
        """Loads what is still being built, and then what only the writer can build."""
        self._builds.merge_finished(wait=True)
        for replay_ids in chunks(sorted(self._builds.left), self._writer.session.settings.batch_replays):
            load(self._writer, replay_ids)
        self._builds.left.clear()

    @property
    def batch_replays(self) -> int:
        """How many replays to add at once."""
        most = self._writer.session.settings.batch_replays
        return min(most, BUILT_REPLAYS) if self._writer.session.workers.are_processes else most

    def add(self, replay_ids: Sequence[str]) -> None:
        """Loads the replays, now or once a worker has built their batch, and whatever has been built meanwhile."""
        workers = self._writer.session.workers
        # A few are built here before a worker has imported what it needs to build them.
        least = BUILT_REPLAYS // 5 if workers.are_running else BUILT_REPLAYS
        is_worth_it = workers.are_processes and len(replay_ids) >= max(1, least)
        if not (is_worth_it and self._hand_out(replay_ids)):
            load(self._writer, replay_ids)
        self._builds.merge_finished()

    def _hand_out(self, replay_ids: Sequence[str]) -> bool:
        """Tells a worker to build the replays' batch; False if only the writer can, for the warehouse has rows that it needs."""
        writer, session = self._writer, self._writer.session
        due = due_parts(writer, replay_ids)
        if (
            not due.extractions
            or any((replay_id, part) in writer.held for replay_id in due.replay_ids for part in PARTS)
            or any(e.part == "observation" for e in due.extractions)
            or not isinstance(session.lake, FolderLake)
            or session.settings.localise
        ):
            return False
        sound = sound_extractions(writer, due.extractions, due.receipts)
        task = BuildTask(
            path=self._builds.new_path(),
            home=session.home.root.absolute(),
            lake=session.lake,
            extractions=sound,
            files=tuple(staying_files(writer, sound)),
            game_data=game_data_rows(writer.open(), batch_models(writer.models)),
            unfit=tuple(unfit_numbers(sound, due.receipts)),
            max_bad_row_share=session.settings.max_bad_row_share,
        )
        self._builds.add(
            session.workers.hand_out(build_task, task), [e.replay_id for e in sound if e.part == "streams"]
        )
        return True


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


def _merge_built(writer: Writer, built: Sequence[BuiltBatch]) -> Collection[str]:
    """Merges batches that workers built; returns the replays that the writer has to build.

    These are of games of which the warehouse or another of the batches has files; or all, if the merge fails.
    """
    connection = writer.open()
    joined = joined_batch([each.batch for each in built])
    left = related_replays(connection, joined) | spread_replays([each.batch for each in built])
    batch = without_replays(joined, left)
    reports, broken_tests = _joined_reports(built, left)
    try:
        fit_threads(connection, len(writer.held) + len(batch.loads))
        if batch.loads:
            attach_batches(connection, [each.path for each in built])
            merge_batch(connection, writer.models, batch, reports)
    except duckdb.Error as error:
        if is_told_to_stop():
            raise
        if isinstance(error, duckdb.FatalException | duckdb.InternalError):
            writer.close()
        return joined.replay_ids
    for each in built:
        writer.count_tests(each.outcomes)
    broken = {i: said for each in built for i, said in each.checked.broken.items()}
    record_loaded(writer, broken, batch.loads, (), broken_tests)
    return left


def _joined_reports(
    built: Sequence[BuiltBatch], left: Collection[str]
) -> tuple[dict[str, pa.Table], dict[str, set[str]]]:
    """The batches' reports as rows by table, and replays by broken test."""
    reports: dict[str, list[pa.Table]] = {}
    broken_tests: dict[str, set[str]] = {}
    for each in built:
        batch = without_replays(each.batch, left)
        broken = [test for test in each.outcomes if test.is_broken]
        for name, rows in batch_reports(each.checked, broken, batch).items():
            reports.setdefault(name, []).append(rows)
        for test in broken:
            broken_tests.setdefault(test.description, set()).update(concerned_replays(test, batch))
    return {name: pa.concat_tables(rows) for name, rows in reports.items()}, broken_tests
