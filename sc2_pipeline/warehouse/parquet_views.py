"""Raw tables that stay in Parquet: views over the files that ``ops.parquet_files`` names.

Paths are relative to the home folder, so that a home can be moved or copied. DuckDB looks for them in the current
folder and in ``file_search_path``: the writer sets it, and so does whoever opens the published file from elsewhere
(``set file_search_path = '/path/to/home'``). A view cannot ask where its own database lies.

A compacted file may hold rows of replays that are not named with it: they left, were extracted in other settings
since, or are not of the batch at hand. The view then says whose rows it takes.
"""

from collections.abc import Iterable
from pathlib import Path

import duckdb

from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.warehouse.column_types import column_types
from sc2_pipeline.warehouse.comments import put_comments, table_documentation
from sc2_pipeline.warehouse.connection import identifier, quoted

FILES = "ops.parquet_files"


def search_home(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Lets the views of this connection find their files under ``home``."""
    # Global: cursors beside this connection read the same views.
    connection.execute(f"set global file_search_path = {quoted(str(home.resolve()))}")


def empty_view_sql(connection: duckdb.DuckDBPyConnection, relation: str, table: Table) -> str:
    """A view with the table's columns and no rows: what stands before there is a file."""
    nothing = ", ".join(
        f"cast(null as {kind}) as {identifier(name)}" for name, kind in column_types(connection, table).items()
    )
    return f"create or replace view {relation} as select {nothing} where false"


def refresh_parquet_views(connection: duckdb.DuckDBPyConnection, names: Iterable[str]) -> None:
    """Points the views of those raw tables, in the current catalog, at the files now named; comments with them."""
    for name in sorted(set(names)):
        relation, table = f"raw.{name}", RAW_TABLES[name]
        connection.execute(_view_sql(connection, relation, table))
        put_comments(connection, table_documentation(relation, table))


def _view_sql(connection: duckdb.DuckDBPyConnection, relation: str, table: Table) -> str:
    files = connection.execute(
        "select path, list(distinct replay_id order by replay_id), max(coalesce(held_replays, 1))"
        f" from {FILES} where table_name = ? group by path order by path",
        [table.name],
    ).fetchall()
    if not files:
        return empty_view_sql(connection, relation, table)
    columns = ", ".join(identifier(column.name) for column in table.columns)
    whole = [path for path, named, held in files if len(named) == held]
    shared = [(path, named) for path, named, held in files if len(named) != held]
    scans = [_scan(whole)] if whole else []
    scans += [f"{_scan([path])} where replay_id in ({_listed(named)})" for path, named in shared]
    selects = " union all ".join(f"select {columns} from {scan}" for scan in scans)
    return f"create or replace view {relation} as {selects}"


def _scan(paths: Iterable[str]) -> str:
    # `base_build=` in a folder's name is for people: the tables have what columns they declare.
    return f"read_parquet([{_listed(paths)}], hive_partitioning = false)"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(quoted(text) for text in texts)
