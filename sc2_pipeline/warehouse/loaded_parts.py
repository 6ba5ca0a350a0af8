"""Loaded parts of replays, as recorded in the transaction that loaded them."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager

import duckdb
import pyarrow as pa

from sc2_pipeline.sql_models import REPLAY_ID
from sc2_pipeline.tables import PARTS, RAW_TABLES, Table
from sc2_pipeline.tables.ops import PARQUET_FILES
from sc2_pipeline.warehouse.catalog import arrow_relation
from sc2_pipeline.warehouse.parquet_views import FILES

Pair = tuple[str, str]
"""A replay_id and a part (a key of ``tables.PARTS``): the unit of loading and replacing."""

Loads = dict[Pair, str | None]
"""Settings by replay_id and part; None if some of its files were lost, so that it is loaded again."""

_FAMILIES = "select distinct game_events_family, tracker_family"


def loaded_relations() -> dict[str, Table]:
    """Relations whose rows are loaded and removed per part; for a table that stays in Parquet, its files are."""
    tables = {f"raw.{t.name}": t for t in RAW_TABLES.values() if not t.stays_in_parquet and not t.once_per}
    return tables | {FILES: PARQUET_FILES}


def file_tables(connection: duckdb.DuckDBPyConnection, pairs: Collection[Pair]) -> set[str]:
    """Raw tables for which the warehouse has files of ``pairs``."""
    with pairs_relation(connection, pairs) as wanted:
        rows = connection.execute(
            f"select distinct table_name from {FILES} semi join {wanted} using (replay_id, part)"
        ).fetchall()
    return {name for (name,) in rows}


def held_loads(connection: duckdb.DuckDBPyConnection, replay_ids: Iterable[str] | None = None) -> Loads:
    """Loads of the given replays, or of all."""
    with of_replays(connection, replay_ids) as named:
        rows = connection.execute(
            f"select replay_id, part, if(lost_tables is null, settings_digest, null) from ops.loads {named}"
        ).fetchall()
    return {(replay, part): digest for replay, part, digest in rows}


def other_files_of_same_games(
    connection: duckdb.DuckDBPyConnection, replay_ids: Iterable[str], new: str | None = None
) -> set[str]:
    """Loaded replays that may be of one game with those named, as the warehouse or as relation ``new`` has them.

    Their game events begin alike or, where one of two has none, their trackers do. What they are of, models decide.
    """
    named = set(replay_ids)
    with replays_relation(connection, named) as names:
        own = " union ".join(
            f"{_FAMILIES} from {rows} semi join {names} using (replay_id)"
            for rows in {"raw.replays", new or "raw.replays"}
        )
        families = set(connection.execute(own).fetchall())
    found: set[str] = set()
    while True:
        columns = [pa.array(column, pa.string()) for column in zip(*families, strict=True)] or [
            pa.array([], pa.string())
        ] * 2
        with arrow_relation(connection, pa.table(columns, ["game_events_family", "tracker_family"])) as known:
            rows = connection.execute(
                f"{_FAMILIES}, replay_id from raw.replays where game_events_family in (select game_events_family from {known})"
                f" or tracker_family in (select tracker_family from {known} where game_events_family is null)"
                f" or game_events_family is null and tracker_family in (select tracker_family from {known})"
            ).fetchall()
        found |= {replay for *_, replay in rows}
        # A file without game events leads to those with them, and they to others.
        if not (more := {(game, tracker) for game, tracker, _ in rows} - families):
            return found - named
        families |= more


@contextmanager
def replays_relation(connection: duckdb.DuckDBPyConnection, replay_ids: Iterable[str]) -> Iterator[str]:
    """Yields the name of a relation with the single column replay_id, valid inside the block."""
    with arrow_relation(connection, pa.table({REPLAY_ID: pa.array(sorted(replay_ids), pa.string())})) as name:
        yield name


@contextmanager
def of_replays(connection: duckdb.DuckDBPyConnection, replay_ids: Iterable[str] | None) -> Iterator[str]:
    """Yields a join that keeps rows of the given replays (no join if None), valid inside the block."""
    if replay_ids is None:
        yield ""
    else:
        with replays_relation(connection, replay_ids) as named:
            yield f"semi join {named} using (replay_id)"


@contextmanager
def pairs_relation(connection: duckdb.DuckDBPyConnection, pairs: Collection[Pair]) -> Iterator[str]:
    """Yields the name of a relation with columns replay_id and part, valid inside the block."""
    with _two_columns(connection, "part", pairs) as name:
        yield name


@contextmanager
def rows_relation(
    connection: duckdb.DuckDBPyConnection, table: Table, pairs: Collection[Pair]
) -> Iterator[tuple[str, str] | None]:
    """Yields a relation that selects those pairs' rows of ``table``, and the columns to join it on, valid inside the
    block.

    Yields None if the table has no rows of any of the pairs.
    """
    column = "part" if table is PARQUET_FILES else "source"
    keys = set(pairs) if column == "part" else {(replay, PARTS[p]) for replay, p in pairs if p in table.parts}
    if not keys:
        yield None
        return
    with _two_columns(connection, column, keys) as name:
        yield name, f"{REPLAY_ID}, {column}"


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
