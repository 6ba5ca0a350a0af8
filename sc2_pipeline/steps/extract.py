"""One replay through one source into one folder of Parquet files, all or nothing."""

import json
import logging
import os
import secrets
import shutil
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline import __version__
from sc2_pipeline.errors import EngineError, ReplayError
from sc2_pipeline.sources.base import ReplayFile, ReplaySource, shape_digest
from sc2_pipeline.sources.choose import SourceSpec, kept_source
from sc2_pipeline.tables import RAW_TABLES, Table, schema_version, tables_of
from sc2_pipeline.tables.parquet import parquet_options

RECEIPT = "extract.json"
"""Written last; a folder that has it is whole."""

GAME_DATA = "game_data"
"""Folder of the lake for rows that are a game version's, not a replay's: ``game_data/<table>/<version>.parquet``."""


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
    lake: Path
    replays: tuple[ReplayFile, ...]


def extract_task(task: ExtractTask) -> list[Receipt | Fault]:
    """Extracts the replays of one task, in a worker; what a replay raises becomes its :class:`Fault`.

    Raises EngineUnavailableError when this machine is at fault, not a replay.
    """
    source = kept_source(task.spec)
    return [_receipt_or_fault(replay, source, task.lake) for replay in task.replays]


def _receipt_or_fault(replay: ReplayFile, source: ReplaySource, lake: Path) -> Receipt | Fault:
    try:
        return extract_replay(replay, source, lake)
    except ReplayError as error:
        is_retryable = isinstance(error, EngineError) and error.is_retryable
        return Fault(replay_id=replay.replay_id, reason=error.reason, detail=error.detail, is_retryable=is_retryable)
    except (ArithmeticError, LookupError, TypeError, ValueError, AttributeError, MemoryError, RecursionError) as error:
        # A bug of ours that one replay's bytes bring out must not cost its neighbours.
        logging.getLogger(__name__).exception("replay %s brought out a bug", replay.replay_id)
        detail = f"{type(error).__name__}: {error}; please report it with this replay"
        return Fault(replay_id=replay.replay_id, reason="internal_error", detail=detail)


def extraction_folder(source: str, replay_id: str, settings: str) -> str:
    """Where a replay's rows lie, relative to the lake; always with forward slashes."""
    return f"{source}/{replay_id[:2]}/{replay_id}.{settings}"


def has_declared_schema(lake: Path, folder: str, source: str) -> bool:
    """Whether a folder's tables have the columns and types that this release declares for the source."""
    try:
        content = json.loads((lake / folder / RECEIPT).read_text(encoding="utf-8"))
        return bool(content["shape"]["schema"] == schema_version(tables_of(source)))
    except (OSError, ValueError, KeyError, TypeError):
        return False


def finished(lake: Path, folder: str) -> Receipt | None:
    """The receipt of a folder that stands, else None."""
    try:
        text = (lake / folder / RECEIPT).read_text(encoding="utf-8")
        return Receipt(**json.loads(text)["receipt"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def extract_replay(replay: ReplayFile, source: ReplaySource, lake: Path) -> Receipt:
    """Extracts one replay, unless its folder stands already.

    The folder is written under another name and renamed when it is whole: a crash leaves no half of it.
    Raises what the source raises.
    """
    settings = shape_digest(source.shape())
    folder = extraction_folder(source.name, replay.replay_id, settings)
    standing = finished(lake, folder)
    final = lake / folder
    if standing is not None:
        if all((final / f"{name}.parquet").is_file() for name in standing.rows):
            return standing
        # Its rows were compacted, and the manifest that told where, and that this is done, is lost.
        shutil.rmtree(final)
    _remove_leftovers(final)
    partial = final.with_name(f".partial-{final.name}-{secrets.token_hex(4)}")
    partial.mkdir(parents=True)
    try:
        receipt = _fill(lake, partial, folder, replay, source)
        _settle(partial, final)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return finished(lake, folder) or receipt


def _fill(lake: Path, partial: Path, folder: str, replay: ReplayFile, source: ReplaySource) -> Receipt:
    began = time.perf_counter()
    with TableFiles(partial, lake) as tables:
        is_complete = source.extract(replay, tables.take)
    receipt = Receipt(
        replay_id=replay.replay_id,
        source=source.name,
        settings=shape_digest(source.shape()),
        folder=folder,
        rows=tables.rows,
        bytes=sum(file.stat().st_size for file in partial.iterdir()),
        seconds=round(time.perf_counter() - began, 4),
        is_complete=is_complete,
    )
    content = {
        "receipt": asdict(receipt),
        "shape": dict(source.shape()),
        "replay": {"sha256": replay.sha256, "file_name": replay.path.name.encode("utf-8", "replace").decode()},
        "written_by": f"sc2_pipeline {__version__}",
    }
    (partial / RECEIPT).write_text(json.dumps(content, indent=1), encoding="utf-8")
    return receipt


def _settle(partial: Path, final: Path) -> None:
    try:
        partial.rename(final)
    except OSError:
        # Another process finished the same work first: its folder is as good, rows depend on the settings alone.
        if not (final / RECEIPT).is_file():
            shutil.rmtree(final, ignore_errors=True)
            partial.rename(final)
        else:
            shutil.rmtree(partial, ignore_errors=True)


def _remove_leftovers(final: Path) -> None:
    if final.parent.is_dir():
        for entry in os.scandir(final.parent):
            if entry.name.startswith(f".partial-{final.name}-"):
                shutil.rmtree(entry.path, ignore_errors=True)


class TableFiles:
    """One Parquet file per raw table, opened when its first rows come. ``rows`` counts by table.

    Rows of a game version go to the lake's own folder for those, unless they are there.
    """

    def __init__(self, folder: Path, lake: Path) -> None:
        self._folder = folder
        self._lake = lake
        self._writers: dict[str, pq.ParquetWriter] = {}
        self.rows: dict[str, int] = {}

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
            schema = RAW_TABLES[name].schema
            self._writers[name] = pq.ParquetWriter(
                self._folder / f"{name}.parquet", schema, **parquet_options(RAW_TABLES[name])
            )
        self._writers[name].write_batch(batch)
        self.rows[name] = self.rows.get(name, 0) + batch.num_rows


def _keep_game_data(lake: Path, table: Table, batch: pa.RecordBatch) -> None:
    version = ".".join(str(batch.column(name)[0].as_py() or "unknown") for name in table.once_per)
    path = lake / GAME_DATA / table.name / f"{version}.parquet"
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".partial-{path.name}-{secrets.token_hex(4)}")
    pq.write_table(pa.Table.from_batches([batch]), partial, compression="zstd")
    partial.replace(path)


def read_game_data(lake: Path, name: str) -> list[pa.Table]:
    """A game-data table's rows, one table per version of the game that was run."""
    return [_read(path) for path in sorted((lake / GAME_DATA / name).glob("[!.]*.parquet"))]


def read_table(lake: Path, folder: str, name: str) -> pa.Table | None:
    """A table's rows from a finished folder; None where the replay has none."""
    path = lake / folder / f"{name}.parquet"
    return _read(path) if path.is_file() else None


def _read(path: Path) -> pa.Table:
    # pq.read_table goes by way of a dataset: 2 ms a file more.
    with pq.ParquetFile(path) as file:
        return file.read()
