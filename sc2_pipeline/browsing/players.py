"""People and bots: the list, and one player's games, ratings and records."""

import duckdb

from sc2_pipeline.browsing.games import with_players
from sc2_pipeline.browsing.records import Record, page_of, records
from sc2_pipeline.errors import HomeError

_LIST = """
select player_key, name, names_seen, region, is_bot, game_count, win_count, last_mmr, last_played_at,
    count(*) over () as total
from marts.dim_players
where $search = '' or contains(lower(player_key || ' ' || array_to_string(names_seen, ' ')), lower($search))
order by game_count desc, name, player_key
limit $limit offset $offset
"""
_ONE = """
select player_key, name, names_seen, region, is_bot, game_count, win_count, last_mmr, first_played_at, last_played_at
from marts.dim_players where player_key = ?
"""
_GAMES = """
select games.replay_id, games.game_key, games.played_at, games.map_key, games.map_name, games.matchup, games.game_mode,
    games.patch, games.region, games.mmr, games.has_ai, games.is_resumed, games.clock_speed, games.file_name,
    shown_seconds(games.duration_game_loops, games.clock_speed) as length_seconds
from marts.games as games
inner join marts.fct_replay_players as mine using (replay_id)
where mine.player_key = ?
order by games.played_at desc nulls last, games.replay_id
"""
# A game that nobody won, or of which nobody knows who did, is neither won nor lost.
_RECORD = """
select {by} as name, count(*) as games, count(*) filter (mine.is_winner) as won,
    count(*) filter (not mine.is_winner) as lost
from marts.fct_replay_players as mine
inner join marts.games as games using (replay_id)
left join marts.fct_openers as openers using (replay_id, player_id)
where mine.player_key = ? and {by} is not null and {condition}
group by 1
order by games desc, name
"""
_RECORDS = {"matchups": "games.matchup", "maps": "games.map_name", "openers": "openers.opener", "plans": "openers.plan"}
_RATINGS = """
select games.played_at, mine.mmr, mine.replay_id
from marts.fct_replay_players as mine inner join marts.games as games using (replay_id)
where mine.player_key = ? and mine.mmr is not null and games.played_at is not null
order by games.played_at
"""
_FIGURES = """
select avg(spending_quotient) as spending_quotient, avg(average_unspent) as average_unspent,
    avg(average_income) as average_income, avg(workers_at_5_minutes) as workers_at_5_minutes,
    avg(supply_blocked_seconds * 60 / nullif(duration_seconds, 0)) as blocked_seconds_per_minute, avg(apm) as apm
from marts.players_in_games where player_key = ?
"""


def players(connection: duckdb.DuckDBPyConnection, search: str = "", *, limit: int = 100, offset: int = 0) -> Record:
    """``total``, and ``players`` whose account or any name contains ``search``, by number of games."""
    return page_of(records(connection, _LIST, {"search": search, "limit": limit, "offset": offset}), "players")


def player(connection: duckdb.DuckDBPyConnection, player_key: str) -> Record:
    """One player: who it is, ``games`` newest first, ``ratings`` over time, records by matchup, map and opener, and means
    over the games as ``figures``.

    Raises HomeError if the warehouse has no such player.
    """
    found = account(connection, player_key)
    records_by = {name: tallies(connection, player_key, name) for name in _RECORDS}
    [figures] = records(connection, _FIGURES, [player_key])
    return {
        "player": found,
        "games": with_players(connection, records(connection, _GAMES, [player_key])),
        "ratings": records(connection, _RATINGS, [player_key]),
        "figures": figures,
        **records_by,
    }


def account(connection: duckdb.DuckDBPyConnection, player_key: str) -> Record:
    """Who an account is; raises HomeError if the warehouse has no such player."""
    found = records(connection, _ONE, [player_key])
    if not found:
        raise HomeError(f"the warehouse has no player {player_key}; look the account up among the players")
    return found[0]


def tallies(connection: duckdb.DuckDBPyConnection, player_key: str, by: str, condition: str = "true") -> list[Record]:
    """An account's games, those won and those lost ``by`` matchups, maps, openers or plans, the most games first; of all its
    games (``mine``, ``games``) those that a condition holds for."""
    return records(connection, _RECORD.format(by=_RECORDS[by], condition=condition), [player_key])
