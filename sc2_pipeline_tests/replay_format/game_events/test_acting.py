"""When players acted, as pysc2's own function has it."""

import sys
from types import SimpleNamespace

import pytest

from sc2_pipeline.replay_format.game_events import GAME_EVENTS_MEMBER
from sc2_pipeline.replay_format.game_events.acting import acting_loops
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline_tests.synthetic.readers import needs_s2protocol

REPLAYS = (
    "manuelseeger+sc2-ai-coach/Equilibrium LE (95) Greek letters in player name.SC2Replay",
    "BurnySc2+monorepo/TvZ Standard Bio.SC2Replay",
)


@pytest.fixture
def raw_action_skips(monkeypatch):
    """pysc2's function. Its module imports what reads replays for it by another library (dm-tree), which it does not use."""
    monkeypatch.setitem(sys.modules, "tree", SimpleNamespace())
    from pysc2.lib.replay import sc2_replay_utils

    return sc2_replay_utils.raw_action_skips


@needs_s2protocol
@pytest.mark.parametrize("file", REPLAYS)
def test_loops_are_those_of_pysc2s_replay_converter(shared_replays, raw_action_skips, file):
    from s2protocol import versions

    archive = open_archive(shared_replays / file)
    base_build, data = read_lobby(archive).base_build, archive.read(GAME_EVENTS_MEMBER)
    events = versions.build(base_build).decode_replay_game_events(data)

    theirs = raw_action_skips(SimpleNamespace(game_events=lambda: events))

    # pysc2 numbers players by their user.
    assert {user + 1: loops for user, loops in acting_loops(data, base_build, (0, 1)).items()} == theirs


def test_users_who_are_no_players_are_left_out(shared_replays):
    archive = open_archive(shared_replays / REPLAYS[0])
    data = archive.read(GAME_EVENTS_MEMBER)

    assert acting_loops(data, read_lobby(archive).base_build, (7,)) == {}
