"""Checks of raw rows, one batch of replays at a time, against the declarations in ``tables``.

Rows that break their table's contract are quarantined; oddities that also occur in valid replays are counted and kept.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Any

import polars as pl
import pyarrow as pa

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sources.declared_rows import UNFIT_NUMBERS
from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.tables.declaration import Column
from sc2_pipeline.tables.relations import RELATIONS

if TYPE_CHECKING:
    import pandera.polars as pandera

ROW_NUMBER = "__row"


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckOutcome:
    """Outcome of one check for one replay. Rows of ``severity`` ``error`` are quarantined, ``warning`` rows are
    kept."""

    replay_id: str
    source: str
    table_name: str
    check_name: str
    severity: str
    failed_rows: int
    detail: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuarantinedRow:
    """One quarantined row: the column and check it failed, and the row as JSON."""

    replay_id: str
    source: str
    table_name: str
    column_name: str
    check_name: str
    row_json: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckedBatch:
    """Good rows by table, quarantined rows, check outcomes, and replays with too many bad rows (with a message)."""

    tables: dict[str, pa.Table]
    quarantined: tuple[QuarantinedRow, ...] = ()
    outcomes: tuple[CheckOutcome, ...] = ()
    broken: dict[str, str] = field(default_factory=dict)


@cache
def pandera_schema(name: str) -> "pandera.DataFrameSchema":
    """The pandera schema of one raw table: declared types, nullability, ranges and vocabularies."""
    import pandera.polars as pandera  # noqa: PLC0415 - a fifth of a second, for rows that fail

    table = RAW_TABLES[name]
    empty = pl.DataFrame(pl.from_arrow(table.schema.empty_table()))
    columns = {}
    for column in table.columns:
        checks = []
        if column.minimum is not None:
            checks.append(pandera.Check.ge(column.minimum))
        if column.maximum is not None:
            checks.append(pandera.Check.le(column.maximum))
        if column.vocabulary is not None:
            checks.append(pandera.Check.isin(list(column.vocabulary)))
        columns[column.name] = pandera.Column(
            empty.schema[column.name], checks=checks, nullable=not column.required, required=True
        )
    return pandera.DataFrameSchema(columns, name=name)


def check_batch(tables: Mapping[str, pa.Table], *, max_bad_row_share: float) -> CheckedBatch:
    """Checks all rows of a batch of replays, table by table.

    ``tables`` maps raw table names to rows of any number of replays. Raises ContractError if a table does not have its
    declared columns and types: that is a bug of ours, not a fault of the replays.
    """
    good: dict[str, pa.Table] = {}
    frames: dict[str, pl.DataFrame] = {}
    quarantined: list[QuarantinedRow] = []
    outcomes: list[CheckOutcome] = []
    broken: dict[str, str] = {}
    for name, rows in tables.items():
        table = RAW_TABLES[name]
        _same_schema(table, rows)
        frame = pl.DataFrame(pl.from_arrow(rows))
        failures = _failures(table, frame)
        if failures.is_empty():
            good[name], frames[name] = rows, frame
            continue
        bad = _bad_rows(table, frame, failures)
        quarantined += bad
        outcomes += _counted(bad)
        if not table.is_derived:
            broken |= _too_bad(table, frame, failures, max_bad_row_share)
        frames[name] = frame.with_row_index(ROW_NUMBER).join(failures, on=ROW_NUMBER, how="anti").drop(ROW_NUMBER)
        good[name] = frames[name].to_arrow().cast(table.schema)
    outcomes += _warnings(frames)
    return CheckedBatch(
        tables={name: _without(rows, broken) for name, rows in good.items()},
        quarantined=tuple(quarantined),
        outcomes=tuple(outcomes),
        broken=broken,
    )


def unfit_outcomes(replay_id: str, source: str, content: Mapping[str, Any]) -> Iterator[CheckOutcome]:
    """Warnings about numbers stored as NULL because they do not fit their column's type, as counted in
    ``extract.json``."""
    for table_name, columns in content.get(UNFIT_NUMBERS, {}).items():
        for column, count in columns.items():
            yield CheckOutcome(
                replay_id=replay_id,
                source=source,
                table_name=table_name,
                check_name=f"{column}_fits",
                severity="warning",
                failed_rows=count,
                detail=f"{count} numbers of {column} in {table_name} are beyond its type, and NULL",
            )


def _same_schema(table: Table, rows: pa.Table) -> None:
    for declared, found in zip(table.schema, rows.schema, strict=False):
        if declared.name != found.name or declared.type != found.type:
            raise ContractError(
                f"table {table.name} has column {found.name} {found.type} where {declared.name} {declared.type} is "
                "declared; extract again with this version (remove the lake folder of the source)"
            )
    if len(table.schema) != len(rows.schema):
        raise ContractError(f"table {table.name} has {len(rows.schema)} columns, {len(table.schema)} are declared")


def _failures(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Failing cases as columns ``__row, column, check``; empty if all rows pass.

    Only rows that fail are pandera's to name: it costs some milliseconds for each column of each batch.
    """
    cases = [_repeated_keys(table, frame)]
    if _all_pass(table, frame):
        return cases[0]
    from pandera.errors import SchemaErrors  # noqa: PLC0415 - as above

    try:
        pandera_schema(table.name).validate(frame, lazy=True)
    except SchemaErrors as errors:
        found = pl.DataFrame(errors.failure_cases)
        if found["index"].null_count():
            raise ContractError(f"table {table.name} breaks its schema: {found.row(0, named=True)}") from errors
        cases.append(found.select(pl.col("index").cast(pl.UInt32).alias(ROW_NUMBER), "column", "check"))
    return pl.concat(cases)


def _all_pass(table: Table, frame: pl.DataFrame) -> bool:
    """Whether all rows pass the checks of :func:`pandera_schema`."""
    passed = [rule.alias(str(number)) for number, rule in enumerate(_rules(table.columns))]
    return not passed or all(frame.select(passed).row(0))


def _rules(columns: Iterable[Column]) -> Iterator[pl.Expr]:
    for column in columns:
        values = pl.col(column.name)
        if column.minimum is not None:
            yield (values >= column.minimum).all()
        if column.maximum is not None:
            yield (values <= column.maximum).all()
        if column.vocabulary is not None:
            yield values.is_in(list(column.vocabulary)).all()
        if column.required:
            yield values.is_not_null().all()
            if pa.types.is_floating(column.type):
                yield values.is_not_nan().all()


def _repeated_keys(table: Table, frame: pl.DataFrame) -> pl.DataFrame:
    """Rows that repeat the key of an earlier row, as failing cases."""
    key = [*(() if table.once_per else ("replay_id", "source")), *table.key]
    if frame.select(key).is_duplicated().any():
        rows = frame.with_row_index(ROW_NUMBER).filter(~pl.struct(key).is_first_distinct())
    else:
        rows = frame.clear().with_row_index(ROW_NUMBER)
    return rows.select(
        ROW_NUMBER, pl.lit(",".join(table.key) or "replay_id").alias("column"), pl.lit("unique").alias("check")
    )


def _bad_rows(table: Table, frame: pl.DataFrame, failures: pl.DataFrame) -> list[QuarantinedRow]:
    cases = failures.join(frame.with_row_index(ROW_NUMBER), on=ROW_NUMBER, how="inner", suffix="_row")
    columns = [name if name not in ("column", "check") else f"{name}_row" for name in frame.columns]
    return [
        QuarantinedRow(
            replay_id=str(case["replay_id"]),
            source=str(case["source"]),
            table_name=table.name,
            column_name=case["column"],
            check_name=case["check"],
            row_json=json.dumps(
                {name.removesuffix("_row"): case[name] for name in columns}, default=str, ensure_ascii=False
            ),
        )
        for case in cases.iter_rows(named=True)
    ]


def _counted(rows: list[QuarantinedRow]) -> list[CheckOutcome]:
    counts: dict[tuple[str, str, str, str, str], int] = {}
    for row in rows:
        key = (row.replay_id, row.source, row.table_name, row.column_name, row.check_name)
        counts[key] = counts.get(key, 0) + 1
    return [
        CheckOutcome(
            replay_id=replay_id,
            source=source,
            table_name=table_name,
            check_name=f"{column}_{check}",
            severity="error",
            failed_rows=count,
            detail=f"{count} rows of {table_name} break {check} in {column}; they are in ops.quarantined_rows",
        )
        for (replay_id, source, table_name, column, check), count in counts.items()
    ]


def _too_bad(table: Table, frame: pl.DataFrame, failures: pl.DataFrame, share: float) -> dict[str, str]:
    counts = (
        frame.with_row_index(ROW_NUMBER)
        .group_by("replay_id")
        .agg(pl.len().alias("all"), pl.col(ROW_NUMBER).is_in(failures[ROW_NUMBER].implode()).sum().alias("bad"))
        .filter(pl.col("bad") > share * pl.col("all"))
    )
    return {
        row["replay_id"]: f"{row['bad']} of {row['all']} rows of {table.name} break its checks (allowed {share:.0%}); "
        "see `sc2-pipeline quarantine`, or raise max_bad_row_share"
        for row in counts.iter_rows(named=True)
    }


def _warnings(frames: Mapping[str, pl.DataFrame]) -> list[CheckOutcome]:
    return [
        CheckOutcome(
            replay_id=row["replay_id"],
            source=row["source"],
            table_name=relation.table_name,
            check_name=relation.name,
            severity="warning",
            failed_rows=row["failed_rows"],
            detail=f"{row['failed_rows']} rows of {relation.table_name}: {relation.meaning}",
        )
        for relation in RELATIONS
        if relation.table_name in frames
        for row in relation(frames).iter_rows(named=True)
    ]


def _without(rows: pa.Table, replay_ids: Mapping[str, str]) -> pa.Table:
    if not replay_ids:
        return rows
    keep = pl.DataFrame(pl.from_arrow(rows)).filter(~pl.col("replay_id").is_in(list(replay_ids)))
    return keep.to_arrow().cast(rows.schema)
