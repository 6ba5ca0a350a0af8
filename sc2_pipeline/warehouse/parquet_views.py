"""Raw tables that stay in Parquet: views over the files that ``ops.parquet_files`` names.

Paths are relative to the home folder, so that a home can be moved or copied. DuckDB looks for them in the current
folder and in ``file_search_path``: the writer sets it, and so does whoever opens the published file from elsewhere
(``set file_search_path = '/path/to/home'``). A view cannot ask where its own database lies.
"""

from pathlib import Path

import duckdb

from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.warehouse.comments import put_comments, table_documentation
from sc2_pipeline.warehouse.connection import arrow_relation, identifier, quoted

FILES = "ops.parquet_files"


def search_home(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Lets the views of this connection find their files under ``home``."""
    connection.execute(f"set file_search_path = {quoted(str(home.resolve()))}")


def make_empty_view(connection: duckdb.DuckDBPyConnection, relation: str, table: Table) -> None:
    """A view with the table's columns and no rows: what stands before there is a file."""
    with arrow_relation(connection, table.schema.empty_table()) as empty:
        columns = connection.execute(f"describe select * from {empty}").fetchall()
    nothing = ", ".join(f"cast(null as {kind}) as {identifier(name)}" for name, kind, *_ in columns)
    connection.execute(f"create or replace view {relation} as select {nothing} where false")


def refresh_parquet_views(connection: duckdb.DuckDBPyConnection) -> None:
    """Points each such view of the current catalog at the files now named, its comments with it."""
    for table in RAW_TABLES.values():
        if table.stays_in_parquet:
            _refresh(connection, f"raw.{table.name}", table)
            put_comments(connection, table_documentation(f"raw.{table.name}", table))


def _refresh(connection: duckdb.DuckDBPyConnection, relation: str, table: Table) -> None:
    files = connection.execute(
        f"select distinct path from {FILES} where table_name = ? order by path", [table.name]
    ).fetchall()
    if not files:
        make_empty_view(connection, relation, table)
        return
    columns = ", ".join(identifier(column.name) for column in table.columns)
    listed = ", ".join(quoted(path) for (path,) in files)
    connection.execute(f"create or replace view {relation} as select {columns} from read_parquet([{listed}])")
