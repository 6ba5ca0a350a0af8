"""Rows that a published warehouse cannot see, since their Parquet files are only in a remote lake or were lost."""

import re
from collections.abc import Mapping

import duckdb

from sc2_pipeline.sql_models import read_models
from sc2_pipeline.warehouse.catalog import scalar
from sc2_pipeline.warehouse.parquet_views import FILES


def rows_elsewhere(connection: duckdb.DuckDBPyConnection, statement: str) -> str | None:
    """A message if the statement reads a relation with unseen or lost rows; None otherwise.

    Incremental models and tables are complete: their rows were computed when the replays were loaded.
    """
    said = []
    if away := _named(_replays_elsewhere(connection), statement):
        said.append(
            f"rows of {away} lie in the lake elsewhere and are not seen; `sc2-pipeline localise --all` brings them"
        )
    if lost := _named(_replays_that_lost_rows(connection), statement):
        said.append(
            f"rows of {lost} were in files that are damaged; `sc2-pipeline run` over their folder extracts them again"
        )
    return "; ".join(said) or None


def _named(replays: Mapping[str, tuple[int, int]], statement: str) -> str:
    """The raw tables among these that the statement reads, with replay counts; empty if it reads none."""
    words = set(re.findall(r"\w+", statement.lower())) if replays else set()
    missing = sorted(table for table in replays if words & _names_that_read(table))
    return ", ".join(f"{table} of {replays[table][0]:,} of {replays[table][1]:,} replays" for table in missing)


def _replays_that_lost_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """By raw table, counts of replays whose rows were lost and of all loaded replays; only tables with losses."""
    try:
        rows = connection.execute(
            "select unnest(string_split(lost_tables, ',')) as name, count(distinct replay_id), (select count(distinct replay_id) from ops.loads)"
            " from ops.loads where lost_tables is not null group by name"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):  # An earlier release did not record losses.
        return {}
    return {table: (lost, everything) for table, lost, everything in rows}


def _replays_elsewhere(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """By raw table, counts of replays with unseen rows and of all with rows; only tables with unseen rows."""
    try:
        if not scalar(connection, f"select exists(from {FILES} where not is_here)"):
            return {}
        rows = connection.execute(
            "select table_name, count(distinct replay_id) filter (not is_here) as away, count(distinct replay_id)"
            f" from {FILES} group by table_name having away > 0"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):  # An earlier release had no remote lakes.
        return {}
    return {table: (away, everything) for table, away, everything in rows}


def _names_that_read(table: str) -> set[str]:
    """The raw table's name, and the views that read it, directly or through other views."""
    reading = {f"raw.{table}"}
    for model in read_models():
        if model.materialized == "view" and reading & set(model.depends_on):
            reading.add(model.relation)
    return {relation.partition(".")[2] for relation in reading}
