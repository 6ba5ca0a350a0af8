"""Tables declared in Python (raw, shipped, ops): creates them in a warehouse, and migrates them to new releases."""

from collections.abc import Mapping

import duckdb
import pyarrow as pa

from sc2_pipeline.errors import HomeError
from sc2_pipeline.game_rules.shipped import shipped_tables
from sc2_pipeline.sql_models import LAYERS, input_tables, input_versions
from sc2_pipeline.tables import Table, schema_version
from sc2_pipeline.tables.ops import OPS_TABLES
from sc2_pipeline.tables.shipped import SHIPPED_TABLES
from sc2_pipeline.warehouse.catalog import arrow_relation, identifier, relation_columns
from sc2_pipeline.warehouse.column_types import column_types
from sc2_pipeline.warehouse.comments import put_comments, table_documentation
from sc2_pipeline.warehouse.generation import change, generation_of
from sc2_pipeline.warehouse.macros import make_macros, update_macros
from sc2_pipeline.warehouse.parquet_views import FILES, empty_view_sql
from sc2_pipeline.warehouse.versions import MadeRelation, made_relations, remember_relation

SCHEMAS = ("raw", *LAYERS, "ops")

_WIDENINGS = (("TINYINT", "SMALLINT", "INTEGER", "BIGINT"), ("FLOAT", "DOUBLE"))
_VERSIONS = "ops.model_versions"

_OF_BUILD_STEPS = {
    "start_game_loop": "started_game_loop",
    "finish_game_loop": "finished_game_loop",
    "end_game_loop": "ended_game_loop",
}
_DIGEST = {"settings": "settings_digest"}
_RENAMED_COLUMNS = {
    "raw.build_steps": _OF_BUILD_STEPS,
    "ops.loads": _DIGEST,
    "ops.extractions": _DIGEST,
    "ops.attempts": _DIGEST,
}
"""Columns that had another name before 0.1.0, by relation: the earlier name, and today's."""


def make_schemas(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates the schemas of a warehouse in the current catalog."""
    for schema in SCHEMAS:
        connection.execute(f"create schema if not exists {schema}")


def make_declared_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates missing tables and macros, migrates existing ones, and refreshes shipped rows, in one transaction.

    A column that a release no longer declares is kept, and is NULL in new rows: no value is lost, and an earlier
    release can still write. Raises HomeError for a column whose type cannot be widened to the declared one.
    """
    with change(connection) as this:
        make_schemas(connection)
        columns = relation_columns(connection)
        renamed = rename_columns(connection, columns)
        are_renamed, columns = renamed != columns, renamed
        if _VERSIONS not in columns:
            connection.execute(_create_sql(connection, _VERSIONS, OPS_TABLES["model_versions"]))
        made = made_relations(connection)
        tables = input_tables() | {f"ops.{name}": table for name, table in OPS_TABLES.items()}
        versions = input_versions()
        changed = [
            relation
            for relation, table in tables.items()
            if _make(
                connection,
                relation,
                table,
                version=versions.get(relation) or schema_version((table,)),
                columns=columns.get(relation, {}),
                made=made.get(relation),
            )
        ]
        are_macros_new = update_macros(connection, made)
        this.is_made = bool(changed) or are_renamed or are_macros_new or generation_of(connection) is None


def rename_columns(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Mapping[str, str]]
) -> dict[str, dict[str, str]]:
    """Renames columns that an earlier release created under another name; returns the ``columns`` (types by relation and
    name) as they are then."""
    renamed = {relation: dict(types) for relation, types in columns.items()}
    for relation, names in _RENAMED_COLUMNS.items():
        types = renamed.get(relation, {})
        for earlier, name in names.items():
            if earlier in types and name not in types:
                connection.execute(f"alter table {relation} rename column {earlier} to {name}")
                types[name] = types.pop(earlier)
    return renamed


def _make(
    connection: duckdb.DuckDBPyConnection,
    relation: str,
    table: Table,
    *,
    version: str,
    columns: Mapping[str, str],
    made: MadeRelation | None,
) -> bool:
    """Creates or migrates one relation; returns whether anything changed."""
    documentation = table_documentation(relation, table)
    if columns and made and (made.version, made.documentation) == (version, documentation.version):
        return False
    if columns and table.name in SHIPPED_TABLES:
        # All rows are inserted again, so columns of an earlier release need not be kept.
        connection.execute(f"drop table {relation}")
        connection.execute(_create_sql(connection, relation, table))
    elif columns and not table.stays_in_parquet:
        _migrate(connection, relation, table, columns)
    elif relation != _VERSIONS and not (columns and made and made.version == version):
        # If only descriptions changed, the view is kept: an empty one would hide its rows.
        connection.execute(_create_sql(connection, relation, table))
    if table.name in SHIPPED_TABLES:
        fill_shipped_table(connection, relation, shipped_tables()[table.name])
    put_comments(connection, documentation)
    kind = "shipped" if table.name in SHIPPED_TABLES else relation.partition(".")[0]
    remember_relation(connection, documentation, materialized=kind, version=version)
    return True


def _create_sql(connection: duckdb.DuckDBPyConnection, relation: str, table: Table) -> str:
    if table.stays_in_parquet:
        return empty_view_sql(connection, relation, table)
    columns = ", ".join(f"{identifier(name)} {kind}" for name, kind in column_types(connection, table).items())
    return f"create table {relation} ({columns})"


def make_input_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates what models read in a new, temporary catalog: empty raw tables, filled shipped tables, and macros."""
    make_schemas(connection)
    make_macros(connection)
    tables = input_tables() | {FILES: OPS_TABLES["parquet_files"]}
    connection.execute(";\n".join(_create_sql(connection, relation, table) for relation, table in tables.items()))
    for name, rows in shipped_tables().items():
        fill_shipped_table(connection, f"raw.{name}", rows)


def fill_shipped_table(connection: duckdb.DuckDBPyConnection, relation: str, rows: pa.Table) -> None:
    """Replaces all rows of a shipped table."""
    connection.execute(f"delete from {relation}")
    insert_rows(connection, relation, rows)


def insert_rows(connection: duckdb.DuckDBPyConnection, relation: str, rows: pa.Table) -> None:
    """Inserts Arrow rows, matching columns by name."""
    with arrow_relation(connection, rows) as given:
        connection.execute(f"insert into {relation} by name select * from {given}")


def _migrate(connection: duckdb.DuckDBPyConnection, relation: str, table: Table, columns: Mapping[str, str]) -> None:
    for name, kind in column_types(connection, table).items():
        column = identifier(name)
        if name not in columns:
            connection.execute(f"alter table {relation} add column {column} {kind}")
        elif _is_wider(kind, columns[name]):
            connection.execute(f"alter table {relation} alter column {column} type {kind}")
        elif kind != columns[name] and not _is_wider(columns[name], kind):
            if not connection.execute(f"select 1 from {relation} limit 1").fetchall():
                connection.execute(f"drop table {relation}")
                connection.execute(_create_sql(connection, relation, table))
                return
            raise HomeError(
                f"{relation}.{name} holds {columns[name]} in this home and this release writes {kind}; "
                "move build/warehouse.duckdb away and run again: every replay is loaded anew from the lake"
            )


def _is_wider(kind: str, than: str) -> bool:
    return any(kind in order and than in order and order.index(kind) > order.index(than) for order in _WIDENINGS)
