"""Timings of workers and bases, openings, blocks that cost something, win rates and vectors for learning."""

import pytest

from sc2_pipeline.export.splits import SplitPlan, assign_splits
from sc2_pipeline.population import Population
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows


def game(replay_id: str = "a" * 16, **replay) -> Game:
    played = Game(replay_id, **replay)
    return played.player(1, "terran", result="victory", mmr=4250).player(2, "zerg", result="defeat", mmr=3100)


def test_workers_are_reached_at_the_first_sample_with_as_many():
    grown = game()
    for game_loop, workers in {1: 12, 160: 15, 320: 16, 480: 14, 640: 23}.items():
        grown.sample(game_loop, workers_active_count=workers)

    marts = marts_of(grown)

    assert rows(
        marts, "select workers, reached_game_loop, error_game_loops from marts.fct_worker_timings order by all"
    ) == [(16, 320, 160), (22, 640, 160)]


def test_bases_are_numbered_as_they_were_begun():
    grown = game().born(0, 1, "CommandCenter", x=30.0, y=40.0)
    grown.init(2000, 2, "CommandCenter", x=33.0, y=44.0).init(2100, 3, "CommandCenter", x=60.0, y=80.0)
    grown.died(2200, 2).done(3700, 3)

    marts = marts_of(grown)

    assert rows(
        marts,
        "select base_number, started_game_loop, finished_game_loop, end_reason, cells_from_start"
        " from marts.fct_bases order by base_number",
    ) == [
        (1, 0, 0, "alive_at_end", 0.0),
        (2, 2000, None, "cancelled", 5.0),
        (3, 2100, 3700, "alive_at_end", 50.0),
    ]


def test_an_opening_leaves_out_supply_and_what_was_cancelled():
    opened = game()
    begun = ["SupplyDepot", "Barracks", "Refinery", "EngineeringBay", "CommandCenter", "Factory", "Starport"]
    for tag, unit_type in enumerate(begun, start=1):
        opened.init(100 * tag, tag, unit_type)
        if unit_type == "EngineeringBay":
            opened.died(430, tag)
    opened.init(100, 20, "SpawningPool", 2)

    marts = marts_of(opened)

    assert rows(
        marts, "select player_id, opening_key, step_game_loops, opening_game_loops from marts.fct_openings"
    ) == [(1, "Barracks > Refinery > CommandCenter > Factory", [200, 300, 500, 600], 600)]


@pytest.mark.parametrize(
    ("minerals", "finished", "base_build", "is_effective"),
    [(50, 500, 90000, True), (49, 500, 90000, False), (50, 900, 90000, False), (50, 500, 55504, None)],
)
def test_a_block_costs_something_when_a_barracks_stood_idle_and_a_marine_was_affordable(
    minerals, finished, base_build, is_effective
):
    # A marine takes 403 game loops: finished at 900, it was in the making at 640.
    blocked = game(base_build=base_build).born(0, 1, "Barracks").born(finished, 2, "Marine", creator_unit_tag=1)
    blocked.sample(640, supply_used=15.0, supply_cap=15.0, minerals_current=minerals).sample(800)

    marts = marts_of(blocked)

    assert rows(marts, "select is_effective from marts.fct_effective_supply_blocks") == [(is_effective,)]


def test_win_rates_have_wilsons_interval():
    # 8 of 10: Wilson's interval is 0.490 to 0.943 (Brown, Cai, DasGupta 2001 give the formula).
    games = [
        Game(f"{number:016x}")
        .player(1, "terran", result="victory" if number < 8 else "defeat")
        .player(2, "zerg", result="defeat" if number < 8 else "victory")
        for number in range(10)
    ]

    marts = marts_of(*games)

    [(count, wins, rate, low, high)] = rows(
        marts,
        "select player_games, wins, win_rate, win_rate_low, win_rate_high from marts.fct_matchups"
        " where race = 'T' and dimension = 'all'",
    )
    assert (count, wins, rate) == (10, 8, 0.8)
    assert (low, high) == (pytest.approx(0.490, abs=5e-4), pytest.approx(0.943, abs=5e-4))


def test_games_are_cut_by_length_patch_and_rating():
    marts = marts_of(game(duration_game_loops=6720, game_version="4.10.1.75800"))

    assert rows(
        marts,
        "select dimension, value, wins from marts.fct_matchups where race = 'T' and dimension != 'map' order by all",
    ) == [
        ("all", "all", 1),
        ("length", "05-10 min", 1),
        ("mmr_band", "4000-4499", 1),
        ("patch", "4.10.1", 1),
    ]


def test_a_game_is_in_one_split_whoever_saved_it_and_whatever_is_added():
    def saved(replay_id: str, game_key: str) -> Game:
        played = game(replay_id, game=game_key)
        return played.sample(1600, 1, minerals_current=70).sample(1600, 2, minerals_current=30)

    few = marts_of(saved("a" * 16, "key"))
    more = marts_of(saved("b" * 16, "key"), *(saved(f"{n:016x}", f"other {n}") for n in range(40)))

    query = "select player_id, split, minerals, opponent_minerals, label_is_winner from marts.ml_state_vectors"
    one = f"{query} where game_key = 'key' order by player_id"
    assert rows(few, one) == rows(more, one)
    assert rows(few, one) == [(1, "train", 70, 30, True), (2, "train", 30, 70, False)]
    assert rows(
        more,
        "select max(splits) from (select count(distinct split) as splits from marts.ml_state_vectors group by game_key)",
    ) == [(1,)]


def test_vectors_are_split_as_an_export_splits_them():
    games = [game(f"{n:016x}", game=f"game {n}").sample(1600, 1).sample(1600, 2) for n in range(60)]
    marts = marts_of(*games)

    assign_splits(marts, SplitPlan(), Population.read({}))

    assert rows(
        marts,
        "select exported.split, count(*), count(*) filter (vectors.split = exported.split)"
        " from marts.ml_state_vectors as vectors join game_splits as exported using (game_key) group by all order by all",
    ) == [("test", 10, 10), ("train", 90, 90), ("validation", 20, 20)]
