"""Files with the rows of loaded replays, for the raw tables that stay in Parquet."""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass

import duckdb
import pyarrow as pa

from sc2_pipeline.tables.ops import PARQUET_FILES
from sc2_pipeline.warehouse.catalog import arrow_relation
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.generation import change
from sc2_pipeline.warehouse.loaded_parts import of_replays
from sc2_pipeline.warehouse.parquet_views import FILES, refresh_parquet_views


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetFile:
    """One replay's file of a raw table that stays in Parquet; ``path`` is relative to the home, with ``/``.

    ``held_replays`` counts replays with rows in the file, whatever their settings. ``is_here`` is False if the file is
    only in a remote lake. ``file_bytes`` is the size of the whole file, if known.
    """

    replay_id: str
    part: str
    table_name: str
    path: str
    held_replays: int = 1
    is_here: bool = True
    file_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedFile:
    """A file that a view reads for a replay, with the settings digest and base build of the loaded rows."""

    file: ParquetFile
    settings_digest: str
    base_build: int


def file_sizes(connection: duckdb.DuckDBPyConnection, part: str, table_name: str) -> dict[str, tuple[int, int]]:
    """Replays and bytes of each file of a table in the home, by path, of whose rows a view reads all."""
    rows = connection.execute(
        f"select path, count(*), coalesce(max(file_bytes), 0) from {FILES} where part = ? and table_name = ?"
        " and coalesce(is_here, true) group by path having count(*) = max(coalesce(held_replays, 1)) order by path",
        [part, table_name],
    ).fetchall()
    return {path: (replays, size) for path, replays, size in rows}


def loaded_files(
    connection: duckdb.DuckDBPyConnection, paths: Collection[str] | None = None, *, are_here: bool = True
) -> list[LoadedFile]:
    """All files of loaded replays, or those named, that are in the home or, with ``are_here=False``, only in a remote lake."""
    rows = connection.execute(
        "select f.replay_id, f.part, f.table_name, f.path, coalesce(f.held_replays, 1), f.file_bytes,"
        " l.settings_digest, r.base_build"
        f" from {FILES} as f join ops.loads as l using (replay_id, part)"
        " join raw.replays as r using (replay_id) where coalesce(f.is_here, true) = ?"
        " and (? is null or list_contains(?, f.path)) order by f.part, f.table_name, f.replay_id",
        [are_here, None if paths is None else list(paths), list(paths or ())],
    ).fetchall()
    return [
        LoadedFile(
            file=ParquetFile(
                replay_id=replay_id,
                part=part,
                table_name=table,
                path=path,
                held_replays=held,
                is_here=are_here,
                file_bytes=size,
            ),
            settings_digest=settings_digest,
            base_build=base_build,
        )
        for replay_id, part, table, path, held, size, settings_digest, base_build in rows
    ]


def replace_files(connection: duckdb.DuckDBPyConnection, files: Sequence[ParquetFile]) -> None:
    """Points loaded replays' tables and views at other files with the same rows, in one transaction."""
    rows = pa.Table.from_pylist([asdict(file) for file in files], schema=PARQUET_FILES.schema)
    with change(connection) as this:
        this.replay_ids = {file.replay_id for file in files}
        with arrow_relation(connection, rows) as new:
            connection.execute(
                f"delete from {FILES} where (table_name, replay_id, part)"
                f" in (select table_name, replay_id, part from {new})"
            )
        insert_rows(connection, FILES, rows)
        refresh_parquet_views(connection, {file.table_name for file in files})


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedFile:
    """A file in the home that views read: its path relative to the home, and its recorded size, if known."""

    path: str
    file_bytes: int | None


def named_files(
    connection: duckdb.DuckDBPyConnection, replay_ids: Collection[str] | None = None, *, files: str = FILES
) -> list[NamedFile]:
    """Files that views read for the given replays or for all, without repeats; ``files`` is the relation to look in."""
    with of_replays(connection, replay_ids) as named:
        rows = connection.execute(
            f"select path, max(file_bytes) from {files} {named} where coalesce(is_here, true) group by path order by path"
        ).fetchall()
    return [NamedFile(path=path, file_bytes=size) for path, size in rows]


@dataclass(frozen=True, slots=True, kw_only=True)
class LostRows:
    """A table of a loaded replay whose file was dropped, with the settings digest of the load."""

    replay_id: str
    part: str
    settings_digest: str
    table_name: str
    path: str


def drop_files(connection: duckdb.DuckDBPyConnection, paths: Collection[str]) -> list[LostRows]:
    """Removes files from the views, and records in ``ops.loads`` which tables lost rows, in one transaction."""
    names = pa.table({"path": pa.array(sorted(paths), pa.string())})
    with change(connection), arrow_relation(connection, names) as gone:
        rows = connection.execute(
            f"select f.replay_id, f.part, l.settings_digest, f.table_name, f.path from {FILES} as f semi join {gone} using (path)"
            " join ops.loads as l using (replay_id, part) order by all"
        ).fetchall()
        connection.execute(
            "update ops.loads as l set lost_tables = concat_ws(',', l.lost_tables, lost.names) from ("
            f" select replay_id, part, string_agg(distinct table_name, ',' order by table_name) as names"
            f" from {FILES} semi join {gone} using (path) group by replay_id, part) as lost"
            " where lost.replay_id = l.replay_id and lost.part = l.part"
        )
        connection.execute(f"delete from {FILES} where path in (select path from {gone})")
        refresh_parquet_views(connection, {row[3] for row in rows})
    return [
        LostRows(replay_id=replay_id, part=part, settings_digest=settings_digest, table_name=table, path=path)
        for replay_id, part, settings_digest, table, path in rows
    ]


def move_files_elsewhere(connection: duckdb.DuckDBPyConnection, paths: Collection[str]) -> None:
    """Marks files as being only in the remote lake: views omit them until they are localised again."""
    names = pa.table({"path": pa.array(sorted(paths), pa.string())})
    with change(connection), arrow_relation(connection, names) as gone:
        tables = connection.execute(f"select distinct table_name from {FILES} semi join {gone} using (path)").fetchall()
        connection.execute(f"update {FILES} set is_here = false where path in (select path from {gone})")
        refresh_parquet_views(connection, {name for (name,) in tables})
