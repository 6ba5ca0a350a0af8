"""No game process and no folder of one survives its owner, however the owner goes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from sc2_pipeline.sc2_client.instance import InstanceKeeper
from sc2_pipeline.sc2_client.stray_processes import Owner, end_game, make_game_folder, reap
from sc2_pipeline_tests.sc2_client.conftest import strays

needs_posix = pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is POSIX; the watchdog itself is portable")


@pytest.fixture
def owner(sc2path, settings, short_game):
    """Starts an owner in mid-replay; gives its process and the game's."""
    started = []

    def start(how: str, group: bool = False):
        command = [sys.executable, "-m", "sc2_pipeline_tests.sc2_client.owner"]
        arguments = [str(settings.games_folder), str(short_game.path), str(short_game.base_build), how]
        process = subprocess.Popen(
            command + arguments,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd=Path(__file__).parents[2],
            start_new_session=group,
        )
        started.append(process)
        return process, psutil.Process(int(process.stdout.readline()))

    yield start
    for process in started:
        process.kill()
        process.communicate()


def wait_until_nothing_is_left(settings, seconds=10.0):
    """The watchdog works beside us: what is left of the games once it had that long."""
    deadline = time.monotonic() + seconds
    while strays(settings) and time.monotonic() < deadline:
        for process in psutil.process_iter(["cmdline"]):
            if str(settings.games_folder) in " ".join(process.info["cmdline"] or []):
                psutil.wait_procs([process], timeout=0.2)
    return strays(settings)


@needs_posix
@pytest.mark.parametrize("how", ["main", "thread", "no_signal"])
def test_nothing_survives_a_sigkill_of_the_owner(owner, settings, how):
    process, game = owner(how)
    assert game.is_running()

    process.kill()
    process.wait()

    assert wait_until_nothing_is_left(settings) == []
    assert not game.is_running() or game.status() == psutil.STATUS_ZOMBIE


@needs_posix
def test_nothing_survives_a_sigkill_of_the_owners_whole_group(owner, settings):
    process, _ = owner("main", group=True)

    os.killpg(process.pid, signal.SIGKILL)
    process.wait()

    assert wait_until_nothing_is_left(settings) == []


@needs_posix
@pytest.mark.slow
@pytest.mark.parametrize("victim", ["worker", "parent"])
def test_nothing_survives_a_sigkill_of_a_dask_worker_or_of_its_parent(owner, settings, victim):
    parent, game = owner("dask")
    worker = game.parent()
    assert worker.pid != parent.pid

    (worker if victim == "worker" else parent).kill()
    psutil.wait_procs([game], timeout=20)

    assert not game.is_running() or game.status() == psutil.STATUS_ZOMBIE
    parent.kill()
    parent.wait()
    psutil.wait_procs([worker], timeout=20)
    assert wait_until_nothing_is_left(settings) == []


@needs_posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_nothing_survives_a_signal_to_the_owner(owner, settings, number):
    process, _ = owner("main")

    process.send_signal(number)
    process.wait(timeout=90)

    assert wait_until_nothing_is_left(settings) == []


@pytest.mark.parametrize("how", ["returns", "raises"])
def test_nothing_survives_an_owner_that_ends_without_closing(owner, settings, how):
    process, _ = owner(how)
    process.wait(timeout=90)

    assert wait_until_nothing_is_left(settings) == []


@needs_posix
def test_a_game_launched_from_a_thread_that_ended_lives_on(owner):
    process, game = owner("thread")

    assert process.poll() is None
    assert game.is_running()
    assert game.status() != psutil.STATUS_ZOMBIE


@needs_posix
def test_the_next_start_reaps_what_both_watchdog_and_owner_left(owner, settings, sc2path, short_game):
    process, game = owner("no_signal")
    watchdog = next(
        child for child in psutil.Process(process.pid).children() if "watchdog" in " ".join(child.cmdline())
    )
    watchdog.kill()
    process.kill()
    process.wait()
    assert game.is_running()

    with InstanceKeeper(settings) as keeper:
        keeper.instance(short_game.base_build, None)
        assert not game.is_running() or game.status() == psutil.STATUS_ZOMBIE

    assert strays(settings) == []


def test_the_folders_of_living_owners_and_of_other_hosts_are_left_alone(tmp_path):
    mine = make_game_folder(tmp_path, Owner.this_process())
    foreign = tmp_path / "0123abcd-999999999-1-x"
    foreign.mkdir()
    unrelated = tmp_path / "notes"
    unrelated.mkdir()

    assert reap(tmp_path) == []
    assert sorted(tmp_path.iterdir()) == sorted([mine, foreign, unrelated])


def test_a_number_that_was_given_to_another_process_is_not_the_owner(tmp_path):
    us = Owner.this_process()
    folder = make_game_folder(tmp_path, Owner(us.pid, us.started - 3600))

    assert reap(tmp_path) == [folder.resolve()]
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_merely_looks_into_the_folder_is_spared(tmp_path):
    folder = make_game_folder(tmp_path, Owner.this_process())
    with subprocess.Popen([sys.executable, "-c", "input()", str(folder)], stdin=subprocess.PIPE) as reader:
        end_game(folder)

        assert reader.poll() is None
        reader.communicate(b"\n")
    assert reader.returncode == 0
    assert not folder.exists()


def test_a_games_folder_that_is_not_there_has_no_strays(tmp_path):
    assert reap(tmp_path / "nothing") == []
