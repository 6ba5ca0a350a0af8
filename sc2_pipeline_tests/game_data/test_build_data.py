"""Times of what can be built, by patch and by commander."""

from datetime import date

import pytest

from sc2_pipeline.game_data.build_data import COOP, LADDER, ability_link, build_items, commanders


@pytest.mark.parametrize(
    ("item", "version", "day", "game_loops"),
    [
        ("Probe", (5, 0, 14), None, 272),
        ("Raven", (5, 0, 10), None, 960),
        ("Raven", (5, 0, 11), None, 768),
        ("Oracle", (4, 1, 1), date(2017, 12, 17), 800),
        ("Oracle", (4, 1, 1), date(2017, 12, 18), 832),
        ("Oracle", (4, 2, 0), date(2001, 1, 1), 832),
        ("Stalker", (5, 0, 14), None, 608),
    ],
)
def test_a_time_is_that_of_its_patch_and_day(item, version, day, game_loops):
    assert build_items([LADDER], version, day)[item].game_loops == game_loops


def test_a_commander_builds_by_rules_of_his_own():
    shared, swann = build_items([COOP, LADDER]), build_items(["Swann", COOP, LADDER])

    assert swann["SCV"].game_loops == 224
    assert shared["SCV"].game_loops != 224


def test_eighteen_commanders_are_known():
    assert len(commanders()) == 18


def test_an_abilitys_number_is_that_of_the_last_build_known_before():
    assert ability_link("SpawnLarva", 80948) == 111
    assert ability_link("SpawnLarva", 80949) == 113
    assert ability_link("SpawnLarva", 20000) is None
