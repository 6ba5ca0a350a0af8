"""People and bots: the list, and one player's games, ratings and records."""

from datetime import timedelta
from itertools import groupby, pairwise, takewhile

import duckdb

from sc2_pipeline.browsing.games import with_players
from sc2_pipeline.browsing.records import Record, page_of, records
from sc2_pipeline.errors import HomeError

SESSION_PAUSE = timedelta(hours=3)
"""Games of a session begin at most so long after one another."""

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
    """One player: who it is, ``games`` newest first, ``ratings`` over time, records by matchup, map and opener, means over the
    games as ``figures``, and how it goes lately (``form``): the last session, the games won or lost in a row up to now, and the
    most ever won in a row.

    Raises HomeError if the warehouse has no such player.
    """
    found = account(connection, player_key)
    records_by = {name: tallies(connection, player_key, name) for name in _RECORDS}
    [figures] = records(connection, _FIGURES, [player_key])
    games = with_players(connection, records(connection, _GAMES, [player_key]))
    return {
        "player": found,
        "games": games,
        "form": form(games, player_key),
        "ratings": records(connection, _RATINGS, [player_key]),
        "figures": figures,
        **records_by,
    }


def form(games: list[Record], player_key: str) -> Record:
    """How an account's games, given newest first, went lately: ``session_started_at`` and the last session's games, those won and
    lost; ``streak_result`` and how many games in a row had it up to now, and ``most_won_in_a_row``. Games without a day are left
    out, and those neither won nor lost do not end a streak."""
    dated = [game for game in games if game["played_at"] is not None]
    pauses = pairwise(game["played_at"] for game in dated)
    session = dated[: 1 + sum(1 for _ in takewhile(lambda two: two[0] - two[1] <= SESSION_PAUSE, pauses))]
    of_session = _results(session, player_key)
    streaks = [(result, len(list(each))) for result, each in groupby(_results(dated, player_key))]
    return {
        "session_started_at": session[-1]["played_at"] if session else None,
        "session_games": len(session),
        "session_won": of_session.count("victory"),
        "session_lost": of_session.count("defeat"),
        "streak_result": streaks[0][0] if streaks else None,
        "streak_games": streaks[0][1] if streaks else 0,
        "most_won_in_a_row": max((count for result, count in streaks if result == "victory"), default=0),
    }


def _results(games: list[Record], player_key: str) -> list[str]:
    """``victory`` or ``defeat`` of an account in those games that it won or lost."""
    results = (each["result"] for game in games for each in game["players"] if each["player_key"] == player_key)
    return [result for result in results if result in ("victory", "defeat")]


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
