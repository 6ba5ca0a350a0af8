"""Recovery of a lost or outdated manifest from the warehouse and the lake.

Schema ``ops`` mirrors the manifest, so nothing needs to be extracted again; whatever was loaded after the last
mirroring is recovered from the receipts in the lake.
"""

import json
import logging
from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import duckdb

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.lake import Lake
from sc2_pipeline.lake.bundles import divided
from sc2_pipeline.lake.receipts import Receipt, extraction_folder, receipt_at
from sc2_pipeline.manifest import CompactedFile, Extraction, Manifest
from sc2_pipeline.tables.ops import RUNS
from sc2_pipeline.warehouse.loaded_parts import replays_relation
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.parquet_views import FILES
from sc2_pipeline.warehouse.reading.current_file import published_warehouse

Row = dict[str, Any]
Pairs = set[tuple[str, str, str]]
"""Replay id, part and settings digest."""

_OF_REPLAYS = ("replay_files", "rule_outcomes", "attempts", "extractions")

_HELD_REPLAYS = """
select any_value(r.sha256) as sha256, any_value(r.file_name) as path, any_value(r.file_bytes) as file_bytes, replay_id,
    'loaded' as status, 'load' as stage, null as reason, null as detail, false as is_retryable, 0 as attempts,
    min(l.loaded_at) as first_seen_at, max(l.loaded_at) as updated_at, null as batch
from raw.replays as r join ops.loads as l using (replay_id) semi join {named} using (replay_id)
group by replay_id
"""
"""What the raw tables tell about replays loaded after the last mirroring."""


def relearn_published(manifest: Manifest, home: Home, lake: Lake, memory: Memory) -> None:
    """Restores a new manifest from the published warehouse; does nothing if that cannot be read."""
    try:
        with duckdb.connect(str(published_warehouse(home.warehouse)), read_only=True) as connection:
            memory.bound(connection)
            relearn(manifest, connection, lake)
    except (HomeError, duckdb.Error) as error:
        logging.getLogger(__name__).debug("nothing to learn from a published warehouse: %s", error)


def relearn(manifest: Manifest, connection: duckdb.DuckDBPyConnection, lake: Lake) -> None:
    """Adds whatever the warehouse knows and the manifest does not; does nothing if the manifest is complete."""
    runs = _rows(connection, "from ops.runs")
    loads = _rows(connection, "select replay_id, part, settings_digest from ops.loads")
    held: Pairs = {(row["replay_id"], row["part"], row["settings_digest"]) for row in loads}
    unknown = held - manifest.extracted_pairs()
    if not unknown and {row["run_id"] for row in runs} <= manifest.run_ids():
        return
    loaded = {replay_id for replay_id, _, _ in held}
    mirrored = {row["replay_id"] for row in _rows(connection, "select replay_id from ops.replays")}
    blank = manifest.blank_replays(mirrored | loaded)
    replays = _rows_of(connection, "ops.replays", blank)
    with replays_relation(connection, blank & loaded - mirrored) as named:
        replays += _rows(connection, _HELD_REPLAYS.format(named=named))
    others = {table: map(_told, _rows_of(connection, f"ops.{table}", blank)) for table in _OF_REPLAYS}
    manifest.relearn(
        [_told(_standing(row, loaded)) for row in replays], {**others, "runs": map(_told, map(_run, runs))}
    )
    bundled = lake.bundled()
    unknown = held - manifest.extracted_pairs()
    manifest.record_extractions(_extractions(connection, lake, unknown, bundled), are_loaded=True)
    # The mirror, or an older manifest, may know a folder where it lay before it was bundled.
    known = manifest.all_extractions(replay_id for replay_id, _, _ in held) if bundled else []
    manifest.move_extractions(
        {e: place for e in known if (place := bundled.get(divided(e.folder)[1], e.folder)) != e.folder}
    )
    manifest.record_compacted_files(_compacted_files(connection))


def _standing(row: Row, loaded: Collection[str]) -> Row:
    """Corrects a replay that was loaded after the last mirroring and that the mirror shows in an earlier state."""
    if row["replay_id"] in loaded and row["status"] in ("found", "extracted"):
        return {**row, "status": "loaded", "stage": "load", "reason": None, "detail": None}
    return row


def _extractions(
    connection: duckdb.DuckDBPyConnection, lake: Lake, pairs: Pairs, bundled: Mapping[str, str]
) -> list[Extraction]:
    """Extractions of loaded replays from the mirror, or else from receipts in the lake; others are left out."""
    mirrored = {
        (row["replay_id"], row["part"], row["settings_digest"]): row
        for row in _rows_of(connection, "ops.extractions", {replay_id for replay_id, _, _ in pairs})
    }
    folders = {extraction_folder(part, i, digest): (i, part, digest) for i, part, digest in pairs}
    away = [bundled.get(folder, folder) for folder, pair in folders.items() if pair not in mirrored]
    told = lake.receipts(away).items()
    receipts = [receipt for place, content in told if (receipt := receipt_at(content, place)) is not None]
    names = Extraction.__dataclass_fields__
    return [
        *(Extraction(**{name: row[name] for name in names}) for pair, row in mirrored.items() if pair in pairs),
        *(extraction_of(receipt) for receipt in receipts),
    ]


def extraction_of(receipt: Receipt) -> Extraction:
    """The manifest's record of a receipt."""
    return Extraction(**{**asdict(receipt), "rows": sum(receipt.rows.values())})


def _compacted_files(connection: duckdb.DuckDBPyConnection) -> Iterable[CompactedFile]:
    rows = _rows(
        connection,
        "select f.replay_id, f.part, l.settings_digest, f.table_name, f.path, coalesce(f.held_replays, 1) as held_replays"
        f" from {FILES} as f join ops.loads as l using (replay_id, part) where contains(f.path, '/compact/')",
    )
    return [CompactedFile(**row) for row in rows]


def _rows(connection: duckdb.DuckDBPyConnection, sql: str) -> list[Row]:
    rows: list[Row] = connection.sql(sql).to_arrow_table().to_pylist()
    return rows


def _rows_of(connection: duckdb.DuckDBPyConnection, relation: str, replay_ids: Collection[str]) -> list[Row]:
    with replays_relation(connection, replay_ids) as named:
        return _rows(connection, f"from {relation} semi join {named} using (replay_id)")


def _run(row: Row) -> Row:
    counts = {column.name: row[column.name] for column in RUNS.columns if column.unit or column.name == "seconds"}
    known = {name: count for name, count in counts.items() if count is not None}
    return {**row, "counts": json.dumps(known) if known else None}


def _told(row: Mapping[str, Any]) -> Row:
    """A row of ``ops`` in the manifest's format."""
    told = {name: _text(value) if isinstance(value, datetime) else value for name, value in row.items()}
    if "modified_at" in row:
        modified = row["modified_at"]
        told["modified_ns"] = None if modified is None else int(modified.timestamp() * 1e6) * 1_000
    return told


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")
