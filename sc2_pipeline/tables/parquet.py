"""How a raw table lies in a Parquet file: what makes sorted sequences of units small."""

from typing import Any

import pyarrow as pa

from sc2_pipeline.tables.declaration import Table

_SMOOTH = frozenset({"x", "y", "z", "facing", "energy", "weapon_cooldown", "camera_x", "camera_y", "camera_z"})
"""Numbers that change by little from one observation of a unit to the next: their bytes compress apart."""

_RISING = frozenset({"game_loop", "unit_tag", "api_tag"})
"""Whole numbers of which, within a sorted batch, the differences are few."""

_SOUGHT = frozenset({"replay_id", "game_loop", "unit_tag"})
"""Columns by which readers pass over row groups, which carry their least and greatest."""


def parquet_options(table: Table) -> dict[str, Any]:
    """Keyword arguments of ``pyarrow.parquet.ParquetWriter`` for a table.

    Tables of many rows that stay in Parquet get the encodings above; all are compressed by zstd at level 1.
    """
    options: dict[str, Any] = {"compression": "zstd", "compression_level": 1}
    if not table.stays_in_parquet:
        return options
    encodings = {
        field.name: encoding for field in table.schema if (encoding := _encoding(field.name, field.type)) is not None
    }
    return options | {
        "column_encoding": encodings,
        "use_dictionary": [name for name in table.schema.names if name not in encodings],
        "write_statistics": [name for name in table.schema.names if name in _SOUGHT],
    }


def _encoding(name: str, kind: pa.DataType) -> str | None:
    if name in _SMOOTH and pa.types.is_floating(kind):
        return "BYTE_STREAM_SPLIT"
    return "DELTA_BINARY_PACKED" if name in _RISING and pa.types.is_integer(kind) else None
