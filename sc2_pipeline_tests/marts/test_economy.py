"""Economies: samples, minutes, supply blocks and the summary of a game."""

import math

import pytest

from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows


def game(**replay) -> Game:
    return Game(**replay).player(1, "terran", result="victory").player(2, "zerg", result="defeat")


def test_a_minute_ends_at_game_loop_1344():
    sampled = (
        game().sample(0, minerals_current=50).sample(1343, minerals_current=100).sample(1344, minerals_current=300)
    )

    marts = marts_of(sampled)

    assert rows(
        marts, "select game_minute, sample_count, avg_minerals from marts.fct_player_minutes order by game_minute"
    ) == [(0, 2, 75.0), (1, 1, 300.0)]


def test_of_two_samples_at_one_game_loop_the_later_stands():
    ended = game().sample(160, minerals_current=50).sample(320, minerals_current=100).sample(320, minerals_current=70)

    marts = marts_of(ended)

    assert rows(marts, "select game_loop, minerals, unspent from marts.fct_economy_snapshots order by all") == [
        (160, 50, 50),
        (320, 70, 70),
    ]


def test_blocked_samples_in_a_row_are_one_block():
    supply = {160: (14, 15), 320: (15, 15), 480: (15.5, 15), 640: (15, 23), 800: (23, 23), 900: (23, 23)}
    blocked = game()
    for game_loop, (used, cap) in supply.items():
        blocked.sample(game_loop, supply_used=float(used), supply_cap=float(cap))

    marts = marts_of(blocked)

    assert rows(
        marts,
        "select started_game_loop, ended_game_loop, duration_seconds, start_error_game_loops, end_error_game_loops,"
        " is_open_at_end, sample_count, supply_used, definition from marts.fct_supply_blocks order by all",
    ) == [
        (320, 640, 320 * 5 / 112, 160, 160, False, 2, 15.0, "strict"),
        (800, 900, 100 * 5 / 112, 160, 0, True, 2, 23.0, "strict"),
    ]
    assert rows(marts, "select supply_blocked_seconds, supply_block_count from marts.player_game_summary") == [
        (pytest.approx(420 * 5 / 112), 2),
        (None, None),
    ]


@pytest.mark.parametrize(("used", "cap"), [(200.0, 200.0), (0.0, 0.0), (14.5, 15.0)])
def test_full_supply_an_arcade_map_and_room_for_a_zergling_are_no_block(used, cap):
    marts = marts_of(game().sample(160, supply_used=used, supply_cap=cap))

    assert rows(marts, "select count(*) from marts.fct_supply_blocks") == [(0,)]


def test_the_spending_quotient_is_that_of_its_author():
    played = game().sample(1343, minerals_current=5000)
    for number in range(5):
        # The example of zephyrus' README, which prints 91; half of the samples stand apart to be averaged.
        played.sample(
            1344 + 160 * number,
            minerals_collection_rate=1151,
            vespene_collection_rate=322,
            minerals_current=331,
            vespene_current=205,
        )

    marts = marts_of(played)

    [(quotient, income, unspent)] = rows(
        marts,
        "select spending_quotient, average_income, average_unspent from marts.player_game_summary where player_id = 1",
    )
    assert (income, unspent) == (1473.0, 536.0)
    assert quotient == pytest.approx(35 * (0.00137 * 1473 - math.log(536)) + 240)
    assert round(quotient, 1) == 90.7


def test_a_short_game_and_a_game_without_income_have_no_spending_quotient():
    short = game().sample(1344, minerals_collection_rate=500)
    poor = Game("b" * 16).player(1, "terran")
    for number in range(9):
        poor.sample(1344 + 160 * number)

    marts = marts_of(short, poor)

    assert rows(marts, "select distinct spending_quotient from marts.player_game_summary") == [(None,)]


def test_samples_at_two_hundred_supply_are_left_out_before_max():
    maxed = game()
    for number in range(10):
        is_maxed = number >= 5
        maxed.sample(
            1344 + 160 * number,
            minerals_collection_rate=1000,
            minerals_current=5000 if is_maxed else 100,
            supply_used=200.0 if is_maxed else 150.0,
            supply_cap=200.0,
        )

    marts = marts_of(maxed)

    [(all_of_it, before_max)] = rows(
        marts,
        "select spending_quotient, spending_quotient_before_max from marts.player_game_summary where player_id = 1",
    )
    assert before_max == pytest.approx(35 * (1.37 - math.log(100)) + 240)
    assert all_of_it == pytest.approx(35 * (1.37 - math.log(2550)) + 240)


def test_workers_are_those_of_the_last_sample_until_the_minute():
    played = game()
    for game_loop, workers in ((4000, 30), (4032, 31), (4160, 32), (6720, 44)):
        played.sample(game_loop, workers_active_count=workers)

    marts = marts_of(played)

    assert rows(
        marts,
        "select workers_at_3_minutes, workers_at_5_minutes, workers_at_8_minutes from marts.player_game_summary"
        " where player_id = 1",
    ) == [(31, 44, None)]


def test_a_summary_names_the_opponent_of_one_against_one_alone():
    duel = game()
    teams = Game("b" * 16, game_mode="2v2", player_count=4)
    for number, race in enumerate(("terran", "zerg", "zerg", "protoss")):
        teams.player(number + 1, race, team=number // 2)

    marts = marts_of(duel, teams)

    assert rows(
        marts,
        "select game_mode, player_id, is_winner, opponent_player_id, opponent_name, opponent_race_actual"
        " from marts.player_game_summary order by all",
    ) == [
        ("1v1", 1, True, 2, "player 2", "Zerg"),
        ("1v1", 2, False, 1, "player 1", "Terran"),
        *(("2v2", number, None, None, None, None) for number in (1, 2, 3, 4)),
    ]


def test_losses_and_kills_stand_in_the_summary():
    fought = game().born(0, 1, "SCV").died(500, 1, 2).born(0, 2, "Marine").died(600, 2, 2).born(0, 3, "Hatchery", 2)
    fought.died(700, 3, 1).born(0, 4, "Baneling", 2).died(800, 4, 2, killer_unit_tag=4)

    marts = marts_of(fought)

    assert rows(
        marts,
        "select player_id, units_lost, workers_lost, army_units_lost, structures_lost, units_killed, workers_killed,"
        " army_units_killed, structures_killed from marts.player_game_summary order by all",
    ) == [(1, 2, 1, 1, 0, 1, 0, 0, 1), (2, 2, 0, 1, 1, 2, 1, 1, 0)]
