"""A replay sampled where its own streams say that something happened."""

from sc2_pipeline.config import Settings
from sc2_pipeline.replay_format.game_events import decode_game_events
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sources.sample_moments import fights, planned_observations
from sc2_pipeline.sources.streams import read_tracker
from sc2_pipeline_tests.sources.conftest import GAME_LOOPS

SAMPLE = "actions,battles:40,at:1234+2345"


def sampled(tables, player_id):
    rows = tables["player_snapshots"].to_pylist()
    return {row["game_loop"]: row["sampled_for"] for row in rows if row["pass_player_id"] == player_id}


def test_each_player_is_sampled_where_it_acts_in_fights_and_at_loops(skirmish, stand_in_source):
    archive = open_archive(skirmish.path)
    commands = decode_game_events(archive.read("replay.game.events"), 92440).orders.commands
    own = {user: {max(one.game_loop - 1, 1) for one in commands if one.user_id == user} for user in (0, 1)}
    fought = list(fights(read_tracker(archive, read_lobby(archive).duration_game_loops).events))
    in_fights = {loop for begin, end in fought for loop in range(begin, end + 1) if loop % 40 == 0}

    fogged = stand_in_source(sample=SAMPLE, fog="on").tables(skirmish)
    open_ = stand_in_source(sample=SAMPLE).tables(skirmish)

    assert own[0] != own[1]
    assert in_fights
    for user in (0, 1):
        for tables, acted in ((fogged, own[user]), (open_, own[0] | own[1])):
            found = sampled(tables, user + 1)
            assert found.keys() == acted | in_fights | {1, 1234, 2345, GAME_LOOPS}
            assert {loop for loop, reason in found.items() if "actions" in (reason or "")} == acted
            assert {loop for loop, reason in found.items() if "battles" in (reason or "")} == in_fights
            assert found[GAME_LOOPS] in (None, "actions")
    assert fogged["game_info"]["sampling"].to_pylist() == [SAMPLE]
    for tables, fog in ((fogged, "on"), (open_, "off")):
        planned = planned_observations(skirmish.path.read_bytes(), Settings(sample=SAMPLE, fog=fog))
        assert tables["player_snapshots"].num_rows == planned
