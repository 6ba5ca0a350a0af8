"""Converts a replay's rows to their table's declared types, whatever numbers the replay contains."""

import json
from collections.abc import Iterable, Mapping
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.tables import Table

UNFIT_NUMBERS = "unfit_numbers"
"""Metadata key of a batch for these counts by column; in ``extract.json`` they are by table and column."""


def declared_batch(table: Table, columns: Mapping[str, Any], *, reason: str) -> pa.RecordBatch:
    """A batch from columns (arrays or Python values) in the table's declared order and types.

    A number outside its column's type becomes NULL and is counted by :func:`unfit_numbers`. Raises CorruptReplayError
    with ``reason`` for a NULL in a required column.
    """
    arrays, unfit = [], {}
    for field in table.schema:
        array, count = _fitted(columns[field.name], field.type)
        if array.null_count and not field.nullable:
            why = "numbers are beyond any that the game writes" if count else "values are missing"
            raise CorruptReplayError(reason, f"{array.null_count} {why}, in {table.name}.{field.name}")
        if count:
            unfit[field.name] = count
        arrays.append(array)
    batch = pa.RecordBatch.from_arrays(arrays, schema=table.schema)
    return batch.replace_schema_metadata({UNFIT_NUMBERS: json.dumps(unfit)}) if unfit else batch


def unfit_numbers(batch: pa.RecordBatch) -> dict[str, int]:
    """Number of values by column that are NULL because the column's type cannot hold them."""
    counts: dict[str, int] = json.loads((batch.schema.metadata or {}).get(UNFIT_NUMBERS.encode(), b"{}"))
    return counts


def _fitted(values: Any, kind: pa.DataType) -> tuple[pa.Array, int]:
    """The values as an array of that type, with NULL for those that do not fit, and the number of those."""
    if pa.types.is_floating(kind):
        return _fitted_floats(values, kind)
    try:
        return pc.cast(values, kind) if isinstance(values, pa.Array) else pa.array(values, kind), 0
    except (pa.ArrowInvalid, OverflowError):
        plain = values.to_pylist() if isinstance(values, pa.Array) else list(values)
    fitting = [value if _fits(value, kind) else None for value in plain]
    return pa.array(fitting, kind), fitting.count(None) - plain.count(None)


def _fits(value: Any, kind: pa.DataType) -> bool:
    try:
        pa.scalar(value, kind)
    except (pa.ArrowInvalid, OverflowError):
        return False
    return True


def _fitted_floats(values: Any, kind: pa.DataType) -> tuple[pa.Array, int]:
    wide = (
        pc.cast(values, pa.float64(), safe=False)
        if isinstance(values, pa.Array)
        else pa.array(_floats(values), pa.float64())
    )
    array = pc.cast(wide, kind, safe=False)
    are_finite = pc.fill_null(pc.is_finite(array), True)
    unfit = len(array) - (pc.sum(are_finite).as_py() or 0)
    return (pc.if_else(are_finite, array, None) if unfit else array), unfit


def _floats(values: Iterable[Any]) -> list[float | None]:
    return [None if value is None else float(value) for value in values]
