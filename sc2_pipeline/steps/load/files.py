"""Which files hold the rows of loaded replays, of the raw tables that stay in Parquet."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import duckdb
import pyarrow as pa

from sc2_pipeline.steps.load.stage import ParquetFile
from sc2_pipeline.tables.ops import PARQUET_FILES
from sc2_pipeline.warehouse.connection import arrow_relation
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.generation import change
from sc2_pipeline.warehouse.parquet_views import FILES, refresh_parquet_views


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """A file that a view reads for a replay, and the settings and client build of what was loaded."""

    file: ParquetFile
    settings: str
    base_build: int


def loaded_files(connection: duckdb.DuckDBPyConnection, *, are_here: bool = True) -> list[LoadedFile]:
    """Every file named for a loaded replay that lies under the home, or every one that does not."""
    rows = connection.execute(
        "select f.replay_id, f.source, f.table_name, f.path, coalesce(f.held_replays, 1), l.settings, r.base_build"
        f" from {FILES} as f join ops.loads as l using (replay_id, source)"
        " join raw.replays as r using (replay_id, source) where coalesce(f.is_here, true) = ?"
        " order by f.source, f.table_name, f.replay_id",
        [are_here],
    ).fetchall()
    return [
        LoadedFile(
            file=ParquetFile(
                replay_id=replay_id, source=source, table_name=table, path=path, held_replays=held, is_here=are_here
            ),
            settings=settings,
            base_build=base_build,
        )
        for replay_id, source, table, path, held, settings, base_build in rows
    ]


def replace_files(connection: duckdb.DuckDBPyConnection, files: Sequence[ParquetFile]) -> None:
    """Points loaded replays' tables at other files that hold the same rows, and the views with them; one transaction."""
    rows = pa.Table.from_pylist([asdict(file) for file in files], schema=PARQUET_FILES.schema)
    with change(connection):
        with arrow_relation(connection, rows) as new:
            connection.execute(
                f"delete from {FILES} where (table_name, replay_id, source)"
                f" in (select table_name, replay_id, source from {new})"
            )
        insert_rows(connection, FILES, rows)
        refresh_parquet_views(connection, {file.table_name for file in files})
