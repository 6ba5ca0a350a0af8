"""A batch built in another process, which opens no warehouse, is merged as if the writer had built it."""

from contextlib import closing
from functools import partial

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.errors import ModelRowsError
from sc2_pipeline.lone_process import LoneProcess
from sc2_pipeline.sql_models import batch_models, read_models, read_tests
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.warehouse.batch.build import build_batch_file
from sc2_pipeline.warehouse.batch.contents import new_batch, related_replays
from sc2_pipeline.warehouse.batch.merge import merge_batch
from sc2_pipeline.warehouse.batch.stage import attach_batches
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.declared import make_input_tables
from sc2_pipeline.warehouse.parquet_files import ParquetFile
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline.warehouse.refill import refill_tables
from sc2_pipeline_tests.warehouse.rows import (
    FIRST,
    SECOND,
    THIRD,
    everything,
    load_all,
    load_tables,
    raw_rows,
    replay,
    together,
)
from sc2_pipeline_tests.warehouse.sql_folders import MODELS, write_sql

COMMANDS_MODEL = """
models:
  - name: fct_command_counts
    materialized: incremental
    description: Commands. One row per replay.
    tests: [{unique: [replay_id]}]
    columns:
      - {name: replay_id, description: The replay.}
      - {name: commands, description: How many.}
"""
COMMANDS_SQL = (
    "-- Grain: one row per replay.\nselect replay_id, count(*) as commands from raw.commands group by replay_id"
)


@pytest.fixture(scope="module")
def other_process():
    """A process of its own, which has nothing of this one."""
    with closing(LoneProcess()) as process:
        yield process


@pytest.fixture
def models(tmp_path):
    """Small models, one of which reads a table that stays in Parquet."""
    files = {"marts/fct_command_counts.sql": COMMANDS_SQL, "marts/command_counts.yml": COMMANDS_MODEL}
    return read_models(write_sql(tmp_path / "sql", MODELS | files))


@pytest.fixture
def warehouses(tmp_path, models):
    """Two writers' connections to equal warehouses of one home, which hold two files of one game."""
    home = tmp_path / "home"
    connections = []
    for name in ("ordinary", "handed over"):
        connection = open_warehouse(tmp_path / name / "warehouse.duckdb", home=home)
        rebuild(connection, models)
        held = together(replay(SECOND, game="g", deaths=(3,)), replay(THIRD, game_key="h"))
        load_tables(connection, models, held, dict.fromkeys([(SECOND, "streams"), (THIRD, "streams")], "s"))
        solved = raw_rows("build_steps", {"replay_id": THIRD, "source": "tracker", "step_index": 0})
        load_tables(connection, models, {"build_steps": solved}, {(THIRD, "solved"): "s"})
        connections.append(connection)
    yield connections
    for connection in connections:
        connection.close()


def commands_file(home, replay_id: str, count: int) -> ParquetFile:
    path = f"lake/{replay_id}/commands.parquet"
    (home / path).parent.mkdir(parents=True)
    rows = raw_rows("commands", *({"replay_id": replay_id, "source": "tracker"} for _ in range(count)))
    pq.write_table(rows, home / path)
    return ParquetFile(replay_id=replay_id, part="streams", table_name="commands", path=path)


def test_merging_it_gives_the_warehouse_of_an_ordinary_load(other_process, warehouses, models, tmp_path):
    """The first replay is another file of a loaded game, the third changes games, keeps one part and loses another."""
    ordinary, writer = warehouses
    tables = together(replay(FIRST, game="g", deaths=(7,)), replay(THIRD, game_key="g", deaths=(9,)))
    loads = {(FIRST, "streams"): "s", (THIRD, "streams"): "t"}
    files = [commands_file(tmp_path / "home", FIRST, 4)]
    retired = {(THIRD, "solved")}
    load_tables(ordinary, models, tables, loads, files, retired=retired)

    built, path = batch_models(models), tmp_path / "batch.duckdb"
    batch = new_batch(writer, built, tables, loads, files, retired=retired)
    build = partial(
        build_batch_file, batch=batch, models=built, tests=read_tests(tmp_path / "sql"), homes=[tmp_path / "home"]
    )
    outcomes = other_process.result(build, path)
    assert related_replays(writer, batch) == set()
    attach_batches(writer, [path])
    merge_batch(writer, models, batch)
    refill_tables(writer, models)

    assert everything(writer) == everything(ordinary)
    assert writer.execute("from marts.fct_command_counts").fetchall() == [(FIRST, 4)]
    standing = writer.execute("select replay_id, is_canonical from marts.dim_replays order by all").fetchall()
    assert standing == [(FIRST, True), (SECOND, False), (THIRD, False)]
    assert {(o.relation, o.name, o.failed_rows) for o in outcomes} >= {
        ("marts.fct_command_counts", "unique_replay_id", 0)
    }


def test_it_is_given_game_data_only_where_a_model_reads_them(warehouses, models, tmp_path):
    _, writer = warehouses
    rows = raw_rows("unit_types", {"base_build": 1, "data_version": "d", "unit_type_id": 5})
    writer.register("given", rows)
    writer.execute("insert into raw.unit_types by name from given")
    sql = "-- Grain: one row per unit type.\nselect unit_type_id from raw.unit_types"
    yml = COMMANDS_MODEL.replace("incremental", "view").replace("fct_command_counts", "stg_unit_types")
    reading = read_models(
        write_sql(tmp_path / "reading", {"staging/stg_unit_types.sql": sql, "staging/types.yml": yml})
    )

    given = [
        new_batch(writer, batch_models(each), replay(FIRST), {(FIRST, "streams"): "s"}) for each in (models, reading)
    ]

    assert [batch.held_rows.get("raw.unit_types", pa.table({})).num_rows for batch in given] == [0, 1]


def test_replays_are_related_to_files_that_the_warehouse_has_by_now(warehouses, models):
    _, writer = warehouses
    built = batch_models(models)
    batch = new_batch(writer, built, replay(FIRST, game="g"), {(FIRST, "streams"): "s"})
    apart = new_batch(writer, built, replay(FIRST, game="other"), {(FIRST, "streams"): "s"})
    assert related_replays(writer, batch) == set()

    load_all(writer, models, replay(THIRD, game="g"))

    assert related_replays(writer, batch) == {FIRST}
    assert related_replays(writer, apart) == set()


def test_what_its_models_cannot_compute_is_raised_to_whoever_asked(other_process, warehouses, models, tmp_path):
    _, writer = warehouses
    built = batch_models(models)
    batch = new_batch(writer, built, replay(FIRST, deaths=(101,)), {(FIRST, "streams"): "s"})

    with pytest.raises(ModelRowsError, match="cannot compute"):
        other_process.result(partial(build_batch_file, batch=batch, models=built), tmp_path / "batch.duckdb")


def test_rows_that_are_handed_over_keep_their_types():
    with duckdb.connect() as connection:
        make_input_tables(connection)
        for name, table in RAW_TABLES.items():
            if not table.stays_in_parquet:
                rows = connection.sql(f"from raw.{name}").to_arrow_table()
                connection.register("handed_over", rows)
                [declared, found] = [
                    connection.execute(f"select column_name, column_type from (describe {relation})").fetchall()
                    for relation in (f"raw.{name}", "handed_over")
                ]
                assert found == declared
