"""Inspects the published warehouse."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from sc2_pipeline.errors import HomeError
from sc2_pipeline.warehouse.generation import Generation, generation_of
from sc2_pipeline.warehouse.opening_errors import opening_error
from sc2_pipeline.warehouse.parquet_views import FILES
from sc2_pipeline.warehouse.reading.current_file import published_warehouse

_HEADERS_BYTES = 3 * 4096
"""Size of the headers of a DuckDB file, before its first block."""


def published_generation(warehouse: Path) -> Generation | None:
    """Generation of the published file; None if an earlier release published it.

    Raises HomeError if nothing is published, or the file is unreadable or truncated.
    """
    with _published(warehouse) as (path, connection):
        found = generation_of(connection)
        blocks, block_bytes = connection.execute(
            "select used_blocks, block_size from pragma_database_size() where database_name = current_database()"
        ).fetchall()[0]
    # The queried rows may be anywhere in the file: DuckDB also opens a truncated one. Free blocks at the end of a whole
    # file, as rebuilt models leave them, are not on the disk.
    on_disk, rest = divmod(path.stat().st_size - _HEADERS_BYTES, block_bytes)
    if on_disk < blocks or rest:
        raise HomeError(f"{path} is cut off: it has {path.stat().st_size} bytes; run again, and it is made anew")
    return found


def published_files(warehouse: Path) -> set[str]:
    """All files, relative to the home, listed in the published warehouse; raises HomeError like
    ``published_generation``."""
    with _published(warehouse) as (_, connection):
        return {path for (path,) in connection.execute(f"select distinct path from {FILES}").fetchall()}


def cut_streams(warehouse: Path, replay_id: str | None = None) -> dict[str, dict[str, str]]:
    """Event streams of loaded replays that could not be read to their end: of each the fault, by replay and by stream
    (tracker_events, game_events); raises HomeError like ``published_generation``."""
    faults = "select replay_id, tracker_fault, game_events_fault from raw.replays where ? is null or replay_id = ?"
    with _published(warehouse) as (_, connection):
        rows = connection.execute(faults, [replay_id, replay_id]).fetchall()
    named = ((replay, {"tracker_events": tracker, "game_events": commands}) for replay, tracker, commands in rows)
    cut = ((replay, {stream: fault for stream, fault in both.items() if fault}) for replay, both in named)
    return {replay: faults for replay, faults in cut if faults}


@contextmanager
def _published(warehouse: Path) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    path = published_warehouse(warehouse)
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            yield path, connection
    except duckdb.Error as error:
        raise opening_error(path, error, "run again, and it is made anew") from error
