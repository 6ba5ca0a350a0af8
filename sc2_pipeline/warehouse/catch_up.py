"""Brings an earlier published file up to the writer's file by copying only what has changed since."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sc2_pipeline.warehouse.catalog import identifier, quoted, scalar
from sc2_pipeline.warehouse.generation import replays_changed_since
from sc2_pipeline.warehouse.loaded_parts import replays_relation
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.parquet_views import FILES, refresh_parquet_views, search_home

EARLIER, WRITTEN = "sc2_earlier", "sc2_written"
"""Names under which both files are attached."""

_MOST_GROWTH, _LEAST_GROWTH = 1.5, 64_000_000
"""How much larger than the writer's file the other may become, as a factor and in bytes: rows that were replaced leave holes."""


def catch_up(earlier: Path, build: Path, *, home: Path, memory: Memory | None = None) -> str | None:
    """Gives ``earlier``, a copy of an earlier generation of ``build``, all rows and views of ``build``, in one transaction.

    Returns None, or why the copy cannot be brought up; it should not be used then. Whoever reads it keeps it from being written.
    """
    try:
        with _attached(earlier, build, home, memory) as connection:
            changed = replays_changed_since(connection, WRITTEN)
            if changed is None:
                return "more has changed than replays that were loaded, renewed or removed"
            _copy_changed(connection, changed)
            if differing := _miscounts(connection):
                return f"{differing[0]} has other rows"
    except duckdb.Error as error:
        return " ".join(str(error).partition("\n")[0].split())
    if earlier.with_name(f"{earlier.name}.wal").exists():
        return "its log was not merged into it"
    if earlier.stat().st_size > _MOST_GROWTH * build.stat().st_size + _LEAST_GROWTH:
        return "it has many holes"
    return None


@contextmanager
def _attached(earlier: Path, build: Path, home: Path, memory: Memory | None) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("set enable_progress_bar = false")
        if memory is not None:
            memory.bound(connection)
        search_home(connection, home)
        connection.execute(f"attach {quoted(str(build))} as {WRITTEN} (read_only)")
        connection.execute(f"attach {quoted(str(earlier))} as {EARLIER}")
        connection.execute(f"use {EARLIER}")
        yield connection
        connection.execute("use memory")
        # Writes the log into the file.
        connection.execute(f"detach {EARLIER}")


def _copy_changed(connection: duckdb.DuckDBPyConnection, changed: Collection[str]) -> None:
    """Replaces the rows of these replays, and of what is small and over all replays; one transaction."""
    with replays_relation(connection, changed) as named:
        connection.begin()
        try:
            held = scalar(connection, f"select count(*) from ops.loads semi join {named} using (replay_id)") != 0
            files = connection.execute(
                f"select table_name from {FILES} semi join {named} using (replay_id)"
                f" union select table_name from {WRITTEN}.{FILES} semi join {named} using (replay_id)"
            ).fetchall()
            by_replay, whole = _relations(connection)
            for relation in by_replay:
                of_changed = f"replay_id in (select replay_id from {named})"
                if relation.startswith("ops."):
                    # Files that are no replays have none.
                    of_changed += " or replay_id is null"
                if held or relation.startswith("ops."):
                    connection.execute(f"delete from {relation} where {of_changed}")
                connection.execute(
                    f"insert into {relation} by name select * from {WRITTEN}.{relation} where {of_changed}"
                )
            for relation in whole:
                connection.execute(f"delete from {relation}")
                connection.execute(f"insert into {relation} by name from {WRITTEN}.{relation}")
            refresh_parquet_views(connection, [name for (name,) in files])
        except BaseException:
            connection.rollback()
            raise
        connection.commit()


def _relations(connection: duckdb.DuckDBPyConnection) -> tuple[list[str], list[str]]:
    """Tables that are copied by replay, and those copied whole: models over all replays, and small tables of schema ops. No load
    changes the others, which hold what is of the game or of a release."""
    over_all = connection.execute("select relation from ops.model_versions where materialized = 'table'").fetchall()
    tables = connection.execute(
        "select schema_name || '.' || table_name, schema_name, bool_or(column_name = 'replay_id') from duckdb_columns()"
        " semi join duckdb_tables() using (database_name, schema_name, table_name)"
        " where database_name = current_database() group by all order by all"
    ).fetchall()
    by_replay, whole = [], []
    for relation, schema, has_replays in tables:
        if (relation,) in over_all or (schema == "ops" and not has_replays):
            whole.append(relation)
        elif has_replays:
            by_replay.append(relation)
    return by_replay, whole


def _miscounts(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Tables that have not as many rows as the writer's."""
    names = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = ?", [WRITTEN]
    ).fetchall()
    relations = [f"{schema}.{identifier(name)}" for schema, name in names]
    return [
        relation
        for relation in relations
        if scalar(
            connection, f"select (select count(*) from {relation}) <> (select count(*) from {WRITTEN}.{relation})"
        )
    ]
