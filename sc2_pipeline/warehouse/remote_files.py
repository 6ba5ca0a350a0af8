"""Files of tables that stay in Parquet which do not lie under the home: fetched while a batch is built from them."""

from collections.abc import Sequence
from typing import Protocol

import duckdb

from sc2_pipeline.warehouse.loaded_parts import file_tables
from sc2_pipeline.warehouse.parquet_views import FILES, refresh_parquet_views


class RemoteFiles(Protocol):
    """Brings such files here for as long as a batch is built from them."""

    def fetch(self, table_name: str, paths: Sequence[str]) -> bool:
        """Puts a table's files where views look for them; False, and nothing, where no model reads that table."""
        ...

    def release(self) -> None:
        """Takes away what was fetched."""
        ...


class _NoRemoteFiles:
    """For whoever knows that every file is under the home."""

    def fetch(self, table_name: str, paths: Sequence[str]) -> bool:  # noqa: ARG002
        """Views look where the files are."""
        return True

    def release(self) -> None:
        """Nothing was fetched."""


NO_REMOTE_FILES: RemoteFiles = _NoRemoteFiles()


def show_files(connection: duckdb.DuckDBPyConnection, remote_files: RemoteFiles) -> None:
    """Lets a batch's views read all files that its catalog names, wherever they lie."""
    rows = connection.execute(
        f"select table_name, list(path order by path) from {FILES} where not is_here group by table_name"
    ).fetchall()
    unread = {name for name, paths in rows if not remote_files.fetch(name, paths)}
    refresh_parquet_views(connection, file_tables(connection, FILES) - unread, all_files=True)
