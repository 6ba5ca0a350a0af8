"""Times of what can be built, by patch and by commander."""

from datetime import date

import pytest

from sc2_pipeline.game_data.build_data import (
    COOP,
    HOTS,
    LADDER,
    ability_link,
    build_items,
    commanders,
    ordered_items,
    queue_links,
)


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


def test_a_command_orders_the_same_thing_under_every_number_that_its_ability_had():
    for base_build, link in ((24944, 154), (44401, 157), (47185, 161), (48645, 162), (97563, 164)):
        assert ordered_items(base_build)[link, 6] == "TerranInfantryArmorsLevel1"
    assert ordered_items(20000) == {}


def test_no_number_takes_things_out_of_a_queue_and_orders_them_too():
    for base_build in (24944, 44401, 47185, 48645, 80949, 97563):
        assert len(queue_links(base_build)) == 6
        assert queue_links(base_build).isdisjoint(link for link, _ in ordered_items(base_build))


def test_everything_that_a_command_orders_can_be_built():
    items = build_items([LADDER]) | build_items([HOTS])

    assert [item for item in ordered_items(97563).values() if item not in items] == []
