"""A warehouse is of another generation after every change, and of the same one after all else."""

import pytest

from sc2_pipeline.sql_models import read_models
from sc2_pipeline.tables.ops import ops_rows
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.game_data import load_game_data
from sc2_pipeline.warehouse.generation import generation_of, mirror_of
from sc2_pipeline.warehouse.mirror import MIRRORED, mirror_ops
from sc2_pipeline.warehouse.parquet_files import ParquetFile, replace_files
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline.warehouse.remove import remove_replays
from sc2_pipeline_tests.warehouse.rows import FIRST, SECOND, load_all, raw_rows, replay
from sc2_pipeline_tests.warehouse.sql_folders import write_sql

UNIT_TYPES = {"unit_types": [raw_rows("unit_types", {"base_build": 1})]}


@pytest.fixture
def models(tmp_path):
    return read_models(write_sql(tmp_path / "sql"))


@pytest.fixture
def warehouse(tmp_path, models):
    """The writer's connection to a warehouse of one replay."""
    connection = open_warehouse(tmp_path / "warehouse.duckdb")
    rebuild(connection, models)
    load_all(connection, models, replay(FIRST))
    yield connection
    connection.close()


def mirror(connection, _):
    nothing = {name: ops_rows(name, []) for name in MIRRORED}
    mirror_ops(connection, [([FIRST], nothing)], ops_rows("runs", []), mirror_name="m", is_whole=False)


def replace_a_file(connection, _):
    file = ParquetFile(replay_id=FIRST, part="streams", table_name="commands", path="lake/a.parquet", is_here=False)
    replace_files(connection, [file])


CHANGES = {
    "replays are loaded": lambda connection, models: load_all(connection, models, replay(SECOND)),
    "a replay is loaded again": lambda connection, models: load_all(connection, models, replay(FIRST)),
    "a replay is taken out": lambda connection, models: remove_replays(connection, models, [FIRST]),
    "models are made anew": lambda connection, models: rebuild(connection, models, whole=["marts.dim_replays"]),
    "a model is gone": lambda connection, models: rebuild(connection, models[:-1]),
    "the manifest is mirrored": mirror,
    "files are replaced": replace_a_file,
    "the game's data is loaded": lambda connection, _: load_game_data(connection, UNIT_TYPES),
}


@pytest.mark.parametrize("what", CHANGES)
def test_every_change_is_a_new_generation(warehouse, models, what):
    before = generation_of(warehouse)

    CHANGES[what](warehouse, models)

    after = generation_of(warehouse)
    assert after.number > before.number
    assert after.name != before.name


def test_what_changes_nothing_leaves_the_generation(warehouse, models, tmp_path):
    load_game_data(warehouse, UNIT_TYPES)
    before = generation_of(warehouse)

    load_game_data(warehouse, UNIT_TYPES)
    rebuild(warehouse, models)
    warehouse.close()

    with open_warehouse(tmp_path / "warehouse.duckdb") as again:
        assert generation_of(again) == before


def test_a_change_that_fails_leaves_the_generation(warehouse, models):
    before = generation_of(warehouse)

    with pytest.raises(Exception, match="nonsense"):
        load_all(warehouse, models, replay(SECOND), ops={"nonsense": ops_rows("replays", [])})

    assert generation_of(warehouse) == before


def test_two_warehouses_of_as_many_changes_are_not_of_one_generation(tmp_path):
    with open_warehouse(tmp_path / "a.duckdb") as one, open_warehouse(tmp_path / "b.duckdb") as other:
        first, second = generation_of(one), generation_of(other)

    assert first.number == second.number
    assert first.name != second.name


def test_the_mirror_names_what_it_mirrored(warehouse, models):
    assert mirror_of(warehouse) is None

    mirror(warehouse, models)

    assert mirror_of(warehouse) == "m"


def test_a_warehouse_of_an_earlier_release_gets_a_generation(warehouse, tmp_path):
    warehouse.execute("drop table ops.generation")
    warehouse.execute("delete from ops.model_versions where relation = 'ops.generation'")
    assert generation_of(warehouse) is None
    warehouse.close()

    with open_warehouse(tmp_path / "warehouse.duckdb") as again:
        assert generation_of(again).number == 1
