"""What ended a unit, seen in fct_units and in the list of losses."""

import pytest

from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows

TAG, OTHER = 262145, 524289


def zerg_game(replay_id: str = "a" * 16) -> Game:
    return Game(replay_id).player(1, "zerg").player(2, "terran")


ENDS = {
    "killed by an enemy": (lambda g: g.born(0, 1, "Drone").died(900, 1, 2, killer_unit_tag=2), "killed", True),
    "a baneling bursts": (lambda g: g.born(0, 1, "Baneling").died(900, 1, 1, killer_unit_tag=1), "killed", True),
    "a structure burns down": (
        lambda g: g.init(0, 1, "Barracks").done(1040, 1).died(9000, 1, 1, killer_unit_tag=1),
        "killed",
        True,
    ),
    "splash of one's own": (lambda g: g.born(0, 1, "Marine").died(900, 1, 1, killer_unit_tag=2), "killed", True),
    "an egg is killed": (lambda g: g.born(0, 1, "Larva").turned_into(50, 1, "Egg").died(90, 1, 2), "killed", False),
    "a larva's egg hatches": (
        lambda g: g.born(0, 1, "Larva").turned_into(50, 1, "Egg").turned_into(434, 1, "Larva").died(434, 1),
        "morphed",
        False,
    ),
    "a zergling becomes a baneling": (lambda g: g.born(0, 1, "Zergling").died(900, 1), "morphed", False),
    "a structure is cancelled": (
        lambda g: g.init(0, 1, "SpawningPool").died(400, 1, 1, killer_unit_tag=1),
        "cancelled",
        False,
    ),
    "a structure is cancelled by nobody": (lambda g: g.init(0, 1, "Spire").died(400, 1), "cancelled", False),
    "an unfinished structure is killed": (lambda g: g.init(0, 1, "Spire").died(400, 1, 2), "killed", True),
    "a bunker is salvaged": (
        lambda g: g.init(0, 1, "Bunker").done(640, 1).died(9000, 1, 1, killer_unit_tag=1),
        "cancelled",
        False,
    ),
    "a mule is spent": (lambda g: g.born(0, 1, "MULE").died(1506, 1, 1, killer_unit_tag=2), "expired", False),
    "a mule is killed": (lambda g: g.born(0, 1, "MULE").died(700, 1, 2, killer_unit_tag=2), "killed", True),
    "a changeling takes shape": (
        lambda g: g.born(0, 1, "Changeling").died(8, 1, 1, killer_unit_tag=1),
        "morphed",
        False,
    ),
    "a changeling grows old": (
        lambda g: g.born(0, 1, "Changeling").died(2402, 1, 1, killer_unit_tag=2),
        "expired",
        False,
    ),
    "a hallucination is shot down": (
        lambda g: g.born(0, 1, "Phoenix", creator_ability="HallucinationPhoenix").died(300, 1, 2),
        "killed",
        False,
    ),
    "a hallucination of an old build fades": (
        lambda g: g.born(100, 1, "Phoenix").died(1060, 1, 1, killer_unit_tag=2),
        "expired",
        False,
    ),
    "a mineral field is mined out": (lambda g: g.born(0, 1, "MineralField", 0).died(9000, 1), "expired", False),
    "a rock is broken": (lambda g: g.born(0, 1, "DestructibleRock6x6", 0).died(9000, 1, 1), "killed", False),
    "a trigger removes a unit": (
        lambda g: g.born(0, 1, "SomeArcadeThing").died(9000, 1, 1, killer_unit_tag=2),
        "expired",
        False,
    ),
    "a trigger removes a marine": (lambda g: g.born(0, 1, "Marine").died(900, 1), "expired", False),
    "a drone vanishes": (lambda g: g.born(0, 1, "Drone").died(900, 1), "consumed", False),
    "a unit survives": (lambda g: g.born(0, 1, "Drone"), "alive_at_end", False),
}
"""What happens to unit 1, as the stream has it; what that is called; whether it is a loss."""


@pytest.fixture(scope="module")
def ends():
    """Marts of one replay for each of ENDS, named by its number."""
    games = [zerg_game(f"{number:016}") for number, _ in enumerate(ENDS)]
    for game, (events, _, _) in zip(games, ENDS.values(), strict=True):
        events(game)
    return marts_of(*games)


@pytest.mark.parametrize("what", ENDS)
def test_what_ended_a_unit(ends, what):
    replay_id = f"{list(ENDS).index(what):016}"
    _, end_reason, is_loss = ENDS[what]

    units = rows(ends, f"select end_reason, is_loss from marts.fct_units where replay_id = '{replay_id}'")
    deaths = rows(ends, f"select unit_tag from marts.fct_unit_deaths where replay_id = '{replay_id}'")

    assert units == [(end_reason, is_loss)]
    assert deaths == ([(1,)] if is_loss else [])


@pytest.mark.parametrize(("structure_done", "drone_died"), [(1000, 1000), (1000, 1001)])
def test_a_drone_is_gone_when_its_structure_is_begun(structure_done, drone_died):
    game = zerg_game().born(0, TAG, "Drone").init(200, OTHER, "Extractor", x=51.0, y=49.0)
    game.done(structure_done, OTHER).died(drone_died, TAG)
    for game_loop in (160, 320, 1120):
        game.sample(game_loop)

    marts = marts_of(game)

    assert rows(
        marts,
        "select end_reason, died_game_loop, ended_game_loop, became_unit_tag from marts.fct_units"
        " where unit_type = 'Drone'",
    ) == [("consumed", drone_died, 200, OTHER)]
    assert rows(
        marts,
        "select game_loop, alive_count from marts.fct_unit_counts where unit_type = 'Drone' order by game_loop",
    ) == [(160, 1), (320, 0), (1120, 0)]


def test_both_templars_become_one_archon():
    game = Game().player(1, "protoss").player(2, "terran")
    game.born(0, 1, "HighTemplar").born(0, 2, "HighTemplar").init(100, 3, "Archon").done(292, 3)
    game.died(292, 1).died(292, 2)

    marts = marts_of(game)

    assert rows(
        marts, "select unit_tag, end_reason, ended_game_loop, became_unit_tag from marts.fct_units order by unit_tag"
    ) == [(1, "consumed", 100, 3), (2, "consumed", 100, 3), (3, "alive_at_end", None, None)]


def test_a_loss_says_who_did_it_with_what_and_when():
    game = zerg_game().born(0, TAG, "Drone").born(0, OTHER, "SiegeTank", 2).turned_into(500, OTHER, "SiegeTankSieged")
    game.died(6099, TAG, 2, killer_unit_tag=OTHER, x=61.0, y=70.0).turned_into(7000, OTHER, "SiegeTank")

    marts = marts_of(game)

    assert rows(
        marts,
        "select game_loop, clock, player_id, unit_type, killer_player_id, killer_unit_type, killer_side, x, y,"
        " is_worker, is_army, is_structure, minerals_lost from marts.fct_unit_deaths",
    ) == [(6099, "4:32", 1, "Drone", 2, "SiegeTankSieged", "enemy", 61.0, 70.0, True, False, False, 50)]
    assert rows(
        marts, "select kill_count, minerals_killed from marts.fct_units where base_unit_type = 'SiegeTank'"
    ) == [(1, 50)]


def test_a_killer_stands_on_a_side():
    game = Game(game_mode="2v2").player(1, "zerg", team=0).player(2, "zerg", team=1).player(3, "zerg", team=0)
    killers = {1: "own", 2: "enemy", 3: "ally", 0: "neutral", 15: "enemy"}
    for tag, killer in enumerate(killers, 10):
        game.born(0, tag, "Hydralisk").died(900, tag, killer, killer_unit_tag=OTHER)

    marts = marts_of(game)

    assert dict(rows(marts, "select killer_player_id, killer_side from marts.fct_unit_deaths")) == killers


def test_a_stolen_unit_is_lost_by_who_had_it_last():
    game = zerg_game().born(0, TAG, "Immortal", 2).owned_by(500, TAG, 1).died(900, TAG, 2)

    marts = marts_of(game)

    assert rows(marts, "select player_id, last_player_id, owner_change_count from marts.fct_units") == [(2, 1, 1)]
    assert rows(marts, "select player_id, killer_side from marts.fct_unit_deaths") == [(1, "enemy")]


def test_an_unknown_type_is_judged_by_the_name_it_begins_with():
    game = zerg_game().born(0, 1, "SCVMengsk").born(0, 2, "SiegeTankMengskSieged").init(0, 3, "GlimmeringShrine")
    game.born(0, 4, "Xyzzy")
    for tag in (1, 2, 3, 4):
        game.died(900, tag, 2)

    marts = marts_of(game)

    assert rows(
        marts,
        "select unit_type, base_unit_type, category, is_worker, is_army, is_structure, minerals_lost"
        " from marts.fct_unit_deaths order by unit_tag",
    ) == [
        ("SCVMengsk", "SCVMengsk", "unknown", True, False, False, None),
        ("SiegeTankMengskSieged", "SiegeTankMengsk", "unknown", False, True, False, None),
        ("GlimmeringShrine", "GlimmeringShrine", "unknown", False, False, True, None),
        ("Xyzzy", "Xyzzy", "unknown", False, None, False, None),
    ]
