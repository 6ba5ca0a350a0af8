"""Map families: the list, and one family's balance, starts and deaths."""

import duckdb

from sc2_pipeline.browsing.records import Record, page_of, records
from sc2_pipeline.errors import HomeError

CELLS = 4
"""Deaths are counted in squares of so many cells."""

_LIST = """
select map_key, map_name, map_names_seen, version_count, is_blizzard_map, game_count, median_duration_seconds,
    last_played_at, count(*) over () as total
from marts.dim_maps
where $search = '' or contains(lower(array_to_string(map_names_seen, ' ') || ' ' || coalesce(map_name, '')), lower($search))
order by game_count desc, map_name, map_key
limit $limit offset $offset
"""
_ONE = """
select map_key, map_name, map_names_seen, version_count, is_blizzard_map, game_count, median_duration_seconds,
    first_played_at, last_played_at
from marts.dim_maps where map_key = ?
"""
# Mirrors say nothing of a map's balance.
_BALANCE = """
select games.matchup, mine.race_actual as race, count(*) as games, count(*) filter (mine.is_winner) as won,
    count(*) filter (not mine.is_winner) as lost
from marts.games as games inner join marts.fct_replay_players as mine using (replay_id)
where games.map_key = ? and games.game_mode = '1v1' and not games.has_ai and mine.is_winner is not null
    and games.matchup[1] != games.matchup[3]
group by all order by games desc, matchup, race
"""
_DEATHS = f"""
select floor(deaths.x / {CELLS})::integer * {CELLS} as x, floor(deaths.y / {CELLS})::integer * {CELLS} as y,
    count(*) as deaths
from marts.fct_unit_deaths as deaths inner join marts.games as games using (replay_id)
where games.map_key = ? and deaths.x is not null and not deaths.is_summoned
group by all order by all
"""
_STARTS = """
select round(bases.x)::integer as x, round(bases.y)::integer as y, count(*) as games
from marts.fct_bases as bases inner join marts.games as games using (replay_id)
where games.map_key = ? and bases.base_number = 1 and bases.x is not null
group by all order by all
"""


def maps(connection: duckdb.DuckDBPyConnection, search: str = "", *, limit: int = 100, offset: int = 0) -> Record:
    """``total``, and ``maps``: families of which a title, in any language, contains ``search``, by number of games."""
    return page_of(records(connection, _LIST, {"search": search, "limit": limit, "offset": offset}), "maps")


def map_family(connection: duckdb.DuckDBPyConnection, map_key: str) -> Record:
    """One family: ``map``, ``balance`` of one against one between people by matchup and race, ``starts`` (first town
    halls) and ``deaths`` in squares of :data:`CELLS` cells, over all its games.

    Raises HomeError if the warehouse has no such map.
    """
    found = records(connection, _ONE, [map_key])
    if not found:
        raise HomeError(f"the warehouse has no map {map_key}; look it up among the maps")
    return {
        "map": found[0],
        "balance": records(connection, _BALANCE, [map_key]),
        "starts": records(connection, _STARTS, [map_key]),
        "deaths": records(connection, _DEATHS, [map_key]),
        "cells": CELLS,
    }
