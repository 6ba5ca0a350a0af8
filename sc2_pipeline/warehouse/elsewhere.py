"""Which rows of tables that stay in Parquet a published warehouse cannot see, since they lie in a lake elsewhere."""

import re

import duckdb

from sc2_pipeline.sql_models import read_models
from sc2_pipeline.warehouse.connection import scalar
from sc2_pipeline.warehouse.parquet_views import FILES


def rows_elsewhere(connection: duckdb.DuckDBPyConnection, statement: str) -> str | None:
    """A sentence where the statement names a relation that lacks such rows; None where it names none.

    Incremental models and tables lack none: their rows were made when the replays were loaded.
    """
    replays = _replays_elsewhere(connection)
    words = set(re.findall(r"\w+", statement.lower())) if replays else set()
    missing = sorted(table for table in replays if words & _names_that_read(table))
    if not missing:
        return None
    counted = ", ".join(f"{table} of {replays[table][0]:,} of {replays[table][1]:,} replays" for table in missing)
    return f"rows of {counted} lie in the lake elsewhere and are not seen; `sc2-pipeline localise --all` brings them"


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
