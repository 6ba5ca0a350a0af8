"""A home that the tracker filled is run through the game where its client is installed, by a job or a command."""

import os
import shutil

import pytest

from sc2_pipeline.orchestration.replay_assets import OBSERVED
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.cli.programs import run_program
from sc2_pipeline_tests.orchestration.test_game_progress import values
from sc2_pipeline_tests.pipeline.homes import query, run_home

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program"),
]

BUILDS = {"long": 92440, "short": 92440, "other": 75689}
SOURCES = "select file_name, source from marts.dim_replays order by all"


@pytest.fixture(scope="module")
def tracked(tmp_path_factory):
    """A folder with a home that the tracker filled with three replays; a client of two of them is installed."""
    folder = tmp_path_factory.mktemp("tracked")
    for seed, (name, build) in enumerate(BUILDS.items()):
        loops = 2_000 if name == "long" else 1_400
        write_replay(folder / "in" / f"{name}.SC2Replay", ladder_game(seed, game_loops=loops, base_build=build))
    game = stand_in.install(folder / "StarCraftII", [92440])
    run_home([folder / "in"], folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SC2PATH", str(game))
        yield folder


@pytest.fixture
def home(tracked, tmp_path):
    return shutil.copytree(tracked / "home", tmp_path / "home")


def outcome(launchpad):
    [record] = launchpad.instance.fetch_materializations(OBSERVED, limit=1).records
    return values(record.asset_materialization)


def test_the_job_runs_the_game_over_all_that_it_can_play_and_leaves_the_others(home, launchpad):
    assert launchpad.launch("backfill_with_game", step_mul=160).success

    told = outcome(launchpad)
    assert query(home, SOURCES) == [
        ("long.SC2Replay", "sc2"),
        ("other.SC2Replay", "tracker"),
        ("short.SC2Replay", "sc2"),
    ]
    assert (told["replays_ok"], told["replays_without_client"], told["replays_observed_before"]) == (2, 1, 0)
    assert told["estimate"].startswith("2 replays, 6,800 game loops: ")

    assert launchpad.launch("backfill_with_game", step_mul=160).success
    again = outcome(launchpad)
    assert (again["replays"], again["replays_observed_before"], again["estimate"]) == (
        0,
        2,
        "nothing to run through the game",
    )


def test_a_filter_chooses_and_takes_nothing_away(home, launchpad, tmp_path):
    long = tmp_path / "long.toml"
    long.write_text("min_game_loops = 1800\n")

    assert launchpad.launch("backfill_with_game", step_mul=160, filters=str(long)).success

    assert [source for _, source in query(home, SOURCES)] == ["sc2", "tracker", "tracker"]
    assert outcome(launchpad)["replays_unwanted"] == 2


def test_the_command_prints_the_estimate_and_runs_the_game_over_the_replay_named(home, tmp_path):
    words = ("observe", "short.SC2Replay", "--home", home, "--step-mul", "160", "--workers", "1")
    planned = run_program(*words, "--dry-run", cwd=tmp_path)
    before = query(home, SOURCES)
    ran = run_program(*words, cwd=tmp_path)
    unknown = run_program("observe", "none.SC2Replay", "--home", home, cwd=tmp_path)

    assert "1 replays to run through the game; 0 were run with these settings" in " ".join(planned.stdout.split())
    assert "2,800 game loops with every pass" in planned.stdout
    assert {source for _, source in before} == {"tracker"}
    assert ran.returncode == 0, ran.stderr
    assert dict(query(home, SOURCES))["short.SC2Replay"] == "sc2"
    assert (unknown.returncode, "no replay is called 'none.SC2Replay'" in unknown.stderr) == (2, True)


def test_a_replay_that_the_game_fails_on_keeps_what_the_tracker_loaded(home, launchpad, monkeypatch, tmp_path):
    control = stand_in.Control(faults=(stand_in.Fault(kind="crash"),))
    monkeypatch.setenv(stand_in.CONTROL_VARIABLE, str(stand_in.write_control(tmp_path / "control.json", control)))
    before = query(home, SOURCES)

    result = launchpad.launch(
        "backfill_with_game", ops={"observed_replays": {"replays": ["long.SC2Replay"]}}, step_mul=160, tries=1
    )

    assert not result.success
    assert [why.split(":")[0] for why in outcome(launchpad)["failed_replays"].values()] == ["long.SC2Replay"]
    assert query(home, SOURCES) == before
