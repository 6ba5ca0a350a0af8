"""What is known of a game, for its page and its screen."""

from dataclasses import dataclass
from typing import Any

import duckdb

from sc2_pipeline.browsing.records import records
from sc2_pipeline.errors import HomeError
from sc2_pipeline.game import clock, shown_seconds

Row = tuple[Any, ...]

_GAME = """
select replay_id, coalesce(map_name, 'unknown map') as map_name, played_at, game_version, clock_speed, game_mode, matchup, file_name,
    tracker_complete, tracker_fault, game_events_fault, is_canonical, game_key, shown_seconds(duration_game_loops, clock_speed) as length_seconds,
    shown_seconds(recording_game_loops, clock_speed) as recorded_seconds, duration_seconds, sc2_covered_share
from marts.dim_replays where replay_id = ?
"""
# Players without a summary in the canonical file are described by the lobby alone.
_PLAYERS = """
select players.player_id, players.name, players.race_actual, players.result, players.mmr, players.apm, players.side,
    summaries.spending_quotient, summaries.workers_at_5_minutes,
    shown_seconds(game_loops(summaries.supply_blocked_seconds), replays.clock_speed) as blocked_seconds,
    shown_seconds(game_loops(summaries.effective_supply_blocked_seconds), replays.clock_speed) as effective_seconds,
    summaries.units_lost, summaries.units_killed, summaries.workers_lost, summaries.average_unspent, players.commander, players.player_key
from marts.fct_replay_players as players
inner join marts.dim_replays as replays using (replay_id)
left join marts.player_game_summary as summaries using (replay_id, player_id)
where players.replay_id = ? order by players.side, players.player_id
"""
# The client's own counters fall below zero in some games.
_SAMPLES = """
select player_id, shown_seconds(game_loop, clock_speed), army_value, worker_count, minerals_per_minute + vespene_per_minute, unspent,
    supply_used, least(supply_cap, 200),
    greatest(minerals_lost_army + minerals_lost_economy + minerals_lost_technology
    + vespene_lost_army + vespene_lost_economy + vespene_lost_technology, 0)
from marts.fct_economy_snapshots inner join marts.dim_replays using (replay_id)
where replay_id = ? and game_loop <= duration_game_loops order by player_id, game_loop
"""
_BLOCKS = """
select player_id, shown_seconds(started_game_loop, clock_speed),
    shown_seconds(least(ended_game_loop, replays.duration_game_loops), clock_speed)
from marts.fct_supply_blocks inner join marts.dim_replays as replays using (replay_id)
where replay_id = ? and started_game_loop < replays.duration_game_loops order by started_game_loop
"""
_BATTLES = """
select battle_number, shown_seconds(started_game_loop, clock_speed) as started_seconds,
    shown_seconds(ended_game_loop, clock_speed) as ended_seconds, clock, kind, x, y, radius, units_lost, resources_lost,
    size_rank, winner_side
from marts.fct_battles where replay_id = ? order by battle_number
"""
_BATTLE_PLAYERS = """
select battle_number, player_id, resources_lost, army_value_before, workers_lost, units_lost
from marts.fct_battle_players where replay_id = ? order by battle_number, player_id
"""
_LOST = "select count(*) filter (not is_summoned), count(*) filter (is_summoned) from marts.fct_unit_deaths where replay_id = ?"


@dataclass(frozen=True, slots=True, kw_only=True)
class GameFacts:
    """All data shown of one game, as rows in the order of the queries of this module."""

    game: dict[str, Any]
    players: list[dict[str, Any]]
    samples: list[Row]
    blocks: list[Row]
    battles: list[dict[str, Any]]
    battle_players: list[Row]
    units_lost: int
    summoned_lost: int

    def seconds(self, game_loop: int) -> float:
        """Seconds on the game's own clock, on which all times of the facts are."""
        return shown_seconds(game_loop, self.game["clock_speed"])

    @property
    def speed(self) -> str:
        """The speed of that clock: Normal or Faster."""
        return str(self.game["clock_speed"]).capitalize()

    @property
    def recorded(self) -> str | None:
        """Length of the recording as the clock shows it; None if it is that of the game."""
        length, recorded = (clock(self.game[name]) for name in ("length_seconds", "recorded_seconds"))
        return None if recorded == length else recorded


def game_facts(connection: duckdb.DuckDBPyConnection, replay_id: str) -> GameFacts:
    """Everything a page shows of a replay; raises HomeError if the warehouse does not contain it."""
    games = records(connection, _GAME, [replay_id])
    if not games:
        raise HomeError(f"replay {replay_id} is not in the warehouse; see `sc2-pipeline status {replay_id}`")
    [(units_lost, summoned_lost)] = _fetched(connection, _LOST, replay_id)
    return GameFacts(
        game=games[0],
        players=records(connection, _PLAYERS, [replay_id]),
        samples=_fetched(connection, _SAMPLES, replay_id),
        blocks=_fetched(connection, _BLOCKS, replay_id),
        battles=records(connection, _BATTLES, [replay_id]),
        battle_players=_fetched(connection, _BATTLE_PLAYERS, replay_id),
        units_lost=units_lost,
        summoned_lost=summoned_lost,
    )


def _fetched(connection: duckdb.DuckDBPyConnection, query: str, replay_id: str) -> list[Row]:
    return connection.execute(query, [replay_id]).fetchall()
