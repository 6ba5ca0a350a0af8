import shutil

import duckdb
import pytest

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import HomeError
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.discovery import validate
from sc2_pipeline.pipeline.extraction import MAX_DEATHS
from sc2_pipeline.pipeline.writer_lock import WriterLock
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = pytest.mark.slow


def _adds_up(report):
    assert report.files == report.found + report.duplicates
    assert report.found == (report.loaded + report.already_loaded + report.rejected + report.failed + report.pending)
    assert sum(report.rejected_by_reason.values()) == report.rejected
    assert sum(report.failed_by_reason.values()) == report.failed


def test_every_file_is_loaded_and_a_second_run_loads_nothing(synthetic_folder, tmp_path):
    first = run_home([synthetic_folder], tmp_path)
    again = run_home([synthetic_folder], tmp_path)

    assert (first.files, first.loaded, first.already_loaded) == (24, 24, 0)
    assert (again.loaded, again.already_loaded) == (0, 24)
    _adds_up(first)
    _adds_up(again)


def test_the_same_bytes_under_two_names_are_one_replay_with_two_paths(tmp_path):
    path = write_replay(tmp_path / "in" / "a.SC2Replay", ladder_game(1, game_loops=1_500))
    shutil.copy(path, tmp_path / "in" / "b.SC2Replay")

    report = run_home([tmp_path / "in"], tmp_path / "home")

    assert (report.files, report.found, report.duplicates, report.loaded) == (2, 1, 1, 1)
    assert query(tmp_path / "home", "select count(*) from ops.replay_files") == [(2,)]


def test_a_game_saved_by_both_players_is_two_replays_of_one_game(tmp_path):
    for player in (1, 2):
        script = ladder_game(3, game_loops=2_000, saved_by=player)
        write_replay(tmp_path / "in" / f"{player}.SC2Replay", script)

    report = run_home([tmp_path / "in"], tmp_path / "home")

    assert report.loaded == 2
    games = query(
        tmp_path / "home",
        "select count(*), count(distinct game_key), count(*) filter (is_canonical) from marts.dim_replays",
    )
    assert games == [(2, 1, 1)]
    assert query(tmp_path / "home", "select count(*) from marts.player_game_summary") == [(2,)]


def test_the_second_file_of_a_game_that_comes_later_is_the_same_game(tmp_path):
    for player in (1, 2):
        script = ladder_game(3, game_loops=2_000, saved_by=player)
        write_replay(tmp_path / f"{player}" / "a.SC2Replay", script)
        run_home([tmp_path / f"{player}"], tmp_path / "apart")
    run_home([tmp_path / "1", tmp_path / "2"], tmp_path / "together")

    assert answers(tmp_path / "apart") == answers(tmp_path / "together")


def test_other_filters_change_verdicts_and_extract_nothing_again(synthetic_folder, synthetic_home, tmp_path):
    shutil.copytree(synthetic_home, tmp_path, dirs_exist_ok=True)
    everything = answers(tmp_path)
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        attempts = len(manifest.table("attempts"))

    fewer = run_home([synthetic_folder], tmp_path, filters="standard")
    loaded = query(tmp_path, "select count(*) from marts.dim_replays")
    back = run_home([synthetic_folder], tmp_path, filters="all")

    assert 0 < fewer.rejected == 24 - fewer.already_loaded
    assert loaded == [(fewer.already_loaded,)]
    assert (back.loaded, back.already_loaded) == (fewer.rejected, fewer.already_loaded)
    assert answers(tmp_path) == everything
    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        assert len(manifest.table("attempts")) == attempts
    _adds_up(fewer)


def test_batches_of_any_size_give_the_same_answers(synthetic_folder, synthetic_home, tmp_path):
    assert Settings(home=synthetic_home).batch_replays >= 24, "that home was loaded in one batch"

    run_home([synthetic_folder], tmp_path, batch_replays=5)

    assert answers(tmp_path) == answers(synthetic_home)


def test_a_copied_home_works(synthetic_folder, synthetic_home, tmp_path):
    shutil.copytree(synthetic_home, tmp_path / "here")
    shutil.copytree(tmp_path / "here", tmp_path / "there")
    shutil.rmtree(tmp_path / "here")

    report = run_home([synthetic_folder], tmp_path / "there")

    assert report.already_loaded == 24
    assert query(tmp_path / "there", "select count(*) from marts.dim_replays") == [(24,)]


def test_a_lost_warehouse_is_made_anew_from_the_lake(synthetic_folder, synthetic_home, tmp_path):
    shutil.copytree(synthetic_home, tmp_path, dirs_exist_ok=True)
    before = answers(tmp_path)
    shutil.rmtree(tmp_path / "build")
    (tmp_path / "warehouse.duckdb").unlink()

    report = run_home([synthetic_folder], tmp_path)

    assert report.loaded == 24
    assert answers(tmp_path) == before


def test_bad_files_are_named_and_cost_nothing_else(tmp_path):
    folder = tmp_path / "in"
    good = write_replay(folder / "잘했어 <script>.SC2Replay", ladder_game(5, game_loops=1_500))
    content = good.read_bytes()
    (folder / "empty.SC2Replay").write_bytes(b"")
    (folder / "text.SC2Replay").write_bytes(b"not a replay at all")
    (folder / "half.SC2Replay").write_bytes(content[: len(content) // 2])
    (folder / "folder.SC2Replay").mkdir()
    (folder / "link.SC2Replay").symlink_to(folder / "gone")

    report = run_home([folder], tmp_path / "home")

    assert (report.files, report.loaded, report.failed) == (6, 1, 5)
    reasons = dict(
        query(tmp_path / "home", "select parse_filename(path), reason from ops.replays where reason is not null")
    )
    assert reasons["empty.SC2Replay"] == "empty_file"
    assert reasons["text.SC2Replay"] == "not_an_archive"
    assert reasons["folder.SC2Replay"] == "not_a_file"
    assert reasons["link.SC2Replay"] == "vanished_file"
    assert reasons["half.SC2Replay"] in ("truncated", "corrupt_table", "corrupt_archive")
    _adds_up(report)


def test_a_replay_that_vanishes_between_discovery_and_extraction_is_a_counted_failure(tmp_path, monkeypatch):
    path = write_replay(tmp_path / "in" / "a.SC2Replay", ladder_game(5, game_loops=1_500))

    def validate_and_lose_the_file(session, replays):
        accepted = validate(session, replays)
        path.unlink()
        return accepted

    monkeypatch.setattr("sc2_pipeline.pipeline.job.validate", validate_and_lose_the_file)
    report = run_home([tmp_path / "in"], tmp_path / "home")

    assert report.failed_by_reason == {"vanished_file": 1}


def test_an_empty_folder_is_an_empty_warehouse(tmp_path):
    (tmp_path / "in").mkdir()

    report = run_home([tmp_path / "in"], tmp_path / "home")

    assert report.found == 0
    assert query(tmp_path / "home", "select count(*) from marts.dim_replays") == [(0,)]


def test_a_second_writer_is_told_who_writes(synthetic_folder, tmp_path):
    lock = WriterLock(Home(tmp_path), timeout_seconds=1)
    lock.acquire()
    try:
        with pytest.raises(HomeError, match=r"being written by process \d+ on"):
            run_home([synthetic_folder], tmp_path, lock_timeout_seconds=0)
    finally:
        lock.release()


def test_a_writer_that_waits_says_so(tmp_path):
    first, heard = WriterLock(Home(tmp_path), timeout_seconds=1), []
    first.acquire()
    with pytest.raises(HomeError):
        WriterLock(Home(tmp_path), timeout_seconds=0.01).acquire(lambda progress: heard.append(progress.stage))
    first.release()

    assert heard == ["wait for the other writer"]


def test_a_reader_keeps_what_it_opened_while_the_next_run_publishes(synthetic_folder, synthetic_home, tmp_path):
    shutil.copytree(synthetic_home, tmp_path, dirs_exist_ok=True)
    run_home([synthetic_folder], tmp_path, filters="standard")
    with duckdb.connect(str(tmp_path / "warehouse.duckdb"), read_only=True) as reader:
        before = reader.execute("select count(*) from marts.dim_replays").fetchall()
        run_home([synthetic_folder], tmp_path, filters="all")

        assert reader.execute("select count(*) from marts.dim_replays").fetchall() == before
    assert query(tmp_path, "select count(*) from marts.dim_replays") == [(24,)]


def test_a_replay_that_was_under_way_whenever_a_run_was_stopped_is_not_blamed(tmp_path, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    home = tmp_path / "home"
    replay = write_replay(tmp_path / "long.SC2Replay", ladder_game(3, game_loops=1_500))
    with monkeypatch.context() as stopping:
        stopping.setattr("sc2_pipeline.steps.extract.extract_replay", interrupted)
        stopped = [run_home([replay], home) for _ in range(MAX_DEATHS)]
    report = run_home([replay], home)

    assert [(one.is_cancelled, one.failed, one.pending) for one in stopped] == [(True, 0, 1)] * MAX_DEATHS
    assert (report.loaded, report.failed) == (1, 0)
    with Manifest(home / "manifest.sqlite") as manifest:
        outcomes = [row["outcome"] for row in manifest.table("attempts")]
    assert outcomes == ["stopped"] * MAX_DEATHS + ["extracted"]
