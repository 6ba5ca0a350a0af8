"""The warehouse's own SQL functions, created in a catalog and replaced when a release changes them."""

from collections.abc import Mapping

import duckdb

from sc2_pipeline.sql_models import MACROS, Macro
from sc2_pipeline.warehouse.comments import macro_documentation, put_comments
from sc2_pipeline.warehouse.versions import MadeRelation, forget_relation, remember_relation


def make_macros(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates every macro in the current catalog."""
    for macro in MACROS:
        _make(connection, macro)


def update_macros(connection: duckdb.DuckDBPyConnection, made: Mapping[str, MadeRelation]) -> bool:
    """Creates missing or changed macros, and drops obsolete ones; returns whether anything changed.

    ``made`` is the warehouse's record of its relations; call it in the transaction that creates the declared tables.
    """
    gone = [name for name, one in made.items() if one.materialized == "macro" and name not in _names()]
    for name in gone:
        connection.execute(f"drop macro if exists {name}")
        forget_relation(connection, name)
    changed = [macro for macro in MACROS if _is_behind(made.get(macro.relation), macro)]
    for macro in changed:
        _make(connection, macro)
        remember_relation(connection, macro_documentation(macro), materialized="macro", version=macro.version)
    return bool(gone or changed)


def _names() -> set[str]:
    return {macro.relation for macro in MACROS}


def _is_behind(made: MadeRelation | None, macro: Macro) -> bool:
    return made is None or (made.version, made.documentation) != (macro.version, macro_documentation(macro).version)


def _make(connection: duckdb.DuckDBPyConnection, macro: Macro) -> None:
    connection.execute(f"create or replace macro {macro.signature} as {macro.expression}")
    put_comments(connection, macro_documentation(macro))
