"""Generation of a warehouse file: advanced by every transaction that changes it, and copied with the file.

The published file is up to date exactly if it and the writer's file have the same generation.
"""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

TABLE = "ops.generation"


@dataclass(frozen=True, slots=True, kw_only=True)
class Generation:
    """``number`` counts changes, for people; ``name`` is random, and equal only in files of the same generation.

    A number alone is not enough: a warehouse that is rebuilt, or restored and changed, reaches the same numbers with
    other rows.
    """

    number: int
    name: str


def generation_of(connection: duckdb.DuckDBPyConnection) -> Generation | None:
    """Generation of the current catalog; None if an earlier release made it."""
    try:
        rows = connection.execute(f"select generation, generation_name from {TABLE}").fetchall()
    except (duckdb.CatalogException, duckdb.BinderException):
        return None
    return Generation(number=rows[0][0], name=rows[0][1]) if rows else None


@dataclass(slots=True)
class Change:
    """A transaction in progress; set ``is_made`` to False if it turns out to change nothing.

    ``are_tables_behind``: whether the tables over all replays lack what it changes; None if it leaves that as it was.
    """

    is_made: bool = True
    are_tables_behind: bool | None = None


@contextmanager
def change(connection: duckdb.DuckDBPyConnection) -> Iterator[Change]:
    """Runs the block as one transaction, rolled back on any error or interrupt, and advances the generation.

    All transactions on a warehouse must use it: a change without a new generation would never be published.
    """
    connection.begin()
    try:
        made = Change()
        yield made
        if made.is_made:
            _advance(connection, made.are_tables_behind)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _advance(connection: duckdb.DuckDBPyConnection, are_tables_behind: bool | None) -> None:
    name = secrets.token_hex(8)
    connection.execute(
        f"update {TABLE} set generation = generation + 1, generation_name = ?, changed_at = now()", [name]
    )
    connection.execute(
        f"insert into {TABLE} by name select 1 as generation, ? as generation_name, now() as changed_at"
        f" where not exists (from {TABLE})",
        [name],
    )
    # A warehouse of an earlier release has no such column while it is migrated.
    if are_tables_behind is not None:
        connection.execute(f"update {TABLE} set are_tables_behind = ?", [are_tables_behind])


def are_tables_behind(connection: duckdb.DuckDBPyConnection) -> bool:
    """Whether the tables over all replays lack what was loaded or removed."""
    return connection.execute(f"from {TABLE} where are_tables_behind").fetchall() != []


def mirror_of(connection: duckdb.DuckDBPyConnection) -> str | None:
    """Name of the last mirroring of the manifest into schema ops; None if there was none."""
    rows = connection.execute(f"select mirror_name from {TABLE}").fetchall()
    return rows[0][0] if rows else None


def remember_mirror(connection: duckdb.DuckDBPyConnection, name: str) -> None:
    """Records the name of the manifest state that schema ops now mirrors; call it in the mirroring transaction."""
    connection.execute(f"update {TABLE} set mirror_name = ?", [name])
