"""Following our own advice works: a limit raised, or an install mended, and the same command loads what was set aside."""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.stand_in import CONTROL_VARIABLE, Control, Fault
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import query, run_home

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program"),
]

GAME = ladder_game(3, game_loops=600)
FLAGS = {"source": "sc2", "filters": "all", "step_mul": 64, "commands": False, "tries": 3, "launch_gap_seconds": 0}


@pytest.fixture
def replay(tmp_path: Path) -> Path:
    return write_replay(tmp_path / "game.SC2Replay", GAME)


@pytest.fixture
def sc2path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a stand-in that can play the game; games run in the test's own folder."""
    folder = stand_in.install(tmp_path / "StarCraftII", [GAME.base_build])
    monkeypatch.setenv("SC2PATH", str(folder))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return folder


@pytest.fixture
def misbehave(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    def tell(*faults: Fault) -> None:
        path = stand_in.write_control(tmp_path / "control.json", Control(faults=faults))
        monkeypatch.setenv(CONTROL_VARIABLE, str(path))

    return tell


def launches(home: Path) -> int:
    [(count,)] = query(home, "select count(*) from ops.attempts where source = 'sc2'")
    return int(count)


def test_a_raised_memory_ceiling_gives_a_replay_that_was_set_aside_a_new_count(replay, sc2path, misbehave, new_home):
    misbehave(Fault(kind="memory_growth", megabytes=300, times=4))
    first, again = (run_home([replay], new_home, memory_ceiling_mb=250, **FLAGS) for _ in range(2))
    before = launches(new_home)

    raised = run_home([replay], new_home, memory_ceiling_mb=4096, **FLAGS)

    assert (first.failed_by_reason, again.failed_by_reason) == ({"memory_exceeded": 1}, {"memory_exceeded": 1})
    assert before == 3, "the second run tried nothing"
    assert raised.loaded == 1


def test_an_install_that_changed_gives_a_replay_that_was_set_aside_a_new_count(replay, sc2path, misbehave, new_home):
    misbehave(Fault(kind="crash"))
    first, again = (run_home([replay], new_home, **FLAGS) for _ in range(2))
    before = launches(new_home)
    misbehave()
    [program] = sc2path.glob("Versions/*/*")
    os.utime(program, (1, 1))

    mended = run_home([replay], new_home, **FLAGS)

    assert (first.failed_by_reason, again.failed_by_reason) == ({"engine_crashed": 1}, {"engine_crashed": 1})
    assert before == 3, "the second run tried nothing"
    assert mended.loaded == 1
