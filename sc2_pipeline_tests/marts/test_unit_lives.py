"""How units begin, change and are counted."""

from datetime import UTC, datetime
from math import ceil

import pytest

from sc2_pipeline.game_rules import Moment, coop_modes, melee_modes, rules_at
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows

LARVA, ZERGLING, OTHER = 1, 2, 3


def game() -> Game:
    return Game().player(1, "zerg").player(2, "terran")


def test_what_hatches_was_begun_with_its_egg():
    hatching = game().born(0, LARVA, "Larva").turned_into(100, LARVA, "Egg").turned_into(484, LARVA, "Larva")
    hatching.died(484, LARVA).born(484, ZERGLING, "Zergling", creator_unit_tag=LARVA, creator_ability="LarvaTrain")

    marts = marts_of(hatching)

    assert rows(
        marts,
        "select started_game_loop, start_method, finished_game_loop, finish_method, producer_unit_tag,"
        " producer_unit_type, producer_ability from marts.fct_units where unit_type = 'Zergling'",
    ) == [(100, "egg", 484, "born", LARVA, "Larva", "LarvaTrain")]


def test_what_is_trained_was_begun_its_build_time_before():
    trained = game().born(0, 1, "SCV").born(500, 2, "SCV").born(100, 3, "Marine").born(700, 4, "Broodling")

    marts = marts_of(trained)

    assert rows(
        marts,
        "select unit_tag, started_game_loop, start_method, start_error_game_loops from marts.fct_units order by unit_tag",
    ) == [(1, 0, "game_start", 0), (2, 228, "build_time", 1), (3, 0, "build_time", 1), (4, None, None, None)]


def test_a_unit_has_the_start_that_the_solver_found():
    built = game().born(500, 2, "SCV").born(700, 3, "SCV").born(800, 4, "MULE").born(900, 5, "Baneling")
    built.step(1, "unit", "SCV", 231, start_method="command", finished_game_loop=500, unit_tag=2)
    built.step(1, "unit", "SCV", None, start_method="unknown", finished_game_loop=700, unit_tag=3)
    built.step(1, "spawned", "MULE", 800, start_method="derived", finished_game_loop=800, unit_tag=4)
    built.step(1, "morph", "Baneling", 500, start_method="cocoon", finished_game_loop=900, unit_tag=5)
    # A morph of what has long been born is no start of it.
    built.step(1, "morph", "Other", 600, start_method="cocoon", finished_game_loop=950, unit_tag=5)

    marts = marts_of(built)

    assert rows(
        marts,
        "select unit_tag, started_game_loop, start_method, start_error_game_loops from marts.fct_units order by unit_tag",
    ) == [(2, 231, "command", 0), (3, 428, "build_time", 1), (4, 800, "derived", 0), (5, 500, "cocoon", 0)]


def test_an_egg_that_never_hatched_is_no_start_of_its_larva():
    eaten = game().born(50, LARVA, "Larva").turned_into(100, LARVA, "Egg").died(200, LARVA, 2)
    eaten.step(1, "unit", "Drone", 100, start_method="egg", finished_game_loop=None, unit_tag=LARVA)

    marts = marts_of(eaten)

    assert rows(marts, "select started_game_loop, start_method from marts.fct_units") == [(None, None)]


def test_counted_back_protoss_units_may_have_been_sped_up():
    # Half the rate more with Chrono Boost (272 of 408 loops), a Gateway twice as fast since 5.0.16b.
    older = Game("a" * 16, base_build=90000).player(1, "protoss").player(2, "zerg").born(700, 1, "Probe")
    newer = Game("b" * 16, base_build=97563, played_at=datetime(2026, 8, 1, tzinfo=UTC)).player(1, "protoss")
    newer.player(2, "zerg").born(700, 1, "Probe")

    marts = marts_of(older, newer)

    assert rows(marts, "select started_game_loop, start_error_game_loops from marts.fct_units order by replay_id") == [
        (428, ceil(272 / 3)),
        (428, ceil(272 * 2 / 3)),
    ]


def test_nobody_knows_when_the_script_of_coop_began_a_unit():
    scripted = Game(game_mode="coop", is_coop=True).player(1, "terran", commander="Swann")
    scripted.player(3, "zerg", is_computer=True).born(900, 1, "SCV").born(900, 2, "Drone", 3)

    marts = marts_of(scripted)

    assert rows(
        marts,
        "select unit_tag, started_game_loop, start_method, start_error_game_loops from marts.fct_units order by unit_tag",
    ) == [(1, 900 - 224, "build_time", 1), (2, 900 - 272, "build_time", None)]


ERAS = {
    "heart_of_the_swarm": (26490, 6, None),
    "hots_on_a_later_client": (44401, 6, None),
    "legacy_of_the_void_on_it": (44401, 12, None),
    "first_chrono": (59587, 12, None),
    "later": (88500, 12, None),
    "since_5_0_16": (97425, 8, None),
    "coop": (88500, 12, "Fenix"),
}


@pytest.mark.parametrize("era", ERAS)
def test_units_are_counted_back_by_the_rules_that_the_solver_has(era):
    base_build, workers, commander = ERAS[era]
    moment = Moment(base_build)
    modes = melee_modes(moment, workers) if commander is None else coop_modes(commander)
    rules = rules_at(modes, moment)
    played = Game(base_build=base_build, is_coop=commander is not None, game_mode="coop" if commander else "1v1")
    played.player(1, "terran", commander=commander).player(2, "zerg").sample(0, supply_used=float(workers))
    for tag, name in enumerate(rules.types):
        played.born(9999, tag, name)

    found = dict(
        rows(
            marts_of(played), "select unit_type, build_game_loops from intermediate.int_build_times where player_id = 1"
        )
    )

    expected = {name: time for name in found if (time := rules.build_time(name)[0]) is not None}
    assert len(expected) > 40
    assert {name: found[name] for name in expected} == expected


def test_a_structure_is_begun_and_done_when_the_stream_says_so():
    built = game().init(300, 1, "Gateway").done(1340, 1).init(400, 2, "Pylon")

    marts = marts_of(built)

    assert rows(
        marts,
        "select unit_tag, started_game_loop, start_method, finished_game_loop, finish_method"
        " from marts.fct_units order by unit_tag",
    ) == [(1, 300, "init", 1340, "done"), (2, 400, "init", None, None)]


KINDS = {
    ("SiegeTank", "SiegeTankSieged"): "mode",
    ("SupplyDepotLowered", "SupplyDepot"): "mode",
    ("LocustMP", "LocustMPFlying"): "mode",
    ("Roach", "RoachBurrowed"): "burrow",
    ("Barracks", "BarracksFlying"): "lift_land",
    ("OrbitalCommandFlying", "OrbitalCommand"): "lift_land",
    ("BarracksReactor", "Reactor"): "addon",
    ("Hatchery", "Lair"): "morph",
    ("Zergling", "BanelingCocoon"): "morph_start",
    ("BanelingCocoon", "Zergling"): "morph_cancel",
    ("BanelingCocoon", "Baneling"): "morph",
    ("TransportOverlordCocoon", "OverlordTransport"): "morph",
    ("Egg", "Larva"): "morph_cancel",
}


@pytest.fixture(scope="module")
def type_changes():
    """Marts of a game in which each of KINDS happens to a unit of its own."""
    changing = game()
    for tag, (before, after) in enumerate(KINDS):
        changing.born(0, tag, before).turned_into(100, tag, after)
    return marts_of(changing)


@pytest.mark.parametrize(("before", "after"), KINDS)
def test_a_type_change_is_of_a_kind(type_changes, before, after):
    assert rows(
        type_changes,
        "select kind, player_id, game_loop from marts.fct_unit_type_changes"
        f" where from_unit_type = '{before}' and to_unit_type = '{after}'",
    ) == [(KINDS[before, after], 1, 100)]


def test_an_egg_that_ends_as_it_changes_back_has_hatched():
    hatching = game().born(0, LARVA, "Larva").turned_into(100, LARVA, "Egg").turned_into(484, LARVA, "Larva")

    marts = marts_of(hatching.died(484, LARVA))

    assert rows(marts, "select kind from marts.fct_unit_type_changes order by event_index") == [
        ("morph_start",),
        ("hatch",),
    ]


def test_counts_follow_units_from_sample_to_sample():
    counted = game().sample(1).init(100, 1, "Gateway").sample(160).done(320, 1).sample(320)
    counted.turned_into(330, 1, "WarpGate").sample(480).died(640, 1, 2).sample(640)

    marts = marts_of(counted)

    assert rows(
        marts,
        "select unit_type, game_loop, in_progress_count, alive_count, started_count, finished_count, lost_count"
        " from marts.fct_unit_counts order by all",
    ) == [
        ("Gateway", 160, 1, 0, 1, 0, 0),
        ("Gateway", 320, 0, 1, 1, 1, 0),
        ("Gateway", 480, 0, 0, 1, 1, 0),
        ("Gateway", 640, 0, 0, 1, 1, 0),
        ("WarpGate", 480, 0, 1, 0, 0, 0),
        ("WarpGate", 640, 0, 0, 0, 0, 1),
    ]


def test_modes_are_counted_as_the_type_they_are_modes_of():
    sieged = game().born(0, 1, "SiegeTank").turned_into(100, 1, "SiegeTankSieged").sample(1).sample(160)

    marts = marts_of(sieged)

    assert rows(marts, "select unit_type, game_loop, alive_count from marts.fct_unit_counts order by all") == [
        ("SiegeTank", 1, 1),
        ("SiegeTank", 160, 1),
    ]


def test_a_stolen_unit_is_counted_for_who_has_it():
    stolen = game().born(0, 1, "Immortal", 2).sample(1).owned_by(100, 1, 1).sample(160)

    marts = marts_of(stolen)

    assert rows(
        marts, "select player_id, game_loop, alive_count, started_count from marts.fct_unit_counts order by all"
    ) == [(1, 160, 1, 0), (2, 1, 1, 1), (2, 160, 0, 1)]


def test_neutral_units_and_objects_of_the_engine_are_not_counted():
    neutral = game().born(0, 1, "MineralField", 0).born(0, 2, "BeaconArmy", 1).born(0, 3, "Probe", 1).sample(1)

    marts = marts_of(neutral)

    assert rows(marts, "select unit_type from marts.fct_unit_counts") == [("Probe",)]


def test_a_type_change_after_death_raises_nobody():
    haunted = game().born(0, 1, "Roach").died(100, 1, 2).turned_into(100, 1, "RoachBurrowed").sample(160)

    marts = marts_of(haunted)

    assert rows(marts, "select alive_count, lost_count from marts.fct_unit_counts") == [(0, 1)]


def test_a_resumed_game_has_units_without_a_birth():
    resumed = game().turned_into(5000, 1, "Lair").owned_by(5100, 2, 2).died(6000, 3, 1).sample(6080)

    marts = marts_of(resumed)

    assert rows(
        marts, "select unit_tag, player_id, unit_type, category, end_reason from marts.fct_units order by unit_tag"
    ) == [
        (1, None, "Lair", "townhall", "alive_at_end"),
        (2, 2, None, "unknown", "alive_at_end"),
        (3, None, None, "unknown", "killed"),
    ]
    assert rows(marts, "select count(*) from marts.fct_unit_deaths") == [(0,)]
    assert rows(marts, "select count(*) from marts.fct_unit_counts") == [(0,)]
