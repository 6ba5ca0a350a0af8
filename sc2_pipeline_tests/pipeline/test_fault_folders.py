"""A failed try of the game leaves a folder that tells of it, bounded in size and number, and the command fault shows it."""

import json

import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Home
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sc2_client.traces import Traces, fault_folders, read_fault, write_fault
from sc2_pipeline_demo.stand_in import Fault
from sc2_pipeline_tests.pipeline.homes import query, run_home
from sc2_pipeline_tests.pipeline.test_cured_faults import FLAGS, misbehave, pytestmark, replay, sc2path

__all__ = ["misbehave", "pytestmark", "replay", "sc2path"]

TRACES = Traces(
    version="base build 1",
    game_version="1.0",
    arguments=("SC2_x64", "-listen"),
    exit_words="with exit code 1",
    processor_seconds=1.5,
    memory=((1.0, 2**20),),
    output=b"x" * 200_000 + b"\nthe last line\xff",
    requests=(b"r" * 2_000_000,),
    replies=(b"1", b"2"),
)
REPLAY_ID = "00c0ffee00c0ffee"


def kept(folder, **changes):
    given = {"replay_id": REPLAY_ID, "reason": "engine_crashed", "detail": "it died", "written_by": "tests", "keep": 2}
    return write_fault(folder, TRACES, **given | changes)


def test_a_folder_is_bounded_and_only_the_last_ones_are_kept(tmp_path):
    names = [kept(tmp_path) for _ in range(3)]
    kept(tmp_path, replay_id="11c0ffee00c0ffee")

    assert [path.name for path in fault_folders(tmp_path, REPLAY_ID)] == names[2:]
    found = read_fault(fault_folders(tmp_path, REPLAY_ID)[0])
    assert found["messages"] == {"reply_01.pb": 1, "reply_02.pb": 1, "request_01.pb": 512 << 10}
    assert found["output"].endswith("the last line\ufffd")
    assert len(found["output"]) <= 64 << 10
    assert sum(path.stat().st_size for path in tmp_path.glob("*/*")) < 2 << 20


def test_other_folders_are_left_alone(tmp_path):
    (tmp_path / "mine").mkdir()

    for _ in range(4):
        kept(tmp_path)

    assert (tmp_path / "mine").is_dir()


def test_a_failed_try_is_shown_with_its_messages_and_words(replay, sc2path, misbehave, new_home):
    misbehave(Fault(kind="crash", game_loop=200))
    run_home([replay], new_home, **FLAGS)
    rows = query(new_home, "select outcome, fault_folder from ops.attempts where source = 'sc2' order by attempt_id")

    result = CliRunner().invoke(app, ["fault", "game", "--home", str(new_home), "--json"])
    text = CliRunner().invoke(app, ["fault", "game", "--home", str(new_home)])

    folders = fault_folders(Home(new_home).faults)
    assert rows == [("engine_crashed", path.name) for path in folders]
    assert len(folders) == FLAGS["tries"]
    found = json.loads(result.stdout.splitlines()[-1])
    assert found["folder"] == str(folders[-1])
    assert "between game loops" in found["detail"]
    assert "-listen" in found["arguments"]
    assert found["exit_words"].startswith("by signal SIGSEGV")
    assert found["memory"][0][1] > 2**20
    replies = [api.Response.FromString(path.read_bytes()) for path in sorted(folders[-1].glob("reply_*.pb"))]
    assert [reply.WhichOneof("response") for reply in replies[-2:]] == ["observation", "step"]
    assert "engine_crashed: the game died while it ran the replay" in text.stdout


def test_a_game_that_does_not_start_leaves_what_it_printed(replay, sc2path, misbehave, new_home, monkeypatch):
    misbehave(Fault(kind="missing_library", words="libSDL2.so.0: cannot open shared object file"))
    with pytest.raises(Exception, match="does not start"):
        run_home([replay], new_home, **FLAGS)

    text = CliRunner().invoke(app, ["fault", "game", "--home", str(new_home)])

    assert text.exit_code == 0, text.output
    assert text.stdout.splitlines()[-1] == "libSDL2.so.0: cannot open shared object file"


def test_a_replay_that_never_failed_in_the_game_has_none(replay, sc2path, new_home):
    run_home([replay], new_home, **{**FLAGS, "source": "tracker"})

    result = CliRunner().invoke(app, ["fault", "game", "--home", str(new_home)])

    assert result.exit_code == 1
    assert "no failed try" in result.stderr
