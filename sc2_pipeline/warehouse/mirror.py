"""Copies of the manifest's rows in schema ops."""

from collections.abc import Collection, Iterable, Mapping

import duckdb
import pyarrow as pa

from sc2_pipeline.tables.ops import RUNS
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.generation import change, remember_mirror
from sc2_pipeline.warehouse.loaded_parts import replays_relation

MIRRORED = ("replays", "replay_files", "rule_outcomes", "attempts", "extractions")
"""Tables of schema ops with the manifest's rows about replays."""


def mirror_ops(
    connection: duckdb.DuckDBPyConnection,
    parts: Iterable[tuple[Collection[str], Mapping[str, pa.Table]]],
    runs: pa.Table,
    *,
    mirror_name: str,
    is_whole: bool,
) -> None:
    """Updates the manifest's tables in schema ops, and records ``mirror_name``, in one transaction.

    Each part is some replays and all of their rows, by table of ``MIRRORED``; it replaces their earlier rows. With
    ``is_whole``, rows of all other replays are deleted too. ``runs`` are all runs.
    """
    changed: set[str] = set()
    with change(connection) as this:
        for name in (*(MIRRORED if is_whole else ()), RUNS.name):
            connection.execute(f"delete from ops.{name}")
        insert_rows(connection, f"ops.{RUNS.name}", runs)
        for replay_ids, ops in parts:
            changed.update(replay_ids)
            with replays_relation(connection, replay_ids) as named:
                for name in MIRRORED:
                    connection.execute(f"delete from ops.{name} where replay_id in (select replay_id from {named})")
            for name in MIRRORED:
                insert_rows(connection, f"ops.{name}", ops[name])
        this.replay_ids = None if is_whole else changed
        remember_mirror(connection, mirror_name)
