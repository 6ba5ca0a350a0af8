"""What an answer may not say: unknown as zero, a summoned unit as a loss, a hallucination as a unit, a type's inner name."""

import re

import pytest

from sc2_pipeline.questions import bound_values, find_question, read_questions, statement_of
from sc2_pipeline.replay_format.lobby_words import mmr
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows


def game(replay_id: str = "a" * 16, **replay) -> Game:
    played = Game(replay_id, **replay)
    played.player(1, "terran", name="Ann", toon_handle="2-S2-1-1", result="victory", mmr=4000)
    return played.player(2, "zerg", name="Bob", toon_handle="2-S2-1-2", result="defeat", mmr=3900)


def answer(marts, name: str, **given: object) -> list[dict]:
    question = find_question(name)
    values = bound_values(question, {key: str(value) for key, value in given.items()})
    found = marts.execute(statement_of(question, values))
    names = [column for column, _ in question.columns]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def blocked(replay_id: str, base_build: int) -> Game:
    """Blocked for 160 game loops, with an idle Barracks and 50 minerals."""
    played = game(replay_id, base_build=base_build).born(0, 1, "Barracks")
    for loop in range(160, 3_200, 160):
        used = 15.0 if loop == 1_600 else 12.0
        played.sample(loop, supply_used=used, supply_cap=15.0, minerals_current=50).sample(loop, 2)
    return played


def test_effective_supply_blocks_are_over_games_in_which_they_are_known():
    marts = marts_of(blocked("a" * 16, 90_000), blocked("b" * 16, 24_944))

    assert rows(
        marts,
        "select replay_id[1], supply_block_count, round(effective_supply_blocked_seconds, 1) from marts.player_game_summary"
        " where player_id = 1 order by all",
    ) == [("a", 1, 7.1), ("b", 1, None)]
    [block] = [row for row in answer(marts, "supply_blocks") if row["race_actual"] == "Terran"]
    assert block["effective_seconds_per_game"] == block["seconds_per_game"] == 7.1
    assert (block["player_games_known"], block["player_games"], block["blocks"]) == (1, 2, 2)


def test_friendly_fire_counts_games_that_tell_it():
    known = game().sample(160, minerals_friendly_fire_army=100).sample(3_000)
    old = game("b" * 16).sample(3_000)
    for sample in old.rows["player_stats"]:
        sample.update({name: None for name in sample if "friendly_fire" in name})

    [row] = answer(marts_of(known.sample(3_000, minerals_friendly_fire_army=100), old), "friendly_fire", player="Ann")

    assert (row["player_games"], row["games_with_any"], row["average_army"]) == (1, 1, 100)


def summoned() -> Game:
    """Ann loses a Marine, two MULEs, and kills three Broodlings and a Drone."""
    played = game().sample(160).sample(160, 2).sample(3_000).sample(3_000, 2)
    for tag, unit_type in ((1, "Marine"), (2, "MULE"), (3, "MULE"), (9, "Marine")):
        played.born(0, tag, unit_type)
    for tag, unit_type in ((11, "Broodling"), (12, "Broodling"), (13, "Broodling"), (14, "Drone"), (15, "BroodLord")):
        played.born(0, tag, unit_type, 2)
    for loop, tag in enumerate((1, 2, 3), start=1_000):
        played.died(loop, tag, 2, killer_unit_tag=15)
    for loop, tag in enumerate((11, 12, 13, 14), start=1_010):
        played.died(loop, tag, 1, killer_unit_tag=9)
    return played


def test_summoned_units_are_counted_apart_from_losses():
    marts = marts_of(summoned())
    counts = "units_lost, summoned_lost, units_killed, summoned_killed"

    expected = [(1, 1, 2, 1, 3), (2, 1, 3, 1, 2)]
    assert rows(marts, f"select player_id, {counts} from marts.player_game_summary order by all") == expected
    assert rows(marts, f"select player_id, {counts} from marts.fct_battle_players order by all") == expected
    assert rows(marts, "select units_lost, summoned_lost, death_count from marts.fct_battles") == [(2, 5, 7)]
    assert sum(row["is_summoned"] for row in answer(marts, "kills")) == 5
    assert sum(row["deaths"] for row in answer(marts, "death_zones")) == 2


@pytest.mark.parametrize(
    "relation", ["marts.fct_player_minutes", "intermediate.int_state_vectors", "marts.fct_battle_players"]
)
def test_a_broken_counter_is_marked_and_bounded_and_kept(relation):
    played = game().born(0, 1, "Marine").born(0, 2, "Drone", 2).sample(3_000).sample(3_000, 2)
    for loop in (1_440, 1_600):
        played.sample(loop, minerals_used_current_army=-500, minerals_lost_army=-50).sample(loop, 2)
    marts = marts_of(played.died(1_700, 1, 2))

    kept = "select has_negative_counter, army_value, minerals_used_current_army from marts.fct_economy_snapshots"
    assert rows(marts, f"{kept} where player_id = 1 and game_loop = 1440") == [(True, 0, -500)]
    assert rows(marts, f"{kept} where player_id = 2 and game_loop = 1440") == [(False, 0, 0)]
    columns = [row[0] for row in rows(marts, f"describe {relation}") if re.search("army_value|resources_lost", row[0])]
    lowest = ", ".join(f"coalesce(min({column}), 0)" for column in columns)
    assert columns
    assert min(rows(marts, f"select {lowest} from {relation}")[0]) >= 0


@pytest.mark.parametrize(
    ("written", "status"), [(2**31, "unreadable"), (2**31 + 4_000, "unreadable"), (0, "zero"), (-36_400, "negative")]
)
def test_a_rating_that_none_can_be_is_unknown_with_its_status(written, status):
    assert mmr({"MMR": written}) == (None, status)


def test_more_upgrades_trade_by_sums_and_equal_ones_trade_one_for_one():
    played = [game(f"{number:016x}", game=str(number)) for number in range(2)]
    for number, fought in enumerate(played):
        for player_id in (1, 2):
            fought.sample(960, player_id, minerals_used_current_army=500).sample(3_000, player_id)
        for tag in range(1, 13):
            fought.born(0, tag, "Marine").born(0, 100 + tag, "Roach", 2)
        # 600 for 100, then 300 for 900: the mean of the ratios would be 3.2, and 1.6 seen from the other side.
        ours, theirs = (12, 1) if number == 0 else (6, 9)
        for tag in range(1, ours + 1):
            fought.died(1_000 + tag, tag, 2)
        for tag in range(101, theirs + 101):
            fought.died(1_000 + tag - 100, tag, 1)

    [row] = answer(marts_of(*played), "upgrade_lead")

    assert (row["more_upgrades"], row["won_share"], row["trade_ratio"], row["killed"]) == (0, 0.5, 1.0, row["lost"])
    pairs = answer(marts_of(*played), "composition_trades", min_battles=1)
    assert {(pair["our_army"], pair["their_army"]) for pair in pairs} == {("Marine", "Roach"), ("Roach", "Marine")}


def test_armies_of_one_main_unit_do_not_trade_with_each_other():
    played = game().sample(960, minerals_used_current_army=500).sample(960, 2, minerals_used_current_army=500)
    for tag in range(1, 13):
        played.born(0, tag, "Roach").born(0, 100 + tag, "Roach", 2)
    for tag in (1, 2, 3, 4, 101):
        played.died(1_000 + tag, tag, 2 if tag < 100 else 1)

    assert answer(marts_of(played.sample(3_000).sample(3_000, 2)), "composition_trades", min_battles=1) == []


def test_people_read_the_names_that_players_use():
    inner = (
        "HellionTank",
        "LurkerDenMP",
        "LurkerMPBurrowed",
        "SwarmHostMP",
        "zerglingmovementspeed",
        "NydusCanal",
        "KD8Charge",
    )
    shown = rows(marts_of(game()), f"select list(display_name(name)) from unnest({list(inner)}) as names(name)")

    assert shown == [
        (["Hellbat", "Lurker Den", "Lurker", "Swarm Host", "Metabolic Boost", "Nydus Worm", "KD8 Charge"],)
    ]


def test_every_type_in_an_answer_has_the_name_that_players_use():
    """A column that names types or upgrades passes them through display_name; so does an option that takes one."""
    named = re.compile(r"(\w*unit_type|building|our_army|their_army|opening|favourite_opening|timing)$")
    plain = []
    for question in read_questions():
        plain += [
            (question.name, column)
            for column, _ in question.columns
            if named.match(column) and "display_name(" not in question.sql
        ]
        plain += [
            (question.name, parameter.name)
            for parameter in question.parameters
            if parameter.name in ("unit", "after", "seen", "response")
            and f"lower(${parameter.name}) in" not in question.sql
        ]

    assert plain == [("saturation", "building")]


def test_an_option_takes_either_name_of_a_type():
    played = game().born(0, 1, "HellionTank").born(0, 2, "Marine").sample(3_000)
    marts = marts_of(played.died(1_000, 1, 2))

    for unit in ("HellionTank", "hellbat"):
        assert [row["unit_type"] for row in answer(marts, "unit_lifetimes", unit=unit)] == ["Hellbat"]


def test_every_answer_about_several_games_says_which_game_a_row_is_of():
    unnamed = [
        question.name
        for question in read_questions()
        if "replay_id" in dict(question.columns) and "game" not in dict(question.columns)
    ]

    assert unnamed == []
    assert rows(marts_of(game()), "select game from marts.games") == [("Scripted LE, Ann - Bob",)]


def test_a_patch_timing_says_what_it_times():
    played = game().born(0, 1, "CommandCenter").init(1_680, 2, "CommandCenter").sample(3_000)

    for unit in ("CommandCenter", "command center"):
        [row] = answer(marts_of(played), "patch_timings", unit=unit)
        assert (row["timing"], row["median"]) == ("Command Center 2", "1:15")


def test_cut_streams_stand_in_dim_replays():
    cut = {
        "game_events_complete": False,
        "game_events_fault": "event 7",
        "tracker_complete": False,
        "tracker_fault": "cut",
    }

    assert rows(
        marts_of(game(**cut)),
        "select game_events_complete, game_events_fault, tracker_complete, tracker_fault from marts.dim_replays",
    ) == [(False, "event 7", False, "cut")]


def test_a_cut_stream_tells_nothing_of_what_came_after():
    """Of a game of 20 minutes whose stream ends at 2:23, no tumours, no armies and no blocks are counted at 8:00."""
    whole = game(duration_game_loops=13_440)
    cut = game("b" * 16, duration_game_loops=13_440, tracker_complete=False)
    for loop in range(160, 13_440, 160):
        whole.sample(loop, 1).sample(loop, 2)
        if loop <= 3_200:
            cut.sample(loop, 1).sample(loop, 2)
    for played in (whole, cut):
        played.born(0, 1, "Marine").born(0, 2, "CreepTumor", 2)
    marts = marts_of(whole, cut)

    assert [row["players"] for row in answer(marts, "army_composition", minute=8)] == [1]
    assert {row["minute"]: row["players"] for row in answer(marts, "creep")}[8] == 1
    blocks = {(row["race_actual"], row["phase"]): row["player_games"] for row in answer(marts, "supply_blocks")}
    assert (blocks["Terran", "00-05 min"], blocks["Terran", "05-10 min"]) == (2, 1)
