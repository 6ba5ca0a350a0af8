"""The manifest's rows in schema ops."""

from collections.abc import Collection, Iterable, Mapping

import duckdb
import pyarrow as pa

from sc2_pipeline.tables.ops import RUNS
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.generation import change, remember_mirror
from sc2_pipeline.warehouse.loaded_parts import replays_relation

MIRRORED = ("replays", "replay_files", "rule_outcomes", "attempts", "extractions")
"""They hold the manifest's rows of each replay."""


def mirror_ops(
    connection: duckdb.DuckDBPyConnection,
    parts: Iterable[tuple[Collection[str], Mapping[str, pa.Table]]],
    runs: pa.Table,
    *,
    mirror_name: str,
    is_whole: bool,
) -> None:
    """Brings the manifest's tables of schema ops up to date, in one transaction that also notes ``mirror_name``.

    Each part is some replays and all rows of theirs, by table of ``MIRRORED``; rows they had and have no more go.
    ``is_whole``: rows of all other replays go too. ``runs`` are all runs.
    """
    with change(connection):
        for name in (*(MIRRORED if is_whole else ()), RUNS.name):
            connection.execute(f"delete from ops.{name}")
        insert_rows(connection, f"ops.{RUNS.name}", runs)
        for replay_ids, ops in parts:
            with replays_relation(connection, replay_ids) as named:
                for name in MIRRORED:
                    connection.execute(f"delete from ops.{name} where replay_id in (select replay_id from {named})")
            for name in MIRRORED:
                insert_rows(connection, f"ops.{name}", ops[name])
        remember_mirror(connection, mirror_name)
