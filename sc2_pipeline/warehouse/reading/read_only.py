"""A warehouse opened for untrusted queries: nothing can be written, and only files of the home and its lake are
readable.

Two guards need each other. DuckDB enforces the list of allowed folders, through links too, but allows writing in them.
So only statements that read are run. Allowing SELECT is not enough: its WITH may copy, insert and delete, and table
functions may attach files or change DuckDB's logging.
"""

import json
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from sc2_pipeline.errors import QueryError
from sc2_pipeline.machine_faults import MORE_MEMORY
from sc2_pipeline.warehouse.catalog import scalar
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.parquet_views import search_home, searched_path

READING: dict[str, str | bool | int | float | list[str]] = {
    # A misspelt function must be an error, not a download.
    "autoinstall_known_extensions": False,
    "autoload_known_extensions": False,
    "allow_persistent_secrets": False,
    # Otherwise a name in SQL could refer to a variable of this program.
    "python_enable_replacements": False,
}
"""DuckDB settings for all read-only connections."""

_READING_NODES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE", "CTE_NODE"})
"""Query node types in DuckDB's parse tree that only read; COPY_QUERY_NODE and the like are writes in a WITH."""

_FILE_FUNCTIONS = """
glob parquet_bloom_probe parquet_file_metadata parquet_full_metadata parquet_kv_metadata parquet_metadata parquet_scan parquet_schema
read_blob read_csv read_csv_auto read_json read_json_auto read_json_objects read_json_objects_auto read_ndjson read_ndjson_auto
read_ndjson_objects read_parquet read_text sniff_csv
"""
_OTHER_FUNCTIONS = """
duckdb_columns duckdb_constraints duckdb_databases duckdb_dependencies duckdb_extensions duckdb_functions duckdb_indexes
duckdb_keywords duckdb_memory duckdb_optimizers duckdb_schemas duckdb_sequences duckdb_settings duckdb_tables duckdb_types
duckdb_views generate_series histogram histogram_values icu_calendar_names json_each json_tree pg_timezone_names
pragma_collations pragma_database_size pragma_platform pragma_show pragma_storage_info pragma_table_info pragma_version range
repeat repeat_row summary test_all_types unnest
"""
"""Table functions that only read. Excluded: functions that run SQL text, open databases, change settings, or take
addresses."""

_EXPLAIN = re.compile(
    r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
    r"(explain\b\s*(?:analyze\b|\(\s*(?:analyze|format\s+\w+)(?:\s*,\s*(?:analyze|format\s+\w+))*\s*\))?)(.*)",
    re.IGNORECASE | re.DOTALL,
)
"""Leading comments, the EXPLAIN clause, and the statement to explain."""

_WAYS_OUT = {
    "COPY": "--csv, --json and --parquet OUT write rows to a file",
    "EXPORT": "`sc2-pipeline export` writes the marts to a folder",
    "CREATE": "name what comes between in a WITH",
    "PIVOT": "it makes a type first, unless its values are named: pivot ... on column in ('a', 'b')",
    "EXPLAIN": "write EXPLAIN or EXPLAIN ANALYZE, and then one SELECT",
}


def _refusal(what: str, where: str = "") -> QueryError:
    way_out = "SELECT, SHOW, DESCRIBE, SUMMARIZE and EXPLAIN are run; to change rows of your own, copy warehouse.duckdb"
    return QueryError(f"{what}{where} is refused, for sql is read-only; {_WAYS_OUT.get(what, way_out)}")


def open_for_reading(
    path: Path,
    *,
    home: Path,
    memory: Memory,
    folders: Iterable[Path] = (),
    any_file: bool = False,
    writes: Path | None = None,
) -> duckdb.DuckDBPyConnection:
    """Opens a read-only connection with locked settings; run others' statements only through
    :func:`reading_statements`.

    A process can have one per file at a time; its cursors have the same restrictions. It can open files in ``home`` and
    ``folders`` (any file with ``any_file``), and ``writes``, the target of our own COPY. ``memory``
    bounds what all its queries together may take. Raises HomeError for a home path that DuckDB would misread,
    duckdb.Error for a file that is not a database.
    """
    searched_path(home)
    connection = duckdb.connect(str(path), read_only=True, config=READING)
    try:
        # DuckDB prints the progress bar on standard output, where the rows go.
        connection.execute("set enable_progress_bar = false")
        memory.bound(connection)
        search_home(connection, home)
        confine(connection, home, *folders, any_file=any_file, writes=writes)
    except BaseException:
        connection.close()
        raise
    return connection


def confine(
    connection: duckdb.DuckDBPyConnection,
    home: Path,
    *folders: Path,
    any_file: bool = False,
    writes: Path | None = None,
) -> None:
    """Restricts the connection to files in these folders, permanently."""
    if not any_file:
        # DuckDB resolves links: a lake may be on another disk. The views' paths begin with "lake", and DuckDB first
        # checks whether they are allowed in the current folder.
        seen = [home.resolve(), (home / "lake").resolve(), Path("lake").absolute(), *(f.resolve() for f in folders)]
        connection.execute("set allowed_directories = ?", [[str(folder) for folder in seen]])
        connection.execute("set allowed_paths = ?", [[] if writes is None else [str(writes)]])
        connection.execute("set enable_external_access = false")
    connection.execute("set lock_configuration = true")


def reading_statements(connection: duckdb.DuckDBPyConnection, text: str) -> list[str]:
    """Splits a text into statements that only read; raises QueryError naming the first one that does more.

    Raises duckdb.Error for invalid SQL.
    """
    try:
        statements = [(each.type.name, each.query) for each in connection.extract_statements(text)]
    except ValueError as error:
        # DuckDB's parser knows statement types that its Python package has no name for.
        raise _refusal("what a statement does") from error
    return [_reading(connection, kind, query) for kind, query in statements]


def _reading(connection: duckdb.DuckDBPyConnection, kind: str, query: str) -> str:
    if (
        kind == "EXPLAIN"
        and (parts := _EXPLAIN.fullmatch(query))
        and len(inner := reading_statements(connection, parts[2])) == 1
    ):
        return f"{parts[1]} {inner[0]}"
    if kind != "SELECT":
        raise _refusal("PIVOT" if kind == "MULTI" else kind.replace("_", " "))
    is_near_another_lake = _is_near_another_lake(connection)
    for node in _nodes(_parse_tree(connection, query)):
        _refuse_more_than_reading(node, is_near_another_lake)
    return query


def _parse_tree(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    [(text,)] = connection.execute("select json_serialize_sql(?::varchar)", [query]).fetchall()
    try:
        tree = json.loads(text)
    except RecursionError as error:
        raise QueryError(
            "the statement is nested too deeply to see what it reads; name parts of it in a WITH"
        ) from error
    if tree["error"]:
        raise QueryError(f"what the statement reads cannot be seen ({tree['error_message']}); write it another way")
    return tree


def _refuse_more_than_reading(node: dict[str, Any], is_near_another_lake: bool) -> None:
    kind, file = str(node.get("type")), None
    if kind.endswith("_NODE") and kind not in _READING_NODES:
        raise _refusal(kind.removesuffix("_QUERY_NODE"), " in a WITH")
    if kind == "TABLE_FUNCTION":
        name = node["function"]["function_name"].lower()
        if name not in f"{_FILE_FUNCTIONS}{_OTHER_FUNCTIONS}".split():
            raise QueryError(f"the table function {name} is refused, for it does more than read; write the query out")
        file = name if name in _FILE_FUNCTIONS.split() else None
    elif kind == "BASE_TABLE" and re.search(r"[/\\]", node["table_name"]):
        file = node["table_name"]
    if file is not None and is_near_another_lake:
        raise QueryError(
            f"{file} is refused here: the current folder has a folder lake that is not the home's, and a file of it could be "
            "meant; ask from another folder, or give --allow-files to read any file"
        )


def _is_near_another_lake(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the current folder has a lake that is not the home's: it is allowed only for views, but could be read."""
    if scalar(connection, "select current_setting('enable_external_access')"):
        return False
    here, home = Path("lake"), Path(str(scalar(connection, "select current_setting('file_search_path')")))
    return here.exists() and here.resolve() != (home / "lake").resolve()


def _nodes(tree: Any) -> Iterator[dict[str, Any]]:
    """Every object of a parse tree."""
    waiting = [tree]
    while waiting:
        thing = waiting.pop()
        if isinstance(thing, dict):
            yield thing
            waiting += thing.values()
        elif isinstance(thing, list):
            waiting += thing


def said_of(error: duckdb.Error) -> str:
    """DuckDB's message about a statement in one line, with the remedy if a file was not allowed."""
    if isinstance(error, duckdb.PermissionException) and (
        path := re.search(r'Cannot access \w+ "(.*?)"', str(error), re.S)
    ):
        return f"{path[1]} lies outside the home and its lake; give --allow-files to read any file"
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"it takes more memory than DuckDB may have; {MORE_MEMORY}, or ask for less at once"
    return " ".join(str(error).partition("\nLINE ")[0].split())
