"""The catalog of a batch: a separate database, since DuckDB writes to only one per transaction."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
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
"""Name under which the batch's database is attached."""


def stage_batch(
    connection: duckdb.DuckDBPyConnection,
    batch: Batch,
    *,
    path: Path | None = None,
    remote_files: RemoteFiles | None = None,
) -> None:
    """Recreates the batch's catalog with its raw rows: in memory, or in a new file at ``path``.

    Works on any connection, since it reads nothing from other catalogs. Raises ContractError if a table or column is
    not declared, or if rows and ``loads`` are not of the same replays.
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


def attach_batches(connection: duckdb.DuckDBPyConnection, paths: Sequence[Path]) -> None:
    """Attaches batches that other processes built in files, as if they had been built here as one."""
    drop_batch(connection)
    if len(paths) == 1:
        connection.execute(f"attach {quoted(str(paths[0]))} as {BATCH} (read_only)")
        return
    names = [f"{BATCH}_{number}" for number in range(len(paths))]
    for name, path in zip(names, paths, strict=True):
        connection.execute(f"attach {quoted(str(path))} as {name} (read_only)")
    connection.execute(f"attach ':memory:' as {BATCH}")
    tables = connection.execute(
        f"select schema_name, table_name from duckdb_tables() where database_name = '{names[0]}'"
    ).fetchall()
    for schema in {schema for schema, _ in tables}:
        connection.execute(f"create schema if not exists {BATCH}.{schema}")
    for schema, table in tables:
        rows = " union all by name ".join(f"from {name}.{schema}.{table}" for name in names)
        connection.execute(f"create view {BATCH}.{schema}.{table} as {rows}")


def drop_batch(connection: duckdb.DuckDBPyConnection) -> None:
    """Detaches what is staged or attached and frees its memory; does nothing if there is nothing."""
    attached = f"select database_name from duckdb_databases() where starts_with(database_name, '{BATCH}')"
    for (name,) in connection.execute(attached).fetchall():
        connection.execute(f"detach database {name}")


@contextmanager
def in_batch(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """Makes unqualified names such as ``raw.unit_events`` refer to the batch inside the block, so models are built
    there."""
    catalog = current_catalog(connection)
    connection.execute(f"use {BATCH}")
    try:
        yield
    finally:
        connection.execute(f"use {identifier(catalog)}")


def batch_files(connection: duckdb.DuckDBPyConnection) -> list[NamedFile]:
    """All files that the staged batch's views read, without repeats: of new replays, and of loaded ones its models
    need."""
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
    """Raises ContractError for rows without a load, which could never be found again to be replaced."""
    for relation, table in loaded_relations().items():
        with rows_relation(connection, table, loads) as rows:
            unknown = f"from {relation}" if rows is None else f"from {relation} anti join {rows[0]} using ({rows[1]})"
            if strangers := connection.execute(f"select distinct replay_id {unknown} order by 1 limit 1").fetchall():
                raise ContractError(f"{relation} has rows of {strangers[0][0]}, which are not among those to be loaded")
            if relation == "raw.replays" and rows:
                lacking = f"select replay_id from {rows[0]} anti join {relation} using ({rows[1]}) order by 1 limit 1"
                if missing := connection.execute(lacking).fetchall():
                    raise ContractError(f"{missing[0][0]} is to be loaded and has no row in {relation}")
