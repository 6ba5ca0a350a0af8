"""Chrono Boost as the patches had it."""

from datetime import date

import pytest

from sc2_pipeline.build_orders.chrono import Cast, boosts, chrono_rules
from sc2_pipeline.build_orders.work import Boost
from sc2_pipeline.game_rules import HOTS, LADDER, Moment, coop_modes, rules_at

NEXUS, GATEWAY, FORGE = 1, 2, 3
TODAY = chrono_rules(rules_at(LADDER, Moment(92440)))


@pytest.mark.parametrize(
    ("modes", "moment", "mastery", "rate", "game_loops"),
    [
        (HOTS, Moment(28667), 0.0, 1.5, 320),
        (LADDER, Moment(55505), 0.0, 1.15, None),
        (LADDER, Moment(59587, day=date(2017, 12, 1)), 0.0, 2.0, 224),
        (LADDER, Moment(60321, day=date(2017, 12, 17)), 0.0, 2.0, 224),
        (LADDER, Moment(60321, day=date(2017, 12, 18)), 0.0, 1.5, 448),
        (LADDER, Moment(92440), 0.0, 1.5, 448),
        (coop_modes("Artanis"), Moment(92440), 0.3, 1.525, None),
    ],
)
def test_what_it_does_depends_on_the_game(modes, moment, mastery, rate, game_loops):
    chrono = chrono_rules(rules_at(modes, moment), mastery=mastery)

    assert chrono.rate == pytest.approx(rate)
    assert chrono.game_loops == game_loops


def test_a_cast_speeds_its_target_up_for_448_game_loops():
    assert boosts([Cast(500, GATEWAY, (NEXUS,))], {NEXUS: 0}, TODAY) == {GATEWAY: [Boost(500, 948, 1.5)]}


def test_a_second_cast_begins_anew():
    casts = [Cast(3000, GATEWAY, (NEXUS,)), Cast(3100, GATEWAY, (NEXUS,))]

    found = boosts(casts, {NEXUS: -4000}, TODAY)

    assert found == {GATEWAY: [Boost(3000, 3100, 1.5), Boost(3100, 3548, 1.5)]}


def test_a_key_pressed_without_the_energy_boosts_nothing():
    casts = [Cast(10, GATEWAY, (NEXUS,)), Cast(20, FORGE, (NEXUS,))]

    assert set(boosts(casts, {NEXUS: 0}, TODAY)) == {GATEWAY}


def test_before_4_0_each_nexus_boosts_one_structure_at_first_itself():
    rules = chrono_rules(rules_at(LADDER, Moment(55505)))

    found = boosts([Cast(800, GATEWAY, (NEXUS,)), Cast(1200, FORGE, (NEXUS,))], {NEXUS: 0}, rules)

    assert found[NEXUS] == [Boost(0, 800, 1.15)]
    assert found[GATEWAY] == [Boost(800, 1200, 1.15)]
    assert found[FORGE][0].start == 1200
