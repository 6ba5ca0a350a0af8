"""One replay through one source into one folder of Parquet files, all or nothing."""

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline import __version__
from sc2_pipeline.errors import LakeError
from sc2_pipeline.lake import RECEIPT, FileMark, Lake, difference, told_marks
from sc2_pipeline.sources.base import ReplayFile, ReplaySource, shape_digest
from sc2_pipeline.sources.choose import SourceSpec, kept_source
from sc2_pipeline.sources.declared_rows import UNFIT_NUMBERS, unfit_numbers
from sc2_pipeline.steps.replay_faults import replay_fault
from sc2_pipeline.storable import storable
from sc2_pipeline.tables import RAW_TABLES, Table, schema_version, tables_of
from sc2_pipeline.tables.parquet import as_written, table_writer

LAKE_REFUSED = "lake_refused"
"""The reason of a fault that is the lake's, not the replay's."""

RECEIPTS_AT_ONCE = 1_000
"""Asked of the lake and held in memory together."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """What one extraction gave. ``folder`` is relative to the lake, ``rows`` counts by table."""

    replay_id: str
    source: str
    settings: str
    folder: str
    rows: dict[str, int]
    bytes: int
    seconds: float
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """Why a replay could not be extracted; ``reason`` is a key of ``errors.REASONS``."""

    replay_id: str
    reason: str
    detail: str
    is_retryable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractTask:
    """Some replays for one worker."""

    spec: SourceSpec
    lake: Lake
    replays: tuple[ReplayFile, ...]


def extract_task(task: ExtractTask) -> list[Receipt | Fault]:
    """Extracts the replays of one task, in a worker; what a replay raises becomes its :class:`Fault`.

    Raises MachineError, or what the machine itself raised, when this machine is at fault, not a replay.
    """
    source = kept_source(task.spec)
    with task.lake.together() as lake:
        return [_receipt_or_fault(replay, source, lake) for replay in task.replays]


def _receipt_or_fault(replay: ReplayFile, source: ReplaySource, lake: Lake) -> Receipt | Fault:
    try:
        return extract_replay(replay, source, lake)
    except LakeError as error:
        return Fault(replay_id=replay.replay_id, reason=LAKE_REFUSED, detail=str(error), is_retryable=True)
    except Exception as error:  # noqa: BLE001 - the border of one replay's work: its neighbours go on
        return Fault(replay_id=replay.replay_id, **asdict(replay_fault(replay.replay_id, error)))


def extraction_folder(source: str, replay_id: str, settings: str) -> str:
    """Where a replay's rows lie, relative to the lake; always with forward slashes."""
    return f"{source}/{replay_id[:2]}/{replay_id}.{settings}"


def has_declared_schema(content: Mapping[str, Any], source: str) -> bool:
    """Whether tables have the columns and types that this release declares for the source, by what ``extract.json`` says."""
    try:
        return bool(content["shape"]["schema"] == schema_version(tables_of(source)))
    except (KeyError, TypeError):
        return False


def standing_folders(lake: Lake, folders: Sequence[str]) -> set[str]:
    """Those of the folders that are whole."""
    standing: set[str] = set()
    for first in range(0, len(folders), RECEIPTS_AT_ONCE):
        contents = lake.receipts(folders[first : first + RECEIPTS_AT_ONCE])
        standing |= {folder for folder, content in contents.items() if _receipt_here(content, folder) is not None}
    return standing


def finished(lake: Lake, folder: str) -> Receipt | None:
    """The receipt of a folder that stands, else None."""
    content = lake.receipts([folder]).get(folder)
    return None if content is None else _receipt_here(content, folder)


def _receipt_here(content: Mapping[str, Any], folder: str) -> Receipt | None:
    """The receipt of that very folder: one that was copied from elsewhere is none."""
    receipt = receipt_of(content)
    return receipt if receipt is not None and receipt.folder == folder else None


def receipt_of(content: Mapping[str, Any]) -> Receipt | None:
    """The receipt in what ``extract.json`` says; None where it says none."""
    try:
        receipt = Receipt(**content["receipt"])
    except (KeyError, TypeError):
        return None
    return receipt if isinstance(receipt.rows, dict) and isinstance(receipt.folder, str) else None


def folder_faults(content: Mapping[str, Any], receipt: Receipt, marks: Mapping[str, FileMark]) -> dict[str, str]:
    """What is wrong with files of a folder that stands, by table, as far as their ``marks`` tell.

    A file that compaction took away is missing here too.
    """
    told = told_marks(content)
    faults = {table: difference(told.get(table), marks.get(table)) for table in receipt.rows}
    return {table: what for table, what in faults.items() if what is not None}


def extract_replay(replay: ReplayFile, source: ReplaySource, lake: Lake) -> Receipt:
    """Extracts one replay, unless its folder stands already; a crash leaves no half of it. Raises what the source raises."""
    settings = shape_digest(source.shape())
    folder = extraction_folder(source.name, replay.replay_id, settings)
    content = lake.receipts([folder]).get(folder)
    if content is not None:
        standing = _receipt_here(content, folder)
        if standing is not None and not folder_faults(content, standing, lake.marks([folder])[folder]):
            return standing
        # Files are damaged, or were compacted and the manifest that told where, and that this is done, is lost.
        lake.withdraw(folder)
    with lake.new_folder(folder) as place:
        receipt = _fill(lake, place, folder, replay, source)
    # Another process may have finished the same first: what stands is what is told of.
    return finished(lake, folder) or receipt


def _fill(lake: Lake, place: Path, folder: str, replay: ReplayFile, source: ReplaySource) -> Receipt:
    began = time.perf_counter()
    with TableFiles(place, lake) as tables:
        is_complete = source.extract(replay, tables.take)
    receipt = Receipt(
        replay_id=replay.replay_id,
        source=source.name,
        settings=shape_digest(source.shape()),
        folder=folder,
        rows=tables.rows,
        bytes=sum(file.stat().st_size for file in place.iterdir()),
        seconds=round(time.perf_counter() - began, 4),
        is_complete=is_complete,
    )
    content = {
        "receipt": asdict(receipt),
        "files": {table: asdict(FileMark.of(place / f"{table}.parquet")) for table in tables.rows},
        "shape": dict(source.shape()),
        "replay": {"sha256": replay.sha256, "file_name": storable(replay.path.name)},
        "written_by": f"sc2_pipeline {__version__}",
        UNFIT_NUMBERS: tables.unfit,
    }
    (place / RECEIPT).write_text(json.dumps(content, indent=1), encoding="utf-8")
    return receipt


class TableFiles:
    """One Parquet file per raw table, opened when its first rows come. ``rows`` counts by table, ``unfit`` by table and
    column the numbers that no row holds.

    Rows of a game version go to the lake's own folder for those, unless they are there.
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
        for writer in self._writers.values():
            writer.close()

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
