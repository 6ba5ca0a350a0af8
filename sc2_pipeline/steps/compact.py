"""Many small Parquet files of one raw table into few that are sorted by replay; files in, files out.

A row group holds rows of one replay only, so that whoever asks for a replay passes over all others by their statistics.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models import REPLAY_ID
from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.tables.parquet import parquet_options

COMPACT = "compact"
"""Folder of the lake: ``compact/<source>/<table>/base_build=N/part-*.parquet``."""

TARGET_BYTES = 256 * 2**20
"""A part is closed at the first replay's end past this."""

ROW_GROUP_ROWS = 122_880
"""Sixty of DuckDB's vectors; a wide table's rows of that number take some 60 MB while they are written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One replay's rows of one table; ``path`` is relative to the home. A file may hold those of other replays too."""

    replay_id: str
    settings: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A compacted file that stands, and whose rows it holds; ``path`` is relative to the home."""

    path: str
    pieces: tuple[Piece, ...]
    bytes: int
    rows: int


def part_folder(lake: str, source: str, table_name: str, base_build: int) -> str:
    """Where parts lie, relative to the home; always with forward slashes."""
    return f"{lake}/{COMPACT}/{source}/{table_name}/base_build={base_build}"


def compact(
    home: Path, folder: str, table_name: str, pieces: Sequence[Piece], *, target_bytes: int = TARGET_BYTES
) -> Iterator[Part]:
    """Writes the pieces' rows, in the order of their replays, into parts under ``folder``; each is given once it stands.

    At most one row group of rows is in memory. What is read is left where it is. Raises OSError where the disk refuses,
    ``pyarrow.ArrowInvalid`` where a file is no Parquet, ContractError when a part does not hold what was read.
    """
    table = RAW_TABLES[table_name]
    waiting = sorted(pieces, key=lambda piece: piece.replay_id)
    with ExitStack() as stack:
        sources = _Sources(home, stack)
        while waiting:
            part = _write_part(home / folder, table, waiting, sources, target_bytes)
            waiting = waiting[len(part.pieces) :]
            yield part


def has_table_schema(path: Path, table_name: str) -> bool:
    """Whether a file's columns are those that this release declares; raises OSError where there is none."""
    return bool(pq.read_schema(path).equals(RAW_TABLES[table_name].schema))


def _write_part(where: Path, table: Table, waiting: Sequence[Piece], sources: "_Sources", target_bytes: int) -> Part:
    where.mkdir(parents=True, exist_ok=True)
    partial = where / f".partial-{secrets.token_hex(8)}"
    try:
        pieces, rows = _fill(partial, table, waiting, sources, target_bytes)
        _refuse_loss(partial, rows)
        final = where / _part_name(pieces)
        partial.replace(final)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    path = final.relative_to(sources.home).as_posix()
    return Part(path=path, pieces=tuple(pieces), bytes=final.stat().st_size, rows=rows)


def _fill(
    path: Path, table: Table, waiting: Sequence[Piece], sources: "_Sources", target_bytes: int
) -> tuple[list[Piece], int]:
    """Writes the first of the waiting pieces until the target is met; those pieces, and their rows."""
    taken: list[Piece] = []
    count = 0
    with path.open("wb") as file:
        with pq.ParquetWriter(file, table.schema, **parquet_options(table)) as writer:
            for piece in waiting:
                for rows in _row_groups(sources.batches(piece), table.schema):
                    writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)
                    count += rows.num_rows
                taken.append(piece)
                if file.tell() >= target_bytes:
                    break
        file.flush()
        # The small files go once this one is named, so it must outlive a power cut.
        os.fsync(file.fileno())
    return taken, count


def _part_name(pieces: Sequence[Piece]) -> str:
    """By what it holds: work that is done twice, after a crash, gives the same file."""
    held = ";".join(f"{piece.replay_id}.{piece.settings}" for piece in pieces)
    return f"part-{hashlib.sha256(held.encode()).hexdigest()[:16]}.parquet"


def _row_groups(batches: Iterator[pa.RecordBatch], schema: pa.Schema) -> Iterator[pa.Table]:
    """The batches joined into tables of ``ROW_GROUP_ROWS`` rows, the last one shorter."""
    kept: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        rest = batch
        while count + rest.num_rows >= ROW_GROUP_ROWS:
            room = ROW_GROUP_ROWS - count
            yield pa.Table.from_batches([*kept, rest.slice(0, room)], schema=schema)
            kept, count, rest = [], 0, rest.slice(room)
        if rest.num_rows:
            kept.append(rest)
            count += rest.num_rows
    if kept:
        yield pa.Table.from_batches(kept, schema=schema)


def _refuse_loss(path: Path, rows: int) -> None:
    held = pq.read_metadata(path).num_rows
    if held != rows:
        raise ContractError(f"{path.name} holds {held} rows of the {rows} written; the small files are kept")


class _Sources:
    """Reads pieces; a file that holds several replays is opened once."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.home = home
        self._stack = stack
        self._parts: dict[str, tuple[pq.ParquetFile, dict[str, list[int]]]] = {}

    def batches(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """The rows of one piece, in the order of its file."""
        if f"/{COMPACT}/" not in piece.path:
            with pq.ParquetFile(self.home / piece.path) as file:
                yield from file.iter_batches(batch_size=ROW_GROUP_ROWS)
            return
        if piece.path not in self._parts:
            part = self._stack.enter_context(pq.ParquetFile(self.home / piece.path))
            self._parts[piece.path] = part, _groups_by_replay(part)
        part, groups = self._parts[piece.path]
        if piece.replay_id not in groups:
            raise ContractError(f"{piece.path} holds no rows of {piece.replay_id}, which the manifest names there")
        yield from part.iter_batches(batch_size=ROW_GROUP_ROWS, row_groups=groups[piece.replay_id])


def _groups_by_replay(file: pq.ParquetFile) -> dict[str, list[int]]:
    """Numbers of a part's row groups by the replay of which they hold rows."""
    column = file.schema_arrow.get_field_index(REPLAY_ID)
    groups: dict[str, list[int]] = {}
    for number in range(file.num_row_groups):
        replay_id = file.metadata.row_group(number).column(column).statistics.min
        groups.setdefault(str(replay_id), []).append(number)
    return groups
