"""From births back to starts."""

from dataclasses import replace

from sc2_pipeline.build_orders.production import Work, start_of
from sc2_pipeline.build_orders.work import Boost

PROBE = Work(end=372, game_loops=272, free_since=0, was_busy=False)


def test_a_command_that_ends_in_the_birth_is_the_start():
    start = start_of(PROBE, commands=[90, 100, 110])

    assert (start.method, start.game_loop, start.error_game_loops) == ("command", 100, 0)


def test_what_waited_in_the_queue_begins_when_its_predecessor_leaves():
    start = start_of(replace(PROBE, end=371, free_since=100, was_busy=True))

    assert (start.method, start.game_loop, start.error_game_loops) == ("command", 100, 0)


def test_without_a_fitting_command_the_time_it_takes_tells_the_start():
    start = start_of(PROBE, commands=[50])

    assert (start.method, start.game_loop, start.error_game_loops) == ("derived", 100, 1)


def test_chrono_boost_is_taken_into_account_and_counted():
    chrono = [Boost(100, 548, 1.5)]

    start = start_of(replace(PROBE, end=282, boosts=chrono, chrono=chrono))

    assert (start.method, start.game_loop, start.game_loops_saved, start.is_boosted) == ("derived", 100, 91, True)


def test_a_birth_too_soon_for_its_time_gives_limits_not_a_guess():
    start = start_of(replace(PROBE, end=340, free_since=100, fastest_rate=1.5))

    assert start.method == "bounded"
    assert (start.earliest, start.latest, start.error_game_loops) == (100, 158, 58)


def test_where_speed_ups_are_unknown_so_is_the_start():
    start = start_of(replace(PROBE, knows_boosts=False, fastest_rate=1.5))

    assert (start.method, start.earliest, start.latest) == ("bounded", 100, 190)


def test_an_item_without_a_known_time_lies_between_its_structures_last_and_its_own_birth():
    start = start_of(replace(PROBE, game_loops=None, free_since=40))

    assert (start.method, start.earliest, start.latest) == ("bounded", 40, 372)


def test_no_start_is_before_the_structure_was_free():
    start = start_of(replace(PROBE, free_since=102))

    assert (start.method, start.game_loop, start.error_game_loops) == ("derived", 102, 2)


def test_a_boost_that_came_to_nothing_is_seen_by_a_command_that_fits_without_it():
    chrono = [Boost(200, 648, 1.5)]

    start = start_of(replace(PROBE, boosts=chrono, chrono=chrono), commands=[100])

    assert (start.method, start.game_loop, start.is_boosted) == ("command", 100, False)


def test_what_stood_idle_began_nothing_before_it_was_told_to():
    idle = replace(PROBE, end=1000, fastest_rate=1.5, was_told_before=False)

    start = start_of(idle, commands=[760])

    assert (start.method, start.earliest, start.latest) == ("bounded", 760, 818)
    # With something in its queue it may have waited for supply.
    assert start_of(replace(idle, was_told_before=True), commands=[760]).method == "derived"


def test_where_power_can_fail_the_error_reaches_back_to_the_command():
    gateway = replace(PROBE, end=1000, can_pause=True)

    start = start_of(gateway, commands=[600, 700])

    assert (start.method, start.game_loop, start.error_game_loops) == ("derived", 728, 128)
    assert start_of(replace(gateway, can_pause=False), commands=[600, 700]).error_game_loops == 1
