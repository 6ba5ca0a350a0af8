"""Loading of a batch of extracted replays by the writer: checks them, then stages, builds, tests and merges."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import duckdb
import pyarrow as pa

from sc2_pipeline.errors import PipelineError
from sc2_pipeline.lake.receipts import has_declared_schema
from sc2_pipeline.manifest import Extraction
from sc2_pipeline.pipeline.batch_reports import batch_reports, concerned_replays
from sc2_pipeline.pipeline.bisection import LoadFault, fault_verdicts, load_apart
from sc2_pipeline.pipeline.damaged_files import Content, is_part
from sc2_pipeline.pipeline.extracted_rows import Files, extracted_rows, files_that_stay
from sc2_pipeline.pipeline.reconciling import record_loads, record_unextracted
from sc2_pipeline.pipeline.remote_files import fetch_files
from sc2_pipeline.pipeline.session import Progress
from sc2_pipeline.pipeline.writer import Writer
from sc2_pipeline.sql_models import batch_models
from sc2_pipeline.steps.check import CheckedBatch, CheckOutcome, check_batch, unfit_outcomes
from sc2_pipeline.stopping import is_told_to_stop
from sc2_pipeline.tables import PARTS
from sc2_pipeline.warehouse.batch.build import build_batch
from sc2_pipeline.warehouse.batch.contents import new_batch
from sc2_pipeline.warehouse.batch.merge import merge_batch
from sc2_pipeline.warehouse.batch.stage import batch_files
from sc2_pipeline.warehouse.connect import fit_threads
from sc2_pipeline.warehouse.game_data import game_data_tables, load_game_data
from sc2_pipeline.warehouse.loaded_parts import Pair
from sc2_pipeline.warehouse.parquet_files import ParquetFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """What is to be loaded of some replays: extractions with the contents of their receipts, and parts to be retired."""

    extractions: list[Extraction]
    receipts: Mapping[str, Content]
    retired: set[Pair]

    @property
    def replay_ids(self) -> set[str]:
        """Of these replays something is to be loaded or retired."""
        return {e.replay_id for e in self.extractions} | {replay for replay, _ in self.retired}


def load(writer: Writer, replay_ids: Sequence[str]) -> None:
    """Checks and loads one batch: the parts of extracted replays that the warehouse lacks or holds with other settings.

    Replays that cannot be loaded are recorded as failed, and the others are loaded without them.
    """
    due = due_parts(writer, replay_ids)
    if due.replay_ids:
        _load_apart(writer, sound_extractions(writer, due.extractions, due.receipts), due.receipts, due.retired)


def due_parts(writer: Writer, replay_ids: Sequence[str]) -> Due:
    """What is to be loaded of the replays; records those that are in fact loaded, or that have no extraction."""
    writer.open()
    session, held = writer.session, writer.held
    current = session.manifest.current_extractions(replay_ids)
    behind = [e for e in current if held.get((e.replay_id, e.part)) != e.settings_digest]
    receipts = session.lake.receipts([e.folder for e in behind])
    # Extractions of an earlier release that were never loaded cannot be loaded if their tables have changed since.
    outdated = {e for e in behind if not has_declared_schema(receipts.get(e.folder, {}), e.part)}
    there = {e.replay_id for e in current if e.part == "streams" and e not in outdated}
    wanted = [e for e in behind if e not in outdated and e.replay_id in there]
    pairs = {(e.replay_id, e.part) for e in current}
    retired = {pair for i in there for part in PARTS if (pair := (i, part)) in held and pair not in pairs}
    due = Due(extractions=wanted, receipts=receipts, retired=retired)
    for e in set(behind) - set(wanted):
        if e.replay_id in there:
            # It cannot be loaded, so what the warehouse holds stays current.
            session.manifest.make_current(e.part, held.get((e.replay_id, e.part)), [e.replay_id])
    record_loads(session.manifest, there - due.replay_ids, held)
    record_unextracted(session.manifest, set(replay_ids) - there)
    return due


def sound_extractions(
    writer: Writer, extractions: Sequence[Extraction], contents: Mapping[str, Content]
) -> dict[Extraction, Files]:
    """The extractions that look undamaged by sizes and file ends, with their files; the others are reset."""
    marks = writer.session.lake.marks([e.folder for e in extractions])
    faults = writer.mending.faults({e: (contents.get(e.folder, {}), marks[e.folder]) for e in extractions})
    return _set_back(writer, faults, {e: marks[e.folder] for e in extractions})


def _set_back(
    writer: Writer, faults: Mapping[Extraction, str], extractions: Mapping[Extraction, Files]
) -> dict[Extraction, Files]:
    """Resets faulty extractions; returns the others, leaving out every replay with a fault."""
    writer.mending.withdraw(faults)
    faulty = {e.replay_id for e in faults}
    return {e: files for e, files in extractions.items() if e.replay_id not in faulty}


def _load_apart(
    writer: Writer,
    extractions: Mapping[Extraction, Files],
    contents: Mapping[str, Content],
    retired: Collection[Pair],
) -> None:
    """Loads extractions, leaving out replays that cannot be loaded, and removes ``retired`` parts.

    ``contents`` is the content of ``extract.json`` by folder.
    """
    if any(e.part == "observation" for e in extractions):
        lake = writer.session.lake
        load_game_data(writer.open(), {table.name: lake.game_data(table.name) for table in game_data_tables()})
    unfit = unfit_numbers(extractions, contents)

    def load_some(replay_ids: Collection[str]) -> None:
        some = {e: files for e, files in extractions.items() if e.replay_id in replay_ids}
        leaving = {pair for pair in retired if pair[0] in replay_ids}
        _load_sound(writer, some, [outcome for outcome in unfit if outcome.replay_id in replay_ids], leaving)

    faults = load_apart(load_some, sorted({e.replay_id for e in extractions} | {replay for replay, _ in retired}))
    writer.session.manifest.record_verdicts(fault_verdicts(faults))


def unfit_numbers(extractions: Collection[Extraction], contents: Mapping[str, Content]) -> list[CheckOutcome]:
    """Warnings about numbers that were stored as NULL, as the extractions' receipts count them."""
    return [o for e in extractions for o in unfit_outcomes(e.replay_id, PARTS[e.part], contents[e.folder])]


def _load_sound(
    writer: Writer, extractions: Mapping[Extraction, Files], unfit: Sequence[CheckOutcome], retired: Collection[Pair]
) -> None:
    """Loads extractions; a file found damaged only during reading costs its own replay, not the batch."""
    while True:
        try:
            _load_checked(writer, extractions, unfit, retired)
        except (duckdb.Error, pa.ArrowException, OSError, PipelineError):
            if is_told_to_stop():
                raise
            mending = writer.mending
            faults = mending.read_faults(_own_files(writer, extractions))
            # Views also name files of other replays, and DuckDB opens some of them.
            connection = writer.open()
            named = batch_files(connection)
            if not (
                faults
                or mending.mend_read(connection, named)
                or mending.mend(connection)
                or mending.mend_read(connection)
            ):
                raise
            extractions = _set_back(writer, faults, extractions)
            if not extractions and not retired:
                return
        else:
            return


def _own_files(
    writer: Writer, extractions: Mapping[Extraction, Files]
) -> dict[Extraction, tuple[Collection[str], list[str]]]:
    """By extraction: the tables with files in its own folder, and the compacted files that hold its other tables."""
    parts: dict[str, list[str]] = {e.replay_id: [] for e in extractions}
    for file in files_that_stay(writer.session, extractions):
        if is_part(file.path):
            parts[file.replay_id].append(file.path)
    return {e: (list(files), parts[e.replay_id]) for e, files in extractions.items()}


def _load_checked(
    writer: Writer, extractions: Mapping[Extraction, Files], unfit: Sequence[CheckOutcome], retired: Collection[Pair]
) -> None:
    session = writer.session
    checked = check_batch(
        extracted_rows(session.lake, extractions), max_bad_row_share=session.settings.max_bad_row_share
    )
    checked = replace(checked, outcomes=(*checked.outcomes, *unfit))
    good = {e: held for e, held in extractions.items() if e.replay_id not in checked.broken}
    loads = {(e.replay_id, e.part): e.settings_digest for e in good}
    leaving = {pair for pair in retired if pair[0] not in checked.broken}
    try:
        broken_tests = _merge(writer, checked, loads, staying_files(writer, good), leaving)
    except (duckdb.FatalException, duckdb.InternalError):
        # DuckDB rejects every query on this database until the file is reopened.
        writer.close()
        raise
    finally:
        writer.remote_files.release()
    record_loaded(writer, checked.broken, loads, leaving, broken_tests)


def record_loaded(
    writer: Writer,
    broken: Mapping[str, str],
    loads: Mapping[Pair, str],
    leaving: Collection[Pair],
    broken_tests: Mapping[str, Collection[str]],
) -> None:
    """Records a merged batch in the manifest and in the writer; ``broken`` says of replays what is wrong with their rows."""
    loaded = {replay_id for replay_id, _ in (*loads, *leaving)}
    bad = {i: LoadFault(stage="check", reason="too_many_bad_rows", detail=said) for i, said in broken.items()}
    writer.session.manifest.record_verdicts(fault_verdicts(bad))
    for test, replay_ids in broken_tests.items():
        writer.broken_mart_tests.setdefault(test, set()).update(replay_ids)
    writer.newly_loaded |= loaded
    for pair in leaving:
        writer.held.pop(pair, None)
    writer.held.update(loads)
    record_loads(writer.session.manifest, loaded, writer.held)
    writer.session.watch(Progress(stage="load", done=len(writer.newly_loaded), total=len(writer.newly_loaded)))


def _merge(
    writer: Writer,
    checked: CheckedBatch,
    loads: Mapping[Pair, str],
    files: Collection[ParquetFile],
    retired: Collection[Pair],
) -> dict[str, tuple[str, ...]]:
    """Builds the batch's marts, tests them, and merges all in one transaction; returns replay ids by broken test.

    A broken test is a bug in the models and leaves no replay out. Raises ContractError if a model does not run,
    ModelRowsError if one cannot compute a replay's rows.
    """
    connection, models = writer.open(), batch_models(writer.models)
    fit_threads(connection, len(writer.held) + len(loads))
    batch = new_batch(connection, models, checked.tables, loads, files, retired=retired)
    outcomes = build_batch(connection, batch, models, writer.tests, remote_files=writer.remote_files)
    writer.count_tests(outcomes)
    broken = [test for test in outcomes if test.is_broken]
    if loads or retired:
        merge_batch(connection, writer.models, batch, batch_reports(checked, broken, batch))
    return {test.description: concerned_replays(test, batch) for test in broken}


def staying_files(writer: Writer, extractions: Mapping[Extraction, Files]) -> list[ParquetFile]:
    """Files of the tables that stay in Parquet; with ``localise`` on, copies remote ones into the home."""
    session = writer.session
    files = files_that_stay(session, extractions)
    if not session.settings.localise:
        return files
    away = [file.path for file in files if not file.is_here]
    fetch_files(session.home, session.lake, away, is_to_stay=True)
    return [replace(file, is_here=True) for file in files]
