"""A game played back on its map: where the game itself was observed, as it showed units, else from what the replay's tracker
and commands say of places."""

from bisect import bisect_right
from collections import defaultdict
from itertools import chain, pairwise
from math import inf
from typing import Any

import duckdb

from sc2_pipeline.browsing.ground import NO_EXTENT, ground_of
from sc2_pipeline.browsing.records import Record, records
from sc2_pipeline.browsing.walking import track
from sc2_pipeline.errors import HomeError
from sc2_pipeline.game import game_seconds, shown_seconds
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
# One place a second, without those in the middle of standing still. Both players' passes show a unit that both see.
_OBSERVED = """
with places as (
    select unit_tag, min(game_loop) as game_loop, arg_min(round(x, 1), game_loop) as x, arg_min(round(y, 1), game_loop) as y
    from read_parquet($files)
    where replay_id = $replay and display_type = 'visible' and player_id between 1 and 15 and game_loop <= $end
    group by unit_tag, game_loop // 22
)

select unit_tag, game_loop, x, y, coalesce(lead(game_loop) over unit - game_loop <= $gap, false) as is_seen_on
from places
window unit as (partition by unit_tag order by game_loop)
qualify not is_seen_on or (x, y) is distinct from (lag(x) over unit, lag(y) over unit)
    or (x, y) is distinct from (lead(x) over unit, lead(y) over unit) or game_loop - lag(game_loop) over unit > $gap
order by unit_tag, game_loop
"""
_LONGEST_LOOK_AWAY = 112
"""Game loops between two observations of a unit, 5 seconds, up to which it is taken to have been seen all the time."""

# The view over the files of all replays would have to open many of them.
_FILES = f"select list(distinct path) from {FILES} where table_name = ? and replay_id = ? and is_here"

REPORTED, COMPUTED, SEEN_ON = 1, 0, 2
"""What is known of a point: the replay says so; it was walked to; or the game was seen to show it, and all that follows up to
the next point."""

_Known = tuple[float, float, float, int]
_MOVED = 2
"""A structure that was observed at so many places has been somewhere else."""


def playback(connection: duckdb.DuckDBPyConnection, replay_id: str) -> Record:
    """``units`` with their tracks, and the box of map cells that holds them all (``left``, ``bottom``, ``right``, ``top``).

    Of a unit: ``player_id``, ``name``, ``category``, ``is_structure``, ``born`` and ``ended`` (seconds on the game's own
    clock), ``is_loss``, and ``points``: [seconds, x, y, one of :data:`REPORTED`, :data:`COMPUTED` and :data:`SEEN_ON`].
    Structures that stay where they are have one point. ``is_observed`` says whether the game itself showed
    units. Raises HomeError if the warehouse does not contain the replay.
    """
    found = connection.execute(_CLOCK, [replay_id]).fetchall()
    if not found:
        raise HomeError(f"replay {replay_id} is not in the warehouse; see `sc2-pipeline status {replay_id}`")
    [(speed, end)] = found
    places, commands = places_by_unit(connection, replay_id), commands_by_unit(connection, replay_id)
    observed = observed_by_unit(connection, replay_id, end)
    units = []
    for unit in records(connection, UNITS, {"replay": replay_id, "end": end}):
        tag = unit["unit_tag"]
        units.append(_shown(unit, _track(unit, places[tag], commands[tag], observed.get(tag, [])), speed))
    xs_and_ys = [(point[1], point[2]) for unit in units for point in unit["points"]]
    extent = next(iter(connection.execute(_EXTENT, [replay_id]).fetchall()), NO_EXTENT)
    ground = ground_of(xs_and_ys, extent)
    box = None if ground is None else {side: getattr(ground, side) for side in ("left", "bottom", "right", "top")}
    return {"clock_speed": speed, "length_seconds": shown_seconds(end, speed), "box": box} | {
        "is_observed": bool(observed),
        "units": units,
    }


def places_by_unit(connection: duckdb.DuckDBPyConnection, replay_id: str) -> defaultdict[int, list[Any]]:
    """Where the tracker reports units to be: (game loop, x, y) in order of time, by the unit's tag."""
    return _by_unit(connection.execute(_PLACES, [replay_id]).fetchall())


def commands_by_unit(connection: duckdb.DuckDBPyConnection, replay_id: str) -> defaultdict[int, list[Any]]:
    """Where units are sent: (game loop, x, y, whether it is queued) in order of time, by the unit's tag.

    Empty where the replay was read without commands, or they are in a lake elsewhere.
    """
    files = _files(connection, "commands", replay_id)
    rows = connection.execute(_COMMANDS, {"files": files, "replay": replay_id}).fetchall() if files else []
    return _by_unit(rows)


def observed_by_unit(
    connection: duckdb.DuckDBPyConnection, replay_id: str, end: int
) -> defaultdict[int, list[tuple[int, float, float, bool]]]:
    """Where the game itself showed units: (game loop, x, y, whether it was seen without a break until the next one) in
    order of time, by the unit's tag; empty where only the replay's events were read."""
    files = _files(connection, "unit_snapshots", replay_id)
    asked = {"files": files, "replay": replay_id, "end": end, "gap": _LONGEST_LOOK_AWAY}
    return _by_unit(connection.execute(_OBSERVED, asked).fetchall() if files else [])


def _files(connection: duckdb.DuckDBPyConnection, table: str, replay_id: str) -> list[str] | None:
    [(files,)] = connection.execute(_FILES, [table, replay_id]).fetchall()
    return files  # type: ignore[no-any-return]


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


def _track(unit: Record, places: list[Any], commands: list[Any], observed: list[Any]) -> list[_Known]:
    """A unit's points: those that the game was seen to show, what the replay reports while it was not, and the way between."""
    if unit["is_structure"] and len({place[1:3] for place in observed}) < _MOVED:
        return [(game_seconds(unit["born_game_loop"]), unit["birth_x"], unit["birth_y"], REPORTED)]
    seen = [(game_seconds(loop), game_seconds(following[0])) for (loop, *_, on), following in pairwise(observed) if on]
    exact = {game_seconds(loop): SEEN_ON if on else REPORTED for loop, _, _, on in observed}
    reported = [(game_seconds(loop), x, y) for loop, x, y, _ in observed]
    others = [place for place in known_places(unit, places) if place[0] not in exact and not _is_within(place[0], seen)]
    sent = [(game_seconds(loop), x, y, is_queued) for loop, x, y, is_queued in commands]
    if seen:
        sent = [command for command in sent if not _is_within(command[0], seen)]
    points = track([*reported, *others], sent, game_seconds(unit["ended_game_loop"]))
    return [(at, x, y, exact.get(at, REPORTED) if known else COMPUTED) for at, x, y, known in points]


def _is_within(moment: float, stretches: list[tuple[float, float]]) -> bool:
    """Whether one of these stretches of time, which are in order and do not overlap, holds the moment."""
    number = bisect_right(stretches, (moment, inf))
    return number > 0 and moment < stretches[number - 1][1]


def _shown(unit: Record, points: list[_Known], speed: str) -> Record:
    """A unit as its page has it: on the game's own clock, in tenths of seconds and of cells."""
    slower = shown_seconds(1, speed) / shown_seconds(1, "faster")
    return {name: unit[name] for name in ("player_id", "name", "category", "is_structure", "is_loss")} | {
        "born": round(shown_seconds(unit["born_game_loop"], speed), 1),
        "ended": round(shown_seconds(unit["ended_game_loop"], speed), 1),
        # Thrice as fast as round(), which a long game would call 200,000 times.
        "points": [
            [int(at * slower * 10 + 0.5) / 10, int(x * 10 + 0.5) / 10, int(y * 10 + 0.5) / 10, known]
            for at, x, y, known in points
        ],
    }
