"""Merges many small Parquet files of one raw table into few files sorted by replay; files in, files out.

Row groups are sorted by replay, so a query for one replay skips the others by their statistics. Small replays share row
groups, since a reader must read every row group's metadata.
"""

import hashlib
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sc2_pipeline.durable_files import make_folders, sync_file, sync_folder
from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models import REPLAY_ID
from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.tables.parquet import parquet_options

COMPACT = "compact"
"""Folder in the lake: ``compact/<part>/<table>/part-*.parquet``, of observations ``compact/<part>/<table>/base_build=N/part-*.parquet``."""

TARGET_BYTES = 256 * 2**20
"""A part is closed at the end of the first replay that reaches this size."""

ROW_GROUP_ROWS = 491_520
"""240 of DuckDB's vectors, usually a whole game of units; kept large because a query for one replay first reads the
metadata of every row group in the file. Writing this many rows of a wide table takes about 240 MB of memory."""

SHARED_ROW_GROUP_ROWS = ROW_GROUP_ROWS // 4
"""A row group with at least this many rows ends where a replay ends; a smaller one continues with the next replay."""


_PIECES = "pieces"
"""Key of a part's metadata: replays and digests of settings, by which a lost manifest is made anew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """One replay's rows of one table; ``path`` is relative to the home. The file may also hold rows of other
    replays."""

    replay_id: str
    settings_digest: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """A compacted file and the pieces it holds; ``path`` is relative to the home."""

    path: str
    pieces: tuple[Piece, ...]
    bytes: int
    rows: int


def part_folder(lake: str, part: str, table_name: str, base_build: int | None = None) -> str:
    """Folder of parts of one build, or of all, relative to the home, always with forward slashes."""
    folder = f"{lake}/{COMPACT}/{part}/{table_name}"
    return folder if base_build is None else f"{folder}/base_build={base_build}"


def compact(
    home: Path, folder: str, table_name: str, pieces: Sequence[Piece], *, target_bytes: int = TARGET_BYTES
) -> Iterator[Part]:
    """Writes the pieces' rows, sorted by replay, into parts under ``folder``; yields each part once it is complete.

    At most one row group is in memory. Input files are kept. Raises OSError for disk errors, ``pyarrow.ArrowInvalid``
    if a file is not Parquet, ContractError if a part does not hold the rows that were read.
    """
    table = RAW_TABLES[table_name]
    waiting = sorted(pieces, key=lambda piece: piece.replay_id)
    with ExitStack() as stack:
        sources = _Sources(home, stack)
        while waiting:
            part = _write_part(home / folder, table, waiting, sources, target_bytes)
            waiting = waiting[len(part.pieces) :]
            yield part


def told_pieces(path: Path) -> list[tuple[str, str]]:
    """Replays and digests of settings of the pieces of a part, as it tells itself; none if an earlier release wrote it, or it is damaged."""
    try:
        told = (pq.read_metadata(path).metadata or {}).get(_PIECES.encode(), b"").decode()
    except (OSError, pa.ArrowException):
        return []
    return [(replay_id, digest) for replay_id, _, digest in (piece.partition(".") for piece in told.split())]


def has_table_schema(path: Path, table_name: str) -> bool:
    """Whether the file has the columns declared by this release; raises OSError if it does not exist."""
    return bool(pq.read_schema(path).equals(RAW_TABLES[table_name].schema))


def _write_part(where: Path, table: Table, waiting: Sequence[Piece], sources: "_Sources", target_bytes: int) -> Part:
    make_folders(where)
    partial = where / f".partial-{secrets.token_hex(8)}"
    try:
        pieces, rows = _fill(partial, table, waiting, sources, target_bytes)
        _refuse_loss(partial, rows)
        final = where / _part_name(pieces)
        # The small files are deleted once the part is recorded, so it must survive a power cut.
        sync_file(partial)
        partial.replace(final)
        sync_folder(where)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    path = final.relative_to(sources.home).as_posix()
    return Part(path=path, pieces=tuple(pieces), bytes=final.stat().st_size, rows=rows)


def _fill(
    path: Path, table: Table, waiting: Sequence[Piece], sources: "_Sources", target_bytes: int
) -> tuple[list[Piece], int]:
    """Writes pieces, in order, until the target size is reached; returns those pieces and their number of rows."""
    taken: list[Piece] = []
    count = 0
    with path.open("wb") as file, pq.ParquetWriter(file, table.schema, **parquet_options(table)) as writer:
        groups = _RowGroups(writer, table.schema)
        for piece in waiting:
            for batch in sources.batches(piece):
                groups.add(batch)
                count += batch.num_rows
            groups.end_replay()
            taken.append(piece)
            if file.tell() >= target_bytes:
                break
        groups.write()
        writer.add_key_value_metadata(
            {_PIECES: " ".join(f"{piece.replay_id}.{piece.settings_digest}" for piece in taken)}
        )
    return taken, count


def _part_name(pieces: Sequence[Piece]) -> str:
    """Derived from the contents, so that repeating the work after a crash gives the same file."""
    held = ";".join(f"{piece.replay_id}.{piece.settings_digest}" for piece in pieces)
    return f"part-{hashlib.sha256(held.encode()).hexdigest()[:16]}.parquet"


class _RowGroups:
    """Combines batches into row groups of at most ``ROW_GROUP_ROWS`` rows."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer = writer
        self._schema = schema
        self._kept: list[pa.RecordBatch] = []
        self._count = 0

    def add(self, batch: pa.RecordBatch) -> None:
        """Adds rows; writes each row group that is full."""
        rest = batch
        while self._count + rest.num_rows >= ROW_GROUP_ROWS:
            room = ROW_GROUP_ROWS - self._count
            self._kept.append(rest.slice(0, room))
            self.write()
            rest = rest.slice(room)
        if rest.num_rows:
            self._kept.append(rest)
            self._count += rest.num_rows

    def end_replay(self) -> None:
        """Ends the row group, unless it is still short; the next replay then starts a new one."""
        if self._count >= SHARED_ROW_GROUP_ROWS:
            self.write()

    def write(self) -> None:
        """Writes the buffered rows as one row group; does nothing if there are none."""
        if self._kept:
            rows = pa.Table.from_batches(self._kept, schema=self._schema)
            self._writer.write_table(rows, row_group_size=ROW_GROUP_ROWS)
        self._kept, self._count = [], 0


def _refuse_loss(path: Path, rows: int) -> None:
    held = pq.read_metadata(path).num_rows
    if held != rows:
        raise ContractError(f"{path.name} holds {held} rows of the {rows} written; the small files are kept")


class _Sources:
    """Reads pieces; opens each file of several replays only once."""

    def __init__(self, home: Path, stack: ExitStack) -> None:
        self.home = home
        self._stack = stack
        self._parts: dict[str, tuple[pq.ParquetFile, list[tuple[str, str]]]] = {}

    def batches(self, piece: Piece) -> Iterator[pa.RecordBatch]:
        """Rows of one piece, in file order."""
        if f"/{COMPACT}/" not in piece.path:
            with pq.ParquetFile(self.home / piece.path) as file:
                yield from file.iter_batches(batch_size=ROW_GROUP_ROWS)
            return
        if piece.path not in self._parts:
            part = self._stack.enter_context(pq.ParquetFile(self.home / piece.path))
            self._parts[piece.path] = part, _ends(part)
        part, ends = self._parts[piece.path]
        groups = [number for number, (least, greatest) in enumerate(ends) if least <= piece.replay_id <= greatest]
        if not groups:
            raise ContractError(f"{piece.path} holds no rows of {piece.replay_id}, which the manifest names there")
        for batch in part.iter_batches(batch_size=ROW_GROUP_ROWS, row_groups=groups):
            yield batch.filter(pc.equal(batch.column(REPLAY_ID), piece.replay_id))


def _ends(file: pq.ParquetFile) -> list[tuple[str, str]]:
    """Smallest and largest replay_id of each row group of a part."""
    column = file.schema_arrow.get_field_index(REPLAY_ID)
    groups = (file.metadata.row_group(number).column(column).statistics for number in range(file.num_row_groups))
    return [(str(statistics.min), str(statistics.max)) for statistics in groups]
