"""How units begin, change and are counted."""

import pytest

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

    assert rows(marts, "select unit_tag, started_game_loop, start_method from marts.fct_units order by unit_tag") == [
        (1, 0, "game_start"),
        (2, 228, "build_time"),
        (3, 0, "build_time"),
        (4, None, None),
    ]


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
