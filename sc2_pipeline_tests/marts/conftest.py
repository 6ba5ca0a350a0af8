"""Marts of the real replays, as people open them."""

import hashlib
import shutil
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import ReplayError
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline_tests.conftest import RealRun
from sc2_pipeline_tests.marts.scripted import built_marts


@pytest.fixture(scope="session")
def real_marts(real_run: RealRun, tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse of every real replay that has a tracker stream, for reading only; a copy, since DuckDB opens a
    file in one way at a time in a process, and tests beside this one open the home in another."""
    copy = shutil.copyfile(
        real_run.home / "warehouse.duckdb", tmp_path_factory.mktemp("real_marts") / "warehouse.duckdb"
    )
    with duckdb.connect(str(copy), read_only=True) as connection:
        search_home(connection, real_run.home)
        yield connection


@pytest.fixture(scope="session")
def older_marts(shared_replays: Path) -> duckdb.DuckDBPyConnection:
    """All models over the replays of 2013 and 2014."""
    return marts_of_folder(shared_replays.parent / "cases" / "older")


def marts_of_folder(folder: Path) -> duckdb.DuckDBPyConnection:
    """All models over the replays under a folder that have a tracker stream."""
    source = TrackerSource(Settings())
    batches = defaultdict(list)
    for path in sorted(folder.rglob("*.[sS][cC]2[rR]eplay")):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        replay = ReplayFile(replay_id=sha256[:16], sha256=sha256, path=path)
        try:
            source.extract(replay, lambda name, batch: batches[name].append(batch))
        except ReplayError:
            continue  # Some are in the folder as examples of unreadable replays.
    return built_marts((name, pa.Table.from_batches(parts)) for name, parts in batches.items())
