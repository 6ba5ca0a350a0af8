"""A launch is one machine-wide event: staggered, in its own folder and group, and quiet."""

import dataclasses
import os
import time

import psutil
import pytest

from sc2_pipeline.errors import EngineError, EngineUnavailableError, SettingsError
from sc2_pipeline.sc2_client.connection import Connection
from sc2_pipeline.sc2_client.launch import GameProcess, GameVersion
from sc2_pipeline.sc2_client.settings import GameSettings


@pytest.fixture
def version(short_game):
    return GameVersion(short_game.base_build, short_game.data_version)


def test_a_game_has_its_own_folder_port_and_group(sc2path, settings, version):
    games = [GameProcess(version, settings) for _ in range(2)]
    try:
        for game in games:
            Connection(game, settings).close()
        folders = {game.folder for game in games}

        assert len(folders) == len({game.port for game in games}) == 2
        assert all(folder.parent == settings.games_folder for folder in folders)
        if hasattr(os, "getpgid"):
            assert all(os.getpgid(game.pid) not in (os.getpgid(0), None) for game in games)
    finally:
        for game in games:
            game.close()
    assert not any(folder.exists() for folder in folders)
    assert not any(psutil.pid_exists(game.pid) for game in games)


def test_the_game_is_told_the_data_version_as_pysc2_tells_it(sc2path, settings, version):
    game = GameProcess(version, settings)
    try:
        Connection(game, settings).close()
        words = psutil.Process(game.pid).cmdline()
    finally:
        game.close()

    assert words[words.index("-dataVersion") + 1] == version.data_version
    assert words[words.index("-tempDir") + 1].startswith(str(game.folder))


def test_without_a_data_version_the_installs_own_is_used(sc2path, settings, short_game):
    game = GameProcess(GameVersion(short_game.base_build, None), settings)
    try:
        Connection(game, settings).close()
        assert "-dataVersion" not in psutil.Process(game.pid).cmdline()
    finally:
        game.close()


def test_launches_are_staggered(sc2path, settings, version):
    apart = dataclasses.replace(settings, launch_gap_seconds=0.7)
    begun = time.monotonic()
    games = [GameProcess(version, apart) for _ in range(2)]
    seconds = time.monotonic() - begun
    for game in games:
        game.close()

    assert seconds >= 0.7


def test_a_program_that_does_not_start_is_the_machines_fault(sc2path, settings, version):
    program = sc2path / "Versions" / f"Base{version.base_build}" / "SC2_x64"
    program.write_bytes(b"\x00 not a program")

    with pytest.raises(EngineError, match="does not start"):
        GameProcess(version, settings)
    assert [path for path in settings.games_folder.iterdir() if path.is_dir()] == []


def test_a_games_folder_that_cannot_be_made_is_the_machines_fault(sc2path, settings, version, tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(EngineUnavailableError, match="cannot hold the games' folders"):
        GameProcess(version, dataclasses.replace(settings, games_folder=tmp_path / "file" / "games"))


def test_what_the_game_prints_is_kept_from_the_screen(sc2path, settings, version, capfd):
    game = GameProcess(version, settings)
    Connection(game, settings).close()
    game.close()

    assert capfd.readouterr().out == ""


@pytest.mark.parametrize("wrong", [{"pipeline_depth": 0}, {"restart_every": 0}, {"boot_timeout_seconds": 0}])
def test_settings_that_make_no_sense_are_refused(wrong):
    with pytest.raises(SettingsError, match=next(iter(wrong))):
        GameSettings(**wrong)
