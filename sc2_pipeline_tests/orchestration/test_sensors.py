import json
import os
import shutil
import time

import dagster as dg
import pytest

from sc2_pipeline.config import Home
from sc2_pipeline.orchestration import sensors
from sc2_pipeline.orchestration.definitions import defs
from sc2_pipeline.orchestration.partitions import RANGE_END, RANGE_START, range_tags
from sc2_pipeline.pipeline.new_files import Mark, arrivals
from sc2_pipeline.pipeline.writer_lock import WriterLock
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import run_home

pytestmark = pytest.mark.slow

AN_HOUR_NS = 3600 * 10**9


@pytest.fixture
def drop(tmp_path):
    """A watched folder with three replays."""
    folder = tmp_path / "drop"
    for number in range(3):
        write_replay(folder / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    return folder


def _ranges(result):
    return [(request.tags[RANGE_START], request.tags[RANGE_END]) for request in result.run_requests]


def test_replays_that_came_become_keys_and_one_run_over_their_range(launchpad, drop):
    result = launchpad.tick("new_replays", drop)
    keys = launchpad.keys()

    assert len(keys) == 3
    assert _ranges(result) == [(keys[0], keys[-1])]
    assert launchpad.launch("ingest", keys=keys).success


def test_a_second_tick_finds_nothing_new_within_two_seconds(launchpad, drop):
    cursor = launchpad.tick("new_replays", drop).cursor
    began = time.process_time()

    assert launchpad.tick("new_replays", drop, cursor=cursor) == "no new replay"
    assert time.process_time() - began < 2, "of processor time, whatever else this machine does"


def test_a_file_that_changed_a_moment_ago_is_left_for_later(launchpad, drop):
    assert launchpad.tick("new_replays", drop, settle_seconds=3600) == "no new replay"
    assert launchpad.keys() == []


def test_a_half_written_file_is_taken_once_it_is_whole(tmp_path):
    whole = write_replay(tmp_path / "elsewhere.SC2Replay", ladder_game(1, game_loops=1_400)).read_bytes()
    path = tmp_path / "drop" / "new.SC2Replay"
    path.parent.mkdir()
    path.write_bytes(whole[: len(whole) // 2])
    now = max(path.stat().st_mtime_ns, path.stat().st_ctime_ns)

    assert arrivals(path.parent, Mark(), settled_before_ns=now - 1, limit=10) == []
    path.write_bytes(whole)
    [arrived] = arrivals(path.parent, Mark(), settled_before_ns=now + AN_HOUR_NS, limit=10)
    assert arrived.path.read_bytes() == whole
    assert arrivals(path.parent, arrived.mark, settled_before_ns=now + AN_HOUR_NS, limit=10) == []


def test_files_of_the_same_moment_are_neither_passed_by_nor_taken_twice(tmp_path):
    for name in ("b", "a", "c"):
        (tmp_path / f"{name}.SC2Replay").write_bytes(b"x")
    soon = time.time_ns() + AN_HOUR_NS
    taken = []
    mark = Mark()
    while files := arrivals(tmp_path, mark, settled_before_ns=soon, limit=1):
        taken.append(files[0].path.name)
        mark = files[0].mark

    assert sorted(taken) == ["a.SC2Replay", "b.SC2Replay", "c.SC2Replay"]


def test_a_file_moved_in_with_an_old_time_is_new(launchpad, drop, tmp_path):
    cursor = launchpad.tick("new_replays", drop).cursor
    path = write_replay(tmp_path / "old.SC2Replay", ladder_game(9, game_loops=1_400))
    os.utime(path, (1_000_000_000, 1_000_000_000))
    path.rename(drop / "old.SC2Replay")

    result = launchpad.tick("new_replays", drop, cursor=cursor)

    assert len(launchpad.keys()) == 4
    assert _ranges(result) == [(launchpad.keys()[-1],) * 2]


def test_the_same_bytes_under_another_name_make_no_run(launchpad, drop):
    first = launchpad.tick("new_replays", drop)
    launchpad.launch("ingest", keys=launchpad.keys())
    shutil.copy(drop / "0.SC2Replay", drop / "copy of 0.SC2Replay")

    second = launchpad.tick("new_replays", drop, cursor=first.cursor)

    assert second.run_requests == []
    assert len(launchpad.keys()) == 3


def test_a_file_with_other_bytes_under_the_same_name_is_a_new_replay(launchpad, drop):
    first = launchpad.tick("new_replays", drop)
    write_replay(drop / "0.SC2Replay", ladder_game(77, game_loops=1_400))

    second = launchpad.tick("new_replays", drop, cursor=first.cursor)

    assert _ranges(second) == [(launchpad.keys()[3],) * 2]


def test_a_flood_is_taken_in_bounded_ticks_and_ranges(launchpad, tmp_path, monkeypatch):
    monkeypatch.setattr(sensors, "FILES_PER_TICK", 20)
    for number in range(45):
        (tmp_path / f"{number}.SC2Replay").write_bytes(b"no replay %d" % number)
    seen = []
    cursor = None
    while isinstance(result := launchpad.tick("new_replays", tmp_path, cursor=cursor), dg.SensorResult):
        cursor = result.cursor
        seen.append(len(launchpad.keys()))

    assert seen == [20, 40, 45]


def test_a_tick_that_runs_out_of_time_leaves_the_rest_for_the_next(launchpad, tmp_path, monkeypatch):
    monkeypatch.setattr(sensors, "FILES_AT_ONCE", 5)
    monkeypatch.setattr(sensors, "SECONDS_PER_TICK", 0.0)
    for number in range(8):
        (tmp_path / f"{number}.SC2Replay").write_bytes(b"no replay %d" % number)

    first = launchpad.tick("new_replays", tmp_path)
    launchpad.tick("new_replays", tmp_path, cursor=first.cursor)

    assert [len(mark) for mark in json.loads(first.cursor).values()] == [2]
    assert len(launchpad.keys()) == 8


def test_a_watched_folder_that_vanished_is_named_and_the_others_are_looked_through(launchpad, drop, tmp_path):
    gone = tmp_path / "gone"

    assert launchpad.tick("new_replays", gone) == f"watched folders that are not there: {gone}; make them"
    assert len(launchpad.tick("new_replays", gone, drop).run_requests) == 1


def test_a_replay_that_vanishes_while_the_tick_looks_costs_the_others_nothing(launchpad, drop, monkeypatch):
    def arrivals_then_loss(folder, after, **bounds):
        files = arrivals(folder, after, **bounds)
        (drop / "1.SC2Replay").unlink(missing_ok=True)
        return files

    monkeypatch.setattr(sensors, "arrivals", arrivals_then_loss)
    launchpad.tick("new_replays", drop)

    assert len(launchpad.keys()) == 2


def test_what_the_discover_job_left_is_run_over_once(launchpad, drop):
    keys = launchpad.discover(drop)
    result = launchpad.tick("partitions_never_run")
    launchpad.launch("ingest", keys=keys)

    assert _ranges(result) == [(keys[0], keys[-1])]
    assert launchpad.tick("partitions_never_run") == "every partition has been run"


def test_a_run_that_was_cancelled_before_it_did_anything_is_asked_for_again_one_that_failed_is_not(launchpad, drop):
    keys = launchpad.discover(drop)

    def leave_a_run(status):
        launchpad.instance.create_run_for_job(
            defs.resolve_job_def("ingest"), status=status, tags=range_tags(keys[0], keys[-1])
        )
        return launchpad.tick("partitions_never_run")

    [again] = leave_a_run(dg.DagsterRunStatus.CANCELED).run_requests
    # Dagster starts a request with a run key once and never again.
    assert (again.run_key, again.tags[RANGE_START], again.tags[RANGE_END]) == (None, keys[0], keys[-1])
    assert leave_a_run(dg.DagsterRunStatus.FAILURE) == "every partition has been run"


def test_what_a_backfill_extracted_is_loaded_by_a_run_that_is_asked_for_once(launchpad, drop):
    launchpad.launch_extraction(launchpad.discover(drop))
    first, second = (launchpad.tick("extracted_and_not_loaded") for _ in range(2))
    launchpad.launch("load_extracted")

    assert [request.run_key for request in first.run_requests] == [request.run_key for request in second.run_requests]
    assert launchpad.tick("extracted_and_not_loaded") == "whatever is extracted is loaded"


def test_nothing_is_asked_for_while_a_run_is_under_way(launchpad, drop):
    launchpad.launch_extraction(launchpad.discover(drop))
    launchpad.instance.create_run_for_job(
        defs.resolve_job_def("ingest"), status=dg.DagsterRunStatus.STARTED, tags={"dagster/partition": "x"}
    )

    assert "runs are under way" in launchpad.tick("extracted_and_not_loaded")
    assert "runs are under way" in launchpad.tick("partitions_never_run")


def test_nothing_is_asked_for_while_another_process_loads(launchpad, drop):
    launchpad.launch_extraction(launchpad.discover(drop))
    lock = WriterLock(Home(launchpad.home), 1.0)
    lock.acquire()

    waiting = launchpad.tick("extracted_and_not_loaded")
    lock.release()

    assert waiting == "3 replays wait, and another process is writing the warehouse"
    assert len(launchpad.tick("extracted_and_not_loaded").run_requests) == 1


def test_a_home_that_the_command_line_filled_asks_for_no_load(launchpad, drop):
    run_home([drop], launchpad.home)

    assert launchpad.tick("extracted_and_not_loaded") == "whatever is extracted is loaded"


def test_the_nightly_scan_is_a_run_of_the_discover_job():
    schedule = defs.resolve_schedule_def("nightly_scan")
    context = dg.build_schedule_context(instance=dg.DagsterInstance.ephemeral())

    [request] = schedule.evaluate_tick(context).run_requests

    assert schedule.job_name == "discover"
    assert schedule.cron_schedule == "0 3 * * *"
    assert request.run_config == {}
