"""What the warehouse holds of replays, by the note that the load's own transaction wrote."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime

import duckdb
import pyarrow as pa

from sc2_pipeline.sql_models import REPLAY_ID
from sc2_pipeline.tables import PARTS, RAW_TABLES, Table
from sc2_pipeline.tables.ops import PARQUET_FILES
from sc2_pipeline.warehouse.catalog import arrow_relation
from sc2_pipeline.warehouse.parquet_views import FILES

Pair = tuple[str, str]
"""A replay_id and a part (a key of ``tables.PARTS``): what is loaded or replaced as one."""


def loaded_relations() -> dict[str, Table]:
    """Relations whose rows enter and leave with parts of replays; a table that stays in Parquet does by its files."""
    tables = {f"raw.{t.name}": t for t in RAW_TABLES.values() if not t.stays_in_parquet and not t.once_per}
    return tables | {FILES: PARQUET_FILES}


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What the warehouse holds of one part of a replay. ``is_whole``: no file of it was lost since it was loaded."""

    settings: str
    loaded_at: datetime
    is_whole: bool = True


def loaded_replays(connection: duckdb.DuckDBPyConnection) -> dict[Pair, Load]:
    """What the warehouse holds, by replay_id and part."""
    rows = connection.execute(
        "select replay_id, part, settings, loaded_at, lost_tables is null from ops.loads"
    ).fetchall()
    return {
        (replay, part): Load(settings=settings, loaded_at=at, is_whole=is_whole)
        for replay, part, settings, at, is_whole in rows
    }


def file_tables(connection: duckdb.DuckDBPyConnection, files: str, pairs: Collection[Pair] | None = None) -> set[str]:
    """Raw tables of which relation ``files`` (``ops.parquet_files`` of some catalog) names files, of ``pairs`` or any."""
    with ExitStack() as stack:
        wanted = (
            ""
            if pairs is None
            else f"semi join {stack.enter_context(pairs_relation(connection, pairs))} using (replay_id, part)"
        )
        rows = connection.execute(f"select distinct table_name from {files} {wanted}").fetchall()
    return {name for (name,) in rows}


def held_loads(connection: duckdb.DuckDBPyConnection, replay_ids: Iterable[str]) -> dict[Pair, str]:
    """The settings of what is loaded of the replays named, by replay_id and part."""
    with replays_relation(connection, replay_ids) as named:
        rows = connection.execute(
            f"select replay_id, part, settings from ops.loads semi join {named} using (replay_id)"
        ).fetchall()
    return {(replay, part): settings for replay, part, settings in rows}


def other_files_of_same_games(
    connection: duckdb.DuckDBPyConnection, replay_ids: Iterable[str], new: str | None = None
) -> set[str]:
    """Loaded replays that share a game with those named, as the warehouse or as relation ``new`` has them."""
    with replays_relation(connection, replay_ids) as named:
        rows = connection.execute(
            f"""
            with games as (
                select game_key from raw.replays semi join {named} using (replay_id)
                union
                select game_key from {new or "raw.replays"} semi join {named} using (replay_id)
            )
            select distinct replay_id
            from raw.replays semi join games using (game_key) anti join {named} using (replay_id)
            """
        ).fetchall()
    return {replay for (replay,) in rows}


@contextmanager
def replays_relation(connection: duckdb.DuckDBPyConnection, replay_ids: Iterable[str]) -> Iterator[str]:
    """Name of a relation of one column, replay_id, while the block lasts."""
    with arrow_relation(connection, pa.table({REPLAY_ID: pa.array(sorted(replay_ids), pa.string())})) as name:
        yield name


@contextmanager
def pairs_relation(connection: duckdb.DuckDBPyConnection, pairs: Collection[Pair]) -> Iterator[str]:
    """Name of a relation of replay_id and part while the block lasts."""
    with _two_columns(connection, "part", pairs) as name:
        yield name


@contextmanager
def rows_relation(
    connection: duckdb.DuckDBPyConnection, table: Table, pairs: Collection[Pair]
) -> Iterator[tuple[str, str] | None]:
    """A relation that names the rows of ``table`` that those pairs have there, and the columns by which, while the block lasts.

    None where none of the pairs fills that table.
    """
    if table is PARQUET_FILES:
        with pairs_relation(connection, pairs) as name:
            yield (name, "replay_id, part") if pairs else None
        return
    keys = {(replay, PARTS[part]) for replay, part in pairs if part in table.parts}
    with _two_columns(connection, "source", keys) as name:
        yield (name, "replay_id, source") if keys else None


@contextmanager
def _two_columns(
    connection: duckdb.DuckDBPyConnection, column: str, keys: Collection[tuple[str, str]]
) -> Iterator[str]:
    columns = {
        REPLAY_ID: pa.array([replay for replay, _ in keys], pa.string()),
        column: pa.array([other for _, other in keys], pa.string()),
    }
    with arrow_relation(connection, pa.table(columns)) as name:
        yield name
