"""Parquet encodings of the raw tables, chosen to store sorted sequences of units in little space."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.tables.declaration import Table

_SPLIT = "BYTE_STREAM_SPLIT"

_SMOOTH = frozenset({"x", "y", "z", "facing", "energy", "weapon_cooldown", "camera_x", "camera_y", "camera_z"})
"""Columns whose value changes little from one observation of a unit to the next; encoded by byte stream split."""

_RISING = frozenset({"game_loop", "unit_tag", "api_tag"})
"""Whole numbers that differ little from row to row within a sorted batch; encoded by differences."""

_SOUGHT = frozenset({"replay_id", "game_loop", "unit_tag"})
"""Columns with minimum and maximum per row group, by which readers skip row groups."""


def as_written(table: Table, batch: pa.RecordBatch) -> pa.RecordBatch:
    """A batch of the declared schema in the table's ``file_schema``; any other batch is returned unchanged, for the
    writer to refuse."""
    if table.file_schema is table.schema or not batch.schema.equals(table.schema):
        return batch
    arrays = [
        column if column.type == field.type else column.dictionary_encode()
        for column, field in zip(batch.columns, table.file_schema, strict=True)
    ]
    return pa.RecordBatch.from_arrays(arrays, schema=table.file_schema)


def table_writer(where: Path, table: Table) -> pq.ParquetWriter:
    """A writer of a table's file, for batches as returned by :func:`as_written`."""
    return pq.ParquetWriter(where, table.file_schema, **parquet_options(table))


def parquet_options(table: Table) -> dict[str, Any]:
    """Keyword arguments of ``pyarrow.parquet.ParquetWriter`` for a table.

    Tables of many rows that stay in Parquet get the encodings above; zstd at level 1 compresses smooth numbers, lz4 what
    a dictionary or differences have made small: zstd would spend more on its own tables than on such pages. Lists, whose values
    have a name of their own in the file, repeat those of the row before: plain ones compress best.
    """
    if not table.stays_in_parquet:
        return {"compression": "zstd", "compression_level": 1, "write_page_checksum": True}
    encodings = {
        field.name: encoding for field in table.schema if (encoding := _encoding(field.name, field.type)) is not None
    }
    lists = {f"{field.name}.list.element" for field in table.schema if pa.types.is_list(field.type)}
    dense = {name for name, encoding in encodings.items() if encoding == _SPLIT} | lists
    return {
        "compression": {name: "zstd" if name in dense else "lz4" for name in (*table.schema.names, *sorted(lists))},
        "compression_level": dict.fromkeys(dense, 1),
        # A bit that turned over would else be another number.
        "write_page_checksum": True,
        # What is stored would tell readers of dictionaries where the declared schema has texts.
        "store_schema": False,
        "column_encoding": encodings,
        "use_dictionary": [name for name in table.schema.names if name not in encodings],
        "write_statistics": [name for name in table.schema.names if name in _SOUGHT],
    }


def _encoding(name: str, kind: pa.DataType) -> str | None:
    if name in _SMOOTH and pa.types.is_floating(kind):
        return _SPLIT
    return "DELTA_BINARY_PACKED" if name in _RISING and pa.types.is_integer(kind) else None
