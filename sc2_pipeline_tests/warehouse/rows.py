"""Builders of small raw rows: a test names what matters, the rest is what the declaration allows."""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from sc2_pipeline.steps.load import Batch, in_batch, merge_batch, open_warehouse, stage_batch
from sc2_pipeline.steps.marts import batch_models, build_models
from sc2_pipeline.tables import RAW_TABLES, Column

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
    batch = stage_batch(connection, tables, {(row["replay_id"], "streams"): settings for row in rows})
    with in_batch(connection):
        build_models(connection, batch_models(models))
    merge_batch(connection, models, batch, ops)
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


__all__ = ["FIRST", "SECOND", "THIRD", "everything", "load_all", "open_warehouse", "raw_rows", "replay", "together"]
