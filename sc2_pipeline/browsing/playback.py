"""A game played back on its map, from what the replay's tracker and commands say of places."""

from collections import defaultdict
from itertools import chain
from typing import Any

import duckdb

from sc2_pipeline.browsing.ground import NO_EXTENT, ground_of
from sc2_pipeline.browsing.records import Record, records
from sc2_pipeline.browsing.walking import Point, track
from sc2_pipeline.errors import HomeError
from sc2_pipeline.game import shown_seconds
from sc2_pipeline.warehouse.parquet_views import FILES

_EXTENT = """
select maps.playable_x_min, maps.playable_y_min, maps.playable_x_max, maps.playable_y_max
from marts.dim_maps as maps inner join marts.dim_replays as replays using (map_key) where replays.replay_id = ?
"""
_CLOCK = "select clock_speed, duration_game_loops from marts.dim_replays where replay_id = ?"

# What a recording has after the game's end is left out. Structures that are begun stand there already; a unit is there once it is finished.
UNITS = """
select unit_tag, player_id, display_name(first_unit_type) as name, category, is_structure,
    case when is_structure then started_game_loop else coalesce(finished_game_loop, started_game_loop) end as born_game_loop,
    least(coalesce(ended_game_loop, $end), $end) as ended_game_loop,
    is_loss and fct_units.ended_game_loop <= $end as is_loss, birth_x, birth_y, death_x, death_y
from marts.fct_units
where replay_id = $replay and player_id > 0 and not is_hallucination and birth_x is not null
    and category not in ('larva', 'neutral', 'resource', 'dummy') and born_game_loop < $end
order by unit_tag
"""
"""Units of a game whose birth is known; ``$end`` is the game's last game loop."""

_PLACES = "select unit_tag, game_loop, x, y from raw.unit_positions where replay_id = ? order by unit_tag, game_loop"
_COMMANDS = """
select unnest(unit_tags), game_loop, x, y, is_queued from read_parquet($files)
where replay_id = $replay and x is not null order by game_loop
"""
# The view over the files of all replays would have to open many of them.
_FILES = f"select list(distinct path) from {FILES} where table_name = 'commands' and replay_id = ? and is_here"


def playback(connection: duckdb.DuckDBPyConnection, replay_id: str) -> Record:
    """``units`` with their tracks, and the box of map cells that holds them all (``left``, ``bottom``, ``right``, ``top``).

    Of a unit: ``player_id``, ``name``, ``category``, ``is_structure``, ``born`` and ``ended`` (seconds on the game's own
    clock), ``is_loss``, and ``points``: [seconds, x, y, 1 if the replay says so and 0 if it walked there along its commands].
    Structures have one point. Raises HomeError if the warehouse does not contain the replay.
    """
    found = connection.execute(_CLOCK, [replay_id]).fetchall()
    if not found:
        raise HomeError(f"replay {replay_id} is not in the warehouse; see `sc2-pipeline status {replay_id}`")
    [(speed, end)] = found
    places, commands = places_by_unit(connection, replay_id), commands_by_unit(connection, replay_id)
    units = []
    for unit in records(connection, UNITS, {"replay": replay_id, "end": end}):
        points = _track(unit, places[unit["unit_tag"]], commands[unit["unit_tag"]])
        units.append(_shown(unit, points, speed))
    xs_and_ys = [(point[1], point[2]) for unit in units for point in unit["points"]]
    extent = next(iter(connection.execute(_EXTENT, [replay_id]).fetchall()), NO_EXTENT)
    ground = ground_of(xs_and_ys, extent)
    box = None if ground is None else {side: getattr(ground, side) for side in ("left", "bottom", "right", "top")}
    return {"clock_speed": speed, "length_seconds": shown_seconds(end, speed), "box": box, "units": units}


def places_by_unit(connection: duckdb.DuckDBPyConnection, replay_id: str) -> defaultdict[int, list[Any]]:
    """Where the tracker reports units to be: (game loop, x, y) in order of time, by the unit's tag."""
    return _by_unit(connection.execute(_PLACES, [replay_id]).fetchall())


def commands_by_unit(connection: duckdb.DuckDBPyConnection, replay_id: str) -> defaultdict[int, list[Any]]:
    """Where units are sent: (game loop, x, y, whether it is queued) in order of time, by the unit's tag.

    Empty where the replay was read without commands, or they are in a lake elsewhere.
    """
    [(files,)] = connection.execute(_FILES, [replay_id]).fetchall()
    rows = connection.execute(_COMMANDS, {"files": files, "replay": replay_id}).fetchall() if files else []
    return _by_unit(rows)


def _by_unit(rows: list[Any]) -> defaultdict[int, list[Any]]:
    by_unit: defaultdict[int, list[Any]] = defaultdict(list)
    for unit_tag, *row in rows:
        by_unit[unit_tag].append(tuple(row))
    return by_unit


def known_places(unit: Record, places: list[Any]) -> list[tuple[float, float, float]]:
    """Where the replay says that a unit was, as (game seconds, x, y): its birth, places reported, and its death."""
    born, ended = unit["born_game_loop"], unit["ended_game_loop"]
    last = [(ended, unit["death_x"], unit["death_y"])] if unit["is_loss"] and unit["death_x"] is not None else []
    reported = (place for place in places if born < place[0] < ended)
    return [
        (shown_seconds(loop, "faster"), x, y)
        for loop, x, y in chain([(born, unit["birth_x"], unit["birth_y"])], reported, last)
    ]


def _track(unit: Record, places: list[Any], commands: list[Any]) -> list[Point]:
    if unit["is_structure"]:
        return [(shown_seconds(unit["born_game_loop"], "faster"), unit["birth_x"], unit["birth_y"], True)]
    sent = [(shown_seconds(loop, "faster"), x, y, is_queued) for loop, x, y, is_queued in commands]
    return track(known_places(unit, places), sent, shown_seconds(unit["ended_game_loop"], "faster"))


def _shown(unit: Record, points: list[Point], speed: str) -> Record:
    """A unit as its page has it: on the game's own clock, in tenths of seconds and of cells."""
    slower = shown_seconds(1, speed) / shown_seconds(1, "faster")
    return {name: unit[name] for name in ("player_id", "name", "category", "is_structure", "is_loss")} | {
        "born": round(shown_seconds(unit["born_game_loop"], speed), 1),
        "ended": round(shown_seconds(unit["ended_game_loop"], speed), 1),
        "points": [[round(at * slower, 1), round(x, 1), round(y, 1), int(known)] for at, x, y, known in points],
    }
