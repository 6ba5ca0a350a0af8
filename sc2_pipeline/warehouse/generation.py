"""Generation of a warehouse file: advanced by every transaction that changes it, and copied with the file.

The published file is up to date exactly if it and the writer's file have the same generation.
"""

import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

TABLE = "ops.generation"

CHANGES = "ops.changes"

_CHANGES_KEPT = 500
"""Changes after which an earlier file cannot be brought up: 100,000 loaded replays, whose copy costs little more."""


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
    ``replay_ids``: the replays whose rows it changes, in any table with a ``replay_id``, if it changes nothing else but small
    tables over all replays; None if it may.
    """

    is_made: bool = True
    are_tables_behind: bool | None = None
    replay_ids: Collection[str] | None = None


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
            _advance(connection, made)
    except BaseException:
        connection.rollback()
        raise
    connection.commit()


def _advance(connection: duckdb.DuckDBPyConnection, made: Change) -> None:
    before, name = generation_of(connection), secrets.token_hex(8)
    connection.execute(
        f"update {TABLE} set generation = generation + 1, generation_name = ?, changed_at = now()", [name]
    )
    connection.execute(
        f"insert into {TABLE} by name select 1 as generation, ? as generation_name, now() as changed_at"
        f" where not exists (from {TABLE})",
        [name],
    )
    # A warehouse of an earlier release has no such column while it is migrated.
    if made.are_tables_behind is not None:
        connection.execute(f"update {TABLE} set are_tables_behind = ?", [made.are_tables_behind])
    if made.replay_ids is not None and before is not None:
        connection.execute(
            f"insert into {CHANGES} by name select ? as generation, ? as generation_name, ? as previous_name, ? as replay_ids",
            [before.number + 1, name, before.name, ",".join(sorted(made.replay_ids))],
        )
        connection.execute(f"delete from {CHANGES} where generation <= ?", [before.number + 1 - _CHANGES_KEPT])


def replays_changed_since(connection: duckdb.DuckDBPyConnection, written: str) -> set[str] | None:
    """Replays whose rows differ between the current catalog and catalog ``written``, of which it is an earlier copy; None if
    more may differ."""
    earlier = generation_of(connection)
    rows = connection.execute(f"select previous_name, generation_name, replay_ids from {written}.{CHANGES}").fetchall()
    changes = {previous: (name, replay_ids) for previous, name, replay_ids in rows}
    names = {name for (name,) in connection.execute(f"select generation_name from {written}.{TABLE}").fetchall()}
    name, changed = None if earlier is None else earlier.name, set[str]()
    while name not in names:
        if name not in changes:
            return None
        name, replay_ids = changes[name]
        changed.update(filter(None, replay_ids.split(",")))
    return changed


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
