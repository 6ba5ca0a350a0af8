"""What ``ops.model_versions`` remembers: which code made each relation."""

from dataclasses import dataclass

import duckdb

from sc2_pipeline.warehouse.comments import Documentation


@dataclass(frozen=True, slots=True, kw_only=True)
class MadeRelation:
    """One relation as it was last made."""

    materialized: str
    version: str
    documentation: str


def made_relations(connection: duckdb.DuckDBPyConnection) -> dict[str, MadeRelation]:
    """Every relation the warehouse remembers, by name."""
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
    """Notes that a relation was made just now; belongs in the transaction that makes it."""
    forget_relation(connection, documentation.relation)
    connection.execute(
        "insert into ops.model_versions by name select ? as relation, ? as materialized, ? as version,"
        " ? as documentation, now() as built_at",
        [documentation.relation, materialized, version, documentation.version],
    )


def forget_relation(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Drops the note of a relation."""
    connection.execute("delete from ops.model_versions where relation = ?", [relation])
