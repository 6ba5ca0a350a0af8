"""Raw tables that stay in Parquet: views over files, which follow loads, removals and the home itself."""

import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models import read_models
from sc2_pipeline.tables import RAW_TABLES, Column, Table
from sc2_pipeline.tables.declaration import identity_columns
from sc2_pipeline.warehouse import parquet_views
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.parquet_files import ParquetFile, replace_files
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline.warehouse.remove import remove_replays
from sc2_pipeline_tests.warehouse.rows import FIRST, SECOND, load_all, load_tables, replay, together
from sc2_pipeline_tests.warehouse.sql_folders import write_sql

LARGE = Table(
    name="large",
    description="Too large to copy.",
    grain="One row per number.",
    key=("number",),
    parts=("streams",),
    columns=(*identity_columns(), Column("number", pa.int32(), "A number.", required=True)),
    stays_in_parquet=True,
)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setitem(RAW_TABLES, "large", LARGE)
    return tmp_path / "home"


@pytest.fixture
def numbers(home, tmp_path):
    """Models of which one reads the table that stays in Parquet."""
    sql = "-- Grain: one row per replay.\nselect replay_id, sum(number) as total from raw.large group by replay_id"
    yml = """
models:
  - name: fct_totals
    materialized: incremental
    description: Totals. One row per replay.
    columns:
      - {name: replay_id, description: The replay.}
      - {name: total, description: Its total.}
"""
    return read_models(write_sql(tmp_path / "sql", {"marts/fct_totals.sql": sql, "marts/totals.yml": yml}))


@pytest.fixture
def connection(home, numbers):
    connection = open_warehouse(home / "build" / "warehouse.duckdb", home=home)
    rebuild(connection, numbers)
    yield connection
    connection.close()


def large_file(home: Path, replay_id: str, *values: int) -> ParquetFile:
    path = f"lake/{replay_id} it's.{len(values)}/large.parquet"
    rows = [{"replay_id": replay_id, "source": "tracker", "number": value} for value in values]
    (home / path).parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows, schema=LARGE.schema), home / path)
    return ParquetFile(replay_id=replay_id, part="streams", table_name="large", path=path)


def load_files(connection, models, *files: ParquetFile, game: str = "") -> None:
    tables = together(*(replay(file.replay_id, game=game) for file in files))
    load_tables(connection, models, tables, {(file.replay_id, "streams"): "s" for file in files}, files)


def totals(connection):
    return connection.execute("select replay_id, total from marts.fct_totals order by all").fetchall()


def test_the_view_is_empty_and_typed_before_there_is_a_file(connection):
    assert connection.execute("select number from raw.large").fetchall() == []
    assert connection.execute("select data_type from duckdb_columns() where table_name = 'large'").fetchall() == [
        ("VARCHAR",),
        ("VARCHAR",),
        ("INTEGER",),
    ]


def test_a_view_that_is_described_anew_keeps_its_files(connection, numbers, home, monkeypatch):
    load_files(connection, numbers, large_file(home, FIRST, 1, 2))
    connection.close()
    monkeypatch.setitem(RAW_TABLES, "large", replace(LARGE, description="Too large to copy, still."))

    with open_warehouse(home / "build" / "warehouse.duckdb", home=home) as again:
        assert again.execute("select sum(number) from raw.large").fetchall() == [(3,)]
        comment = again.execute("select comment from duckdb_views() where view_name = 'large'").fetchall()

    assert "Too large to copy, still." in comment[0][0]


def test_models_read_the_files_of_their_batch_and_the_view_those_of_all(connection, numbers, home):
    load_files(connection, numbers, large_file(home, FIRST, 1, 2))
    load_files(connection, numbers, large_file(home, SECOND, 4))

    assert totals(connection) == [(FIRST, 3), (SECOND, 4)]
    assert connection.execute("select sum(number) from raw.large").fetchall() == [(7,)]
    assert connection.execute(
        "select comment from duckdb_columns() where table_name = 'large' and column_name = 'number'"
    ).fetchall() == [("A number.",)]


def test_a_replaced_file_leaves_the_view_and_a_removed_replay_takes_its_file_along(connection, numbers, home):
    load_files(connection, numbers, large_file(home, FIRST, 1, 2), large_file(home, SECOND, 4))

    load_files(connection, numbers, large_file(home, FIRST, 9))
    remove_replays(connection, numbers, [SECOND])

    assert connection.execute("select number from raw.large").fetchall() == [(9,)]
    assert totals(connection) == [(FIRST, 9)]


def test_the_other_file_of_a_game_is_built_again_with_its_own_files(connection, numbers, home):
    load_files(connection, numbers, large_file(home, SECOND, 4), game="g")

    load_all(connection, numbers, replay(FIRST, game="g"))

    assert totals(connection) == [(SECOND, 4)]


def test_rows_of_such_a_table_are_not_taken_for_loading(connection, numbers):
    tables = replay(FIRST) | {"large": LARGE.schema.empty_table()}
    with pytest.raises(ContractError, match="large is no table whose rows are loaded"):
        load_tables(connection, numbers, tables, {(FIRST, "streams"): "s"})


def test_a_moved_home_is_read_from_inside_it_and_from_elsewhere_with_one_setting(connection, numbers, home, tmp_path):
    load_files(connection, numbers, large_file(home, FIRST, 1, 2))
    connection.execute("checkpoint")
    moved = tmp_path / "moved, or 'copied'"
    connection.close()
    shutil.move(home, moved)
    database = moved / "build" / "warehouse.duckdb"

    inside = subprocess.run(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True)"
            ".execute('select sum(number) from raw.large').fetchall())",
            str(database),
        ],
        check=True,
        capture_output=True,
        text=True,
        cwd=moved,
    )

    assert inside.stdout.strip() == "[(3,)]"
    renamed = moved.rename(tmp_path / "renamed")
    with duckdb.connect(str(renamed / "build" / "warehouse.duckdb"), read_only=True) as elsewhere:
        with pytest.raises(duckdb.IOException):
            elsewhere.execute("select sum(number) from raw.large")
        elsewhere.execute(f"set file_search_path = '{renamed}'")
        assert elsewhere.execute("select sum(number) from raw.large").fetchall() == [(3,)]


@pytest.fixture
def shelved(connection, home, monkeypatch):
    """Replays of three first digits in files of their own, and two of other first digits in one."""
    monkeypatch.setattr(parquet_views, "SHELVED_FROM_REPLAYS", 5)
    alone = [large_file(home, digit * 16, number) for number, digit in enumerate("a0f")]
    both = large_file(home, "1" * 16, 10)
    rows = [pq.read_table(home / both.path), pq.read_table(home / large_file(home, "2" * 16, 20, 21).path)]
    pq.write_table(pa.concat_tables(rows), home / both.path)
    shared = [replace(both, replay_id=digit * 16, held_replays=2) for digit in "12"]
    replace_files(connection, [*alone, *shared])
    return connection


def numbers_of(connection, condition="true"):
    return connection.execute(f"select number from raw.large where {condition} order by all").fetchall()


def test_many_replays_stand_on_shelves_that_together_hold_every_row_once(shelved):
    assert numbers_of(shelved) == [(0,), (1,), (2,), (10,), (20,), (21,)]
    assert numbers_of(shelved, f"replay_id in ('{'f' * 16}', '{'1' * 16}')") == [(2,), (10,)]
    assert numbers_of(shelved, "replay_id > '1zzz' and replay_id < 'b'") == [(0,), (20,), (21,)]


def test_who_asks_for_one_replay_opens_no_file_of_another_shelf(shelved, home):
    for path in (home / "lake").glob("[!a]*it's*/large.parquet"):
        path.write_bytes(b"no Parquet")

    assert numbers_of(shelved, f"replay_id = '{'a' * 16}'") == [(0,)]
    with pytest.raises(duckdb.Error, match=r"No magic bytes|too small"):
        numbers_of(shelved)


def test_a_replay_that_left_a_shared_file_stays_away_from_its_shelf_too(shelved, home, monkeypatch):
    monkeypatch.setattr(parquet_views, "SHELVED_FROM_REPLAYS", 1)
    shelved.execute(f"delete from ops.parquet_files where replay_id = '{'2' * 16}'")

    parquet_views.refresh_parquet_views(shelved, ["large"])

    assert numbers_of(shelved) == [(0,), (1,), (2,), (10,)]
