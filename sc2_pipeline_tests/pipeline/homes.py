"""Helpers for tests of whole runs: running them, and comparing the contents of two homes."""

from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline import RunReport, run
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

MOMENTS = {"loaded_at", "built_at"}


def run_home(
    paths: list[Path], home: Path, *, retry_reasons: Collection[str] = (), workers: int = 1, **settings: Any
) -> RunReport:
    """Executes one run in this process."""
    return run(paths, Settings(home=home, workers=workers, **settings), retry_reasons=retry_reasons)


@contextmanager
def opened(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A connection to the published warehouse, for reading only."""
    with duckdb.connect(str(home / "warehouse.duckdb"), read_only=True) as connection:
        # Two cost more over so few rows; not as a configuration, which others that have the file open would not share.
        connection.execute("set threads = 1")
        search_home(connection, home)
        yield connection


def write_games(folder: Path, numbers: Iterable[int]) -> Path:
    """Writes short synthetic replays, named by their numbers."""
    for number in numbers:
        write_replay(folder / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    return folder


def answers(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all raw and marts relations of a published warehouse, sorted."""
    with opened(home) as connection:
        relations = connection.execute(
            "select table_schema || '.' || table_name from information_schema.tables"
            " where table_schema in ('raw', 'marts') order by all"
        ).fetchall()
        return {name: connection.execute(f"select * from {name} order by all").fetchall() for (name,) in relations}


def query(home: Path, sql: str) -> list[tuple[Any, ...]]:
    """Rows of a query on the published warehouse."""
    with opened(home) as connection:
        return connection.execute(sql).fetchall()


def rows_of(home: Path, like: dict[str, list[tuple[Any, ...]]] | None = None) -> dict[str, list[tuple[Any, ...]]]:
    """Rows of the raw and marts relations that have a replay_id, for all replays or only for those in ``like``."""
    chosen = ", ".join(f"'{row[0]}'" for row in (like or {}).get("raw.replays", []))
    where = f"where replay_id in ({chosen})" if like is not None else ""
    relations = query(
        home,
        "select table_schema || '.' || table_name from information_schema.columns"
        " where table_schema in ('raw', 'marts') and column_name = 'replay_id' order by all",
    )
    with opened(home) as connection:
        return {
            name: connection.execute(f"select * from {name} {where} order by all").fetchall() for (name,) in relations
        }
