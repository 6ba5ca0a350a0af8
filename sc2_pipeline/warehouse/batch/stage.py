"""The catalog of a batch: a database of its own, since DuckDB writes to one per transaction."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import duckdb
import pyarrow as pa

from sc2_pipeline.errors import ContractError
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.ops import PARQUET_FILES
from sc2_pipeline.warehouse.batch.contents import Batch
from sc2_pipeline.warehouse.catalog import current_catalog, identifier, quoted
from sc2_pipeline.warehouse.declared import insert_rows, make_input_tables
from sc2_pipeline.warehouse.loaded_parts import Pair, loaded_relations, rows_relation
from sc2_pipeline.warehouse.parquet_files import NamedFile, ParquetFile, named_files
from sc2_pipeline.warehouse.parquet_views import FILES
from sc2_pipeline.warehouse.remote_files import RemoteFiles, show_files

BATCH = "sc2_batch"
"""Name of that database, beside whatever a connection has open."""


def stage_batch(
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    *,
    path: Path | None = None,
    remote_files: RemoteFiles | None = None,
) -> None:
    """Fills the batch's catalog anew with its raw rows: in memory, or in a new file at ``path``.

    Any connection will do, for nothing is read from its other catalogs. Raises ContractError when a table or column is not
    declared, or when rows and ``loads`` are not of the same replays.
    """
    drop_batch(connection)
    connection.execute(f"attach {quoted(':memory:' if path is None else str(path))} as {BATCH}")
    with in_batch(connection):
        make_input_tables(connection)
        for name, rows in batch.tables.items():
            _stage_rows(connection, name, rows)
        _stage_files(connection, batch.files)
        _refuse_strangers(connection, batch.loads)
        for relation, rows in batch.held_rows.items():
            insert_rows(connection, relation, rows)
        show_files(connection, remote_files)


def attach_batch(connection: duckdb.DuckDBPyConnection, path: Path) -> None:
    """Gives the writer a batch that another process built in a file, as if it had built it itself."""
    drop_batch(connection)
    connection.execute(f"attach {quoted(str(path))} as {BATCH} (read_only)")


def drop_batch(connection: duckdb.DuckDBPyConnection) -> None:
    """Forgets the staged batch and gives back its memory; none is no error."""
    connection.execute(f"detach database if exists {BATCH}")


@contextmanager
def in_batch(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """While the block lasts, ``raw.unit_events`` and so on mean the batch's, so models are built there."""
    catalog = current_catalog(connection)
    connection.execute(f"use {BATCH}")
    try:
        yield
    finally:
        connection.execute(f"use {identifier(catalog)}")


def batch_files(connection: duckdb.DuckDBPyConnection) -> list[NamedFile]:
    """Every file that views of the staged batch read, each once: of its new replays, and of those loaded that its models depend on."""
    staged = f"select 1 from duckdb_tables() where database_name = '{BATCH}' and schema_name || '.' || table_name = '{FILES}'"
    return named_files(connection, files=f"{BATCH}.{FILES}") if connection.execute(staged).fetchall() else []


def _stage_rows(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    declared = RAW_TABLES.get(name)
    if declared is None or declared.stays_in_parquet:
        raise ContractError(f"{name} is no table whose rows are loaded; declare it in sc2_pipeline.tables")
    if unknown := sorted(set(rows.column_names) - set(declared.schema.names)):
        raise ContractError(f"rows of {name} have undeclared columns: {', '.join(unknown)}; declare them")
    insert_rows(connection, f"raw.{name}", rows)


def _stage_files(connection: duckdb.DuckDBPyConnection, files: Iterable[ParquetFile]) -> None:
    if rows := [asdict(file) for file in files]:
        insert_rows(connection, FILES, pa.Table.from_pylist(rows, schema=PARQUET_FILES.schema))


def _refuse_strangers(connection: duckdb.DuckDBPyConnection, loads: Mapping[Pair, str]) -> None:
    """Rows that no load accounts for would never be found again to be replaced."""
    for relation, table in loaded_relations().items():
        with rows_relation(connection, table, loads) as rows:
            unknown = f"from {relation}" if rows is None else f"from {relation} anti join {rows[0]} using ({rows[1]})"
            if strangers := connection.execute(f"select distinct replay_id {unknown} order by 1 limit 1").fetchall():
                raise ContractError(f"{relation} has rows of {strangers[0][0]}, which are not among those to be loaded")
            if relation == "raw.replays" and rows:
                lacking = f"select replay_id from {rows[0]} anti join {relation} using ({rows[1]}) order by 1 limit 1"
                if missing := connection.execute(lacking).fetchall():
                    raise ContractError(f"{missing[0][0]} is to be loaded and has no row in {relation}")
