"""What running replays through the game will take: by earlier runs, or by the published figures where there were none."""

import hashlib
import json
from pathlib import Path
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Home, Settings
from sc2_pipeline.manifest import Extraction, Manifest
from sc2_pipeline.pipeline.planning import Pace, plan, planned_runs, rule_of_thumb
from sc2_pipeline.replay_format.game_events import decode_game_events
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sc2_client.traits import TRAITS_FILE, GameTraits, write_traits
from sc2_pipeline.sources.base import shape_digest
from sc2_pipeline.sources.choose import SourceSpec, open_source
from sc2_pipeline.steps.discover import replay_id_of
from sc2_pipeline_demo.stand_in import install
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

LENGTHS = {"long": 6_000, "short": 2_000, "tiny": 600}
GB_OF_A_WORKER = 2 * 2**30 + 450 * 2**20
"""The game's two by the rule of pysc2's replay_actions, and ours beside it."""


@pytest.fixture(scope="module")
def replays(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three games between two people, one shorter than the standard filters want, and a file that is no replay."""
    folder = tmp_path_factory.mktemp("planned")
    for seed, (name, game_loops) in enumerate(LENGTHS.items()):
        write_replay(folder / f"{name}.SC2Replay", ladder_game(seed, game_loops=game_loops))
    (folder / "broken.SC2Replay").write_bytes(b"MPQ\x1b but nothing else")
    return folder


def id_of(replays: Path, name: str) -> str:
    return replay_id_of(hashlib.sha256((replays / f"{name}.SC2Replay").read_bytes()).hexdigest())


def run_with(pace: float, loops: dict[str, int], *, builds: int = 1, **settings: int) -> list[tuple[int, float, int]]:
    facts = {name: SimpleNamespace(base_build=number % builds, data_version="") for number, name in enumerate(loops)}
    paced = Pace(loops_per_second=pace, bytes_per_loop=1.0, known_from="a test")
    runs = planned_runs(loops, facts, paced, Settings(source="sc2", **settings))
    return [(run.workers, run.seconds, run.memory_bytes) for run in runs]


def test_workers_share_the_loops_but_not_a_replay_and_each_holds_a_game():
    loops = {"a": 40_000, "b": 20_000, "c": 20_000, "d": 20_000}

    # 100 loops a second: 1,000 s in all, 400 s the longest; 15 s to start the game.
    assert run_with(100, loops, workers=4) == [
        (1, 1_015, GB_OF_A_WORKER),
        (2, 515, 2 * GB_OF_A_WORKER),
        (4, 415, 4 * GB_OF_A_WORKER),
    ]
    assert [workers for workers, *_ in run_with(100, loops, workers=6)] == [1, 2, 4, 6]


def test_each_client_build_and_every_so_many_replays_cost_a_start():
    loops = {str(number): 100 for number in range(8)}

    assert run_with(100, loops, workers=1, restart_every=300) == [(1, 8 + 15, GB_OF_A_WORKER)]
    assert run_with(100, loops, workers=1, restart_every=3) == [(1, 8 + 3 * 15, GB_OF_A_WORKER)]
    assert run_with(100, loops, builds=4, workers=1) == [(1, 8 + 4 * 15, GB_OF_A_WORKER)]
    assert run_with(100, {}, workers=1) == [(1, 0, GB_OF_A_WORKER)]


@pytest.mark.parametrize(("step_mul", "loops_per_second"), [(1, 170), (8, 500)])
def test_without_earlier_runs_the_published_figures_are_taken(step_mul, loops_per_second):
    pace = rule_of_thumb(step_mul)

    assert pace.loops_per_second == pytest.approx(loops_per_second, rel=0.01)
    # 150 units in sight, half of them kept by a pass, 3 bytes each; 60 bytes for the rest.
    assert pace.bytes_per_loop == 285 / step_mul
    assert rule_of_thumb(step_mul, "economy").bytes_per_loop == 60 / step_mul
    assert "nothing was run" in pace.known_from


def test_a_plan_counts_what_will_be_run_and_what_will_not(replays, tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(tmp_path / "no game"))

    planned = plan([replays], Settings(home=tmp_path / "home", source="sc2", workers=1, step_mul=16, fog="both"))

    assert (planned.files, planned.replays, planned.unreadable, planned.unwanted) == (4, 2, 1, 1)
    assert planned.missing == 2
    assert planned.loops == 4 * (LENGTHS["long"] + LENGTHS["short"])
    assert planned.disk_bytes == round(planned.loops * 285 / 16)
    [only] = planned.runs
    assert only.seconds == pytest.approx(planned.loops / rule_of_thumb(16).loops_per_second + 15)


def test_a_plan_of_no_replays_has_no_observations_whatever_it_samples(tmp_path):
    planned = plan([tmp_path], Settings(home=tmp_path / "home", source="sc2", workers=1, sample="actions"))

    assert (planned.replays, planned.observations, planned.disk_bytes, planned.cost) == (0, 0, 0, 1)


def test_what_is_installed_is_not_missing(replays, tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(install(tmp_path / "game", [ladder_game(0).base_build])))

    assert plan([replays], Settings(home=tmp_path / "home", source="sc2", workers=1)).missing == 0


@pytest.fixture
def experienced(replays, tmp_path, monkeypatch) -> Path:
    """A home in which the short game was run in 16 s into 80,000 bytes, every sixteenth loop observed."""
    monkeypatch.setenv("SC2PATH", str(tmp_path / "no game"))
    settings = Settings(home=tmp_path / "home", source="sc2", workers=1, step_mul=16)
    plan([replays], settings)
    source = open_source(SourceSpec(name="sc2", settings=settings))
    digest = shape_digest(source.shapes()["observation"])
    source.close()
    done = Extraction(
        replay_id=id_of(replays, "short"),
        part="observation",
        settings_digest=digest,
        folder="f",
        rows=1,
        bytes=80_000,
        seconds=16.0,
        is_complete=True,
    )
    with Manifest(Home(settings.home).manifest) as manifest:
        manifest.record_extractions([done])
    return settings.home


def test_earlier_runs_with_the_same_settings_set_the_pace(replays, experienced):
    planned = plan([replays], Settings(home=experienced, source="sc2", workers=1, step_mul=16))
    otherwise = plan([replays], Settings(home=experienced, source="sc2", workers=1, step_mul=8))

    # 2,000 loops twice in 16 s, and 80,000 bytes of them.
    assert planned.pace.loops_per_second == 250
    assert planned.pace.bytes_per_loop == 20
    assert "4,000 game loops" in planned.pace.known_from
    assert planned.disk_bytes == 20 * 2 * (LENGTHS["long"] + LENGTHS["short"])
    assert [run.seconds for run in planned.runs] == [2 * 8_000 / 250 + 15]
    assert otherwise.pace == rule_of_thumb(8)


def test_the_command_prints_the_plan(replays, experienced):
    words = ["plan", str(replays), "--home", str(experienced), "--step-mul", "16", "--workers", "1"]
    told = json.loads(CliRunner().invoke(app, [*words, "--json"]).stdout)
    printed = CliRunner().invoke(app, words).stdout

    assert (told["replays"], told["loops"], told["disk_bytes"]) == (2, 16_000, 320_000)
    assert told["runs"] == [{"workers": 1, "seconds": 79.0, "memory_bytes": GB_OF_A_WORKER}]
    assert "2 of 4 files to run, 16,000 game loops with every pass, observed 1,000 times" in printed
    assert "sampled every:16: 0.86 times the game's time for every:8" in printed
    assert "1 unreadable, 1 not wanted by the filters; 2 of those to run need a client" in printed
    assert "250 loops a second and worker, by 4,000 game loops run with these settings before" in printed
    assert "disk: about 0.3 MB" in printed
    assert printed.splitlines()[-1].split() == ["1", "1:19", "2.6", "GB"]


def test_a_sampling_that_goes_by_commands_is_counted_in_each_replay(replays, tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(tmp_path / "no game"))
    expected = {}
    for name in ("long", "short"):
        archive = open_archive(replays / f"{name}.SC2Replay")
        given = decode_game_events(archive.read("replay.game.events"), read_lobby(archive).base_build).orders.commands
        # Both passes look where either player acts, and at the first loop and the last.
        looked_at = {max(one.game_loop - 1, 1) for one in given if one.user_id in (0, 1)} | {1, LENGTHS[name]}
        expected[id_of(replays, name)] = 2 * len(looked_at)

    planned = plan([replays], Settings(home=tmp_path / "home", source="sc2", workers=1, sample="actions"))

    assert planned.observations_by_replay == expected
    assert planned.observations == sum(expected.values())
    by_hand = planned.loops * 0.00144 + planned.observations * 0.00444
    assert planned.cost == pytest.approx(by_hand / (planned.loops * (0.00144 + 0.00444 / 8)))


def test_a_game_that_cannot_disable_the_fog_is_planned_with_the_passes_that_it_can_do(replays, tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(tmp_path / "no game"))
    homes = {"probed": tmp_path / "probed", "any": tmp_path / "any"}
    homes["probed"].mkdir()
    write_traits(homes["probed"] / TRAITS_FILE, GameTraits(can_disable_fog=False))

    def planned(home: str, fog: str) -> tuple[int, int]:
        settings = Settings(home=homes[home], source="sc2", workers=1, sample="actions", fog=fog)
        found = plan([replays], settings)
        return found.loops, found.observations

    fogged = planned("any", "on")

    assert planned("probed", "off") == planned("probed", "both") == fogged
    assert planned("any", "off")[1] > fogged[1]
    assert planned("any", "both")[0] == 2 * fogged[0]


@pytest.mark.parametrize(("option", "bytes_per_observation"), [("--detail=economy", 60), ("--until=500000", 285)])
def test_other_settings_are_another_pace(replays, experienced, option, bytes_per_observation):
    words = ["plan", str(replays), "--home", str(experienced), "--step-mul", "16", "--workers", "1", option, "--json"]

    told = json.loads(CliRunner().invoke(app, words).stdout)

    assert told["disk_bytes"] == 16_000 / 16 * bytes_per_observation
    assert "nothing was run with these settings" in told["pace"]["known_from"]
