"""Files of tables that stay in Parquet which do not lie under the home: fetched while a batch is built from them."""

from collections.abc import Sequence
from typing import Protocol

import duckdb

from sc2_pipeline.warehouse.parquet_views import FILES, refresh_parquet_views


class RemoteFiles(Protocol):
    """Brings such files here for as long as a batch is built from them."""

    def fetch(self, table_name: str, paths: Sequence[str]) -> bool:
        """Puts a table's files where views look for them; False, and nothing, where no model reads that table."""
        ...

    def release(self) -> None:
        """Takes away what was fetched."""
        ...


def show_files(connection: duckdb.DuckDBPyConnection, remote_files: RemoteFiles | None) -> None:
    """Lets a batch's views read all files that its catalog names; without ``remote_files`` all lie where views look."""
    rows = connection.execute(
        f"select table_name, list(path order by path) filter (not is_here) from {FILES} group by table_name"
    ).fetchall()
    readable = {name for name, away in rows if not away or remote_files is None or remote_files.fetch(name, away)}
    refresh_parquet_views(connection, readable, all_files=True)
