"""Raw tables that stay in Parquet: views over the files listed in ``ops.parquet_files``.

Paths are relative to the home folder, so that a home can be moved or copied. DuckDB looks for them in the current
folder and in ``file_search_path``, which the writer sets; to read the published file from another folder, set it too
(``set file_search_path = '/path/to/home'``), since a view cannot know where its database is. Files of a remote lake are
only read once they are localised.

A compacted file may contain rows of replays that are not listed with it: removed ones, ones extracted again with other
settings, or ones outside the current batch. The view then filters by replay id.

Over many replays a view is a union of sixteen parts, one per first digit of the replay id, each with a filter on that
digit. A query for one replay lets DuckDB prune the other parts before opening their files.
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from operator import itemgetter
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.errors import HomeError
from sc2_pipeline.tables import RAW_TABLES, Table
from sc2_pipeline.warehouse.catalog import identifier, quoted, scalar
from sc2_pipeline.warehouse.column_types import column_types
from sc2_pipeline.warehouse.comments import put_comments, table_documentation

FILES = "ops.parquet_files"

SHELVED_FROM_REPLAYS = 512
"""Sixteen lists add 0.1 s of planning to a query, as much as opening some 500 small files."""

_DIGITS = "0123456789abcdef"


def search_home(connection: duckdb.DuckDBPyConnection, *homes: Path) -> None:
    """Lets this connection's views find their files in the first of ``homes`` that has them.

    Raises HomeError as :func:`searched_path` does.
    """
    # Global, since cursors of this connection read the same views.
    connection.execute(f"set global file_search_path = {quoted(','.join(map(searched_path, homes)))}")


_MISREAD = {
    ",": "a comma in it, where DuckDB ends a path and begins another",
    "?": "a question mark in it, where DuckDB ends a path and begins options",
} | ({"\\": "a backslash in it, which DuckDB takes for a slash"} if os.sep == "/" else {})


def searched_path(home: Path) -> str:
    """The home as DuckDB's search path; raises HomeError for a path that DuckDB would misread."""
    path = str(home.resolve())
    for given in (str(home.absolute()), path):
        for sign, said in _MISREAD.items():
            if sign in given:
                raise HomeError(f"{given} has {said}; give another --home")
        try:
            given.encode()
        except UnicodeEncodeError as error:
            raise HomeError(f"{given} is no text in UTF-8, which DuckDB asks of a path; give another --home") from error
    return path


def empty_view_sql(connection: duckdb.DuckDBPyConnection, relation: str, table: Table) -> str:
    """SQL of a view with the table's columns and no rows, used while there are no files."""
    nothing = ", ".join(
        f"cast(null as {kind}) as {identifier(name)}" for name, kind in column_types(connection, table).items()
    )
    return f"create or replace view {relation} as select {nothing} where false"


def refresh_parquet_views(
    connection: duckdb.DuckDBPyConnection, names: Iterable[str], *, all_files: bool = False
) -> None:
    """Recreates the views of these raw tables in the current catalog over the listed files, with comments.

    Files only in a remote lake are left out, unless ``all_files``: then the caller has fetched them.
    """
    for name in sorted(set(names)):
        relation, table = f"raw.{name}", RAW_TABLES[name]
        connection.execute(_view_sql(connection, relation, table, all_files))
        put_comments(connection, table_documentation(relation, table))


def _view_sql(connection: duckdb.DuckDBPyConnection, relation: str, table: Table, all_files: bool) -> str:
    rows = connection.execute(
        f"select path, replay_id, coalesce(held_replays, 1) from {FILES}"
        " where table_name = ? and (? or coalesce(is_here, true)) order by path, replay_id",
        [table.name, all_files],
    ).fetchall()
    if not rows:
        return empty_view_sql(connection, relation, table)
    files = [_File.of(path, list(of_path)) for path, of_path in groupby(rows, key=itemgetter(0))]
    columns = ", ".join(identifier(column.name) for column in table.columns)
    home = _searched_home(connection)
    if home is None or len(rows) < SHELVED_FROM_REPLAYS:
        scans = _scans(files)
    else:
        scans = _shelved_scans(files, first=_rowless_file(home, table))
    selects = " union all ".join(f"select {columns} from {scan}" for scan in scans)
    return f"create or replace view {relation} as {selects}"


@dataclass(frozen=True, slots=True)
class _File:
    """A file, the replays listed with it, and whether it also holds rows of others."""

    path: str
    named: tuple[str, ...]
    is_shared: bool

    @classmethod
    def of(cls, path: str, rows: Sequence[tuple[str, str, int]]) -> "_File":
        named = tuple(sorted({replay_id for _, replay_id, _ in rows}))
        return cls(path, named, len(named) != max(held for _, _, held in rows))


def _scans(files: Iterable[_File], first: str | None = None, within: str = "") -> list[str]:
    """SQL scans: one over all files that are wanted as a whole, and one per shared file, filtered by replay id.

    ``first`` is the first file of every scan; ``within`` is an additional condition.
    """
    ahead = [] if first is None else [first]
    whole = [file.path for file in files if not file.is_shared]
    wanted = [(whole, within)] if whole else []
    for file in files:
        if file.is_shared:
            named = f"replay_id in ({_listed(file.named)})"
            wanted.append(([file.path], f"{within} and {named}" if within else named))
    return [_scan([*ahead, *paths]) + (f" where {said}" if said else "") for paths, said in wanted]


def _shelved_scans(files: Sequence[_File], first: str) -> list[str]:
    """The same scans per first digit of the replay id: a query for one replay skips 15 files in 16."""
    scans: list[str] = []
    for digit, after in pairwise([*_DIGITS, "g"]):
        on_shelf = [file for file in files if any(replay_id[0] == digit for replay_id in file.named)]
        if on_shelf:
            scans += _scans(on_shelf, first, f"replay_id >= '{digit}' and replay_id < '{after}'")
    return scans


def _rowless_file(home: Path, table: Table) -> str:
    """Path, relative to the home, of a file with the table's columns and no rows; creates it if missing.

    A view always opens the first file of each list, and footers of compacted files are megabytes.
    """
    relative = f"lake/rowless/{table.name}.parquet"
    path = home / relative
    if not _has_schema(path, table):
        with whole_file(path) as partial:
            pq.write_table(table.schema.empty_table(), partial)
    return relative


def _has_schema(path: Path, table: Table) -> bool:
    try:
        return bool(pq.read_schema(path).equals(table.schema))
    except (FileNotFoundError, pa.ArrowInvalid):
        return False


def renew_rowless_files(connection: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Recreates missing or damaged files without rows that views read."""
    shelved = connection.execute(
        f"select table_name from {FILES} group by all having count(*) >= {SHELVED_FROM_REPLAYS}"
    )
    for (name,) in shelved.fetchall():
        if name in RAW_TABLES:
            _rowless_file(home, RAW_TABLES[name])


def _searched_home(connection: duckdb.DuckDBPyConnection) -> Path | None:
    """First folder set by :func:`search_home` on this connection; None if it was not called."""
    said = str(scalar(connection, "select current_setting('file_search_path')") or "")
    return Path(said.partition(",")[0]) if said else None


def _scan(paths: Iterable[str]) -> str:
    # `base_build=` in a folder name is for people: the tables have only their declared columns.
    return f"read_parquet([{_listed(paths)}], hive_partitioning = false)"


def _listed(texts: Iterable[str]) -> str:
    return ", ".join(quoted(text) for text in texts)
