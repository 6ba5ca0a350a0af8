"""Build orders, upgrades, macro actions, co-op games and the evidence of build times."""

import pytest

from sc2_pipeline.build_orders.upgrades import COSMETICS
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows

MISSION = {"game_mode": "coop", "is_coop": True, "map_name": "Lock & Load"}


def duel(**replay) -> Game:
    """Starts at 9 and 3 o'clock of a map whose middle is (50, 50)."""
    played = Game(**replay).player(1, "protoss").player(2, "zerg")
    played.born(0, 1, "Nexus", 1, x=10.0, y=50.0).born(0, 2, "Hatchery", 2, x=90.0, y=50.0)
    return played.born(0, 3, "MineralField", 0, x=5.0, y=5.0).born(0, 4, "MineralField", 0, x=95.0, y=95.0)


def test_steps_are_numbered_by_player_and_spawned_units_kept_apart():
    played = duel().step(1, "unit", "Probe", 10).step(1, "spawned", "Interceptor", 20).step(1, "structure", "Pylon", 30)
    played.step(2, "unit", "Drone", 5)

    marts = marts_of(played)

    assert rows(
        marts, "select player_id, step_number, item from marts.fct_build_orders order by player_id, step_number"
    ) == [(1, 1, "Probe"), (1, 2, "Pylon"), (2, 1, "Drone")]
    assert rows(marts, "select unit_type, game_loop from marts.fct_spawned_units") == [("Interceptor", 20)]


@pytest.mark.parametrize(
    ("x", "y", "clock_position"),
    [(50.0, 90.0, 12), (90.0, 50.0, 3), (50.0, 10.0, 6), (10.0, 50.0, 9), (70.0, 84.6, 1), (30.0, 84.6, 11)],
)
def test_places_are_hours_of_a_clock_around_the_middle_of_the_map(x, y, clock_position):
    marts = marts_of(duel().step(1, "structure", "Pylon", 30, x=x, y=y))

    assert rows(marts, "select clock_position from marts.fct_build_orders") == [(clock_position,)]


@pytest.mark.parametrize(
    ("kind", "x", "is_proxy"),
    [("structure", 49.0, False), ("structure", 51.0, True), ("unit", 51.0, None), ("structure", None, None)],
)
def test_a_proxy_is_a_structure_nearer_to_the_enemy(kind, x, is_proxy):
    marts = marts_of(duel().step(1, kind, "Pylon", 30, x=x, y=50.0))

    assert rows(marts, "select is_proxy from marts.fct_build_orders") == [(is_proxy,)]


@pytest.mark.parametrize(
    ("replay", "clock", "clock_speed"),
    [
        ({}, "1:00", "faster"),
        ({"game_version": "2.1.3.30508", "base_build": 28667}, "1:24", "normal"),
        (MISSION, "1:24", "normal"),
    ],
)
def test_the_clock_is_the_one_that_players_saw(replay, clock, clock_speed):
    marts = marts_of(duel(**replay).step(1, "unit", "Probe", 1344))

    assert rows(
        marts, "select clock, clock_speed, started_seconds, started_normal_seconds from marts.fct_build_orders"
    ) == [(clock, clock_speed, 60.0, 84.0)]


def test_a_step_whose_start_is_unknown_stands_by_its_finish():
    unknown = {"start_method": "unknown", "start_error_game_loops": None, "finished_game_loop": 672}
    marts = marts_of(duel().step(1, "unit", "Novelty", None, **unknown))

    assert rows(marts, "select started_game_loop, started_seconds, clock from marts.fct_build_orders") == [
        (None, None, "0:30")
    ]


def test_what_the_game_showed_is_taken_where_the_streams_know_less():
    played = duel()
    made = {"finished_game_loop": 400, "producer_unit_tag": 1, "build_game_loops": 272}
    limits = {"earliest_start_game_loop": 100, "latest_start_game_loop": 219, "start_error_game_loops": 119}
    played.step(1, "unit", "Probe", 100, start_method="bounded", **made, **limits)
    later = {"finished_game_loop": 800, "producer_unit_tag": 1, "build_game_loops": 272}
    played.step(1, "unit", "Probe", 528, start_method="command", **later)
    for loop in range(136, 400, 8):
        played.making(loop, 1, (loop - 128) / 272)
    for loop in range(536, 800, 8):
        played.making(loop, 1, (loop - 528) / 272)

    marts = marts_of(played)

    assert rows(
        marts,
        "select start_method, started_game_loop, start_error_game_loops, latest_start_game_loop"
        " from marts.fct_build_orders order by step_number",
    ) == [("order", 128, 8, None), ("command", 528, 0, None)]
    assert rows(marts, "select started_game_loop from intermediate.int_order_starts order by step_index") == [
        (128,),
        (528,),
    ]


def test_a_structure_that_makes_two_things_at_a_time_tells_no_start():
    played = duel()
    for finish in (400, 405):
        made = {"finished_game_loop": finish, "producer_unit_tag": 1, "start_method": "derived"}
        played.step(1, "unit", "Marine", finish - 300, **made, build_game_loops=300)
    for loop in range(104, 400, 8):
        played.making(loop, 1, (loop - 100) / 300)

    marts = marts_of(played)

    assert [method for (method,) in rows(marts, "select start_method from marts.fct_build_orders")] == ["derived"] * 2


def test_what_only_looks_or_marks_is_no_upgrade_in_steps_and_marts_alike():
    played = duel().upgraded(9, 1, "Charge")
    for first_word in COSMETICS:
        played.upgraded(9, 1, f"{first_word}Than5Seconds")

    marts = marts_of(played)

    assert rows(marts, "select upgrade from staging.stg_upgrade_events where not is_cosmetic") == [("Charge",)]
    assert rows(marts, "select upgrade from intermediate.int_real_upgrades") == [("Charge",)]


def test_upgrades_have_levels_where_their_names_do():
    played = duel().step(2, "upgrade", "ZergMissileWeaponsLevel2", 100).step(2, "upgrade", "Burrow", 200)

    marts = marts_of(played)

    assert rows(marts, "select upgrade, level from marts.fct_upgrades order by started_game_loop") == [
        ("ZergMissileWeaponsLevel2", 2),
        ("Burrow", None),
    ]


def test_macro_actions_are_numbered_by_player():
    played = duel().action(100, "chrono", known_by="command").action(200, "chrono").action(50, "larva", 2)

    marts = marts_of(played)

    assert rows(
        marts, "select player_id, action_number, kind, game_loop from marts.fct_macro_actions order by all"
    ) == [
        (1, 1, "chrono", 100),
        (1, 2, "chrono", 200),
        (2, 1, "larva", 50),
    ]


def test_the_last_minute_counts_by_the_part_that_was_played():
    played = duel(duration_game_loops=1344 + 672).minute(0, 0, 100, 1).minute(0, 1, 100, 1)

    marts = marts_of(played)

    assert rows(marts, "select game_minute, commands_per_minute from marts.fct_user_minutes order by all") == [
        (0, 100.0),
        (1, 200.0),
    ]


def test_a_co_op_game_names_masteries_prestige_mission_and_how_its_difficulty_is_known():
    points = [0, 30, 0, 30, 30, 0]
    played = Game(**MISSION)
    played.player(
        1, "zerg", commander="Kerrigan", commander_mastery_talents=points, commander_prestige=2, result="victory"
    )
    played.player(2, "protoss", commander="Nobody", commander_mastery_talents=[1, 2], result="victory")
    for computer in (3, 4):
        played.player(computer, "zerg", is_computer=True, ai_difficulty="brutal", team=2)

    marts = marts_of(played)

    [kerrigan, nobody] = rows(marts, "select mastery_points, prestige from marts.fct_coop_players order by player_id")
    assert kerrigan[0]["Kerrigan Attack Damage"] == 30
    assert list(kerrigan[0].values()) == points
    assert kerrigan[1] == "Folly of Man"
    assert nobody == ({"mastery 1": 1, "mastery 2": 2}, None)
    assert rows(
        marts,
        "select mission, difficulty, difficulty_known_by, mutators_known_by, commanders, is_won, computer_count"
        " from marts.fct_coop_games",
    ) == [("Lock & Load", "brutal", "computer players", "unknown", ["Kerrigan", "Nobody"], True, 2)]


@pytest.mark.parametrize(
    ("facts", "difficulty", "known_by", "mutators"),
    [
        ({"brutal_plus": 3}, "brutal+3", "lobby", None),
        ({"retry_mutations": [0, 0]}, "hard", "computer players", None),
        ({"retry_mutations": [7, 0, 12]}, "hard", "computer players", [7, 12]),
    ],
)
def test_the_lobby_tells_of_brutal_plus_and_of_mutations_played_again(facts, difficulty, known_by, mutators):
    played = Game(**MISSION).player(1, "terran", commander="Nova", **facts)
    played.player(2, "zerg", is_computer=True, ai_difficulty="hard", team=2)

    marts = marts_of(played)

    assert rows(marts, "select difficulty, difficulty_known_by, mutator_numbers from marts.fct_coop_games") == [
        (difficulty, known_by, mutators)
    ]


def test_a_wrong_build_time_shows_itself():
    played = duel()
    for start in (100, 500, 900):
        played.step(1, "structure", "Pylon", start, finished_game_loop=start + 400, build_game_loops=399)
    for finish in (272, 544, 816, 900):
        queued = {
            "start_method": "command",
            "finished_game_loop": finish,
            "producer_unit_tag": 1,
            "build_game_loops": 272,
        }
        played.step(1, "unit", "Probe", finish - 272, **queued, is_chronoboosted=finish == 900)

    marts = marts_of(played)

    assert rows(
        marts,
        "select item, observed_as, table_game_loops, observed_mode_game_loops, agreeing_count, observed_count"
        " from marts.build_time_evidence order by item",
    ) == [("Probe", "queue", 272, 272, 2, 2), ("Pylon", "start and finish", 399, 400, 3, 3)]


@pytest.mark.slow
def test_build_orders_of_real_replays_hold_what_they_promise(real_marts):
    [(steps, replays)] = rows(real_marts, "select count(*), count(distinct replay_id) from marts.fct_build_orders")
    assert steps > 50_000
    assert replays > 120
    assert (
        rows(
            real_marts,
            "select * from marts.fct_build_orders where started_game_loop > finished_game_loop"
            " or latest_start_game_loop < earliest_start_game_loop or (start_method = 'bounded') != (latest_start_game_loop is not null)",
        )
        == []
    )
    [(agreeing, of)] = rows(
        real_marts,
        "select sum(agreeing_count), sum(observed_count) from marts.build_time_evidence"
        " where rules = 'ladder' and kind = 'unit' and observed_as = 'start and finish' and table_game_loops is not null",
    )
    assert agreeing / of > 0.99


@pytest.mark.slow
def test_supply_of_steps_agrees_with_the_clients_own_samples(real_marts):
    """Between samples supply is counted from events: it may differ where an egg or a morph is not understood."""
    [(far, of)] = rows(
        real_marts,
        "select count(*) filter (abs(steps.supply_used - samples.supply_used) > 1), count(*)"
        " from marts.fct_build_orders as steps join raw.player_stats as samples"
        " on steps.replay_id = samples.replay_id and steps.player_id = samples.player_id"
        " and steps.started_game_loop = samples.game_loop"
        " join marts.dim_replays as replays on steps.replay_id = replays.replay_id where game_mode = '1v1'",
    )
    assert of > 100
    assert far / of < 0.1
