"""Answers about games so small that every number can be checked by hand."""

import math

import pytest

from sc2_pipeline.questions import bound_values, find_question, statement_of
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows


def pvz(replay_id: str = "a" * 16, winner: int = 1, **replay) -> Game:
    facts = {
        1: {"name": "Ann", "toon_handle": "2-S2-1-1", "mmr": 4210, "apm": 200.0},
        2: {"name": "Bob", "toon_handle": "2-S2-1-2", "mmr": 4000, "apm": 100.0},
    }
    game = Game(replay_id, **replay)
    for player_id, race in ((1, "protoss"), (2, "zerg")):
        result = "victory" if player_id == winner else "defeat"
        game.player(player_id, race, result=result, **facts[player_id])
    return game


GAME = "Scripted LE, Ann - Bob"


def answer(marts, name: str, **given: object) -> list[tuple]:
    question = find_question(name)
    values = bound_values(question, {key: str(value) for key, value in given.items()})
    return rows(marts, statement_of(question, values))


def test_unit_counts_at_a_minute():
    game = pvz().sample(6560).sample(6720).sample(6880)
    game.born(0, 1, "Probe").born(6700, 2, "Probe").born(6721, 3, "Probe").init(6000, 4, "Gateway")
    game.born(0, 5, "Zealot").died(6600, 5, 2)

    assert answer(marts_of(game), "unit_counts", minute=5) == [("Ann", "Probe", 2, 0, 0), ("Ann", "Gateway", 0, 1, 0)]


def test_army_shares_are_shares_of_worth():
    # Three zealots (100) and two stalkers (125 + 50): 300 and 350 of 650.
    game = pvz(duration_game_loops=20_000).sample(10_720).sample(11_000)
    for tag in range(1, 4):
        game.born(100, tag, "Zealot")
    for tag in range(4, 6):
        game.born(100, tag, "Stalker")

    assert answer(marts_of(game), "army_composition", minute=8) == [
        ("PvZ", "Protoss", None, "ladder", 1, "Stalker", 2.0, round(350 / 650, 3)),
        ("PvZ", "Protoss", None, "ladder", 1, "Zealot", 3.0, round(300 / 650, 3)),
    ]


def test_lifetimes_and_what_ended_them():
    game = pvz().born(0, 1, "Zealot").born(0, 2, "Zealot").born(0, 3, "Zealot").died(1120, 1, 2).died(2240, 2, 2)

    assert answer(marts_of(game), "unit_lifetimes", unit="Zealot") == [("Zealot", 3, 75.0, 0.667, 0.333, 0.0)]


def test_the_deadliest_unit():
    game = pvz().born(1344, 1, "Stalker").born(0, 2, "Zergling", 2).born(0, 3, "Roach", 2)
    game.died(2000, 2, 1, killer_unit_tag=1).died(2100, 3, 1, killer_unit_tag=1)

    # A zergling is 25, a roach 75 and 25.
    assert answer(marts_of(game), "top_killers") == [
        ("a" * 16, GAME, "Ann", "Stalker", "1:00", 2, 125, "alive_at_end", 1)
    ]


def test_the_spending_quotient_of_the_worked_example():
    # As worked through where the quotient was published: I = 1472.6, U = 535.9 gives 90.67; ten samples have these means.
    game = pvz()
    for number in range(10):
        game.sample(
            1344 + 160 * number,
            minerals_collection_rate=1150 + (number < 9),
            vespene_collection_rate=321 + (number < 7),
            minerals_current=330 + (number < 7),
            vespene_current=205 + (number < 2),
        )

    [(matchup, race, band, games, quotient, before_max, income, unspent)] = answer(marts_of(game), "spending_quotients")

    assert (matchup, race, band, games, income) == ("PvZ", "Protoss", "4000-4499", 1, 1473)
    assert quotient == before_max == round(35 * (0.00137 * 1472.6 - math.log(535.9)) + 240, 1) == 90.7
    assert unspent == 536


def test_worker_timings_have_quartiles():
    games = []
    for number, loop in enumerate((1600, 1760, 1920, 2080)):
        games.append(pvz(f"{number:016x}", game=f"{number}").sample(160, workers_active_count=12))
        games[-1].sample(loop, workers_active_count=16)

    assert answer(marts_of(*games), "worker_timings") == [("Protoss", None, 16, 4, "1:11", "1:11", "1:18", "1:25")]


def test_a_lost_worker_costs_its_price_and_its_work():
    # 600 a minute from 10 workers is 60; three minutes of it and the price of 50.
    game = pvz(duration_game_loops=13_440).sample(960, workers_active_count=10, minerals_collection_rate=600)
    game.born(0, 1, "Probe").died(1344, 1, 2).sample(13_439)

    assert answer(marts_of(game), "cost_of_a_worker", minutes=3) == [(1, 1, 60.0, 230.0)]


def test_supply_blocks_by_phase():
    game = pvz(duration_game_loops=8_000, base_build=50_000)
    for loop, used in ((1600, 15), (1760, 15), (1920, 12), (6720, 15), (6880, 12)):
        game.sample(loop, supply_used=float(used), supply_cap=15.0)

    # Two samples, then one: 320 and 160 game loops.
    assert answer(marts_of(game), "supply_blocks") == [
        ("Protoss", None, "00-05 min", None, 0, 1, 1, round(320 * 5 / 112, 1)),
        ("Protoss", None, "05-10 min", None, 0, 1, 1, round(160 * 5 / 112, 1)),
    ]


def fight() -> Game:
    game = pvz().sample(960, 1, minerals_used_current_army=600).sample(960, 2, minerals_used_current_army=400)
    for tag in range(1, 7):
        game.born(100, tag, "Zealot")
    for tag in range(11, 15):
        game.born(100, tag, "Roach", 2)
    game.sample(961, 1, minerals_used_current_army=600).sample(961, 2, minerals_used_current_army=400)
    game.died(1000, 1, 2, killer_unit_tag=11)
    for tag in range(11, 15):
        game.died(1000 + tag, tag, 1, killer_unit_tag=2)
    return game.sample(2000, 1).sample(2000, 2)


def test_the_biggest_battle_and_how_it_traded():
    assert answer(marts_of(fight()), "biggest_battle") == [
        ("a" * 16, GAME, "0:44", 0.6, "battle", "Ann", 600, 100, 0, 100, 4.0, True),
        ("a" * 16, GAME, "0:44", 0.6, "battle", "Bob", 400, 400, 0, 400, 0.25, False),
    ]


def test_the_larger_army_of_the_first_fight_won():
    # 600 against 400 is 1.5, and 0.67 seen from the other side. Wilson for 1 of 1: 0.207 to 1.
    assert answer(marts_of(fight()), "first_big_fight") == [
        ("2: 0.5-0.8", 1, 0, 0.0, 0.0, 0.793),
        ("4: 1.25-2", 1, 1, 1.0, 0.207, 1.0),
    ]


def test_zealots_trade_well_with_roaches():
    assert answer(marts_of(fight()), "composition_trades", min_battles=1) == [
        ("Roach", "Zealot", 1, 100, 400, 0.25),
        ("Zealot", "Roach", 1, 400, 100, 4.0),
    ]


def test_harassment_is_counted_for_who_raids():
    game = pvz().born(0, 1, "Nexus", x=50.0, y=50.0).born(0, 9, "Mutalisk", 2)
    for tag in range(2, 6):
        game.born(0, tag, "Probe").died(1000 + tag, tag, 2, killer_unit_tag=9)

    assert answer(marts_of(game), "harassment") == [("Bob", "Zerg", 1, 4, 200, 0, None)]
    assert answer(marts_of(game), "worker_losses") == [(4, 0, "Mutalisk", 4, 1.0, 4)]


def test_where_units_die_on_a_map_asked_by_any_of_its_titles():
    game = pvz(map_name="Cinder LE", map_hash="a").born(0, 1, "Probe").born(0, 2, "Probe").born(0, 3, "Probe")
    game.died(100, 1, 2, x=9.0, y=17.0).died(200, 2, 2, x=15.9, y=23.9).died(300, 3, 2, x=16.0, y=23.9)
    marts = marts_of(game, Game("b" * 16, map_name="재", map_hash="a"))

    for title in ("cinder", "재"):
        assert answer(marts, "death_zones", map=title) == [
            ("Cinder LE", 8.0, 16.0, 2, 100, 0.667),
            ("Cinder LE", 16.0, 16.0, 1, 50, 0.333),
        ]
    assert answer(marts, "death_zones", map="Oxide") == []


OPENING = ["Gateway", "Assimilator", "Nexus", "CyberneticsCore"]


def opened(number: int, winner: int, structures: list[str] = OPENING, **facts) -> Game:
    game = pvz(f"{number:016x}", winner, game=str(number), **facts)
    for tag, unit_type in enumerate(structures, start=1):
        game.init(1000 * tag + number, tag, unit_type)
        game.step(1, "structure", unit_type, 1000 * tag + number)
    return game


def test_openings_are_counted_with_their_wins():
    marts = marts_of(opened(0, 1), opened(2, 1), opened(4, 2))

    # Wilson's interval for 2 of 3 is 0.208 to 0.939.
    assert answer(marts, "openings") == [
        ("PvZ", "Protoss", None, "Gateway > Assimilator > Nexus > Cybernetics Core", 3, 2, 0.667, 0.208, 0.939, "2:58")
    ]


@pytest.mark.parametrize(
    ("question", "games"),
    [
        ("openings", "games"),
        ("worker_timings", "player_games"),
        ("game_lengths", "games"),
        ("base_timings", "player_games"),
        ("gas_and_upgrades", "player_games"),
        ("patch_timings", "players"),
        ("next_structures", "times"),
        ("player_habits", "games"),
    ],
)
def test_resumed_games_stay_out_of_what_a_beginning_tells(question, games):
    played = [opened(number, 1) for number in range(3)]
    resumed = [opened(3, 1).taken_over(5_000), opened(4, 1, first_game_loop=3_200)]
    for game in (*played, *resumed):
        game.sample(160, workers_active_count=16).born(0, 99, "Nexus").sample(6_000)
    marts = marts_of(*played, *resumed)
    narrowed = {"patch_timings": {"unit": "Gateway", "nth": 1}, "next_structures": {"after": "Gateway"}}.get(
        question, {}
    )
    place = [name for name, _ in find_question(question).columns].index(games)

    assert {row[place] for row in answer(marts, question, **narrowed)} == {3}
    assert {row[place] for row in answer(marts, question, **narrowed, include_resumed=True)} == {5}


def test_a_build_is_compared_step_by_step():
    marts = marts_of(opened(0, 1), opened(112, 1, ["Gateway", "Nexus"]))

    assert answer(marts, "build_deviation", replay=f"{112:016x}", reference=f"{0:016x}") == [
        ("Gateway", 1, "0:49", "0:44", 5.0),
        ("Assimilator", 1, None, "1:29", None),
        ("Nexus", 1, "1:34", "2:13", -39.6),
        ("Cybernetics Core", 1, None, "2:58", None),
    ]


def test_upgrades_and_morphs_of_structures_are_steps_of_a_build_and_cancelled_ones_are_not():
    game = opened(0, 1, ["Gateway"]).step(1, "upgrade", "WarpGateResearch", 2000).step(1, "morph", "Lair", 2100)
    game.step(1, "morph", "Archon", 2200).step(1, "structure", "Nexus", 2300, outcome="cancelled")

    steps = answer(
        marts_of(game, opened(112, 1, ["Gateway"])), "build_deviation", replay="0" * 16, reference=f"{112:016x}"
    )

    assert [step[0] for step in steps] == ["Gateway", "Warp Gate", "Lair"]


def test_a_commander_builds_what_was_ordered_and_kept():
    game = Game(game_mode="coop", is_coop=True).player(1, "protoss", commander="Artanis", result="victory")
    game.player(2, "zerg", is_computer=True)
    game.step(1, "spawned", "Dragoon", 100).step(1, "structure", "Gateway", 480)
    game.step(1, "structure", "Pylon", 320).step(1, "structure", "Nexus", 400, outcome="cancelled")

    assert answer(marts_of(game), "coop_builds") == [
        ("Artanis", 1, "Pylon", 1, "0:20"),
        ("Artanis", 2, "Gateway", 1, "0:30"),
    ]


def test_a_build_is_as_far_as_its_edits():
    marts = marts_of(opened(0, 1), opened(2, 1, ["Gateway", "Nexus", "CyberneticsCore"]))

    assert answer(marts, "similar_builds", replay=f"{0:016x}") == [(f"{2:016x}", GAME, "Ann", "PvZ", 1, 0.75, True)]


def test_what_follows_a_gateway():
    marts = marts_of(opened(0, 1), opened(2, 1), opened(4, 1, ["Gateway", "Nexus"]))

    assert answer(marts, "next_structures", after="Gateway") == [
        ("Protoss", None, "Assimilator", 2, 0.667, 44.6),
        ("Protoss", None, "Nexus", 1, 0.333, 44.6),
    ]


def test_bases_are_timed_by_rating():
    game = pvz().born(0, 1, "Nexus").init(1680, 2, "Nexus", x=70.0)

    assert answer(marts_of(game), "base_timings") == [("Protoss", None, 2, "4000-4999", 1, "1:15", "1:15", "1:15")]
    assert answer(marts_of(game), "patch_timings", unit="Nexus", nth=2) == [
        ("5.0.11", "Nexus 2", None, 1, "1:15", "1:15", "1:15", None)
    ]


def test_a_pylon_by_the_enemy_is_a_proxy():
    game = pvz().born(0, 1, "Nexus", x=20.0, y=20.0).born(0, 2, "Hatchery", 2, x=120.0, y=20.0)
    game.init(1344, 3, "Pylon", x=100.0, y=20.0).init(1344, 4, "Pylon", x=60.0, y=20.0)

    assert answer(marts_of(game), "proxies") == [("a" * 16, GAME, "Ann", "1:00", "Pylon", 80.0, 20.0, True)]


def test_cancelled_structures_are_counted():
    game = pvz().init(100, 1, "Nexus").init(200, 2, "Nexus").done(1800, 2).died(660, 1)
    game.step(1, "structure", "Nexus", 100, outcome="cancelled", finished_game_loop=None, ended_game_loop=660)
    game.step(1, "structure", "Nexus", 200)
    # Neither a unit nor what was never cancelled is told of.
    game.step(1, "warp_in", "Zealot", 300, outcome="cancelled", finished_game_loop=None, ended_game_loop=310)
    game.step(1, "structure", "Pylon", 400)

    assert answer(marts_of(game), "cancelled_structures") == [("Nexus", 2, 1, 0.5, 25.0)]


def test_a_lead_becomes_a_win_and_a_comeback_is_none():
    ahead = pvz(duration_game_loops=20_000)
    behind = pvz("b" * 16, winner=2, duration_game_loops=20_000)
    for game in (ahead, behind):
        for loop in (8000, 10_720):
            game.sample(loop, 1, minerals_used_current_army=2000, workers_active_count=40)
            game.sample(loop, 2, minerals_used_current_army=1000, workers_active_count=40)

    marts = marts_of(ahead, behind)

    # 4000 against 3000: a lead of 1000, won once and lost once.
    assert [row[1:5] for row in answer(marts, "win_probability", minute=8)] == [(-1000, 2, 1, 0.5), (1000, 2, 1, 0.5)]
    assert answer(marts, "game_lengths", minute=6) == [("PvZ", None, 2, 8.0, 8.0, 8.0, 2, 1, 0.5)]


def test_upsets_by_the_gap_in_rating():
    marts = marts_of(pvz(), pvz("b" * 16, winner=2))

    # A gap of 210; a logistic curve gives the lower 1 / (1 + 10 ** 0.525).
    assert answer(marts, "upsets") == [(200, 2, 1, 0.5, 0.23)]


def test_speed_by_rating():
    assert answer(marts_of(pvz()), "actions_per_minute") == [
        ("Protoss", "4000-4499", 1, 200, 200, 200),
        ("Zerg", "4000-4499", 1, 100, 100, 100),
    ]


@pytest.mark.parametrize("player", ["Ann", "ANN", "2-S2-1-1"])
def test_a_player_is_found_by_name_and_by_account(player):
    assert [row[0] for row in answer(marts_of(pvz()), "actions_per_minute", player=player)] == ["Protoss"]
