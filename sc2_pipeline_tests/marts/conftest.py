"""Marts of the real replays, as people open them."""

from collections.abc import Iterator

import duckdb
import pytest

from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline_tests.conftest import RealRun


@pytest.fixture(scope="session")
def real_marts(real_run: RealRun) -> Iterator[duckdb.DuckDBPyConnection]:
    """The published warehouse of every real replay that has a tracker stream, for reading only."""
    with duckdb.connect(str(real_run.home / "warehouse.duckdb"), read_only=True) as connection:
        search_home(connection, real_run.home)
        yield connection
