"""Compaction of a home: answers stay, work done stays known, and no moment of a crash loses a row."""

import os
import shutil

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import HomeError
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline import compaction, folding
from sc2_pipeline.pipeline.compaction import compact_lake
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home, write_games

pytestmark = pytest.mark.slow

SMALL = "lake/streams/*/*/commands.parquet"
PARTS = "lake/compact/streams/commands/part-*.parquet"


class StoppedError(Exception):
    """What a test raises where a process might have died."""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Four replays and a home that holds them."""
    folder = tmp_path_factory.mktemp("made")
    run_home([write_games(folder / "in", range(4))], folder / "home")
    return folder


@pytest.fixture
def replays(made, tmp_path):
    return shutil.copytree(made / "in", tmp_path / "in")


@pytest.fixture
def home(made, tmp_path):
    return shutil.copytree(made / "home", tmp_path / "home")


def compacted(home, **options):
    return compact_lake(Settings(home=home, workers=1), **options)


def count(home, pattern):
    return len(list(home.glob(pattern)))


def command_rows(home):
    return query(home, "select * from raw.commands order by all")


def test_answers_are_the_same_and_small_files_are_gone(home):
    before = answers(home)
    builds = query(home, "select count(distinct base_build) from raw.replays")[0][0]

    report = compacted(home)

    assert answers(home) == before
    assert len(before["raw.commands"]) == report.rows > 0
    assert (report.parts, report.replaced_files, report.removed_files, report.replays) == (builds, 4, 4, 4)
    assert (count(home, SMALL), count(home, PARTS)) == (0, builds)


def test_what_is_compacted_is_known_to_be_done(home, replays):
    before = answers(home)
    compacted(home)

    report = run_home([replays], home)

    assert (report.loaded, report.already_loaded) == (0, 4)
    assert answers(home) == before
    assert query(home, "select max(attempts) from ops.replays") == [(1,)]


def test_a_second_compaction_does_nothing(home):
    compacted(home)
    stamps = {path: path.stat().st_mtime_ns for path in home.glob(PARTS)}

    report = compacted(home)

    assert (report.parts, report.replaced_files, report.removed_files) == (0, 0, 0)
    assert {path: path.stat().st_mtime_ns for path in home.glob(PARTS)} == stamps


def test_replays_that_come_later_join_the_parts_that_are_short(home, replays, tmp_path):
    compacted(home)
    run_home([write_games(replays, range(4, 7))], home)
    before = answers(home)

    report = compacted(home)

    run_home([replays], tmp_path / "whole")
    assert answers(home) == before == answers(tmp_path / "whole")
    assert report.replays == 7
    assert (count(home, SMALL), count(home, PARTS)) == (0, report.parts)


def test_a_large_group_lies_on_shelves_and_its_parts_of_several_are_divided(home, replays, monkeypatch):
    compacted(home)
    before = answers(home)
    monkeypatch.setattr(compaction, "LARGE_GROUP_PARTS", 0)

    divided = compacted(home)

    assert answers(home) == before
    assert divided.replaced_files > 0
    shelves = query(
        home, "select path, count(distinct replay_id[1]) from ops.parquet_files where held_replays > 1 group by path"
    )
    assert [digits for _, digits in shelves if digits != 1] == []
    assert compacted(home).parts == 0
    run_home([write_games(replays, range(4, 7))], home)
    before = answers(home)
    assert compacted(home).replays >= 3
    assert answers(home) == before


def test_parts_that_are_full_are_left_alone(home, replays):
    compacted(home, target_bytes=1)
    full = set(home.glob(PARTS))
    run_home([write_games(replays, range(4, 6))], home)

    report = compacted(home, target_bytes=1)

    assert len(full) == 4
    assert (report.replays, report.replaced_files) == (2, 2)
    assert full < set(home.glob(PARTS))


@pytest.mark.parametrize(
    "step", ["record_compacted_files", "replace_files", "publish", "_remove_replaced", "after_some_are_removed"]
)
def test_a_crash_before_any_step_leaves_a_home_that_answers_and_compacts(home, replays, step, monkeypatch):
    before = answers(home)
    with monkeypatch.context() as patched:
        _stop_at(patched, step)
        with pytest.raises(StoppedError):
            compacted(home)

    assert answers(home) == before
    assert run_home([replays], home).loaded == 0
    assert answers(home) == before
    compacted(home)
    assert answers(home) == before
    assert count(home, SMALL) == 0
    named = query(home, "select distinct path from ops.parquet_files order by path")
    assert [(path.relative_to(home).as_posix(),) for path in sorted(home.glob("lake/compact/**/*.parquet"))] == named


def _stop_at(patched, step):
    def stop(*_, **__):
        raise StoppedError

    if step == "record_compacted_files":
        patched.setattr(Manifest, step, stop)
    elif step == "publish":
        patched.setattr("sc2_pipeline.pipeline.writer.publish", stop)
    elif step == "after_some_are_removed":
        real = compaction._removed

        def some(root, paths):
            real(root, list(paths)[:1])
            raise StoppedError

        patched.setattr(compaction, "_removed", some)
    else:
        patched.setattr(folding if step == "replace_files" else compaction, step, stop)


def test_a_crash_in_the_middle_of_a_part_leaves_what_the_next_compaction_removes(home):
    compacted(home)
    folder = home / "lake/compact/streams/commands"
    (folder / ".partial-0011223344556677").write_bytes(b"half")

    assert compacted(home).removed_files == 1
    assert list(folder.glob(".partial-*")) == []


def test_a_lost_warehouse_is_made_anew_from_compacted_files(home, replays):
    before = answers(home)
    compacted(home)
    shutil.rmtree(home / "build")
    (home / "warehouse.duckdb").unlink()

    assert run_home([replays], home).loaded == 4
    assert answers(home) == before


def test_a_lost_manifest_and_warehouse_cost_a_new_extraction_and_no_row(home, replays):
    before = answers(home)
    compacted(home)
    shutil.rmtree(home / "build")
    for path in [home / "warehouse.duckdb", *home.glob("manifest.sqlite*")]:
        path.unlink()

    assert run_home([replays], home).loaded == 4
    assert answers(home) == before
    compacted(home)
    assert answers(home) == before


def test_other_settings_take_precedence_and_going_back_extracts_what_they_replaced(home, replays):
    before = answers(home)
    compacted(home)
    first = sorted(replays.iterdir())[0]
    run_home([first], home, commands=False)
    without = command_rows(home)
    assert 0 < len(without) < len(before["raw.commands"])
    compacted(home)
    assert command_rows(home) == without

    run_home([first], home)

    assert answers(home) == before
    assert count(home, SMALL) == 1


def test_a_replay_that_leaves_takes_its_rows_along_and_may_come_back(home, replays, tmp_path):
    before = answers(home)
    compacted(home)
    strict = tmp_path / "strict.toml"
    strict.write_text("min_game_loops = 100000\n", encoding="utf-8")
    first = sorted(replays.iterdir())[0]

    run_home([first], home, filters=str(strict))
    left = query(home, "select count(distinct replay_id) from raw.commands")
    run_home([first], home)

    assert left == [(3,)]
    assert answers(home) == before


def test_a_home_of_nothing_is_refused(tmp_path):
    with pytest.raises(HomeError, match="nothing to compact"):
        compacted(tmp_path / "none")


def test_a_damaged_small_file_stops_compaction_and_keeps_everything(home):
    [damaged, *_] = sorted(home.glob(SMALL))
    damaged.write_bytes(b"no parquet")

    with pytest.raises(HomeError, match="nothing is lost"):
        compacted(home)

    assert count(home, SMALL) == 4


def files_named_and_missing(home):
    """Files that people's warehouse names and that are not there."""
    return [path for (path,) in query(home, "select path from ops.parquet_files") if not (home / path).is_file()]


def test_a_crash_before_publishing_and_a_clock_set_back_cost_no_file_that_people_need(home, replays, monkeypatch):
    before = answers(home)
    with monkeypatch.context() as patched:
        _stop_at(patched, "publish")
        with pytest.raises(StoppedError):
            compacted(home)
    os.utime(home / "warehouse.duckdb", (2**32, 2**32))
    copied = shutil.copytree(home, home.with_name("copied"), copy_function=shutil.copy)

    compacted(home)
    compacted(copied)

    for each in (home, copied):
        assert answers(each) == before
        assert files_named_and_missing(each) == []
        assert count(each, SMALL) == 0


def test_what_people_still_read_stays_though_the_writer_names_other_files(home, monkeypatch):
    """Whatever kept the new warehouse from being published: here it is said to be, and is not."""
    before = answers(home)
    with monkeypatch.context() as patched:
        patched.setattr("sc2_pipeline.pipeline.writer.publish", lambda *_, **__: None)
        report = compacted(home)

    assert report.parts > 0
    assert (report.removed_files, files_named_and_missing(home)) == (0, [])
    assert answers(home) == before
    assert compacted(home).removed_files == 4
    assert answers(home) == before
