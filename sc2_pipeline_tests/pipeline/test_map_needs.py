"""Which maps and dependencies a collection needs, and which are here, is known before any run."""

import json

import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline_demo.stand_in import install
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

GAMES = {"one": "Ephemeron LE", "two": "Ephemeron LE", "three": "Triton LE"}


@pytest.fixture
def replays(tmp_path):
    for seed, (name, map_name) in enumerate(GAMES.items()):
        write_replay(tmp_path / "games" / f"{name}.SC2Replay", ladder_game(seed, map_name=map_name, game_loops=400))
    return tmp_path / "games"


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The Battle.net cache of an installation, empty."""
    folder = install(tmp_path / "StarCraftII", [75689])
    monkeypatch.setenv("SC2PATH", str(folder))
    (folder / "Battle.net" / "Cache").mkdir(parents=True)
    return folder / "Battle.net" / "Cache"


def asked(command, tmp_path, *words):
    result = CliRunner().invoke(app, [command, *map(str, words), "--filters", "all", "--home", str(tmp_path / "home")])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_missing_maps_come_first_with_the_replays_that_need_them_and_where_to_put_them(replays, cache, tmp_path):
    map_files = {name: read_lobby(open_archive(replays / f"{name}.SC2Replay")).cache_files[-1] for name in GAMES}
    here = map_files["three"]
    (cache / here[:2] / here[2:4]).mkdir(parents=True)
    (cache / here[:2] / here[2:4] / here).touch()

    needs = json.loads(asked("maps", tmp_path, replays, "--json").splitlines()[-1])
    text = asked("maps", tmp_path, replays)
    planned = json.loads(asked("plan", tmp_path, replays, "--json").splitlines()[-1])

    wanted = map_files["one"]
    place = str(cache / wanted[:2] / wanted[2:4] / wanted)
    assert needs["files"] == [
        {"file": wanted, "kind": "map", "map_names": ["Ephemeron LE"], "replays": 2, "is_here": False, "place": place},
        {
            "file": here,
            "kind": "map",
            "map_names": ["Triton LE"],
            "replays": 1,
            "is_here": True,
            "place": str(cache / here[:2] / here[2:4] / here),
        },
    ]
    assert (needs["replays"], needs["lacking"], needs["unknown"]) == (3, 2, 0)
    assert place in text
    assert "for want of which 2 replays will not start" in text
    assert (planned["lacking_maps"], planned["missing_map_files"]) == (2, 1)


def test_a_real_collection_needs_dependencies_and_local_maps_too(shared_replays, cache, tmp_path):
    needs = json.loads(asked("maps", tmp_path, shared_replays, "--json").splitlines()[-1])

    files = {file["file"]: file for file in needs["files"]}
    local = files["Ladder2019Season1May/NewRepugnancyLE.SC2Map"]
    assert (local["kind"], local["replays"]) == ("map", 4)
    assert local["place"] == str(cache.parents[1] / "Maps" / "Ladder2019Season1May" / "NewRepugnancyLE.SC2Map")
    dependency = max(
        (file for file in needs["files"] if file["kind"] == "dependency"), key=lambda file: file["replays"]
    )
    assert dependency["file"].startswith("7f41411aa597")
    assert needs["lacking"] + needs["unknown"] == needs["replays"]


def test_without_a_game_the_places_are_where_one_would_be_looked_for(replays, tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(tmp_path))

    needs = json.loads(asked("maps", tmp_path, replays, "--json").splitlines()[-1])

    assert {file["place"].startswith(str(tmp_path / "Battle.net" / "Cache")) for file in needs["files"]} == {True}
