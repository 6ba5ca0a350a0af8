"""Where the file system cannot share blocks, the published file before last is brought up: it then equals the writer's."""

import logging
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

from sc2_pipeline.sql_models import batch_models, read_models
from sc2_pipeline.warehouse import alternating, catch_up
from sc2_pipeline.warehouse import publish as publishing
from sc2_pipeline.warehouse.batch.build import build_batch
from sc2_pipeline.warehouse.batch.contents import new_batch
from sc2_pipeline.warehouse.batch.merge import merge_batch
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.parquet_files import ParquetFile, replace_files
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline.warehouse.publish import publish
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline.warehouse.refill import refill_tables
from sc2_pipeline.warehouse.remove import remove_replays
from sc2_pipeline_tests.warehouse.rows import FIRST, SECOND, THIRD, load_all, raw_rows, replay

FOURTH = "dddddddddddddddd"

READER = """
import duckdb, sys
connection = duckdb.connect(sys.argv[1], read_only=True)
print(connection.execute("select count(*) from raw.replays").fetchall(), flush=True)
sys.stdin.readline()
print(connection.execute("select count(*) from raw.replays").fetchall(), flush=True)
"""


@pytest.fixture
def published(build):
    return build.parent.parent / "warehouse.duckdb"


@pytest.fixture(autouse=True)
def small_files_take_turns(monkeypatch):
    """On a file system without clones."""
    monkeypatch.setattr(alternating, "ALTERNATING_BYTES", 0)
    monkeypatch.setattr(publishing, "_clone_on_linux", lambda *_: False)
    monkeypatch.setattr(publishing, "_clone_on_macos", lambda *_: False)


@pytest.fixture
def two_files(warehouse, models, build, published):
    """Files of two generations: of the first replay, and of the first two; nobody has them or the writer's open."""
    load_all(warehouse, models, replay(FIRST, game="g", deaths=(7,)))
    warehouse.execute("checkpoint")
    publish(build, published)
    load_all(warehouse, models, replay(SECOND, deaths=(8,)))
    warehouse.close()
    assert publish(build, published).method == "copy"
    return alternating.older_file(published)


def held(path):
    """All that a file holds: rows of every relation, the text of every view, every comment."""
    home = path.parent.parent if path.parent.name == "build" else path.parent
    with closing(duckdb.connect(str(path), read_only=True)) as connection:
        search_home(connection, home)
        relations = connection.execute(
            "select schema_name || '.' || table_name from duckdb_tables() union all"
            " select schema_name || '.' || view_name from duckdb_views() where not internal order by all"
        ).fetchall()
        rows = {name: sorted(connection.execute(f"from {name}").fetchall(), key=repr) for (name,) in relations}
        texts = connection.execute(
            "select schema_name, view_name, sql, comment from duckdb_views() where not internal order by all"
        ).fetchall()
        comments = connection.execute(
            "select schema_name, table_name, column_name, data_type, comment from duckdb_columns() where not internal order by all"
        ).fetchall()
    return rows, texts, comments


def load(connection, models, tables, loads, files=()):
    built = batch_models(models)
    batch = new_batch(connection, built, tables, loads, files)
    build_batch(connection, batch, built)
    merge_batch(connection, models, batch)
    refill_tables(connection, models)


def add(connection, models):
    load_all(connection, models, replay(THIRD, deaths=(1, 2, 3)))
    load_all(connection, models, replay(FOURTH))


def add_a_file_of_a_game_that_is_held(connection, models):
    load_all(connection, models, replay(THIRD, game="g", deaths=(7, 9)))


def renew(connection, models):
    load(connection, models, replay(FIRST, game="g", deaths=(1, 2)), {(FIRST, "streams"): "newer"})


def remove(connection, models):
    remove_replays(connection, models, [FIRST])
    refill_tables(connection, models)


def nothing(connection, models):
    pass


def list_a_file(connection, models):
    [(home,)] = connection.execute("select current_setting('file_search_path')").fetchall()
    path = Path(home, "lake", "a.parquet")
    path.parent.mkdir()
    pq.write_table(raw_rows("commands", {"replay_id": THIRD, "source": "tracker"}), path)
    file = ParquetFile(replay_id=THIRD, part="streams", table_name="commands", path="lake/a.parquet")
    load(connection, models, replay(THIRD), {(THIRD, "streams"): "s"}, [file])


def fold_a_file(connection, models):
    list_a_file(connection, models)
    [(home,)] = connection.execute("select current_setting('file_search_path')").fetchall()
    Path(home, "lake", "a.parquet").rename(Path(home, "lake", "b.parquet"))
    replace_files(
        connection, [ParquetFile(replay_id=THIRD, part="streams", table_name="commands", path="lake/b.parquet")]
    )


def all_at_once(connection, models):
    for change in (add, renew, remove, add_a_file_of_a_game_that_is_held):
        change(connection, models)


@pytest.mark.parametrize(
    "change", [add, add_a_file_of_a_game_that_is_held, renew, remove, nothing, list_a_file, fold_a_file, all_at_once]
)
def test_a_file_that_is_brought_up_equals_the_writers(two_files, models, build, published, change):
    with open_warehouse(build, home=published.parent) as connection:
        change(connection, models)

    report = publish(build, published)

    assert (report.method, report.copied_because) == ("catch_up", None)
    assert held(published) == held(build)
    assert sorted(path.name for path in published.parent.iterdir() if path.is_file()) == [
        "warehouse.duckdb",
        "warehouse.duckdb.older",
    ]


def test_files_take_turns_again_and_again(two_files, models, build, published):
    for number in range(4):
        before = held(published)
        with open_warehouse(build, home=published.parent) as connection:
            load_all(connection, models, replay(f"{number:016x}", deaths=(number,)))

        assert publish(build, published).method == "catch_up"
        assert held(published) == held(build)
        assert held(two_files) == before


def rebuild_models(connection, tmp_path):
    connection.execute("update ops.model_versions set version = 'old' where relation = 'marts.fct_deaths'")
    rebuild(connection, read_models(tmp_path / "sql"))


def test_after_more_than_loads_the_file_is_copied(two_files, build, published, tmp_path):
    with open_warehouse(build, home=published.parent) as connection:
        rebuild_models(connection, tmp_path)

    report = publish(build, published)

    assert report.method == "copy"
    assert "more has changed" in report.copied_because
    assert held(published) == held(build)


def test_a_reader_of_another_process_keeps_its_rows_and_the_file_is_copied(two_files, models, build, published, caplog):
    with subprocess.Popen(
        [sys.executable, "-c", READER, str(two_files)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as reader:
        assert reader.stdout.readline() == "[(1,)]\n"
        with open_warehouse(build, home=published.parent) as connection:
            add(connection, models)
        with caplog.at_level(logging.INFO):
            report = publish(build, published)
        said, _ = reader.communicate("\n")

    assert said == "[(1,)]\n"
    assert report.method == "copy"
    assert f"{published} is a copy: {report.copied_because}" in caplog.text
    assert held(published) == held(build)


def test_a_reader_of_this_process_keeps_its_rows_too(two_files, models, build, published):
    with duckdb.connect(str(two_files), read_only=True) as reader:
        with open_warehouse(build, home=published.parent) as connection:
            add(connection, models)

        report = publish(build, published)

        assert reader.execute("select count(*) from raw.replays").fetchall() == [(1,)]
    assert report.copied_because == "this process has the file before last open"
    assert held(published) == held(build)


def test_a_file_whose_two_names_were_never_parted_is_not_written_to(two_files, models, build, published):
    """As a run leaves it that is killed after it has given the published file its second name."""
    two_files.unlink()
    two_files.hardlink_to(published)
    before = held(published)
    with duckdb.connect(str(published), read_only=True) as reader:
        with open_warehouse(build, home=published.parent) as connection:
            add(connection, models)

        report = publish(build, published)

        assert len(reader.execute("from raw.replays").fetchall()) == len(before[0]["raw.replays"])
    assert report.method == "copy"
    assert held(published) == held(build)


def test_a_copy_of_the_home_by_hard_links_keeps_its_rows(two_files, models, build, published):
    copy = published.with_name("copy.duckdb")
    copy.hardlink_to(two_files)
    before = held(copy)
    with open_warehouse(build, home=published.parent) as connection:
        add(connection, models)

    report = publish(build, published)

    assert report.method == "copy"
    assert "has another name" in report.copied_because
    assert held(copy) == before
    assert held(published) == held(build)


def test_rows_that_went_missing_on_the_way_are_noticed(two_files, models, build, published, monkeypatch):
    with open_warehouse(build, home=published.parent) as connection:
        add(connection, models)
    monkeypatch.setattr(catch_up, "_copy_changed", lambda *_: None)

    report = publish(build, published)

    assert report.method == "copy"
    assert report.copied_because.endswith("has other rows")
    assert held(published) == held(build)


@pytest.mark.parametrize("damage", [lambda path: path.write_bytes(b"no database"), lambda path: path.unlink()])
def test_without_a_sound_file_before_last_the_file_is_copied(two_files, models, build, published, damage):
    damage(two_files)
    with open_warehouse(build, home=published.parent) as connection:
        add(connection, models)

    assert publish(build, published).method == "copy"
    assert held(published) == held(build)


def test_a_small_file_is_copied_and_no_other_is_kept(two_files, build, published, monkeypatch):
    monkeypatch.setattr(alternating, "ALTERNATING_BYTES", build.stat().st_size + 1)

    assert publish(build, published).method == "copy"
    assert not two_files.exists()
