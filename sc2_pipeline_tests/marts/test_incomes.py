"""Incomes are of one unit, whatever the client counted: the rates add up to what was gathered."""

from statistics import median

import pytest

from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows

# Protoss alone: MULEs come in lumps, and drones that become structures are refunded otherwise. What a cancelled structure
# doesn't give back is missing from what was gathered, and so are units lost in production: the window ends before most are.
GATHERED = """
    with samples as (
        select samples.*, lag(minerals_per_minute) over player_game as last_rate, lag(game_loop) over player_game as last_loop,
            minerals + minerals_used_in_progress_army + minerals_used_in_progress_economy
            + minerals_used_in_progress_technology + minerals_used_current_army + minerals_used_current_economy
            + minerals_used_current_technology + minerals_lost_army + minerals_lost_economy + minerals_lost_technology
            + coalesce(minerals_friendly_fire_army + minerals_friendly_fire_economy + minerals_friendly_fire_technology, 0)
            as gathered
        from marts.fct_economy_snapshots as samples
        window player_game as (partition by replay_id, player_id order by game_loop)
        qualify game_loop >= game_loop_at(1) and game_loop <= game_loop_at(6)
    )
    select replays.base_build, if(replays.is_coop, 'coop', if(replays.base_build < 41743, 'older', 'newer')),
        sum((minerals_per_minute + last_rate) / 2 * (game_loop - last_loop) / game_loop_at(1))
            filter (last_loop >= game_loop_at(1)) / (arg_max(gathered, game_loop) - arg_min(gathered, game_loop))
    from samples
    inner join marts.fct_replay_players as players using (replay_id, player_id)
    inner join marts.dim_replays as replays using (replay_id)
    where players.race_actual = 'Protoss' and not players.is_computer and replays.game_mode != 'arcade'
    group by replay_id, player_id, replays.base_build, replays.is_coop
    having max(game_loop) >= game_loop_at(5)
"""


@pytest.fixture(scope="module")
def ratios(real_marts, older_marts):
    """Base build, era, and what the rates add up to as a share of what was gathered, of every Protoss player's game."""
    return rows(real_marts, GATHERED) + rows(older_marts, GATHERED)


@pytest.mark.parametrize(("era", "games", "tolerance"), [("older", 10, 0.03), ("newer", 40, 0.03), ("coop", 1, 0.08)])
def test_the_rates_of_every_era_add_up_to_what_was_gathered(ratios, era, games, tolerance):
    shares = [ratio for _, of_era, ratio in ratios if of_era == era]

    assert len(shares) >= games
    assert median(shares) == pytest.approx(1, abs=tolerance)


def test_the_rates_of_every_build_add_up_to_what_was_gathered(ratios):
    by_build = {}
    for base_build, _, ratio in ratios:
        by_build.setdefault(base_build, []).append(ratio)
    medians = {build: median(shares) for build, shares in by_build.items() if len(shares) >= 3}

    assert min(medians) < 41743 < max(medians)
    assert len(medians) >= 6
    assert {build: share for build, share in medians.items() if abs(share - 1) > 0.08} == {}


@pytest.mark.parametrize(
    ("replay", "rate"),
    [
        ({"base_build": 41742}, 1400),
        ({"base_build": 41743}, 1000),
        ({"base_build": 41742, "game_speed": "normal"}, 1400),
        ({"base_build": 90000, "is_coop": True, "game_mode": "coop"}, 1400),
    ],
)
def test_nothing_that_tells_an_income_jumps_at_a_patch(replay, rate):
    played = Game(**replay).player(1, "terran", result="victory").player(2, "zerg", result="defeat")
    for player in (1, 2):
        for number in range(9):
            sample = {"minerals_collection_rate": 1000, "vespene_collection_rate": 0, "minerals_current": 500}
            played.sample(1440 + 160 * number, player, **sample)

    marts = marts_of(played)

    told = {
        "select distinct minerals_per_minute from marts.fct_economy_snapshots": rate,
        "select distinct avg_minerals_per_minute from marts.fct_player_minutes": rate,
        "select distinct average_income from marts.player_game_summary where player_id = 1": rate,
        "select distinct round((spending_quotient - 240) / 35 + ln(500), 6) from marts.player_game_summary"
        " where player_id = 1": round(0.00137 * rate, 6),
        "select distinct average_income from marts.players_in_games where player_id = 1": rate,
    }
    if not replay.get("is_coop"):
        told["select distinct minerals_per_minute from marts.ml_state_vectors"] = rate
        told["select distinct opponent_minerals_per_minute from marts.ml_state_vectors"] = rate
    assert {query: rows(marts, query) for query in told} == {query: [(value,)] for query, value in told.items()}
