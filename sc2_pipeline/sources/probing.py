"""Probes this machine's game with a replay, and saves the result in a home."""

from collections.abc import Callable
from pathlib import Path

from sc2_pipeline.config import Settings
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sc2_client.installs import find
from sc2_pipeline.sc2_client.launch import GameVersion
from sc2_pipeline.sc2_client.probe import ProbeReport, probe
from sc2_pipeline.sc2_client.recording import Recording
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.sc2_client.traits import TRAITS_FILE, settings_that_follow, write_traits
from sc2_pipeline.sources.first_observation import playable_replay, replay_truth
from sc2_pipeline.sources.sc2 import game_settings


def probe_game(replay: Path, settings: Settings, say: Callable[[str], None], record: Path | None = None) -> ProbeReport:
    """Checks every assumption on the replay; runs over the settings' home heed what was found from then on.

    ``say`` is told what is going on; some of the game's messages are written to the folder ``record``. Raises CorruptReplayError or SettingsError for a replay that cannot serve,
    EngineUnavailableError where its client is not here, EngineError where the game does not play it at all, HomeError
    where the findings cannot be saved.
    """
    archive = open_archive(replay)
    lobby = read_lobby(archive)
    find().require(lobby.base_build)
    truth = replay_truth(archive, lobby)
    playable = playable_replay(replay.read_bytes(), lobby)
    version = GameVersion(lobby.base_build, lobby.data_version)
    recording = Recording(record) if record else None
    report = probe(playable, version, truth, game_settings(settings), say, recording=recording)
    write_traits(settings.home / TRAITS_FILE, report.traits)
    return report


def followed_settings(settings: Settings, report: ProbeReport) -> GameSettings:
    """The game settings that runs with these settings use after that probe."""
    return settings_that_follow(game_settings(settings), report.traits)
