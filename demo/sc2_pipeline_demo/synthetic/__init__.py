"""Writes valid, scripted replays: for the demo, for tests without real replays, and for runs at scale."""

from sc2_pipeline_demo.synthetic.encoding.event_streams import game_stream, message_stream, tracker_stream
from sc2_pipeline_demo.synthetic.encoding.mpq_writer import ArchiveLayout
from sc2_pipeline_demo.synthetic.games import (
    archon_game,
    coop_game,
    free_for_all,
    game_against_computer,
    ladder_game,
    team_game,
)
from sc2_pipeline_demo.synthetic.played import played_script
from sc2_pipeline_demo.synthetic.population import collection
from sc2_pipeline_demo.synthetic.replay_file import replay_bytes, write_replay
from sc2_pipeline_demo.synthetic.script import (
    CommanderScript,
    GameScript,
    GameTruth,
    KnownChrono,
    KnownDeath,
    KnownFight,
    KnownStart,
    MapScript,
    PersonScript,
    PlayerScript,
)

__all__ = [
    "ArchiveLayout",
    "CommanderScript",
    "GameScript",
    "GameTruth",
    "KnownChrono",
    "KnownDeath",
    "KnownFight",
    "KnownStart",
    "MapScript",
    "PersonScript",
    "PlayerScript",
    "archon_game",
    "collection",
    "coop_game",
    "free_for_all",
    "game_against_computer",
    "game_stream",
    "ladder_game",
    "message_stream",
    "played_script",
    "replay_bytes",
    "team_game",
    "tracker_stream",
    "write_replay",
]
