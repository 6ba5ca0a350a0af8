"""Protocol for fetching Parquet files that are not in the home, while a batch is built from them."""

from collections.abc import Sequence
from typing import Protocol

import duckdb

from sc2_pipeline.warehouse.parquet_views import FILES, refresh_parquet_views


class RemoteFiles(Protocol):
    """Fetches files of a remote lake for the time of a batch."""

    def fetch(self, table_name: str, paths: Sequence[str]) -> bool:
        """Copies a table's files to where views look; returns False without copying if no model reads the table."""
        ...

    def release(self) -> None:
        """Deletes the fetched files."""
        ...


def show_files(connection: duckdb.DuckDBPyConnection, remote_files: RemoteFiles | None) -> None:
    """Lets a batch's views read all files of its catalog; without ``remote_files`` they must all be in place."""
    rows = connection.execute(
        f"select table_name, list(path order by path) filter (not is_here) from {FILES} group by table_name"
    ).fetchall()
    readable = {name for name, away in rows if not away or remote_files is None or remote_files.fetch(name, away)}
    refresh_parquet_views(connection, readable, all_files=True)
