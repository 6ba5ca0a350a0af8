"""Extracts one replay through one source into a folder of Parquet files per part, all or nothing."""

import json
import logging
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline import __version__
from sc2_pipeline.config import GAME_SOURCE
from sc2_pipeline.errors import LakeError
from sc2_pipeline.lake import RECEIPT, FileMark, Lake
from sc2_pipeline.lake.receipts import Receipt, extraction_folder, folder_faults, receipt_at
from sc2_pipeline.sources.base import ReplayFile, ReplaySource, Shape, shape_digest
from sc2_pipeline.sources.choose import SourceSpec, kept_source
from sc2_pipeline.sources.declared_rows import UNFIT_NUMBERS, unfit_numbers
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.steps.replay_faults import replay_fault
from sc2_pipeline.storable import storable
from sc2_pipeline.tables import RAW_TABLES, Table, tables_of
from sc2_pipeline.tables.parquet import as_written, table_writer

log = logging.getLogger(__name__)

LAKE_REFUSED = "lake_refused"
"""Reason of a fault caused by the lake, not by the replay."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extracted:
    """Result of one replay: a receipt for each of its parts."""

    replay_id: str
    receipts: tuple[Receipt, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a replay could not be extracted; as ``ReplayFault`` has it."""

    replay_id: str
    reason: str
    detail: str
    is_retryable: bool = False
    folder: str | None = None


CompactedTables = Mapping[str, Path]
"""Compacted files that hold rows of a replay, by table."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractTask:
    """Some replays for one worker. ``owner`` is the run, which closes the worker's games.

    ``compacted`` has, by replay, the compacted files that replaced files of its folders; ``bundled`` the names of folders in
    bundles, by their own names.
    """

    owner: str
    spec: SourceSpec
    lake: Lake
    replays: tuple[ReplayFile, ...]
    compacted: Mapping[str, CompactedTables] = field(default_factory=dict)
    bundled: Mapping[str, str] = field(default_factory=dict)


def extract_task(task: ExtractTask) -> list[Extracted | Fault]:
    """Extracts the replays of one task in a worker; an error of a replay becomes its :class:`Fault`.

    Raises MachineError, or the machine's own error, if this machine is at fault and not a replay.
    """
    source = kept_source(task.owner, task.spec)
    with task.lake.together() as lake:
        return [
            _outcome(replay, source, lake, task.compacted.get(replay.replay_id, {}), task.bundled)
            for replay in task.replays
        ]


def _outcome(
    replay: ReplayFile, source: ReplaySource, lake: Lake, compacted: CompactedTables, bundled: Mapping[str, str]
) -> Extracted | Fault:
    try:
        receipts = extract_replay(replay, source, lake, compacted, bundled)
    except LakeError as error:
        return Fault(replay_id=replay.replay_id, reason=LAKE_REFUSED, detail=str(error), is_retryable=True)
    except Exception as error:  # noqa: BLE001 - the border of one replay's work: its neighbours go on
        return Fault(replay_id=replay.replay_id, **asdict(replay_fault(replay.replay_id, error)))
    return Extracted(replay_id=replay.replay_id, receipts=receipts)


def extract_replay(
    replay: ReplayFile,
    source: ReplaySource,
    lake: Lake,
    compacted: CompactedTables | None = None,
    bundled: Mapping[str, str] | None = None,
) -> tuple[Receipt, ...]:
    """Extracts those parts of a replay that have no valid folder; a crash leaves no partial folder. Returns all
    receipts.

    If only ``solved`` is missing, it is computed from the rows of ``streams`` in the lake. A replay that the game ends
    early is run once more; if it ends early again, its receipts say so. Raises what the source raises.
    """
    extracted = partial(_extracted, replay, source, lake, compacted or {}, bundled or {})
    try:
        return extracted(takes_part=source.name != GAME_SOURCE)
    except _EndedEarly:
        log.info("the game ended %s early; it is run once more, on a fresh instance", replay.name)
        return extracted(takes_part=True)


class _EndedEarly(Exception):  # noqa: N818 - no error: it only drops the rows so far
    pass


def _extracted(
    replay: ReplayFile,
    source: ReplaySource,
    lake: Lake,
    compacted: CompactedTables,
    bundled: Mapping[str, str],
    *,
    takes_part: bool,
) -> tuple[Receipt, ...]:
    wanted = {part: _Wanted.of(part, replay, shape) for part, shape in source.shapes().items()}
    standing = _standing(wanted, lake, compacted, bundled)
    missing = {part: one for part, one in wanted.items() if part not in standing}
    if not missing:
        return tuple(standing.values())
    with ExitStack() as stack:
        filled = _FilledParts(lake, stack, missing)
        if isinstance(source, TrackerSource) and missing.keys() == {"solved"}:
            rows = RowsOfReplay(lake, standing["streams"], compacted)
            source.solve(replay.replay_id, rows.read, filled.take)
            is_complete = standing["streams"].is_complete
        else:
            is_complete = source.extract(replay, filled.take)
            if not (is_complete or takes_part):
                raise _EndedEarly
        standing |= filled.receipts(replay, is_complete=is_complete)
    return tuple(standing[part] for part in wanted)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """A part of a replay, with its settings digest and folder."""

    part: str
    shape: Shape
    settings_digest: str
    folder: str

    @classmethod
    def of(cls, part: str, replay: ReplayFile, shape: Shape) -> "_Wanted":
        digest = shape_digest(shape)
        return cls(part, shape, digest, extraction_folder(part, replay.replay_id, digest))


def _standing(
    wanted: Mapping[str, _Wanted], lake: Lake, compacted: CompactedTables, bundled: Mapping[str, str]
) -> dict[str, Receipt]:
    """Receipts of the complete parts. Withdraws damaged parts, and parts whose compacted files the manifest does not
    know."""
    places = {part: bundled.get(one.folder, one.folder) for part, one in wanted.items()}
    contents = lake.receipts(places.values())
    receipts: dict[str, Receipt] = {}
    for part, place in places.items():
        content = contents.get(place)
        if content is None:
            continue
        receipt = receipt_at(content, place)
        if receipt is None or folder_faults(content, receipt, lake.marks([place])[place], compacted):
            lake.withdraw(place)
        else:
            receipts[part] = receipt
    return receipts


class _FilledParts:
    """Folders of the missing parts, filled together from one source; rows of other parts are dropped."""

    def __init__(self, lake: Lake, stack: ExitStack, missing: Mapping[str, _Wanted]) -> None:
        self._missing = missing
        self._began = time.perf_counter()
        self._places = {part: stack.enter_context(lake.new_folder(one.folder)) for part, one in missing.items()}
        self._files = {part: stack.enter_context(TableFiles(place, lake)) for part, place in self._places.items()}
        self._part_of = {table.name: part for part in missing for table in tables_of(part)}

    def take(self, name: str, batch: pa.RecordBatch) -> None:
        """Appends rows to their table's file."""
        if (part := self._part_of.get(name)) is not None:
            self._files[part].take(name, batch)

    def receipts(self, replay: ReplayFile, *, is_complete: bool) -> dict[str, Receipt]:
        """Closes the files and writes each folder's ``extract.json``; returns the receipts."""
        seconds = time.perf_counter() - self._began
        given: dict[str, Receipt] = {}
        for part, one in self._missing.items():
            tables, place = self._files[part], self._places[part]
            tables.close()
            given[part] = receipt = Receipt(
                replay_id=replay.replay_id,
                part=part,
                settings_digest=one.settings_digest,
                folder=one.folder,
                rows=tables.rows,
                bytes=sum(file.stat().st_size for file in place.iterdir()),
                # For parts extracted together, the first one gets all of the time.
                seconds=round(seconds, 4) if len(given) == 0 else 0.0,
                is_complete=is_complete,
            )
            content = {
                "receipt": asdict(receipt),
                "files": {table: asdict(FileMark.of(place / f"{table}.parquet")) for table in tables.rows},
                "shape": dict(one.shape),
                "replay": {"sha256": replay.sha256, "file_name": storable(replay.name)},
                "written_by": f"sc2_pipeline {__version__}",
                UNFIT_NUMBERS: tables.unfit,
            }
            (place / RECEIPT).write_text(json.dumps(content, indent=1), encoding="utf-8")
        return given


class RowsOfReplay:
    """Rows of one replay in the lake, from its own files or compacted ones."""

    def __init__(self, lake: Lake, receipt: Receipt, compacted: CompactedTables) -> None:
        self._lake, self._receipt, self._compacted = lake, receipt, compacted

    def read(self, name: str) -> pa.Table:
        """All rows of a table; empty if there are none."""
        table = RAW_TABLES[name]
        if name not in self._receipt.rows:
            return table.schema.empty_table()
        if name in self._compacted:
            rows = pq.read_table(self._compacted[name], filters=[("replay_id", "=", self._receipt.replay_id)])
            return rows.cast(table.schema)
        return self._lake.read([self._receipt.folder], name)


class TableFiles:
    """One Parquet file per raw table, opened when its first rows arrive.

    ``rows`` counts rows by table; ``unfit`` counts, by table and column, numbers that do not fit the column's type.
    Rows of a game version go to the lake's own folder for game data, unless that version is already there.
    """

    def __init__(self, folder: Path, lake: Lake) -> None:
        self._folder = folder
        self._lake = lake
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}
        self.unfit: dict[str, Counter[str]] = {}

    def __enter__(self) -> "TableFiles":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the files."""
        while self._writers:
            self._writers.popitem()[1].close()

    def take(self, name: str, batch: pa.RecordBatch) -> None:
        """Appends rows to a table's file as one row group."""
        if batch.num_rows == 0:
            return
        if RAW_TABLES[name].once_per:
            _keep_game_data(self._lake, RAW_TABLES[name], batch)
            return
        if name not in self._writers:
            self._writers[name] = table_writer(self._folder / f"{name}.parquet", RAW_TABLES[name])
        self._writers[name].write_batch(as_written(RAW_TABLES[name], batch))
        self.rows[name] = self.rows.get(name, 0) + batch.num_rows
        if unfit := unfit_numbers(batch):
            self.unfit.setdefault(name, Counter()).update(unfit)


def _keep_game_data(lake: Lake, table: Table, batch: pa.RecordBatch) -> None:
    version = ".".join(str(batch.column(name)[0].as_py() or "unknown") for name in table.once_per)
    if not lake.has_game_data(table.name, version):
        lake.keep_game_data(table.name, version, pa.Table.from_batches([batch]))
