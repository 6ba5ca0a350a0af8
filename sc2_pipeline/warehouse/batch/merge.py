"""Merges a built batch into the warehouse in one transaction: readers see all of it or nothing."""

from collections.abc import Collection, Iterable, Mapping
from datetime import UTC, datetime

import duckdb
import pyarrow as pa

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models import Model
from sc2_pipeline.tables import PARTS, tables_of
from sc2_pipeline.tables.ops import LOADS, MART_TEST_FAILURES
from sc2_pipeline.warehouse.batch.contents import Batch
from sc2_pipeline.warehouse.batch.stage import BATCH, drop_batch
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.generation import change
from sc2_pipeline.warehouse.loaded_parts import (
    Pair,
    file_tables,
    held_loads,
    loaded_relations,
    of_replays,
    pairs_relation,
    replays_relation,
    rows_relation,
)
from sc2_pipeline.warehouse.parquet_views import refresh_parquet_views

OpsRows = Mapping[str, pa.Table]

_REPORTS = ("quarantined_rows", "check_outcomes")
"""Reports about a replay's raw rows, deleted together with them."""


def merge_batch(
    connection: duckdb.DuckDBPyConnection, models: Iterable[Model], batch: Batch, reports: OpsRows | None = None
) -> None:
    """Moves a built batch into the warehouse in one transaction, and drops its catalog.

    ``models`` are all models of the warehouse, in build order. ``reports`` are results of checks and tests, by table of
    schema ops; without test results, earlier ones about other files of the same games are kept. Replays loaded before
    are replaced; new ones need no search. The tables over all replays are behind until ``refill_tables``.
    """
    models, reports = tuple(models), reports or {}
    changing = {*batch.loads, *batch.retired}
    held = held_loads(connection, batch.replay_ids)
    replaced = held.keys() & changing
    changed = {file.table_name for file in batch.files} | file_tables(connection, replaced)
    tested = batch.replay_ids if MART_TEST_FAILURES.name in reports else {replay for replay, _ in changing}
    with change(connection) as this:
        this.are_tables_behind = True if models else None
        this.replay_ids = batch.replay_ids | {replay for replay, _ in changing}
        _delete_raw(connection, replaced)
        _delete_built(connection, models, {replay for replay, _ in held})
        _delete_of_replays(connection, [f"ops.{MART_TEST_FAILURES.name}"], tested)
        _insert_raw(connection, batch)
        refresh_parquet_views(connection, changed)
        _insert_built(connection, models, batch)
        _delete_reports(connection, changing)
        _add_reports(connection, reports)
        _insert_loads(connection, batch.loads)
    drop_batch(connection)


def _delete_raw(connection: duckdb.DuckDBPyConnection, pairs: Collection[Pair]) -> None:
    for relation, table in loaded_relations().items():
        with rows_relation(connection, table, pairs) as rows:
            if rows is not None:
                gone, key = rows
                connection.execute(f"delete from {relation} where ({key}) in (select {key} from {gone})")
    if pairs:
        with pairs_relation(connection, pairs) as gone:
            connection.execute(
                f"delete from ops.{LOADS.name} where (replay_id, part) in (select replay_id, part from {gone})"
            )


def _delete_reports(connection: duckdb.DuckDBPyConnection, pairs: Collection[Pair]) -> None:
    for part, source in PARTS.items():
        replay_ids = {replay for replay, of_part in pairs if of_part == part}
        if replay_ids:
            tables = [table.name for table in tables_of(part)]
            with replays_relation(connection, replay_ids) as gone:
                for name in _REPORTS:
                    connection.execute(
                        f"delete from ops.{name} where replay_id in (select replay_id from {gone})"
                        " and source = ? and table_name in (select unnest(?))",
                        [source, tables],
                    )


def _delete_built(connection: duckdb.DuckDBPyConnection, models: Iterable[Model], replay_ids: Collection[str]) -> None:
    _delete_of_replays(connection, (model.relation for model in _incremental(models)), replay_ids)


def _delete_of_replays(
    connection: duckdb.DuckDBPyConnection, relations: Iterable[str], replay_ids: Collection[str]
) -> None:
    if not replay_ids:
        return
    with replays_relation(connection, replay_ids) as gone:
        for relation in relations:
            connection.execute(f"delete from {relation} where replay_id in (select replay_id from {gone})")


def _incremental(models: Iterable[Model]) -> Iterable[Model]:
    return (model for model in models if model.materialized == "incremental")


def _insert_raw(connection: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Inserts only new rows; the batch also has copies of loaded rows, which its models needed."""
    for relation, table in loaded_relations().items():
        with rows_relation(connection, table, batch.loads) as rows:
            if rows is not None:
                new, key = rows
                connection.execute(
                    f"insert into {relation} by name select * from {BATCH}.{relation} semi join {new} using ({key})"
                )


def _insert_built(connection: duckdb.DuckDBPyConnection, models: Iterable[Model], batch: Batch) -> None:
    with of_replays(connection, batch.replay_ids if batch.is_reduced else None) as merged:
        for model in _incremental(models):
            connection.execute(f"insert into {model.relation} by name select * from {BATCH}.{model.relation} {merged}")


def _insert_loads(connection: duckdb.DuckDBPyConnection, loads: Mapping[Pair, str]) -> None:
    moment = datetime.now(UTC)
    rows = [
        {"replay_id": replay, "part": part, "settings_digest": digest, "loaded_at": moment}
        for (replay, part), digest in loads.items()
    ]
    insert_rows(connection, f"ops.{LOADS.name}", pa.Table.from_pylist(rows, schema=LOADS.schema))


def _add_reports(connection: duckdb.DuckDBPyConnection, reports: OpsRows) -> None:
    for name, rows in reports.items():
        if name not in (*_REPORTS, MART_TEST_FAILURES.name):
            raise ContractError(f"ops.{name} is no report of a batch (known: {', '.join(_REPORTS)})")
        insert_rows(connection, f"ops.{name}", rows)
