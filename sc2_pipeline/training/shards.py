"""Parquet files of a table and split, each begun when the last is large enough."""

from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.export.files import FILE_BYTES, ExportedFile


def written_shards(folder: Path, table: str, split: str, groups: Iterator[pa.Table]) -> Iterator[ExportedFile]:
    """Writes ``TABLE/SPLIT/part_N.parquet``, a row group for each of ``groups``; none for none."""
    number, group = 0, next(groups, None)
    while group is not None:
        path = folder / table / split / f"part_{number}.parquet"
        path.parent.mkdir(parents=True, exist_ok=True)
        # A dictionary of the vectors' elements makes files smaller by a third, and reading them slower by a fifth.
        encoded = [name for name in group.column_names if name != "features"]
        rows = 0
        with pq.ParquetWriter(path, group.schema, compression="zstd", use_dictionary=encoded) as writer:
            while group is not None and path.stat().st_size < FILE_BYTES:
                writer.write_table(group, row_group_size=group.num_rows)
                rows += group.num_rows
                group = next(groups, None)
        yield ExportedFile.of(folder, path, table=table, split=split, rows=rows)
        number += 1


def written_sequences(folder: Path, split: str, data: ExportedFile) -> Iterator[ExportedFile]:
    """Writes, for a shard of rows, where each sequence (a game as one player had it) begins; it lies within one row group."""
    path = folder / "sequences" / split / Path(data.path).name
    with pq.ParquetFile(folder / data.path) as file:
        tables, offset = [], 0
        for group in range(file.num_row_groups):
            rows = file.read_row_group(group, columns=["replay_id", "player_id"])
            tables.append(_sequences(rows, group, offset))
            offset += rows.num_rows
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.concat_tables(tables), path)
    yield ExportedFile.of(folder, path, table="sequences", split=split, rows=sum(map(len, tables)))


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
