"""A collection is a plausible population, the same for the same seed."""

import hashlib
from collections import Counter

import pytest

from sc2_pipeline.replay_format.game_events import GAME_EVENTS_MEMBER
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline_demo import synthetic


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    return synthetic.collection(tmp_path_factory.mktemp("collection"), 120, seed=4, game_loops=(300, 1200))


@pytest.fixture(scope="module")
def lobbies(paths):
    return [read_lobby(open_archive(path)) for path in paths]


def test_names_are_stable_and_contents_are_all_different(paths):
    assert [path.name for path in paths[:2]] == ["synthetic-4-00000.SC2Replay", "synthetic-4-00001.SC2Replay"]
    assert len({hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}) == 120


def test_a_longer_collection_of_the_same_seed_is_made_again_the_same(paths, tmp_path):
    again = synthetic.collection(tmp_path, 120, seed=4, game_loops=(300, 1200))

    assert [path.read_bytes() for path in again] == [path.read_bytes() for path in paths]


def test_the_population_is_varied(lobbies):
    modes = Counter(lobby.game_mode for lobby in lobbies)
    matchups = {frozenset(Counter(player.race_actual for player in lobby.players).items()) for lobby in lobbies}
    statuses = Counter(player.mmr_status for lobby in lobbies for player in lobby.players if not player.is_computer)

    assert modes["1v1"] > 90
    assert set(modes) >= {"1v1", "2v2", "coop"}
    assert len(matchups) >= 6
    assert len({lobby.map_name for lobby in lobbies}) >= 5
    assert set(statuses) == {"known", "absent", "null", "zero", "negative"}
    assert len({lobby.played_at for lobby in lobbies}) > 100


def test_players_come_back(lobbies):
    games = Counter(player.toon_handle for lobby in lobbies for player in lobby.players if player.toon_handle)

    assert games.most_common(1)[0][1] >= 4


def test_some_games_were_saved_by_both_players(paths):
    games = Counter(open_archive(path).read(GAME_EVENTS_MEMBER) for path in paths)

    assert set(games.values()) == {1, 2}
    assert list(games.values()).count(2) == 6
