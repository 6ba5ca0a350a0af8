"""Games that are no duel of two people, or hardly a game, run through the game as they are."""

import hashlib
from pathlib import Path

import pyarrow.compute as pc
import pytest

from sc2_pipeline.errors import EngineError
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.steps.check import check_batch
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.sources.conftest import BASE_BUILD

pytestmark = pytest.mark.slow

AGAINST_AI = "ggtracker+sc2reader/1~9.SC2Replay"
ALONE = "ipax77+s2protocol.NET/test1.7f32804.SC2Replay"
COOP = "ggtracker+sc2reader/Oblivion Express.SC2Replay"
WATCHED = "BurnySc2+python-sc2/20220224 - GAME 1 - Dream vs Spirit - T vs T - Curious Minds LE.SC2Replay"


def replay_file(path: Path) -> ReplayFile:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return ReplayFile(replay_id=sha256[:16], sha256=sha256, path=path)


@pytest.fixture
def played(stand_in_source, tmp_path):
    """The rows of a replay, its client installed; they pass the checks of their tables."""

    def play(path: Path, **settings):
        stand_in.install(tmp_path / "StarCraftII", [read_lobby(open_archive(path)).base_build])
        tables = stand_in_source(**{"until": 96} | settings).tables(replay_file(path))
        assert check_batch(tables, max_bad_row_share=0.0).quarantined == ()
        return tables

    return play


@pytest.mark.parametrize(
    ("file", "passes", "owners"),
    [(AGAINST_AI, [1], {1, 2}), (ALONE, [1], {1}), (COOP, [1, 2], {1, 2, 3, 4}), (WATCHED, [1, 2], {1, 2})],
    ids=["against the computer", "alone", "co-op", "with observers"],
)
def test_people_who_play_have_a_pass_and_nobody_elses_units_are_lost(played, shared_replays, file, passes, owners):
    tables = played(shared_replays / file)

    assert tables["player_snapshots"]["pass_player_id"].unique().to_pylist() == passes
    found = set(tables["unit_snapshots"]["player_id"].unique().to_pylist())
    assert owners <= found
    for pass_player, player in set(
        zip(*(tables["unit_snapshots"][name].to_pylist() for name in ("pass_player_id", "player_id")), strict=True)
    ):
        assert pass_player == (player if player in passes else passes[0])


def test_a_computer_has_a_pass_where_it_is_asked_for(played, shared_replays):
    tables = played(shared_replays / AGAINST_AI, observe_computers=True)

    assert tables["player_snapshots"]["pass_player_id"].unique().to_pylist() == [1, 2]


@pytest.mark.parametrize("game_loops", [1, 2, 19])
def test_a_game_of_hardly_a_loop_has_its_first_and_its_last(played, tmp_path, game_loops):
    path = write_replay(tmp_path / "hardly.SC2Replay", ladder_game(3, game_loops=game_loops, base_build=BASE_BUILD))

    tables = played(path, until=None)

    loops = pc.unique(tables["player_snapshots"]["game_loop"]).to_pylist()
    assert loops == sorted({1, game_loops})
    assert tables["player_results"].num_rows == 4


def test_a_replay_of_computers_alone_has_nobody_to_observe(stand_in_source, skirmish, monkeypatch):
    from sc2_pipeline.game_messages import sc2api_pb2 as api
    from sc2_pipeline.sc2_client.instance import Instance

    told = Instance.replay_info

    def of_computers(self, replay):
        info = told(self, replay)
        for entry in info.player_info:
            entry.player_info.type = api.Computer
        return info

    monkeypatch.setattr(Instance, "replay_info", of_computers)

    with pytest.raises(EngineError, match="nobody to observe") as caught:
        stand_in_source().tables(skirmish)

    assert (caught.value.reason, caught.value.is_retryable) == ("replay_rejected", False)


def test_players_whose_kind_an_old_client_does_not_tell_are_people(stand_in_source, skirmish, monkeypatch):
    from sc2_pipeline.sc2_client.instance import Instance

    told = Instance.replay_info

    def of_3_16(self, replay):
        info = told(self, replay)
        for entry in info.player_info:
            entry.player_info.ClearField("type")
        return info

    monkeypatch.setattr(Instance, "replay_info", of_3_16)

    tables = stand_in_source(until=96).tables(skirmish)

    assert tables["player_snapshots"]["pass_player_id"].unique().to_pylist() == [1, 2]


def test_a_game_that_ends_before_its_time_is_not_complete_and_is_replaced(stand_in_source, skirmish, launches):
    faults = (stand_in.Fault(kind="early_result", player=1, game_loop=2_000, times=1),)
    source = stand_in_source(stand_in.Control(faults=faults)).source

    assert [source.extract(skirmish, lambda *_: None) for _ in range(2)] == [False, True]
    assert len(launches) == 2
