"""Records in ``ops.model_versions`` which code built each relation."""

from dataclasses import dataclass

import duckdb

from sc2_pipeline.warehouse.comments import Documentation


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRelation:
    """A relation as it was last built: its kind, and the versions of code and documentation."""

    materialized: str
    version: str
    documentation: str


def made_relations(connection: duckdb.DuckDBPyConnection) -> dict[str, MadeRelation]:
    """All recorded relations, by name."""
    rows = connection.execute(
        "select relation, materialized, version, documentation from ops.model_versions"
    ).fetchall()
    return {
        relation: MadeRelation(materialized=materialized, version=version, documentation=documentation)
        for relation, materialized, version, documentation in rows
    }


def remember_relation(
    connection: duckdb.DuckDBPyConnection, documentation: Documentation, *, materialized: str, version: str
) -> None:
    """Records that a relation was just built; call it in the transaction that builds it."""
    forget_relation(connection, documentation.relation)
    connection.execute(
        "insert into ops.model_versions by name select ? as relation, ? as materialized, ? as version,"
        " ? as documentation, now() as built_at",
        [documentation.relation, materialized, version, documentation.version],
    )


def forget_relation(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Deletes the record of a relation."""
    connection.execute("delete from ops.model_versions where relation = ?", [relation])
