"""Which generation of a warehouse a file holds: moved on by every transaction that changes it, and copied with the file.

The published file is what the writer's file is exactly when both are of the same generation.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from sc2_pipeline.warehouse.connection import transaction

TABLE = "ops.generation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """``number`` counts changes, for people; ``name`` is random, and the same in two files of the same generation alone.

    A count would not do: a warehouse made anew, or restored and changed, comes to the same numbers with other rows.
    """

    number: int
    name: str


def generation_of(connection: duckdb.DuckDBPyConnection) -> Generation | None:
    """The generation of the current catalog; None where an earlier release made it."""
    try:
        rows = connection.execute(f"select generation, generation_name from {TABLE}").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    return Generation(number=rows[0][0], name=rows[0][1]) if rows else None


@contextmanager
def change(connection: duckdb.DuckDBPyConnection) -> Iterator[None]:
    """All of the statements inside, or none of them; after them the warehouse is of a new generation."""
    with transaction(connection):
        yield
        advance(connection)


def advance(connection: duckdb.DuckDBPyConnection) -> None:
    """Moves the generation on; belongs in the transaction that changes the warehouse, and makes the first one."""
    name = secrets.token_hex(8)
    connection.execute(
        f"update {TABLE} set generation = generation + 1, generation_name = ?, changed_at = now()", [name]
    )
    connection.execute(
        f"insert into {TABLE} by name select 1 as generation, ? as generation_name, now() as changed_at"
        f" where not exists (from {TABLE})",
        [name],
    )


def mirror_of(connection: duckdb.DuckDBPyConnection) -> str | None:
    """The name of the last mirroring of the manifest into schema ops; None where there was none."""
    rows = connection.execute(f"select mirror_name from {TABLE}").fetchall()
    return rows[0][0] if rows else None


def remember_mirror(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Notes that schema ops holds what the manifest held when it gave that name; belongs in the mirror's transaction."""
    connection.execute(f"update {TABLE} set mirror_name = ?", [name])
