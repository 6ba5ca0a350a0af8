"""The batch's own catalog: raw rows of new replays, and of the replays whose models depend on them."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass

import duckdb
import pyarrow as pa

from sc2_pipeline.errors import ContractError
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.tables.ops import OPS_TABLES
from sc2_pipeline.warehouse.catalog import current_catalog, identifier
from sc2_pipeline.warehouse.declared import insert_rows, make_input_tables
from sc2_pipeline.warehouse.game_data import show_game_data
from sc2_pipeline.warehouse.loaded_parts import (
    Pair,
    held_pairs,
    loaded_relations,
    other_files_of_same_games,
    rows_relation,
)
from sc2_pipeline.warehouse.parquet_views import FILES
from sc2_pipeline.warehouse.remote_files import ALL_HERE, Elsewhere, show_files

BATCH = "sc2_batch"
"""DuckDB writes to one database per transaction, so the batch is filled and built in one of its own, in memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParquetFile:
    """One replay's file of a raw table that stays in Parquet; ``path`` is relative to the home folder, with ``/``.

    ``held_replays``: of how many replays the file holds rows, in whatever settings. ``is_here``: it lies there; else in
    a lake elsewhere. ``file_bytes`` is the whole file's size, where it is known.
    """

    replay_id: str
    part: str
    table_name: str
    path: str
    held_replays: int = 1
    is_here: bool = True
    file_bytes: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What stands in the batch's catalog.

    ``loads`` are the settings of each (replay_id, part) that is new or replaced, ``retired`` the parts that only leave. ``replay_ids`` are all replays
    whose models are built there: those, and the loaded files of the same games, any of which may be the canonical one.
    """

    loads: Mapping[Pair, str]
    replay_ids: frozenset[str]
    retired: frozenset[Pair] = frozenset()


def stage_batch(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, pa.Table],
    loads: Mapping[Pair, str],
    files: Iterable[ParquetFile] = (),
    *,
    retired: Collection[Pair] = (),
    elsewhere: Elsewhere = ALL_HERE,
) -> Batch:
    """Fills the batch's catalog anew with raw rows: those given, and those loaded that their models depend on.

    ``loads`` gives the settings of each (replay_id, part) in ``tables`` and ``files``, ``retired`` the parts of those
    replays that are held and are not to be any more. Raises ContractError when a
    table or column is not declared, or when rows and ``loads`` are not of the same replays.
    """
    catalog = current_catalog(connection)
    new = {replay for replay, _ in (*loads, *retired)}
    with fresh_batch(connection):
        for name, rows in tables.items():
            _stage_rows(connection, name, rows)
        _stage_files(connection, files)
        _refuse_strangers(connection, loads)
        replay_ids = frozenset(new | other_files_of_same_games(connection, catalog, new, new="raw.replays"))
        copy_loaded_rows(connection, catalog, replay_ids, but={*loads, *retired})
        show_files(connection, elsewhere)
    return Batch(loads=dict(loads), replay_ids=replay_ids, retired=frozenset(retired))


def drop_batch(connection: duckdb.DuckDBPyConnection) -> None:
    """Forgets the staged batch and gives back its memory; none is no error."""
    connection.execute(f"detach database if exists {BATCH}")


@contextmanager
def fresh_batch(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """An empty batch's catalog, current while the block lasts."""
    catalog = current_catalog(connection)
    drop_batch(connection)
    connection.execute(f"attach ':memory:' as {BATCH}")
    with in_batch(connection):
        make_input_tables(connection)
        show_game_data(connection, catalog)
        yield


@contextmanager
def in_batch(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """While the block lasts, ``raw.unit_events`` and so on mean the batch's, so models are built there."""
    catalog = current_catalog(connection)
    connection.execute(f"use {BATCH}")
    try:
        yield
    finally:
        connection.execute(f"use {identifier(catalog)}")


def copy_loaded_rows(
    connection: duckdb.DuckDBPyConnection, catalog: str, replay_ids: Iterable[str], *, but: Collection[Pair] = ()
) -> None:
    """Copies the raw rows that the warehouse holds of those replays into the current catalog; see also show_files."""
    if wanted := sorted(held_pairs(connection, catalog, replay_ids) - set(but)):
        for relation, table in loaded_relations().items():
            with rows_relation(connection, table, wanted) as rows:
                if rows is None:
                    continue
                # By name: the warehouse may keep columns that an earlier release declared.
                columns = ", ".join(identifier(column.name) for column in table.columns)
                named, key = rows
                connection.execute(
                    f"insert into {relation} by name select {columns}"
                    f" from {identifier(catalog)}.{relation} semi join {named} using ({key})"
                )


def _stage_rows(connection: duckdb.DuckDBPyConnection, name: str, rows: pa.Table) -> None:
    declared = RAW_TABLES.get(name)
    if declared is None or declared.stays_in_parquet:
        raise ContractError(f"{name} is no table whose rows are loaded; declare it in sc2_pipeline.tables")
    if unknown := sorted(set(rows.column_names) - set(declared.schema.names)):
        raise ContractError(f"rows of {name} have undeclared columns: {', '.join(unknown)}; declare them")
    insert_rows(connection, f"raw.{name}", rows)


def _stage_files(connection: duckdb.DuckDBPyConnection, files: Iterable[ParquetFile]) -> None:
    if rows := [asdict(file) for file in files]:
        insert_rows(connection, FILES, pa.Table.from_pylist(rows, schema=OPS_TABLES["parquet_files"].schema))


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
