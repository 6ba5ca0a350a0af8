"""Builders of small raw rows: a test names what matters, the rest is what the declaration allows."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from sc2_pipeline.sql_models import batch_models
from sc2_pipeline.tables import RAW_TABLES, Column
from sc2_pipeline.warehouse.batch.build import build_batch
from sc2_pipeline.warehouse.batch.contents import Batch, new_batch
from sc2_pipeline.warehouse.batch.merge import merge_batch
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.refill import refill_tables

ONE_THREAD = {"threads": 1}
"""Configuration of DuckDB: hundreds of statements over a few rows cost half as much again by two threads."""

FIRST, SECOND, THIRD = "aaaaaaaaaaaaaaaa", "bbbbbbbbbbbbbbbb", "cccccccccccccccc"


def raw_rows(name: str, *rows: dict[str, Any]) -> pa.Table:
    """Rows of a raw table; required columns that a row does not name get a value that its checks allow."""
    table = RAW_TABLES[name]
    full = [{column.name: row.get(column.name, _allowed(column)) for column in table.columns} for row in rows]
    return pa.Table.from_pylist(full, schema=table.schema)


def _allowed(column: Column) -> Any:
    if not column.required:
        return None
    if column.vocabulary:
        return column.vocabulary[0]
    if pa.types.is_string(column.type):
        return "text"
    if pa.types.is_boolean(column.type):
        return False
    if pa.types.is_timestamp(column.type):
        return datetime(2024, 1, 2, tzinfo=UTC)
    return int(column.minimum or 0)


def replay(replay_id: str, *, game: str = "", deaths: tuple[int, ...] = (), **facts: Any):
    """All raw tables of one replay: a unit dies at each game loop of ``deaths``. Files of one ``game`` have its events."""
    same = {"replay_id": replay_id, "source": "tracker"}
    events = [
        {**same, "event_index": index, "game_loop": game_loop, "event": "died", "unit_tag": index}
        for index, game_loop in enumerate(deaths)
    ]
    family = game or f"game of {replay_id}"
    return {
        "replays": raw_rows("replays", {**same, "game_key": family, "game_events_family": family, **facts}),
        "unit_events": raw_rows("unit_events", *events),
    }


def together(*replays: dict[str, pa.Table]) -> dict[str, pa.Table]:
    """Raw tables of several replays as one batch."""
    return {name: pa.concat_tables([tables[name] for tables in replays]) for name in replays[0]}


def load_all(connection, models, *replays: dict[str, pa.Table], settings: str = "s1", ops=None) -> Batch:
    """Stages, builds and merges replays as one batch."""
    tables = together(*replays)
    rows = tables["replays"].to_pylist()
    return load_tables(connection, models, tables, {(row["replay_id"], "streams"): settings for row in rows}, ops=ops)


def load_tables(connection, models, tables, loads, files=(), *, retired=(), ops=None) -> Batch:
    """The same of rows, settings by replay and part, and files as they are given."""
    built = batch_models(models)
    batch = new_batch(connection, built, tables, loads, files, retired=retired)
    build_batch(connection, batch, built)
    merge_batch(connection, models, batch, ops)
    refill_tables(connection, models)
    return batch


def everything(connection, but: tuple[str, ...] = ()) -> dict[str, list[tuple[Any, ...]]]:
    """Sorted rows of every relation of raw and of the models' schemas: what two equal warehouses share."""
    relations = connection.execute(
        "select table_schema || '.' || table_name from information_schema.tables"
        " where table_catalog = current_database() and table_schema in ('raw', 'staging', 'intermediate', 'marts')"
    ).fetchall()
    return {
        relation: sorted(connection.execute(f"from {relation}").fetchall(), key=repr)
        for (relation,) in relations
        if relation not in but
    }


__all__ = [
    "FIRST",
    "SECOND",
    "THIRD",
    "everything",
    "load_all",
    "load_tables",
    "open_warehouse",
    "raw_rows",
    "replay",
    "together",
]
