"""Which generation of a warehouse a file holds: moved on by every transaction that changes it, and copied with the file.

The published file is what the writer's file is exactly when both are of the same generation.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

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


@dataclass(slots=True)
class Change:
    """A transaction under way; ``is_made`` is set to False where nothing turned out to be different."""

    is_made: bool = True


@contextmanager
def change(connection: duckdb.DuckDBPyConnection) -> Iterator[Change]:
    """All of the statements inside, or none of them, whatever interrupts; after them the warehouse is of a new generation.

    There is no other transaction on a warehouse: one that forgot the generation would never be published.
    """
    connection.begin()
    try:
        made = Change()
        yield made
        if made.is_made:
            _advance(connection)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _advance(connection: duckdb.DuckDBPyConnection) -> None:
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
