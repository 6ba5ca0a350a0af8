"""A collection as a whole: openers and how they do, timings, map families, and what became of the files."""

from dataclasses import replace
from typing import Any

import duckdb

from sc2_pipeline.browsing.records import Record, records
from sc2_pipeline.errors import REASONS
from sc2_pipeline.population import Population

LEAST_GAMES = 5
"""Openers, timings and balances of fewer are not shown."""

_TOTALS = """
select count(*) as replays, count(*) filter (is_canonical) as games, count(distinct map_key) as maps,
    coalesce(sum(duration_seconds) filter (is_canonical), 0) / 3600 as hours, min(played_at) as first_played_at,
    max(played_at) as last_played_at, (select count(*) from marts.dim_players) as players
from marts.dim_replays
"""
_COMMONEST_START = """
select start_workers from asked_games group by start_workers
order by start_workers is null, count(*) desc, start_workers desc limit 1
"""
# In a mirror, the same opener on both sides has won half of its games whatever it is worth.
_OPENERS = """
with decided as (
    select games.matchup, games.race_actual as race, mine.opener, games.is_winner
    from asked_players as games
    inner join marts.fct_openers as mine using (replay_id, player_id)
    left join marts.fct_openers as theirs
        on games.replay_id = theirs.replay_id and games.opponent_player_id = theirs.player_id
    where games.is_winner is not null and mine.opener is not null
        and (games.race_actual != games.opponent_race_actual or mine.opener is distinct from theirs.opener)
)

select matchup, race, opener as name, count(*) as games, count(*) filter (is_winner) as won,
    won / games as rate, wilson_low(won, games) as low, wilson_high(won, games) as high
from decided group by matchup, race, opener
having count(*) >= $least
order by sum(count(*)) over (partition by matchup) desc, matchup, race, opener = 'other', games desc, name
"""
_TIMINGS = """
with moments as (
    select replay_id, player_id, display_name(first_unit_type) as name, min(started_game_loop) as game_loop, 1 as kind
    from marts.fct_units
    where start_method = 'init' and is_structure and end_reason != 'cancelled'
        and category in ('production', 'technology', 'gas', 'supply')
    group by replay_id, player_id, first_unit_type
    union all
    select replay_id, player_id, 'base ' || base_number, started_game_loop, 0
    from marts.fct_bases where base_number between 2 and 4 and end_reason != 'cancelled'
    union all
    select replay_id, player_id, workers || ' workers', reached_game_loop, 2
    from marts.fct_worker_timings where workers in (22, 44, 66)
)

select games.race_actual as race, moments.name, count(*) as players,
    quantile_cont(game_seconds(moments.game_loop), [0.05, 0.25, 0.5, 0.75, 0.95]) as seconds
from moments inner join asked_players as games using (replay_id, player_id)
where games.race_actual is not null
group by games.race_actual, moments.kind, moments.name
having count(*) >= $least and count(*) * 4 >= (
    select count(*) from asked_players as all_of_race where all_of_race.race_actual = games.race_actual
)
order by race, kind, seconds[3], name
"""
_MAPS = """
select map_key, map_name, count(*) as games, median(shown_seconds(duration_game_loops, clock_speed)) as length_seconds
from asked_games where map_key is not null group by map_key, map_name order by games desc, map_name limit 20
"""
# The first race of a matchup stands for both.
_BALANCE = """
select map_key, matchup, count(*) as games, count(*) filter (is_winner) as won, won / games as rate,
    wilson_low(won, games) as low, wilson_high(won, games) as high
from asked_players
where is_winner is not null and race_actual != opponent_race_actual and upper(race_actual[1]) = matchup[1]
group by map_key, matchup having count(*) >= $least order by map_key, matchup
"""
_FATES = "select status, reason, count(*) as files from ops.replays group by all order by files desc, status, reason"
_FILES = "select count(*) from ops.replay_files"
_KNOWN = """
select what, known, counted from (
    select 'rating of players' as what, count(mmr) as known, count(*) as counted, 1 as place
    from marts.fct_replay_players where not is_computer
    union all
    select 'result of players', count(result), count(*), 2 from marts.fct_replay_players where not is_computer
    union all
    select 'event stream read to its end', count(*) filter (tracker_complete), count(*), 3 from marts.dim_replays
    union all
    select 'commands read to their end', count(*) filter (game_events_complete), count(game_events_complete), 4
    from marts.dim_replays
    union all
    select 'day of the game', count(played_at), count(*), 5 from marts.dim_replays
) where counted > 0 order by place
"""


def collection(connection: duckdb.DuckDBPyConnection, population: Population) -> Record:
    """``totals``; ``asked``, which games the rest is about; of games of one against one that begin with the commonest
    number of workers (``duels`` says which) the ``openers`` by matchup and race with Wilson's interval of their win rate,
    and ``timings`` (seconds at speed Faster: of 5, 25, 50, 75 and 95 in 100 players); ``maps`` by family with their
    ``balance``; ``files``, what became of them; and what is ``known``.

    Kinds of which there is nothing are absent from the lists.
    """
    duels = _of_one_against_one(connection, population)
    [totals] = records(connection, _TOTALS)
    [(files,)] = connection.execute(_FILES).fetchall()
    balance: dict[str, list[Record]] = {}
    for row in records(connection, duels.statement(_BALANCE), {"least": LEAST_GAMES}):
        balance.setdefault(row.pop("map_key"), []).append(row)
    return {
        "totals": totals | {"files": files},
        "asked": population.line(connection),
        "duels": duels.line(connection),
        "openers": records(connection, duels.statement(_OPENERS), {"least": LEAST_GAMES}),
        "timings": records(connection, duels.statement(_TIMINGS), {"least": LEAST_GAMES}),
        "maps": [
            family | {"balance": balance.get(family["map_key"], [])}
            for family in records(connection, population.statement(_MAPS))
        ],
        "files": [fate | {"meaning": _meaning(fate)} for fate in records(connection, _FATES)],
        "known": records(connection, _KNOWN),
    }


def _meaning(fate: dict[str, Any]) -> str | None:
    return None if fate["reason"] is None else REASONS.get(fate["reason"], f"rule {fate['reason']} of the filters")


def _of_one_against_one(connection: duckdb.DuckDBPyConnection, population: Population) -> Population:
    """The games of one against one, where no other mode is asked for, that begin with the commonest number of workers:
    times after different starts are never mixed."""
    values = dict(population.values)
    if values["mode"] == "melee":
        values["mode"] = "1v1"
    duels = replace(population, values=values)
    found = connection.execute(duels.statement(_COMMONEST_START)).fetchall()
    if values["era"] is None and found:
        values["era"] = found[0][0]
    return replace(population, values=values)
