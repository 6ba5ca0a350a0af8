"""``probe`` against the stand-in: what holds and what does not is told, saved, and heeded by the runs that follow."""

import dataclasses
import json

import pyarrow.parquet as pq
import pytest

from sc2_pipeline.sc2_client import probe as probes
from sc2_pipeline.sc2_client.traits import TRAITS_FILE, GameTraits, read_traits, write_traits
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.stand_in import Assumptions, Control
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.cli.conftest import Command

BUILD = 92440
KILLED = 4
"""Units that are killed in the replay, by its tracker events."""
ALL_BROKEN = Assumptions(
    refuses_pipelining=True,
    ignores_disable_fog=True,
    other_tags=True,
    neutral_owner_is_zero=True,
    rates_per_960_loops=True,
    collected_vespene_is_stuck=True,
    dead_units_are_incomplete=True,
    grids_have_eight_bits=True,
    other_data_version=True,
    megabytes_kept_per_replay=40,
)


@pytest.fixture(scope="module")
def replay(tmp_path_factory):
    path = tmp_path_factory.mktemp("probed") / "probed.SC2Replay"
    return write_replay(path, ladder_game(3, game_loops=5_000, base_build=BUILD))


@pytest.fixture
def game(tmp_path, monkeypatch):
    """Installs the stand-in; tells it what to do wrong."""
    monkeypatch.setenv("SC2PATH", str(stand_in.install(tmp_path / "StarCraftII", [BUILD])))

    def behave(control: Control) -> None:
        monkeypatch.setenv(stand_in.CONTROL_VARIABLE, str(stand_in.write_control(tmp_path / "control.json", control)))

    return behave


@pytest.mark.slow
def test_a_game_that_does_all_as_assumed_is_said_to(command: Command, game, replay, tmp_path):
    told = command("probe", replay, "--home", tmp_path / "home")

    lines = told.stdout.splitlines()
    assert told.exit_code == 0
    assert [line.split()[1] for line in lines[1:11]] == ["holds"] * 10
    assert lines[-1] == "all 10 assumptions hold: nothing is done otherwise"
    for measured in ("start ", "speed ", "observations ", "memory ", "settings ", "saved "):
        assert any(line.startswith(measured) for line in lines), measured
    saved = read_traits(tmp_path / "home" / TRAITS_FILE)
    assert saved.differences is None
    assert saved.game_version == f"stand-in.{BUILD}"
    assert "playing again with requests pipelined" in told.stderr


@pytest.mark.slow
def test_what_is_broken_is_told_saved_and_heeded(command: Command, game, replay, tmp_path):
    game(Control(assumptions=ALL_BROKEN))
    home = tmp_path / "home"
    run = ("run", replay, "--home", home, "--source", "sc2", "--workers", "1", "--step-mul", "80", "--json")

    unprobed = command(*run)
    told = command("probe", replay, "--home", home, "--json")
    document = json.loads(told.stdout.splitlines()[-1])

    assert told.exit_code == 0
    assert [verdict["name"] for verdict in document["verdicts"] if verdict["holds"]] == []
    assert all(verdict["fallback"] for verdict in document["verdicts"])
    assert document["settings"] == {
        "pipeline_depth": 1,
        "restart_every": document["traits"]["restart_every"],
        "checks_data_version": False,
    }
    assert document["settings"]["restart_every"] < 100
    assert GameTraits(**document["traits"]) == read_traits(home / TRAITS_FILE)

    ran = command(*run)
    assert json.loads(unprobed.stdout.splitlines()[-1])["failed_by_reason"] == {"version_mismatch": 1}
    assert json.loads(ran.stdout.splitlines()[-1])["loaded"] == 1, ran.stdout
    [receipt] = home.glob("lake/observation/*/*/extract.json")
    differences = (
        "can_disable_fog=false, tags_are_the_trackers=false, neutral_owner=0, rate_minute_game_loops=960, "
        "collected_vespene_works=false, dead_units_are_complete=false"
    )
    shape = json.loads(receipt.read_text(encoding="utf-8"))["shape"]
    assert (shape["fog"], shape["game_differences"]) == ("on", differences)
    assert column(receipt, "game_info", "game_differences") == [differences]
    assert set(column(receipt, "unit_snapshots", "is_fogged")) == {True}
    assert set(column(receipt, "player_snapshots", "vespene_collected")) == {None}
    assert set(column(receipt, "dead_units", "is_told")) == {True, False}
    killed = command("sql", "select count(*), count(distinct unit_tag) from marts.fct_unit_deaths", "--home", home)
    assert killed.stdout.split()[-2:] == [str(KILLED)] * 2


def column(receipt, table, name):
    return pq.read_table(receipt.parent / f"{table}.parquet", columns=[name])[name].to_pylist()


@pytest.mark.slow
def test_a_slow_game_is_probed_less_far(command: Command, game, replay, tmp_path, monkeypatch):
    monkeypatch.setattr(probes, "_SECONDS", 1.0)
    monkeypatch.setattr(probes, "_STRICT_SECONDS", 0.2)
    game(Control(step_seconds=0.01))

    told = command("probe", replay, "--home", tmp_path / "home", "--json")

    document = json.loads(told.stdout.splitlines()[-1])
    said = {verdict["name"]: verdict["observed"] for verdict in document["verdicts"]}
    compared = int(said["accepts_pipelining"].split()[0])
    assert document["all_hold"]
    assert 2 < compared < 60
    assert "playing up to 1600 loops" in told.stderr
    assert said["dead_units_are_complete"] == "nobody was killed; a longer replay tells more"


def test_a_build_that_is_not_here_is_one_sentence(command: Command, game, tmp_path):
    other = write_replay(tmp_path / "other.SC2Replay", ladder_game(3, game_loops=1_500, base_build=91115))

    told = command("probe", other, "--home", tmp_path / "home", "--json")

    assert told.exit_code == 1
    assert "no game client for base build 91115 (installed: 92440" in json.loads(told.stdout)["error"]
    assert not (tmp_path / "home").exists()


def test_a_file_that_is_no_replay_is_one_sentence(command: Command, game, tmp_path):
    (tmp_path / "none.SC2Replay").write_bytes(b"not a replay")

    told = command("probe", tmp_path / "none.SC2Replay", "--home", tmp_path / "home")

    assert told.exit_code == 1
    assert told.stderr.startswith("sc2-pipeline: ")
    assert told.stderr.count("\n") == 1


def test_findings_that_are_no_probes_stop_a_run_over_the_game_only(command: Command, game, replay, tmp_path):
    home = tmp_path / "home"
    home.mkdir()
    (home / TRAITS_FILE).write_text('{"neutral_owner": "nobody"}', encoding="utf-8")

    told = command("run", replay, "--home", home, "--source", "sc2", "--filters", "all", "--workers", "1")
    doctor = command("doctor", "--home", home)

    assert told.exit_code == 2
    assert "is not what probe saves (see neutral_owner); remove it or run probe again" in told.stderr
    assert "is not what probe saves" in doctor.stdout


def test_the_doctor_counts_instances_of_the_size_probed(command: Command, game, tmp_path):
    small = dataclasses.replace(GameTraits(), instance_bytes=10**8, game_version="9.9.9")
    unprobed = command("doctor", "--home", tmp_path / "home")
    write_traits(tmp_path / "home" / TRAITS_FILE, small)

    probed = command("doctor", "--home", tmp_path / "home")

    assert "instances of 2.1 GB (not probed)" in unprobed.stdout
    assert "instances of 0.1 GB (9.9.9 probed)" in probed.stdout
