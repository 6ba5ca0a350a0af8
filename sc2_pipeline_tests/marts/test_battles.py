"""Battles: what is linked, of which kind it is, who won, and whether known fights are found."""

import hashlib

import pytest

from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.sources.sample_moments import fights
from sc2_pipeline.sources.streams import read_tracker
from sc2_pipeline.sql_models import read_tests
from sc2_pipeline.warehouse.data_tests import run_tests
from sc2_pipeline_demo.synthetic import coop_game, ladder_game, team_game, write_replay
from sc2_pipeline_tests.marts.extracted import marts_of_files
from sc2_pipeline_tests.marts.scripted import Game, marts_of, our_models, rows

FIVE_GAMES = [
    "2018_05_17_Z_Raphtor_VS_T_Tocon.SC2Replay",
    "Deathaura.SC2Replay",
    "Equilibrium LE (84).SC2Replay",
    "Site Delta LE (88).SC2Replay",
    "TvZ Standard Bio.SC2Replay",
]


def game() -> Game:
    return Game().player(1, "terran").player(2, "zerg")


def test_deaths_at_the_edge_of_reach_are_one_battle_and_beyond_are_two():
    # 9, 12, 15: the farthest that is linked.
    fought = game()
    for tag, (loop, x, y) in enumerate([(1000, 50, 50), (1224, 59, 62), (1449, 59, 62), (1449, 75, 62)], start=1):
        fought.born(0, tag, "Marine", x=float(x), y=float(y)).died(loop, tag, 2, x=float(x), y=float(y))

    marts = marts_of(fought)

    assert rows(
        marts,
        "select battle_number, started_game_loop, ended_game_loop, death_count from marts.fct_battles order by all",
    ) == [(1, 1000, 1224, 2), (2, 1449, 1449, 1), (3, 1449, 1449, 1)]


def test_a_long_chain_of_deaths_is_one_battle():
    fought = game()
    for tag in range(1, 60):
        fought.born(0, tag, "Marine").died(1000 + 224 * tag, tag, 2, x=14.9 * abs(tag % 16 - 8), y=50.0)

    marts = marts_of(fought)

    assert rows(marts, "select death_count, duration_game_loops from marts.fct_battles") == [(59, 58 * 224)]


def test_cancels_morphs_hallucinations_and_own_doing_are_no_battle():
    quiet = game()
    quiet.init(100, 1, "Barracks").died(300, 1)
    quiet.born(100, 2, "Larva", 2).turned_into(200, 2, "Egg").died(600, 2)
    quiet.born(0, 3, "SupplyDepot").died(700, 3, 1)
    quiet.born(100, 4, "Phoenix", 1, creator_ability="HallucinationPhoenix").died(500, 4, 2)

    marts = marts_of(quiet)

    assert rows(marts, "select count(*) from marts.fct_battles") == [(0,)]


def army_game(army_value: int) -> Game:
    fought = game()
    for player_id in (1, 2):
        fought.sample(960, player_id, minerals_used_current_army=army_value)
        fought.sample(1280, player_id, minerals_used_current_army=army_value - 300)
    return fought


@pytest.mark.parametrize(
    ("marines", "army_value", "kind"),
    [(6, 3000, "battle"), (6, 3001, "skirmish"), (5, 1000, "skirmish")],
)
def test_a_battle_costs_a_tenth_of_an_army_and_300_resources(marines, army_value, kind):
    fought = army_game(army_value)
    for tag in range(1, marines + 1):
        fought.born(0, tag, "Marine").died(1000 + tag, tag, 2, killer_unit_tag=99)

    marts = marts_of(fought)

    assert rows(marts, "select kind, resources_lost, winner_player_id from marts.fct_battles") == [
        (kind, 50 * marines, 2)
    ]


@pytest.mark.parametrize(("distance", "kind"), [(15.0, "harassment"), (15.5, "skirmish")])
def test_workers_that_die_at_home_are_harassed(distance, kind):
    raided = army_game(1000).born(0, 1, "CommandCenter", x=30.0, y=30.0)
    for tag in range(2, 6):
        raided.born(0, tag, "SCV").died(1000 + tag, tag, 2, x=30.0 + distance, y=30.0)

    marts = marts_of(raided)

    assert rows(marts, "select kind from marts.fct_battles") == [(kind,)]


def test_a_base_for_a_base_is_a_trade_wherever_the_other_fell():
    traded = game().born(0, 1, "CommandCenter", 1, x=20.0, y=20.0).born(0, 2, "Hatchery", 2, x=150.0, y=150.0)
    traded.died(9000, 1, 2, x=20.0, y=20.0).died(9000 + 1344, 2, 1, x=150.0, y=150.0)
    late = Game("b" * 16).player(1, "terran").player(2, "zerg")
    late.born(0, 1, "CommandCenter", 1, x=20.0, y=20.0).born(0, 2, "Hatchery", 2, x=150.0, y=150.0)
    late.died(9000, 1, 2, x=20.0, y=20.0).died(9000 + 1345, 2, 1, x=150.0, y=150.0)

    marts = marts_of(traded, late)

    assert rows(marts, "select replay_id[1], kind from marts.fct_battles order by all") == [
        ("a", "base_trade"),
        ("a", "base_trade"),
        ("b", "harassment"),
        ("b", "harassment"),
    ]


def test_what_players_brought_and_lost_stands_beside_the_battle():
    fought = game()
    fought.sample(960, 1, minerals_used_current_army=400).sample(960, 2, minerals_used_current_army=200)
    for tag in range(1, 9):
        fought.born(100, tag, "Marine")
    for tag in range(11, 15):
        fought.born(100, tag, "Roach", 2)
    fought.sample(961, 1, minerals_used_current_army=400).sample(961, 2, minerals_used_current_army=200)
    fought.died(1000, 1, 2).died(1010, 11, 1).born(1020, 20, "Marauder").died(1050, 12, 1)
    fought.sample(1120, 1, minerals_used_current_army=475)

    marts = marts_of(fought)

    assert rows(
        marts,
        "select player_id, army_value_before, army_value_after, resources_lost_army, resources_killed, trade_ratio,"
        " army_lost_share, composition_before, reinforcement_resources, is_battle_winner"
        " from marts.fct_battle_players order by player_id",
    ) == [
        (1, 400, 475, 50, 200, 4.0, 0.125, [{"unit_type": "Marine", "count": 8}], 125, True),
        (2, 200, None, 200, 50, 0.25, 1.0, [{"unit_type": "Roach", "count": 4}], 0, False),
    ]


def test_a_battle_of_equal_losses_has_no_winner():
    fought = game().born(0, 1, "Marine").born(0, 2, "Zergling", 2).born(0, 3, "Zergling", 2)
    fought.died(1000, 1, 2).died(1001, 2, 1).died(1002, 3, 1)

    marts = marts_of(fought)

    assert rows(marts, "select resources_lost, winner_side from marts.fct_battles") == [(100, None)]


@pytest.mark.slow
def test_of_known_fights_at_least_97_in_100_are_found_whole(tmp_path):
    scripts = [
        *(ladder_game(seed, game_loops=16_000 + 1_500 * seed, races=races) for seed, races in enumerate(_PAIRS)),
        team_game(21, game_loops=20_000),
        coop_game(22, game_loops=20_000),
    ]
    paths = [tmp_path / f"{number}.SC2Replay" for number in range(len(scripts))]
    for path, script in zip(paths, scripts, strict=True):
        write_replay(path, script)

    marts = marts_of_files(paths)
    battles = {
        (replay_id, tag): (replay_id, number)
        for replay_id, tag, number in rows(marts, "select * from marts.fct_battle_deaths")
    }
    sizes = {
        (r, n): c for r, n, c in rows(marts, "select replay_id, battle_number, death_count from marts.fct_battles")
    }
    spans = rows(
        marts,
        "select replay_id, min(game_loop), max(game_loop) from marts.fct_battle_deaths join marts.fct_unit_deaths"
        " using (replay_id, unit_tag) where killer_side = 'enemy' group by replay_id, battle_number having count(*) >= 3",
    )
    known = whole = 0
    for path, script in zip(paths, scripts, strict=True):
        replay_id = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
        sampled = list(fights(read_tracker(open_archive(path), script.game_loops).events))
        for begin, end in [span[1:] for span in spans if span[0] == replay_id]:
            assert any(first <= begin and end <= last for first, last in sampled)
        for fight in script.truth.fights:
            found = {battles[replay_id, death.unit_tag] for death in fight.deaths}
            known += 1
            whole += len(found) == 1 and sizes[found.pop()] == len(fight.deaths)

    assert len(spans) >= 60
    assert known >= 60
    assert whole / known >= 0.97


_PAIRS = [(one, other) for one in ("Protoss", "Terran", "Zerg") for other in ("Protoss", "Terran", "Zerg")]


@pytest.mark.parametrize("name", FIVE_GAMES)
def test_the_biggest_fight_is_where_the_army_curve_falls(real_marts, name):
    """The steepest fall of both armies together, from sample to sample, overlaps the fight in which most army was lost."""
    [(falls_from, falls_to, starts, ends)] = rows(
        real_marts,
        f"""
        with replay as (select replay_id from marts.dim_replays where file_name = '{name}'),
        curve as (
            select game_loop, sum(army_value) as army_value
            from marts.fct_economy_snapshots where replay_id = (from replay) and game_loop % 160 = 0 group by all
        ),
        falls as (
            select game_loop, lag(game_loop, 1) over clock as from_game_loop,
                lag(army_value, 1) over clock - army_value as fall
            from curve window clock as (order by game_loop)
        ),
        biggest as (
            select battle_number from marts.fct_battle_players where replay_id = (from replay)
            group by all order by sum(resources_lost_army) desc limit 1
        )
        select arg_max(from_game_loop, fall), arg_max(game_loop, fall), any_value(started_game_loop), any_value(ended_game_loop)
        from falls, marts.fct_battles
        where replay_id = (from replay) and battle_number = (from biggest)
        """,
    )

    assert falls_from <= ends
    assert starts <= falls_to


def test_the_marts_own_tests_hold_over_known_battles(real_marts):
    battle_tests = [test for test in read_tests() if "battle" in test.name]

    outcomes = run_tests(real_marts, our_models(), battle_tests)

    assert len([outcome for outcome in outcomes if outcome.relation is None]) == 2
    assert [outcome for outcome in outcomes if outcome.is_broken] == []
