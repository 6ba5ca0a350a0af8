"""What the game does once is made good by another try; and where the user follows our advice, what was set aside is loaded."""

import hashlib
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest

from sc2_pipeline import browsing
from sc2_pipeline.cli.funnel import funnel_lines
from sc2_pipeline.replay_format.lobby import TRACKER
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.stand_in import CONTROL_VARIABLE, Control, Fault
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_demo.synthetic.encoding.mpq_writer import GAME_LAYOUT, archive_bytes
from sc2_pipeline_demo.synthetic.members.details import header_bytes
from sc2_pipeline_demo.synthetic.replay_file import _members
from sc2_pipeline_tests.pipeline.homes import opened, query, run_home

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


REFUSALS = {
    "unreadable_replay": "map_missing",
    "invalid_map": "map_missing",
    "missing_data": "version_mismatch",
    "launch_error": "launch_failed",
    "download_error": "download_failed",
    "error_reply": "protocol_error",
}


def test_what_the_game_refused_once_is_loaded_by_the_same_command(tmp_path, sc2path, misbehave, new_home):
    reasons, faults = {}, []
    for seed, (kind, reason) in enumerate(REFUSALS.items()):
        path = write_replay(tmp_path / "games" / f"{kind}.SC2Replay", ladder_game(seed, game_loops=300))
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        reasons[sha256[:16]] = reason
        faults.append(Fault(kind=kind, replay=sha256, times=1))
    misbehave(*faults)
    once = {**FLAGS, "tries": 1}

    run_home([tmp_path / "games"], new_home, **once)
    refused = dict(query(new_home, "select replay_id, reason from ops.replays"))
    again = run_home([tmp_path / "games"], new_home, **once)

    assert refused == reasons
    assert again.loaded == len(REFUSALS)


def test_a_replay_that_the_game_calls_invalid_is_tried_again_when_asked_for(replay, sc2path, misbehave, new_home):
    misbehave(Fault(kind="invalid_replay", times=1))

    refused, same = (run_home([replay], new_home, **FLAGS) for _ in range(2))
    asked = run_home([replay], new_home, retry_reasons=["replay_rejected"], **FLAGS)

    assert (refused.failed_by_reason, same.failed_by_reason) == ({"replay_rejected": 1}, {"replay_rejected": 1})
    assert asked.loaded == 1


def test_a_game_that_ends_early_once_is_run_again_on_a_fresh_instance(replay, sc2path, misbehave, new_home):
    misbehave(Fault(kind="early_result", game_loop=200, times=1))

    report = run_home([replay], new_home, **FLAGS)

    assert (report.loaded, report.incomplete) == (1, 0)
    assert query(new_home, "select source, sc2_covered_share from marts.dim_replays") == [("sc2", 1.0)]


def test_a_game_that_ends_early_again_is_incomplete_and_the_marts_take_the_tracker(
    replay, sc2path, misbehave, new_home
):
    misbehave(Fault(kind="early_result", player=2, game_loop=200))

    report = run_home([replay], new_home, **FLAGS)

    assert (report.loaded, report.incomplete) == (1, 1)
    assert "incomplete                       1" in "\n".join(funnel_lines(report))
    assert query(new_home, "select source, sc2_covered_share from marts.dim_replays") == [
        ("tracker", round(256 / 600, 4))
    ]
    with opened(new_home) as marts:
        [(replay_id,)] = marts.execute("select replay_id from marts.dim_replays").fetchall()
        assert browsing.game(marts, replay_id)["game"]["sc2_covered_share"] == pytest.approx(0.43, abs=0.005)


def test_jumps_of_the_game_are_said(replay, sc2path, misbehave, new_home, caplog):
    misbehave(Fault(kind="loop_jump", game_loop=200, game_loops_jumped=20, times=1))

    run_home([replay], new_home, **FLAGS)

    assert "the game's loop jumped 1 times" in caplog.text
    assert query(new_home, "select game_differences from raw.game_info") == [("loop_jumps=1",)]


def test_marts_take_the_game_where_it_goes_on_and_the_tracker_stream_is_cut(sc2path, misbehave, new_home, tmp_path):
    cut = tmp_path / "cut.SC2Replay"
    members = _members(GAME)
    members[TRACKER] = members[TRACKER][: len(members[TRACKER]) // 2]
    cut.write_bytes(archive_bytes(members, user_data=header_bytes(GAME), layout=GAME_LAYOUT))
    misbehave(Fault(kind="early_result", game_loop=300))

    report = run_home([cut], new_home, **FLAGS)

    assert (report.loaded, report.incomplete) == (1, 1)
    assert query(new_home, "select tracker_complete, source from marts.dim_replays") == [(False, "sc2")]
