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
from sc2_pipeline.pipeline.built_batches import BUILT_BYTES, BUILT_REPLAYS, BuildTask, BuiltBatch, build_task
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
from sc2_pipeline.warehouse.batch.cut import LOADED_BYTES, MERGED_BYTES, Cut
from sc2_pipeline.warehouse.batch.merge import merge_batch
from sc2_pipeline.warehouse.batch.stage import attach_batches
from sc2_pipeline.warehouse.connect import fit_threads
from sc2_pipeline.workers import Died, Handed


class Loading:
    """Loads batches of extracted replays: workers, where there are any, check and build those of new replays."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer
        most = writer.session.settings.batch_replays
        are_processes = writer.session.workers.are_processes
        self._cut = Cut[str](
            most_replays=min(most, BUILT_REPLAYS) if are_processes else most,
            most_bytes=BUILT_BYTES if are_processes else LOADED_BYTES,
        )
        self._builds = Builds(
            writer.session.home.built_batches,
            merge=partial(_merge_built, writer),
            most_replays=most,
        )

    @contextmanager
    def loading(self) -> Iterator[Self]:
        """Inside the block batches can be added; at its end all are loaded."""
        with self._builds.opened():
            yield self
            self.finish()

    def finish(self) -> None:
        """Loads what is in no batch yet, what is still being built, and then what only the writer can build."""
        for replay_ids in self._cut.rest():
            self._load(replay_ids, is_full=False)
        self._builds.merge_finished(wait=True)
        cut = Cut[str](most_replays=self._writer.session.settings.batch_replays, most_bytes=LOADED_BYTES)
        for replay_ids in self._batches(cut, sorted(self._builds.left)):
            load(self._writer, replay_ids)
        for replay_ids in cut.rest():
            load(self._writer, replay_ids)
        self._builds.left.clear()

    def add(self, replay_ids: Sequence[str]) -> None:
        """Adds extracted replays; loads those of full batches, now or once a worker has built them, and whatever has been built
        meanwhile."""
        for batch in self._batches(self._cut, replay_ids):
            self._load(batch, is_full=True)
        self._builds.merge_finished()

    def _batches(self, cut: Cut[str], replay_ids: Sequence[str]) -> Iterator[list[str]]:
        sizes = dict.fromkeys(replay_ids, 0)
        for extraction in self._writer.session.manifest.current_extractions(replay_ids):
            sizes[extraction.replay_id] += extraction.bytes
        for replay_id, size in sizes.items():
            yield from cut.added(replay_id, size=size)

    def _load(self, replay_ids: Sequence[str], *, is_full: bool) -> None:
        workers = self._writer.session.workers
        # A few are built here before a worker has imported what it needs to build them.
        are_enough = is_full or (workers.are_running and len(replay_ids) >= BUILT_REPLAYS // 5)
        is_worth_it = workers.are_processes and are_enough
        if not (is_worth_it and self._hand_out(replay_ids)):
            load(self._writer, replay_ids)

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
            duckdb_memory_mb=session.settings.duckdb_memory_mb,
        )
        self._builds.add(
            session.workers.hand_out(build_task, task),
            [e.replay_id for e in sound if e.part == "streams"],
            size=sum(e.bytes for e in sound),
        )
        return True


class Builds:
    """The batches of one run that workers build: handed out, and merged as they come back, up to ``most_replays`` at once.

    ``merge`` merges some in one transaction, and returns the replays of them that it could not.
    """

    def __init__(
        self, folder: Path, *, merge: Callable[[Sequence[BuiltBatch]], Collection[str]], most_replays: int
    ) -> None:
        self._folder = folder
        self._merge = merge
        self._out: list[tuple[Handed, tuple[str, ...], int]] = []
        self._built = Cut[BuiltBatch](most_replays=most_replays, most_bytes=MERGED_BYTES)
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

    def add(self, handed: Handed, replay_ids: Collection[str], *, size: int) -> None:
        """A batch that a worker has been told to build, of so many bytes of extractions."""
        self._out.append((handed, tuple(replay_ids), size))

    def merge_finished(self, *, wait: bool = False) -> None:
        """Merges what has been built if it is enough for a transaction; or all there is, once it is built."""
        for handed, replay_ids, size in [out for out in self._out if wait or out[0].is_done]:
            self._out.remove((handed, replay_ids, size))
            built = handed.result()
            if built is None or isinstance(built, Died):
                self.left.update(replay_ids)
            else:
                for merged in self._built.added(built, replays=len(replay_ids), size=size):
                    self._merge_built(merged)
        for merged in self._built.rest() if wait else ():
            self._merge_built(merged)

    def _merge_built(self, merged: Sequence[BuiltBatch]) -> None:
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
