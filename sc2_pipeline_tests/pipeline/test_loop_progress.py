"""How far the game is: told from what workers say of themselves, right also after some of them died."""

import json
import os
import socket
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline import loop_progress
from sc2_pipeline.pipeline.loop_progress import LoopWatch, wanted_loops
from sc2_pipeline.sources.progress_notes import STALE_SECONDS, WorkTeller, remove_notes, work_notes

DEAD_PID = 2**22 + 1
"""Above any that Linux gives."""


class Clock:
    """A clock that is set by hand."""

    def __init__(self, seconds=1_000.0):
        self.seconds = seconds

    def __call__(self):
        return self.seconds


def write_note(
    folder: Path, worker: str, replay_id: str, *, done: int = 0, wanted: int = 100, told_at: float = 1_000.0
):
    folder.mkdir(exist_ok=True)
    note = {
        "worker": worker,
        "replay_id": replay_id,
        "file_name": f"{replay_id}.SC2Replay",
        "doing": "pass 1 of 2",
        "game_loop": done,
        "loops_done": done,
        "loops_wanted": wanted,
        "told_at": told_at,
    }
    (folder / f"{worker}.json").write_text(json.dumps(note))


def test_a_worker_says_what_it_is_at_and_takes_it_back(tmp_path):
    clock = Clock()
    teller = WorkTeller(tmp_path, now=clock)

    teller.tell("r1", "one.SC2Replay", "starting the game")
    [begun] = work_notes(tmp_path, now=clock)
    teller.tell("r1", "one.SC2Replay", "pass 1 of 2", game_loop=8, loops_done=8, loops_wanted=200)
    [too_soon] = work_notes(tmp_path, now=clock)
    clock.seconds += 0.5
    teller.tell("r1", "one.SC2Replay", "pass 1 of 2", game_loop=96, loops_done=96, loops_wanted=200)
    [later] = work_notes(tmp_path, now=clock)
    teller.rest()

    assert (begun.doing, begun.worker) == ("starting the game", f"{socket.gethostname()}-{os.getpid()}")
    assert too_soon == begun
    assert (later.game_loop, later.loops_done, later.loops_wanted) == (96, 96, 200)
    assert list(tmp_path.iterdir()) == []


def test_notes_of_the_dead_the_stale_and_the_replaced_are_no_work(tmp_path):
    clock = Clock(1_000.0)
    here = socket.gethostname()
    write_note(tmp_path, f"{here}-{os.getpid()}", "alive")
    write_note(tmp_path, f"{here}-{DEAD_PID}", "killed")
    write_note(tmp_path, "elsewhere-7", "stale", told_at=clock.seconds - STALE_SECONDS)
    write_note(tmp_path, "elsewhere-8", "taken over", done=90, told_at=900)
    write_note(tmp_path, "elsewhere-9", "taken over", done=10, told_at=950)
    (tmp_path / "half.json").write_text('{"worker": "elsew')

    notes = work_notes(tmp_path, now=clock)

    assert [(note.replay_id, note.loops_done) for note in notes] == [("taken over", 10), ("alive", 0)]


def test_what_dead_workers_left_of_a_runs_replays_is_removed_and_nothing_else(tmp_path):
    write_note(tmp_path, f"{socket.gethostname()}-{DEAD_PID}", "ours")
    write_note(tmp_path, "elsewhere-7", "theirs")
    (tmp_path / "half.json").write_text("{")

    with LoopWatch(tmp_path, {"ours": 100}, lambda _: None):
        pass
    remove_notes(tmp_path / "nowhere", {"ours"})

    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere-7.json", "half.json"]


def test_loops_count_replays_done_and_shares_of_those_at_work(tmp_path):
    moment = time.time()
    clock = Clock(50.0)
    watch = LoopWatch(tmp_path, {"a": 1_000, "b": 4_000, "c": 3_000}, lambda _: None, now=clock)
    begun = watch.progress()

    watch.finished(["a", "of another run"])
    write_note(tmp_path, "elsewhere-1", "b", done=500, wanted=2_000, told_at=moment)
    write_note(tmp_path, "elsewhere-2", "c", done=900, wanted=600, told_at=moment)
    write_note(tmp_path, "elsewhere-3", "of another run", done=50, told_at=moment)
    clock.seconds += 10
    progress = watch.progress()

    assert (begun.loops_done, begun.loops_wanted, begun.seconds_left) == (0, 8_000, None)
    # All of a, a quarter of b, and of c no more than was wanted.
    assert progress.loops_done == 1_000 + 1_000 + 3_000
    assert progress.loops_per_second == 500
    assert progress.seconds_left == 6
    assert [note.replay_id for note in progress.workers] == ["b", "c"]


def test_the_first_loop_after_a_long_start_is_no_pace(tmp_path):
    clock = Clock(0.0)
    watch = LoopWatch(tmp_path, {"a": 1_000}, lambda _: None, now=clock)
    write_note(tmp_path, "elsewhere-1", "a", done=1, wanted=1_000, told_at=time.time())

    clock.seconds = 15
    progress = watch.progress()

    assert (progress.loops_done, progress.loops_per_second, progress.seconds_left) == (1, 0, None)


def test_the_watch_is_told_while_the_block_lasts_and_not_after(tmp_path, monkeypatch):
    monkeypatch.setattr(loop_progress, "SECONDS_BETWEEN_LOOKS", 0.001)
    told, heard = [], threading.Event()

    def hear(progress):
        told.append(progress)
        heard.set()

    with LoopWatch(tmp_path, {"a": 1_000}, hear) as watch:
        assert heard.wait(30)
    count = len(told)

    assert {progress.loops_wanted for progress in told} == {1_000}
    assert not watch._thread.is_alive()
    assert len(told) == count


@pytest.mark.parametrize(
    ("facts", "settings", "loops"),
    [
        ({}, {}, 2 * 9_000),
        ({}, {"fog": "both"}, 4 * 9_000),
        ({}, {"fog": "on"}, 2 * 9_000),
        ({}, {"until": 1_000}, 2 * 1_000),
        ({}, {"until": 10_000}, 2 * 9_000),
        ({"is_vs_ai": True, "apms": (120, None)}, {}, 9_000),
        ({"is_vs_ai": True, "apms": (120, None)}, {"observe_computers": True}, 2 * 9_000),
        ({"player_count": 0, "apms": ()}, {}, 9_000),
    ],
)
def test_every_pass_is_wanted(facts, settings, loops):
    known = {"player_count": 2, "is_vs_ai": False, "apms": (100, 90), "duration_game_loops": 9_000} | facts

    assert wanted_loops(SimpleNamespace(**known), Settings(source="sc2", **settings)) == loops
