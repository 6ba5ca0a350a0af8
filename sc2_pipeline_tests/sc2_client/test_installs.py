"""What this machine has of the game is found where pysc2 looks, and said plainly where it is missing."""

import pytest

from sc2_pipeline.errors import EngineUnavailableError
from sc2_pipeline.sc2_client import installs
from sc2_pipeline.sc2_client.installs import Installs, find
from sc2_pipeline_demo.stand_in import install

KEY = "b89b5d6fa7cbf6452e721311bfbc6cb2"


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SC2PATH", str(tmp_path / "StarCraftII"))
    return tmp_path / "StarCraftII"


def test_builds_are_those_whose_program_is_there(folder):
    install(folder, [75689, 74741])
    (folder / "Versions" / "Base75025").mkdir()
    (folder / "Versions" / "Shared").mkdir()

    found = find()

    assert found.builds == (74741, 75689)
    assert (found.supports(74741), found.supports(75025)) == (True, False)


def test_builds_from_before_the_api_are_not_offered(folder):
    install(folder, [55505, 55958])

    assert find().builds == (55958,)


def test_data_versions_are_read_from_the_folders_own_indices(folder):
    install(folder, [75689])
    (folder / ".build.info").write_text(
        f"Branch!STRING:0|Active!DEC:1|Build Key!HEX:16|CDN Key!HEX:16\nus|1|{KEY}|{'0' * 32}\n", encoding="utf-8"
    )
    config = folder / "SC2Data" / "config" / "aa" / "aa"
    config.mkdir(parents=True)
    (config / ("aa" * 16)).write_bytes(b"# Build Configuration\n\nroot = ...")
    (config / ("ab" * 16)).write_bytes(b"# CDN Configuration\n")

    assert find().install.data_versions == tuple(sorted(("AA" * 16, KEY.upper())))


def test_an_empty_index_names_no_data_version(folder):
    install(folder, [75689])
    (folder / ".build.info").write_bytes(b"")

    assert find().install.data_versions == ()


def test_maps_and_cache_folders_are_found(folder):
    install(folder, [75689])
    (folder / "Maps" / "Ladder").mkdir()
    (folder / "Maps" / "Ladder" / "AcropolisLE.SC2Map").touch()
    (folder / "Maps" / "Melee.sc2map").touch()
    (folder / "Battle.net" / "Cache").mkdir(parents=True)

    found = find().install

    assert found.map_count == 2
    assert found.cache_folders == (folder / "Battle.net" / "Cache",)


def test_no_game_is_an_answer_that_says_where_was_looked(folder):
    found = find()

    assert (found.install, found.builds, found.searched) == (None, (), folder)
    assert found.at_hand() == f"none under {folder}"
    with pytest.raises(EngineUnavailableError, match="set SC2PATH, or use --source tracker"):
        found.require(75689)


def test_a_build_from_before_the_api_has_its_own_sentence(folder):
    with pytest.raises(EngineUnavailableError, match="no game client of base build 16561 has an API"):
        find().require(16561)


def test_as_many_instances_fit_as_the_available_memory_holds():
    found = Installs(searched=None, install=None, memory_total_bytes=16 << 30, memory_available_bytes=10 << 30)

    assert found.instances_that_fit() == 4
    assert found.instances_that_fit(instance_bytes=1 << 30) == 6
    assert found.instances_that_fit(instance_bytes=64 << 30) == 0


def test_pysc2_is_asked_where_to_look(folder, monkeypatch):
    monkeypatch.delenv("SC2PATH")
    monkeypatch.setenv("HOME", str(folder))

    assert installs.find().searched.is_relative_to(folder)
