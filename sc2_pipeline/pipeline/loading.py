"""Check, load, marts and publish over batches of extracted replays, under the writer's lock."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from types import TracebackType
from typing import Any, Self, TypeVar

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError, ModelRowsError, PipelineError
from sc2_pipeline.lake import FileMark
from sc2_pipeline.lake.receipts import has_declared_schema
from sc2_pipeline.manifest import Extraction, Verdict
from sc2_pipeline.pipeline.bisection import LoadFault, load_apart
from sc2_pipeline.pipeline.damaged_files import Damage, Mending, is_part, read_damage, seen_damage
from sc2_pipeline.pipeline.manifest_mirror import mirror_manifest
from sc2_pipeline.pipeline.manifest_recovery import relearn
from sc2_pipeline.pipeline.merging import Merger
from sc2_pipeline.pipeline.remote_files import Visitors, fetch_files, files_that_stay
from sc2_pipeline.pipeline.session import Progress, Session
from sc2_pipeline.pipeline.superseded import remove_superseded, superseded
from sc2_pipeline.pipeline.writer_lock import WriterLock
from sc2_pipeline.sql_models import read_models, read_tests
from sc2_pipeline.steps.check import CheckOutcome, check_batch, unfit_outcomes
from sc2_pipeline.stopping import finished_first, is_told_to_stop
from sc2_pipeline.tables import PARTS, RAW_TABLES
from sc2_pipeline.warehouse.batch.merge import remove_replays, withdraw_replays
from sc2_pipeline.warehouse.batch.stage import ParquetFile
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.game_data import game_data_tables, load_game_data
from sc2_pipeline.warehouse.generation import Generation, generation_of
from sc2_pipeline.warehouse.loaded_parts import Pair, loaded_replays
from sc2_pipeline.warehouse.opening_errors import damage_met
from sc2_pipeline.warehouse.parquet_files import NamedFile, batch_files, named_files
from sc2_pipeline.warehouse.parquet_views import renew_rowless_files
from sc2_pipeline.warehouse.publish import PublishReport, publish, published_generation, remove_leftovers
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline.warehouse.refill import batches_of_games, fill_in_batches, refuse_unbuildable

Loads = dict[tuple[str, str], str | None]
"""Settings by replay_id and part; None where files of it were lost, so that it is to be loaded again."""

Files = Mapping[str, FileMark]
"""Files of an extraction that stand, by table."""

Given = TypeVar("Given")


class Loading:
    """The warehouse of one run: opened under the lock when it is first needed.

    ``newly_loaded`` are the replays this run loaded; ``broken_mart_tests`` those by the test of a mart that their rows break.
    """

    def __init__(self, session: Session) -> None:
        self._session = session
        self._lock = WriterLock(session.home, session.settings.lock_timeout_seconds)
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._models, self._tests = read_models(), read_tests()
        self._visitors = Visitors(session.home, session.lake, self._models)
        self._mending = Mending(session)
        self._held: Loads = {}
        self._generation: Generation | None = None
        self._is_open = False
        self.newly_loaded: set[str] = set()
        self.broken_mart_tests: dict[str, set[str]] = {}

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
            self._close()
            self._lock.release()
        if isinstance(error, duckdb.Error) and (damage := damage_met(self._session.home.build_warehouse, error)):
            raise damage from error

    def _note_generation(self) -> None:
        """Tells those who must not open the writer's file what it is left with; after an error nobody knows."""
        if self._connection is not None:
            self._generation = generation_of(self._connection)
        if self._generation is not None:
            self._session.manifest.end_writing(self._generation.number, self._generation.name)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> duckdb.DuckDBPyConnection:
        if self._connection is None:
            self._lock.acquire(self._session.watch)
            home = self._session.home
            self._visitors.release()
            remove_leftovers(home.warehouse)
            self._session.manifest.begin_writing()
            self._connection = open_warehouse(home.build_warehouse, home=home.root, visiting=self._visitors.place)
            held = loaded_replays(self._connection)
            self._held = {pair: load.settings if load.is_whole else None for pair, load in held.items()}
            relearn(self._session.manifest, self._connection, self._session.lake)
            self._reconcile()
            renew_rowless_files(self._connection, home.root)
            self._rebuilt(self._connection)
            self._is_open = True
        return self._connection

    def _rebuilt(self, connection: duckdb.DuckDBPyConnection, whole: Collection[str] = ()) -> tuple[str, ...]:
        """Brings models to this release, those in ``whole`` in any case; relations that were made or dropped."""
        fill = partial(fill_in_batches, elsewhere=self._visitors)
        whole_rebuild = partial(rebuild, connection, self._models, fill=fill)
        try:
            return self._without_damage(partial(whole_rebuild, whole=whole))
        except ModelRowsError:
            # Loaded by a release whose models could compute them.
            if not self._withdraw_unbuildable(connection):
                raise
            return whole_rebuild(whole=[model.relation for model in self._models])

    def _withdraw_unbuildable(self, connection: duckdb.DuckDBPyConnection) -> bool:
        """Takes loaded replays out of the raw tables whose rows no model of this release computes; whether there are any."""
        faults: dict[str, LoadFault] = {}
        for replay_ids in list(batches_of_games(connection)):
            build = partial(refuse_unbuildable, connection, self._models, elsewhere=self._visitors)
            faults |= load_apart(build, replay_ids)
        withdraw_replays(connection, faults.keys())
        self._held = {pair: settings for pair, settings in self._held.items() if pair[0] not in faults}
        self._record_faults(faults)
        return bool(faults)

    def _without_damage(self, work: Callable[[], Given]) -> Given:
        """What ``work`` gives; where it fails, and files of loaded replays do not read, what it gives without those."""
        try:
            return work()
        except (duckdb.Error, PipelineError):
            if is_told_to_stop() or not self._mend_read():
                raise
            return work()

    @property
    def damaged_replays(self) -> set[str]:
        """Replays met whose files in the lake are damaged, to be extracted again from replays that are there."""
        return self._mending.replay_ids

    def mend(self, replay_ids: Collection[str] | None = None) -> bool:
        """Takes files that are missing or have another size out of the views, of the loaded replays named or of all.

        Their replays are set back, so that they are extracted again; until then views lack the rows of those files alone.
        Whether there were any.
        """
        files = named_files(self._opened(), replay_ids)
        return self.drop(seen_damage(self._session.home.root, files))

    def _mend_read(self, files: Iterable[NamedFile] | None = None) -> bool:
        """The same for files that do not read to their ends: those given, or all."""
        named = named_files(self._opened()) if files is None else files
        return self.drop(read_damage(self._session.home.root, named))

    def drop(self, damage: Damage) -> bool:
        """The same for files, relative to the home, of which is known what is wrong."""
        if damage:
            self._held |= dict.fromkeys(self._mending.drop(self._opened(), damage))
        return bool(damage)

    def _reconcile(self) -> None:
        """After a crash between the warehouse's commit and the manifest's: the warehouse is what it holds."""
        held = {replay_id for replay_id, _ in self._held}
        believed = self._session.manifest.loaded_replays()
        known = self._session.manifest.replays(held - believed)
        self._session.manifest.record_verdicts(
            [
                *(Verdict(replay_id=i, status="extracted", stage="extract") for i in sorted(believed - held)),
                *(
                    Verdict(replay_id=i, status="loaded", stage="load")
                    for i in sorted(held - believed)
                    if i in known and known[i]["status"] == "extracted"
                ),
            ]
        )

    def remove(self, found: Collection[str], *, keep: Collection[str]) -> None:
        """Takes out of the warehouse the replays found that are not to be kept, if they are there."""
        connection = self._opened()
        unwanted = ({replay_id for replay_id, _ in self._held} & set(found)) - set(keep)
        if unwanted:
            remove = partial(remove_replays, connection, self._models, unwanted, elsewhere=self._visitors)
            self._without_damage(remove)
            self._visitors.release()
            self._held = {pair: settings for pair, settings in self._held.items() if pair[0] not in unwanted}

    def load(self, replay_ids: Sequence[str]) -> None:
        """Checks and loads the parts of extracted replays that the warehouse does not hold as they are; one transaction."""
        connection = self._opened()
        current = self._session.manifest.current_extractions(replay_ids)
        receipts = self._session.lake.receipts([e.folder for e in current if not self._is_held(e)])
        # What an earlier release extracted and nobody loaded cannot be loaded by this one: its tables have changed since.
        loadable = [e for e in current if self._is_held(e) or has_declared_schema(receipts.get(e.folder, {}), e.part)]
        there = {e.replay_id for e in loadable if e.part == "streams"}
        wanted = [e for e in loadable if e.replay_id in there and not self._is_held(e)]
        pairs = {(e.replay_id, e.part) for e in current}
        retired = {pair for pair in self._held if pair[0] in there and pair not in pairs}
        new = {e.replay_id for e in wanted} | {replay for replay, _ in retired}
        if new:
            self._load_apart(connection, self._sound(wanted, receipts), receipts, retired)
        done = there - new
        again = set(replay_ids) - there
        standing = self._session.manifest.replays(done | again)
        verdicts = [
            *(Verdict(replay_id=i, status="loaded", stage="load") for i in sorted(done)),
            *(Verdict(replay_id=i, status="found", stage="validate") for i in sorted(again)),
        ]
        self._session.manifest.record_verdicts(v for v in verdicts if v.status != standing[v.replay_id]["status"])

    def _is_held(self, extraction: Extraction) -> bool:
        return self._held.get((extraction.replay_id, extraction.part)) == extraction.settings

    def _sound(
        self, extractions: Sequence[Extraction], contents: Mapping[str, Mapping[str, Any]]
    ) -> dict[Extraction, Files]:
        """Those that are whole as far as sizes and ends of files tell, each with its files; the others are set back."""
        marks = self._session.lake.marks([e.folder for e in extractions])
        faults = self._mending.faults({e: (contents.get(e.folder, {}), marks[e.folder]) for e in extractions})
        return self._set_back(faults, {e: marks[e.folder] for e in extractions})

    def _set_back(
        self, faults: Mapping[Extraction, str], extractions: Mapping[Extraction, Files]
    ) -> dict[Extraction, Files]:
        """Sets faulty ones back; those that are left, of a replay all or none."""
        self._mending.withdraw(faults)
        faulty = {e.replay_id for e in faults}
        return {e: files for e, files in extractions.items() if e.replay_id not in faulty}

    def _load_apart(
        self,
        connection: duckdb.DuckDBPyConnection,
        extractions: Mapping[Extraction, Files],
        contents: Mapping[str, Mapping[str, Any]],
        retired: Collection[Pair],
    ) -> None:
        """Loads them, without the replays of which nothing can be made, and takes ``retired`` parts out.

        ``contents`` is what ``extract.json`` says, by folder.
        """
        if any(e.part == "observation" for e in extractions):
            self._load_game_data(connection)
        unfit = [
            outcome for e in extractions for outcome in unfit_outcomes(e.replay_id, PARTS[e.part], contents[e.folder])
        ]

        def load(replay_ids: Collection[str]) -> None:
            part = {e: files for e, files in extractions.items() if e.replay_id in replay_ids}
            leaving = {pair for pair in retired if pair[0] in replay_ids}
            self._load_sound(part, [outcome for outcome in unfit if outcome.replay_id in replay_ids], leaving)

        faults = load_apart(load, sorted({e.replay_id for e in extractions} | {replay for replay, _ in retired}))
        self._record_faults(faults)

    def _record_faults(self, faults: Mapping[str, LoadFault]) -> None:
        self._session.manifest.record_verdicts(
            _failed(i, fault.stage, fault.reason, fault.detail) for i, fault in faults.items()
        )

    def _load_sound(
        self, extractions: Mapping[Extraction, Files], unfit: Sequence[CheckOutcome], retired: Collection[Pair]
    ) -> None:
        """Loads them; a file that turns out damaged only while it is read costs its own replay, not the batch."""
        while True:
            try:
                self._load_checked(extractions, unfit, retired)
            except (duckdb.Error, pa.ArrowException, OSError, PipelineError):
                if is_told_to_stop():
                    raise
                faults = self._mending.read_faults(self._own_files(extractions))
                # Views name files of other replays too, and DuckDB opens some of them.
                named = batch_files(self._opened())
                if not (faults or self._mend_read(named) or self.mend() or self._mend_read()):
                    raise
                extractions = self._set_back(faults, extractions)
                if not extractions and not retired:
                    return
            else:
                return

    def _own_files(
        self, extractions: Mapping[Extraction, Files]
    ) -> dict[Extraction, tuple[Collection[str], list[str]]]:
        """Of each extraction, the tables whose files lie in its folder, and compacted files that hold others."""
        parts: dict[str, list[str]] = {e.replay_id: [] for e in extractions}
        for file in files_that_stay(self._session, extractions):
            if is_part(file.path):
                parts[file.replay_id].append(file.path)
        return {e: (list(files), parts[e.replay_id]) for e, files in extractions.items()}

    def _load_checked(
        self, extractions: Mapping[Extraction, Files], unfit: Sequence[CheckOutcome], retired: Collection[Pair]
    ) -> None:
        checked = check_batch(self._rows(extractions), max_bad_row_share=self._session.settings.max_bad_row_share)
        checked = replace(checked, outcomes=(*checked.outcomes, *unfit))
        good = {e: held for e, held in extractions.items() if e.replay_id not in checked.broken}
        loads = {(e.replay_id, e.part): e.settings for e in good}
        leaving = {pair for pair in retired if pair[0] not in checked.broken}
        merger = Merger(self._opened(), self._models, self._tests, self._visitors)
        try:
            broken_tests = merger.merge(checked, loads, self._files(good), leaving)
        except (duckdb.FatalException, duckdb.InternalError):
            # DuckDB answers nothing any more, whoever asks, until the file is opened anew.
            self._close()
            raise
        finally:
            self._visitors.release()
        loaded = {replay_id for replay_id, _ in (*loads, *leaving)}
        self._session.manifest.record_verdicts(
            [
                *(_failed(i, "check", "too_many_bad_rows", detail) for i, detail in checked.broken.items()),
                *(Verdict(replay_id=i, status="loaded", stage="load") for i in sorted(loaded)),
            ]
        )
        for test, replay_ids in broken_tests.items():
            self.broken_mart_tests.setdefault(test, set()).update(replay_ids)
        self.newly_loaded |= loaded
        self._held = {**{pair: held for pair, held in self._held.items() if pair not in leaving}, **loads}
        self._session.watch(Progress(stage="load", done=len(self.newly_loaded), total=len(self.newly_loaded)))

    def _load_game_data(self, connection: duckdb.DuckDBPyConnection) -> None:
        lake = self._session.lake
        load_game_data(connection, {table.name: lake.game_data(table.name) for table in game_data_tables()})

    def _files(self, extractions: Mapping[Extraction, Files]) -> list[ParquetFile]:
        """Files of the tables that stay in Parquet, those to be kept in the home copied there."""
        files = files_that_stay(self._session, extractions)
        if not self._session.settings.localise:
            return files
        away = [file.path for file in files if not file.is_here]
        fetch_files(self._session.home, self._session.lake, away, is_to_stay=True)
        return [replace(file, is_here=True) for file in files]

    def _rows(self, extractions: Mapping[Extraction, Files]) -> dict[str, pa.Table]:
        rows: dict[str, pa.Table] = {}
        for table in RAW_TABLES.values():
            if table.stays_in_parquet or table.once_per:
                continue
            folders = [e.folder for e, held in extractions.items() if e.part in table.parts and table.name in held]
            if folders:
                rows[table.name] = self._session.lake.read(folders, table.name)
        if "chat_messages" in rows:
            # Before 0.1.0 the game's rows had the streams' chat too.
            chat = rows["chat_messages"]
            heard = pc.or_(pc.equal(chat["source"], "tracker"), pc.is_valid(chat["pass_player_id"]))
            rows["chat_messages"] = chat.filter(heard)
        return rows

    @finished_first()
    def publish_interrupted(self) -> None:
        """Publishes what is loaded after an interrupt, which may have come in a statement, or between a commit and its record."""
        self._close()
        if not self._is_open:
            return
        held = self._held.keys()
        self._opened()
        self.newly_loaded |= {replay_id for replay_id, _ in self._held.keys() - held}
        self.publish()

    @finished_first()
    def publish(self) -> PublishReport | None:
        """Mirrors what changed in the manifest and publishes the warehouse; None when people have this generation.

        What the warehouse then holds no more leaves the lake too.

        What this process did says nothing: an earlier one may have died before it came to this.
        """
        connection = self._opened()
        home = self._session.home
        mirror_manifest(connection, self._session.manifest)
        self._generation = generation_of(connection)
        report = None
        if self._generation != _published(home):
            self._close()
            report = publish(home.build_warehouse, home.warehouse)
        remove_superseded(self._session, self._held)
        return report

    def superseded(self) -> list[Extraction]:
        """Extractions that publishing removes from the lake."""
        self._opened()
        return superseded(self._session.manifest, self._held)


def _published(home: Home) -> Generation | None:
    """The generation that people have; None where they have none that can be read."""
    try:
        return published_generation(home.warehouse)
    except HomeError:
        return None


def _failed(replay_id: str, stage: str, reason: str, detail: str) -> Verdict:
    return Verdict(replay_id=replay_id, status="failed", stage=stage, reason=reason, detail=detail)
