"""The only writer of a home's warehouse: opens it under a lock, keeps its models up to date, and publishes it."""

import time
from collections import Counter
from collections.abc import Collection, Iterable
from functools import partial
from types import TracebackType
from typing import Self

import duckdb

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError, ModelRowsError
from sc2_pipeline.manifest import Extraction
from sc2_pipeline.pipeline.bisection import LoadFault, fault_verdicts, load_apart
from sc2_pipeline.pipeline.damaged_files import Mending
from sc2_pipeline.pipeline.folding import fold, remove_folded
from sc2_pipeline.pipeline.manifest_mirror import mirror_manifest
from sc2_pipeline.pipeline.manifest_recovery import relearn
from sc2_pipeline.pipeline.reconciling import reconcile_loads
from sc2_pipeline.pipeline.remote_files import FetchedFiles
from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.pipeline.superseded import remove_superseded, superseded
from sc2_pipeline.pipeline.writer_lock import WriterLock
from sc2_pipeline.sql_models import read_models, read_tests
from sc2_pipeline.stopping import finished_first
from sc2_pipeline.warehouse.connect import fit_threads, open_warehouse
from sc2_pipeline.warehouse.data_tests import TestOutcome
from sc2_pipeline.warehouse.generation import Generation, generation_of
from sc2_pipeline.warehouse.loaded_parts import Loads, held_loads
from sc2_pipeline.warehouse.memory import Memory, remove_spills
from sc2_pipeline.warehouse.opening_errors import damage_met
from sc2_pipeline.warehouse.parquet_files import named_files
from sc2_pipeline.warehouse.parquet_views import renew_rowless_files
from sc2_pipeline.warehouse.publish import PublishReport, publish, remove_leftovers
from sc2_pipeline.warehouse.reading.published import published_files, published_generation
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline.warehouse.refill import batches_of_games, refill_tables, refuse_unbuildable
from sc2_pipeline.warehouse.remove import remove_replays, withdraw_replays

TestKey = tuple[str | None, str]
"""Relation and name of a test."""


class Writer:
    """The warehouse of one run, locked and opened when first needed.

    ``held`` is what the warehouse holds; ``newly_loaded`` are the replays loaded by this run; ``broken_mart_tests``
    maps tests of marts to the replays whose rows break them; ``tests_run`` and ``failed_rows``
    count over the batches, by relation (None for several) and test.
    """

    def __init__(self, session: Session) -> None:
        self.session = session
        self.models, self.tests = read_models(), read_tests()
        self.remote_files = FetchedFiles(session.home, session.lake, self.models)
        self.held: Loads = {}
        self.mending = Mending(session, self.held)
        self.newly_loaded: set[str] = set()
        self.broken_mart_tests: dict[str, set[str]] = {}
        self.tests_run: Counter[TestKey] = Counter()
        self.failed_rows: Counter[TestKey] = Counter()
        self._began = time.perf_counter()
        self._lock = WriterLock(session.home, session.settings.lock_timeout_seconds)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._generation: Generation | None = None
        self._is_open = False
        self._memory = Memory(megabytes=session.settings.duckdb_memory_mb, folder=session.home.root)

    def __enter__(self) -> Self:
        return self

    @finished_first()
    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._note_generation()
        finally:
            self.close()
            self._lock.release()
        if isinstance(error, duckdb.Error) and (damage := damage_met(self.session.home.build_warehouse, error)):
            raise damage from error

    def _note_generation(self) -> None:
        """Records the file's generation for processes that must not open it; after an error the generation is
        unknown."""
        if self._connection is not None:
            self._generation = generation_of(self._connection)
        if self._generation is not None:
            self.session.manifest.end_writing(self._generation.number, self._generation.name)

    def close(self) -> None:
        """Closes the file until it is needed again; keeps the lock."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    @property
    def seconds(self) -> float:
        """Wall time since the writer was created."""
        return time.perf_counter() - self._began

    def open(self) -> duckdb.DuckDBPyConnection:
        """The connection; opening it reconciles the manifest with the warehouse, and updates the models to this
        release."""
        if self._connection is None:
            session = self.session
            self._lock.acquire(session.watch)
            self.remote_files.release()
            remove_leftovers(session.home.warehouse)
            remove_spills(session.home.root)
            session.manifest.begin_writing()
            connection = self._connection = open_warehouse(
                session.home.build_warehouse,
                home=session.home.root,
                visiting=self.remote_files.place,
                memory=self._memory,
            )
            self.held.clear()
            self.held.update(held_loads(connection))
            fit_threads(connection, len(self.held))
            relearn(session.manifest, connection, session.lake)
            reconcile_loads(session.manifest, self.held)
            renew_rowless_files(connection, session.home.root)
            self.rebuild()
            self._is_open = True
        return self._connection

    def rebuild(self, whole: Collection[str] = ()) -> tuple[str, ...]:
        """Rebuilds the given and all outdated relations from raw rows; returns the relations rebuilt or dropped."""
        connection = self.open()
        whole_rebuild = partial(rebuild, connection, self.models, remote_files=self.remote_files)
        try:
            return self.mending.without_damage(connection, partial(whole_rebuild, whole=whole))
        except ModelRowsError:
            # Loaded by a release whose models could compute these rows.
            if not self._withdraw_unbuildable(connection):
                raise
            return whole_rebuild(whole=[model.relation for model in self.models])

    def _withdraw_unbuildable(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Withdraws loaded replays whose rows the models of this release cannot compute; returns whether there are
        any."""
        faults: dict[str, LoadFault] = {}
        for replay_ids in list(batches_of_games(connection)):
            build = partial(refuse_unbuildable, connection, self.models, remote_files=self.remote_files)
            faults |= load_apart(build, replay_ids)
        withdraw_replays(connection, faults.keys())
        self._forget(faults.keys())
        self.session.manifest.record_verdicts(fault_verdicts(faults))
        return bool(faults)

    def count_tests(self, outcomes: Iterable[TestOutcome]) -> None:
        """Counts the tests of a merged batch."""
        for outcome in outcomes:
            self.tests_run[outcome.relation, outcome.name] += 1
            self.failed_rows[outcome.relation, outcome.name] += outcome.failed_rows

    def _forget(self, replay_ids: Collection[str]) -> None:
        for pair in [pair for pair in self.held if pair[0] in replay_ids]:
            del self.held[pair]

    def remove(self, replay_ids: Collection[str]) -> None:
        """Removes the given replays from the warehouse; ignores those it does not hold."""
        connection = self.open()
        unwanted = {replay_id for replay_id, _ in self.held} & set(replay_ids)
        if unwanted:
            remove = partial(remove_replays, connection, self.models, unwanted, remote_files=self.remote_files)
            self.mending.without_damage(connection, remove)
            self.remote_files.release()
            self._forget(unwanted)

    def refilled(self) -> duckdb.DuckDBPyConnection:
        """The connection, once the tables over all replays hold what was loaded and removed."""
        connection = self.open()
        refill_tables(connection, self.models)
        return connection

    @finished_first()
    def publish_interrupted(self) -> None:
        """Publishes what is loaded after an interrupt, even if that came during a statement or before a commit was
        recorded."""
        self.close()
        if not self._is_open:
            return
        before = set(self.held)
        self.open()
        self.newly_loaded |= {replay_id for replay_id, _ in self.held.keys() - before}
        self.publish()

    @finished_first()
    def publish(self) -> PublishReport | None:
        """Mirrors manifest changes and publishes the warehouse; None if this generation is already published.

        Compares generations with the published file, since an earlier process may have died before publishing. Also
        removes from the lake what the warehouse no longer holds.
        """
        connection, home = self.refilled(), self.session.home
        mirror_manifest(connection, self.session.manifest)
        self._generation = generation_of(connection)
        named = _named_files(connection, home)
        report = None
        if self._generation != _published(home):
            self.close()
            report = publish(home.build_warehouse, home.warehouse, memory=self._memory)
        remove_superseded(self.session, self.held)
        remove_folded(home, self.session.manifest, named)
        return report

    def fold(self) -> None:
        """Folds what loaded replays have in folders of their own, if they are many, and removes what was never published."""
        connection, home = self.open(), self.session.home
        if fold(self.session, connection):
            remove_folded(home, self.session.manifest, _named_files(connection, home))

    def superseded(self) -> list[Extraction]:
        """Extractions that publishing removes from the lake."""
        self.open()
        return superseded(self.session.manifest, self.held)


def _named_files(connection: duckdb.DuckDBPyConnection, home: Home) -> set[str]:
    """Files that the writer's views name, or those of the file published so far, which others may have open."""
    named = {file.path for file in named_files(connection)}
    try:
        return named | published_files(home.warehouse)
    except HomeError:
        return named


def _published(home: Home) -> Generation | None:
    """Generation of the published file; None if there is none or it is unreadable."""
    try:
        return published_generation(home.warehouse)
    except HomeError:
        return None
