"""The published file: whole, described, replaced in one move, and safe for whoever reads the old one."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from sc2_pipeline.errors import HomeError, MachineError
from sc2_pipeline.warehouse import publish as publishing
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.generation import generation_of
from sc2_pipeline.warehouse.parquet_files import ParquetFile, replace_files
from sc2_pipeline.warehouse.publish import publish, remove_leftovers
from sc2_pipeline.warehouse.reading.current_file import published_warehouse
from sc2_pipeline.warehouse.reading.published import published_files, published_generation
from sc2_pipeline.warehouse.rebuild import rebuild
from sc2_pipeline_tests.warehouse.rows import FIRST, SECOND, everything, load_all, replay


@pytest.fixture
def published(build: Path) -> Path:
    return build.parent.parent / "warehouse.duckdb"


def replays_of(path: Path) -> list[str]:
    """Asked by another process: one process shares a file it has open under that path."""
    script = "import duckdb, sys; print(duckdb.connect(sys.argv[1], read_only=True).execute('select replay_id from raw.replays order by all').fetchall())"
    answer = subprocess.run([sys.executable, "-c", script, str(path)], check=True, capture_output=True, text=True)
    return [replay_id for (replay_id,) in ast.literal_eval(answer.stdout)]


def test_what_is_published_is_what_the_writer_has(warehouse, models, build, published):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)), replay(SECOND))

    report = publish(build, published)

    assert (report.path, report.replays) == (published, 2)
    assert report.bytes == published.stat().st_size
    assert report.rows == 2 + 1 + 2  # dim_replays, fct_deaths, dim_games
    with duckdb.connect(str(published), read_only=True) as reader:
        assert everything(reader) == everything(warehouse)


def test_the_published_file_carries_every_comment_and_no_other_file(warehouse, models, build, published):
    load_all(warehouse, models, replay(FIRST))

    publish(build, published)

    with duckdb.connect(str(published), read_only=True) as reader:
        silent = reader.execute(
            "select table_name, column_name from duckdb_columns() where comment is null and not internal"
        ).fetchall()
    assert silent == []
    assert [path.name for path in published.parent.iterdir() if path.is_file()] == ["warehouse.duckdb"]


def test_a_reader_of_the_old_file_keeps_its_snapshot(warehouse, models, build, published):
    load_all(warehouse, models, replay(FIRST))
    publish(build, published)
    reader = duckdb.connect(str(published), read_only=True)
    load_all(warehouse, models, replay(SECOND))

    publish(build, published)

    assert reader.execute("select replay_id from raw.replays").fetchall() == [(FIRST,)]
    assert replays_of(published) == [FIRST, SECOND]
    reader.close()


def test_publishing_works_while_the_writer_has_the_file_open_and_when_it_has_closed_it(
    warehouse, models, build, published
):
    load_all(warehouse, models, replay(FIRST))
    publish(build, published)
    load_all(warehouse, models, replay(SECOND))
    warehouse.close()

    assert publish(build, published).replays == 2
    assert replays_of(published) == [FIRST, SECOND]


def test_leftovers_of_dead_processes_are_swept_away_and_those_of_living_ones_stay(warehouse, published):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    leftovers = [published.with_name(f"warehouse.duckdb.partial-{owner}") for owner in (gone.pid, os.getpid(), "")]
    for leftover in leftovers:
        leftover.write_bytes(b"half a file")
    of_the_living = published.with_name(f"warehouse.duckdb.partial-{os.getppid()}")
    of_the_living.write_bytes(b"half a file")
    of_a_person = published.with_name("warehouse-backup.duckdb")
    of_a_person.write_bytes(b"not ours")

    remove_leftovers(published)

    assert [path for path in leftovers if path.exists()] == []
    assert of_the_living.exists()
    assert of_a_person.read_bytes() == b"not ours"


def test_where_an_open_file_cannot_be_replaced_a_pointer_says_which_to_read(
    warehouse, models, build, published, monkeypatch
):
    """As on Windows, where a reader's handle forbids the replacement."""
    load_all(warehouse, models, replay(FIRST))
    publish(build, published)
    load_all(warehouse, models, replay(SECOND))
    real = Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if target == published:
            raise PermissionError(13, "in use by another process", str(target))
        return real(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    second = publish(build, published)
    third = publish(build, published)

    assert published_warehouse(published) == third.path != published
    assert replays_of(third.path) == [FIRST, SECOND]
    assert replays_of(published) == [FIRST]
    assert not second.path.exists()
    monkeypatch.undo()
    assert publish(build, published).path == published == published_warehouse(published)
    assert not third.path.exists()


def test_a_disk_that_refuses_leaves_the_old_file_and_says_so(warehouse, models, build, published, monkeypatch):
    load_all(warehouse, models, replay(FIRST))
    publish(build, published)
    load_all(warehouse, models, replay(SECOND))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(publishing.shutil, "copyfile", full)
    monkeypatch.setattr(publishing, "_clone_on_linux", lambda *_: False)

    with pytest.raises(MachineError, match=r"No space left on device.*make room, and run again"):
        publish(build, published)

    assert replays_of(published) == [FIRST]
    assert [path.name for path in published.parent.iterdir() if path.is_file()] == ["warehouse.duckdb"]


def test_a_clone_by_the_file_system_is_a_whole_file_too(warehouse, models, build, published):
    load_all(warehouse, models, replay(FIRST))

    report = publish(build, published)

    assert report.method in ("reflink", "copy")
    assert published.stat().st_size == build.stat().st_size
    assert published.read_bytes() == build.read_bytes()


@pytest.mark.parametrize("ask", [lambda path: publish(path, path.with_name("p")), published_warehouse])
def test_nothing_to_publish_or_to_read_is_said_to_be_nothing(tmp_path, ask):
    with pytest.raises(HomeError, match="no warehouse"):
        ask(tmp_path / "warehouse.duckdb")


def test_a_published_file_tells_its_generation_and_the_files_it_names(warehouse, models, build, published):
    load_all(warehouse, models, replay(FIRST))
    replace_files(
        warehouse,
        [ParquetFile(replay_id=FIRST, part="streams", table_name="commands", path="lake/a.parquet", is_here=False)],
    )
    publish(build, published)
    warehouse.execute("delete from ops.parquet_files")

    assert published_generation(published) == generation_of(warehouse)
    assert published_files(published) == {"lake/a.parquet"}


def test_a_file_whose_rebuilt_models_left_free_blocks_at_its_end_is_whole(warehouse, build, published):
    warehouse.execute("create table main.large as select random() as number from range(3_000_000)")
    warehouse.execute("checkpoint")
    warehouse.execute("drop table main.large")
    publish(build, published)

    assert published_generation(published) == generation_of(warehouse)


def test_a_published_file_whose_end_is_missing_is_said_to_be_cut_off(models, build, published):
    # Made here: in a copy of an empty warehouse the last block is one that is asked, and DuckDB itself refuses the file.
    with open_warehouse(build) as connection:
        rebuild(connection, models)
        publish(build, published)
    os.truncate(published, published.stat().st_size - 1)

    with pytest.raises(HomeError, match=r"is (cut off|damaged).*run again"):
        published_generation(published)
