"""Parquet files of a table and split, each begun when the last is large enough."""

from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.export.files import FILE_BYTES, ExportedFile
from sc2_pipeline.export.unfinished import Part, Unfinished


def written_shards(
    export: Unfinished, table: str, split: str, groups: Callable[[int], Iterator[pa.Table]]
) -> Iterator[ExportedFile]:
    """Writes ``TABLE/SPLIT/part_N.parquet``, a row group for each group that has rows, unless they are finished.

    ``groups`` gives the groups from the one of that number on, the same ones each time.
    """
    first = 0
    for number in count():
        path = export.folder / table / split / f"part_{number}.parquet"
        part = export.part(
            f"{table}/{split}/{number}",
            partial(_written, export.folder, path, table=table, split=split, groups=groups, first=first),
        )
        if not part.files:
            return
        yield from part.files
        first = part.until


def _written(
    folder: Path, path: Path, *, table: str, split: str, groups: Callable[[int], Iterator[pa.Table]], first: int
) -> Part:
    """The next shard, from group ``first`` on; without a file if no group has rows. ``until`` is the number of the next group."""
    writer, rows, until = None, 0, first
    try:
        for until, group in enumerate(groups(first), first + 1):  # noqa: B007 - it counts past groups without rows
            if not group.num_rows:
                continue
            if writer is None:
                path.parent.mkdir(parents=True, exist_ok=True)
                # A dictionary of the vectors' elements makes files smaller by a third, and reading them slower by a fifth.
                encoded = [name for name in group.column_names if name != "features"]
                writer = pq.ParquetWriter(path, group.schema, compression="zstd", use_dictionary=encoded)
            writer.write_table(group, row_group_size=group.num_rows)
            rows += group.num_rows
            if path.stat().st_size >= FILE_BYTES:
                break
    finally:
        if writer is not None:
            writer.close()
    files = () if writer is None else (ExportedFile.of(folder, path, table=table, split=split, rows=rows),)
    return Part(files=files, until=until)


def written_sequences(export: Unfinished, split: str, data: ExportedFile) -> tuple[ExportedFile, ...]:
    """Writes, for a shard of rows, where each sequence (a game as one player had it) begins; it lies within one row group."""
    path = export.folder / "sequences" / split / Path(data.path).name
    return export.files(f"sequences/{split}/{path.name}", lambda: [_sequences_file(export.folder, path, split, data)])


def _sequences_file(folder: Path, path: Path, split: str, data: ExportedFile) -> ExportedFile:
    with pq.ParquetFile(folder / data.path) as file:
        tables, offset = [], 0
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=["replay_id", "player_id"])
            tables.append(_sequences(rows, group, offset))
            offset += rows.num_rows
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.concat_tables(tables), path)
    return ExportedFile.of(folder, path, table="sequences", split=split, rows=sum(map(len, tables)))


def _sequences(rows: pa.Table, group: int, offset: int) -> pa.Table:
    keys = ["replay_id", "player_id"]
    counted = rows.group_by(keys, use_threads=False).aggregate([([], "count_all")])
    counts = counted.column("count_all").to_numpy()
    columns = {
        "row_group": pa.array([group] * len(counts), pa.int32()),
        "first_row": pa.array(offset + counts.cumsum() - counts),
        "row_count": pa.array(counts),
    }
    return pa.table({name: counted.column(name) for name in keys} | columns)
