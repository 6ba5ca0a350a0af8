"""What holds for a game: times, prices, names and numbers by patch, expansion and commander."""

from datetime import date

import pytest

from sc2_pipeline.game_rules import HOTS, LADDER, Moment, commanders, coop_modes, melee_modes, rules_at


def ladder(base_build: int, data_build: int | None = None, day: date | None = None):
    moment = Moment(base_build)
    moment = moment if data_build is None else moment._replace(data_build=data_build)
    return rules_at(LADDER, moment if day is None else moment._replace(day=day))


@pytest.mark.parametrize(
    ("item", "moment", "game_loops"),
    [
        ("Probe", (93333,), 272),
        ("Raven", (88500,), 960),
        ("Raven", (89634,), 768),
        ("Oracle", (60321, 60604, date(2017, 12, 17)), 800),
        ("Oracle", (60321, 60604, date(2017, 12, 18)), 832),
        ("Oracle", (62347, 62347, date(2001, 1, 1)), 832),
        ("Carrier", (70154, 70154), 1920),
        ("Carrier", (70154, 70326), 1440),
        ("Stalker", (93333,), 608),
    ],
)
def test_a_time_is_that_of_its_patch_and_day(item, moment, game_loops):
    rules = ladder(*moment)

    assert rules.items[item].game_loops == game_loops
    assert rules.build_time(item)[0] == game_loops


def test_a_structure_takes_the_time_that_its_recording_says_in_every_mode():
    for modes in (LADDER, HOTS, coop_modes("Alarak")):
        assert rules_at(modes, Moment(92440)).build_time("TwilightCouncil")[0] == 800


def test_a_time_names_its_source():
    assert ladder(92440).build_time("Oracle") == (832, "patch notes by spawningtool 3.0.0")
    assert ladder(92440).build_time("Nothing") == (None, None)


def test_a_commander_builds_by_rules_of_his_own():
    shared, swann = (rules_at(coop_modes(name), Moment(92440)) for name in (None, "Swann"))

    assert swann.items["SCV"].game_loops == 224
    assert shared.items["SCV"].game_loops != 224


def test_a_balance_update_of_the_ladder_is_none_of_co_op():
    before, since = (rules_at(coop_modes(None), Moment(build)) for build in (92440, 97364))

    assert ladder(92440).items["HighTemplar"].game_loops != ladder(97364).items["HighTemplar"].game_loops
    assert before.items["HighTemplar"] == since.items["HighTemplar"]
    assert before.number("game", "start_workers") == since.number("game", "start_workers") == 12


def test_eighteen_commanders_are_known():
    assert len(commanders()) == 18


@pytest.mark.parametrize(
    ("base_build", "supply_at_start", "modes"),
    [
        (24944, 6.0, HOTS),
        (32283, 12.0, HOTS),
        (38749, 6.0, HOTS),
        (38749, 12.0, LADDER),
        (38749, None, HOTS),
        (38749, 0.0, HOTS),
        (59587, 6.0, LADDER),
        (97364, 8.0, LADDER),
        (97364, None, LADDER),
    ],
)
def test_a_melee_game_is_of_the_expansion_that_its_start_tells(base_build, supply_at_start, modes):
    assert melee_modes(Moment(base_build), supply_at_start) == modes


def test_an_abilitys_number_is_that_of_the_last_build_known_before():
    assert ladder(80948).ability_link("SpawnLarva") == 111
    assert ladder(80949).ability_link("SpawnLarva") == 113
    assert ladder(20000).ability_link("SpawnLarva") is None


def test_a_command_orders_the_same_thing_under_every_number_that_its_ability_had():
    for base_build, link in ((24944, 154), (44401, 157), (47185, 161), (48645, 162), (97563, 164)):
        assert ladder(base_build).ordered_items[link, 6] == "TerranInfantryArmorsLevel1"
    assert ladder(20000).ordered_items == {}


def test_no_number_takes_things_out_of_a_queue_and_orders_them_too():
    for base_build in (24944, 44401, 47185, 48645, 80949, 97563):
        rules = ladder(base_build)
        assert len(rules.queue_links) == 6
        assert rules.queue_links.isdisjoint(link for link, _ in rules.ordered_items)


def test_a_price_is_that_of_its_patch():
    assert ladder(88500).price("Raven") == (100, 200)
    assert ladder(89634).price("Raven") == (100, 150)
    assert ladder(89634).price("Stimpack") == (100, 100)
    assert ladder(89634).worth("Lair") == (500, 100)
    assert ladder(89634).worth("BanelingBurrowed") == (50, 25)


def test_games_of_one_era_share_their_rules():
    assert ladder(92174) is ladder(92440, 92440, date(2024, 8, 3))
    assert ladder(92440) is not ladder(93333)


def test_a_fact_that_must_be_known_and_is_not_says_where_to_add_it():
    with pytest.raises(LookupError, match=r"no size of Probe is known for ladder; add a row to rules\.csv"):
        ladder(92440).number("Probe", "size")


def test_a_name_that_nobody_wrote_down_is_cut_into_words():
    assert ladder(92440).display_name("HellionTank") == "Hellbat"
    assert ladder(92440).display_name("NydusCanalAttacker") == "Nydus Canal Attacker"
