"""Co-op: whose rules a player builds by, and what the lobby says of the commander."""

import pytest
import sc2reader

from sc2_pipeline.build_orders import build_orders, read_game
from sc2_pipeline.game_rules import Moment, commanders, rules_at
from sc2_pipeline.game_rules.shipped import shipped_tables
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline_demo.synthetic import CommanderScript, coop_game, write_replay

REPLAYS = ("kerrigan", "CoA", "Oblivion Express")


@pytest.fixture(scope="module")
def replay_paths_by_name(shared_replays):
    found = {path.stem: path for path in shared_replays.rglob("*.SC2Replay")}
    return {name: found[name] for name in REPLAYS}


@pytest.mark.parametrize("commander", commanders())
def test_every_commander_builds_by_rules_of_his_own(tmp_path, commander):
    script = coop_game(
        3, commanders=(CommanderScript(name=commander, level=15), CommanderScript(name="Nobody")), game_loops=3_000
    )

    record = read_game(open_archive(write_replay(tmp_path / "a.SC2Replay", script)))

    first, second = build_orders(record)
    assert (first.context.player.commander, second.context.player.commander) == (commander, "Nobody")
    own = rules_at((commander,), Moment(92440)).items
    assert own
    assert all(first.context.rules.item(name).display_name == item.display_name for name, item in own.items())
    # What nobody has written down about a commander is taken from the rules that all share.
    assert second.context.rules.item("Marine") is not None
    assert first.steps
    assert second.steps


@pytest.mark.parametrize("name", REPLAYS)
def test_commanders_levels_and_masteries_are_those_that_sc2reader_reads(replay_paths_by_name, name):
    path = replay_paths_by_name[name]

    lobby = read_game(open_archive(path), with_commands=False).lobby

    theirs = {
        player.name: (player.commander, player.commander_level, tuple(player.commander_mastery_talents))
        for player in sc2reader.load_replay(str(path), load_level=2).players
        if player.commander
    }
    assert theirs == {
        player.name: (player.commander, player.commander_level, player.commander_mastery_talents)
        for player in lobby.players
        if player.commander
    }
    assert lobby.is_coop


@pytest.mark.parametrize("name", REPLAYS)
def test_computers_of_co_op_are_no_builders(replay_paths_by_name, name):
    record = read_game(open_archive(replay_paths_by_name[name]))

    assert [order.context.player.player_id for order in build_orders(record)] == [1, 2]


def test_what_a_commander_builds_has_the_name_that_players_see(replay_paths_by_name):
    kerrigan, raynor = build_orders(read_game(open_archive(replay_paths_by_name["CoA"])))

    names = {step.item: step.display_name for order in (kerrigan, raynor) for step in order.steps}
    assert names["HotSRaptor"] == "Zergling"
    assert names["QueenCoop"] == "Queen"
    assert names["SupplyDepotDrop"] == "Supply Depot"
    assert names["RaynorTalentedTerranInfantryArmorLevel1"] == "Terran Infantry Armor Level 1"


def test_chrono_boost_of_co_op_explains_the_queues_of_a_nexus(replay_paths_by_name):
    _, artanis = build_orders(read_game(open_archive(replay_paths_by_name["kerrigan"])))

    probes = [step for step in artanis.steps if step.item == "Probe"]
    queued = [step for step in probes if step.start_method == "command" and step.is_chronoboosted]
    assert len(queued) > 30
    assert {step.finished_game_loop - step.started_game_loop for step in queued} <= {222, 223}


def test_every_commander_has_six_masteries_and_four_prestiges():
    rows = shipped_tables()["known_coop_names"].to_pylist()

    for commander in commanders():
        assert [row["place"] for row in rows if (row["kind"], row["commander"]) == ("mastery", commander)] == [
            *range(6)
        ]
        assert [row["place"] for row in rows if (row["kind"], row["commander"]) == ("prestige", commander)] == [
            *range(4)
        ]
    chrono = [row for row in rows if row["name"] == "Chrono Boost Efficiency"]
    assert {row["commander"]: row["place"] for row in chrono} == {
        "Artanis": 4, "Vorazun": 4, "Karax": 4, "Fenix": 4, "Alarak": 5,
    }  # fmt: skip
