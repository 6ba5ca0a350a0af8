"""One game: facts, players, curves, fights, supply blocks, units over time and whole build orders."""

from collections import defaultdict
from typing import Any

import duckdb

from sc2_pipeline.browsing.game_facts import GameFacts, game_facts
from sc2_pipeline.browsing.records import Record, records

CURVES = ("seconds", "army_value", "workers", "income", "unspent", "supply_used", "supply_cap", "resources_lost")
"""Curves of a player in the order of :mod:`sc2_pipeline.browsing.game_facts`; ``income`` is minerals and vespene a minute."""

_MAP = "select map_key, region, has_ai from marts.games where game_key = ?"

# Steps that were planned and never begun have no number.
_BUILDS = """
select player_id, step_number, kind, display_name as name, unit_count as count, supply_used, outcome, is_cancelled,
    is_worker, is_chronoboosted, is_proxy, producer_unit_type as producer, start_method,
    shown_seconds(started_game_loop, clock_speed) as started_seconds,
    shown_seconds(finished_game_loop, clock_speed) as finished_seconds,
    shown_seconds(start_error_game_loops, clock_speed) as start_error_seconds
from marts.fct_build_orders
where replay_id = ? and step_number is not null
order by player_id, step_number
"""
# A replay read without commands has no build orders; births of its units stand for them.
_BEGUN = """
select units.player_id, row_number() over (partition by units.player_id order by units.started_game_loop, units.unit_tag) as step_number,
    case when units.is_structure then 'structure' else 'unit' end as kind, display_name(units.first_unit_type) as name,
    1 as count, samples.supply_used, null as outcome, units.end_reason = 'cancelled' as is_cancelled,
    units.category = 'worker' as is_worker, null as is_chronoboosted, null as is_proxy, null as producer, units.start_method,
    shown_seconds(units.started_game_loop, replays.clock_speed) as started_seconds,
    shown_seconds(units.finished_game_loop, replays.clock_speed) as finished_seconds, null as start_error_seconds
from marts.fct_units as units
inner join marts.dim_replays as replays on units.replay_id = replays.replay_id
asof left join marts.fct_economy_snapshots as samples
    on units.replay_id = samples.replay_id and units.player_id = samples.player_id
    and units.started_game_loop > samples.game_loop
where units.replay_id = ? and units.player_id > 0 and units.started_game_loop > 0 and not units.is_hallucination
    and units.category in ('army', 'worker', 'townhall', 'production', 'technology', 'supply', 'gas', 'defence', 'addon')
order by units.player_id, step_number
"""
_UNITS = """
select runs.player_id, display_name(runs.unit_type) as name, coalesce(types.category, 'unknown') as category,
    shown_seconds(runs.from_game_loop, replays.clock_speed) as from_seconds,
    shown_seconds(runs.until_game_loop, replays.clock_speed) as until_seconds,
    runs.alive_count as alive, runs.in_progress_count as in_progress
from marts.fct_unit_count_runs as runs
inner join marts.dim_replays as replays using (replay_id)
left join (select unit_type, min(category) as category from raw.known_unit_types group by unit_type) as types
    using (unit_type)
where runs.replay_id = ? and (runs.alive_count > 0 or runs.in_progress_count > 0)
    and coalesce(types.category, 'unknown') not in ('larva', 'neutral', 'resource', 'dummy', 'summoned')
order by runs.player_id, category, name, from_seconds
"""


def game(connection: duckdb.DuckDBPyConnection, replay_id: str) -> Record:
    """All that is known of a game, on the clock that the game itself shows (``clock_speed``).

    ``game``, ``players``, ``curves`` (of each player one list per name of :data:`CURVES`), ``fights`` with ``sides``,
    ``blocks``, ``builds`` and ``units`` (how many of a kind lived, and were being made, from when until when). Raises
    HomeError if the warehouse does not contain the replay.
    """
    facts = game_facts(connection, replay_id)
    [about] = records(connection, _MAP, [facts.game["game_key"]]) or [{}]
    return {
        "game": facts.game | about | {"units_lost": facts.units_lost, "summoned_lost": facts.summoned_lost},
        "players": facts.players,
        "curves": _curves(facts),
        "fights": _fights(facts),
        "blocks": [
            {"player_id": player_id, "started_seconds": started, "ended_seconds": ended}
            for player_id, started, ended in facts.blocks
        ],
        "builds": records(connection, _BUILDS, [replay_id]) or records(connection, _BEGUN, [replay_id]),
        "units": records(connection, _UNITS, [replay_id]),
    }


def _curves(facts: GameFacts) -> list[Record]:
    by_player: dict[int, list[tuple[Any, ...]]] = defaultdict(list)
    for player_id, *sample in facts.samples:
        by_player[player_id].append(tuple(sample))
    return [
        {"player_id": player_id} | dict(zip(CURVES, map(list, zip(*samples, strict=True)), strict=True))
        for player_id, samples in by_player.items()
    ]


def _fights(facts: GameFacts) -> list[Record]:
    sides: dict[int, list[Record]] = defaultdict(list)
    for number, player_id, lost, army_before, workers_lost, units_lost in facts.battle_players:
        sides[number].append(
            {
                "player_id": player_id,
                "resources_lost": lost,
                "army_value_before": army_before,
                "workers_lost": workers_lost,
                "units_lost": units_lost,
            }
        )
    return [fight | {"sides": sides[fight["battle_number"]]} for fight in facts.battles]
