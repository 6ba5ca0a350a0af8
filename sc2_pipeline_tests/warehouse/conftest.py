"""A small warehouse with small models, for tests of single steps."""

from pathlib import Path

import pytest

from sc2_pipeline.sql_models import read_models
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline_tests.empty_warehouse import EmptyWarehouse
from sc2_pipeline_tests.warehouse.sql_folders import write_sql


@pytest.fixture
def models(tmp_path: Path):
    """The models of sql_folders.MODELS."""
    return read_models(write_sql(tmp_path / "sql"))


@pytest.fixture
def build(tmp_path: Path) -> Path:
    """Path of the writer's warehouse in a home."""
    return tmp_path / "home" / "build" / "warehouse.duckdb"


@pytest.fixture
def warehouse(build: Path, models, empty_warehouse: EmptyWarehouse):
    """The writer's connection to an empty warehouse with those models."""
    connection = open_warehouse(empty_warehouse.copy_with(models, build))
    yield connection
    connection.close()
