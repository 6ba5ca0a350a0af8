"""Which rows of tables that stay in Parquet a published warehouse cannot see, since they lie in a lake elsewhere."""

import re
from collections.abc import Mapping

import duckdb

from sc2_pipeline.sql_models import read_models
from sc2_pipeline.warehouse.catalog import scalar
from sc2_pipeline.warehouse.parquet_views import FILES


def rows_elsewhere(connection: duckdb.DuckDBPyConnection, statement: str) -> str | None:
    """A sentence where the statement names a relation that lacks such rows, or lost some; None where it names none.

    Incremental models and tables lack none: their rows were made when the replays were loaded.
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
    """Those of the raw tables that the statement reads, with how many replays; empty where it reads none."""
    words = set(re.findall(r"\w+", statement.lower())) if replays else set()
    missing = sorted(table for table in replays if words & _names_that_read(table))
    return ", ".join(f"{table} of {replays[table][0]:,} of {replays[table][1]:,} replays" for table in missing)


def _replays_that_lost_rows(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Replays whose rows were lost, and all that are loaded, by raw table; only tables where there are some."""
    try:
        rows = connection.execute(
            "select unnest(string_split(lost_tables, ',')) as name, count(distinct replay_id), (select count(distinct replay_id) from ops.loads)"
            " from ops.loads where lost_tables is not null group by name"
        ).fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):  # Published by an earlier release, which lost none.
        return {}
    return {table: (lost, everything) for table, lost, everything in rows}


def _replays_elsewhere(connection: duckdb.DuckDBPyConnection) -> dict[str, tuple[int, int]]:
    """Replays whose rows are not seen, and all that have rows, by raw table; only tables where some are not."""
    try:
        if not scalar(connection, f"select exists(from {FILES} where not is_here)"):
            return {}
        rows = connection.execute(
            "select table_name, count(distinct replay_id) filter (not is_here) as away, count(distinct replay_id)"
            f" from {FILES} group by table_name having away > 0"
        ).fetchall()
    except (
        duckdb.CatalogException,
        duckdb.BinderException,
    ):  # Published by an earlier release, which knew of no other place.
        return {}
    return {table: (away, everything) for table, away, everything in rows}


def _names_that_read(table: str) -> set[str]:
    """The raw table's name, and those of views that read it, through others too."""
    reading = {f"raw.{table}"}
    for model in read_models():
        if model.materialized == "view" and reading & set(model.depends_on):
            reading.add(model.relation)
    return {relation.partition(".")[2] for relation in reading}
