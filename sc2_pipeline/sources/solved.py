"""Rows computed from a replay's own rows: build steps and macro actions.

They are computed directly after decoding, or later from the rows in the lake: when the rules of the game or the solver
change, no file is decoded again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import fields
from itertools import chain
from typing import Any

import pyarrow as pa

from sc2_pipeline.build_orders import BuildOrder, BuildStep, GameRecord, build_orders, macro_actions
from sc2_pipeline.build_orders.record import supply_samples, upgrades_done
from sc2_pipeline.build_orders.units import unit_lives
from sc2_pipeline.replay_format.game_events import (
    POINT_SCALE,
    Command,
    GameEvents,
    Orders,
    StreamReading,
    UserMinute,
)
from sc2_pipeline.replay_format.lobby import ReplayLobby
from sc2_pipeline.replay_format.lobby_players import ReplayPlayer
from sc2_pipeline.sources.base import Take
from sc2_pipeline.sources.people_rows import give_columns

SOLVER_VERSION = 5
"""Increased by hand when the same rows give other build steps or macro actions, which are then computed again."""

SOLVED_FROM = ("replays", "replay_players", "unit_events", "player_stats", "upgrade_events", "commands", "user_minutes")
"""Raw tables from which a game's solved rows are computed."""

ReadRows = Callable[[str], pa.Table]
"""Returns the rows of one replay in one of the tables of :data:`SOLVED_FROM`; empty if it has none."""

_INT16_MAX = 32_767

_BUILD_STEP_FIELDS = ("player_id", "kind", "item", "display_name", "outcome", "start_method", "started_game_loop",
                      "start_error_game_loops", "earliest_start_game_loop", "latest_start_game_loop", "finished_game_loop",
                      "ended_game_loop", "unit_tag", "is_worker", "is_chronoboosted", "chrono_game_loops_saved",
                      "supply_used", "supply_cap", "x", "y")  # fmt: skip
"""Fields of BuildStep that are columns of the same name."""


def give_solved(replay_id: str, record: GameRecord, take: Take) -> None:
    """Passes on ``build_steps`` and ``macro_actions`` of one game."""
    orders = build_orders(record)
    give_columns(replay_id, "build_steps", _step_columns(orders), take)
    give_columns(replay_id, "macro_actions", _action_columns(record, orders), take)


def _step_columns(orders: Iterable[BuildOrder]) -> dict[str, Iterable[Any]]:
    found = [(order, step) for order in orders for step in chain(order.steps, order.spawned)]
    steps = [step for _, step in found]
    times = [_build_time(order, step) for order, step in found]
    return {
        **{name: [getattr(step, name) for step in steps] for name in _BUILD_STEP_FIELDS},
        "step_index": range(len(steps)),
        "unit_count": [min(step.count, _INT16_MAX) for step in steps],
        "producer_unit_tag": [step.producer_tag for step in steps],
        "producer_unit_type": [step.producer_type for step in steps],
        "build_game_loops": [None if game_loops is None else round(game_loops) for game_loops, _ in times],
        "build_time_origin": [origin for _, origin in times],
    }


def _build_time(order: BuildOrder, step: BuildStep) -> tuple[float | None, str | None]:
    """Build time of a step from the table of rules; None for units that are warped in, whose time is not in the
    table."""
    if step.item is None or step.kind in ("warp_in", "spawned"):
        return None, None
    return order.context.rules.build_time(step.item)


def _action_columns(record: GameRecord, orders: Iterable[BuildOrder]) -> dict[str, Iterable[Any]]:
    actions = [action for order in orders for action in macro_actions(record, order.context)]
    return {
        "action_index": range(len(actions)),
        "game_loop": [action.game_loop for action in actions],
        "player_id": [action.player_id for action in actions],
        "kind": [action.kind for action in actions],
        "known_by": [action.known_by for action in actions],
        "caster_unit_tag": [action.caster_tag for action in actions],
        "target_unit_tag": [action.target_tag for action in actions],
        "target_unit_type": [action.target_type for action in actions],
        "x": [action.x for action in actions],
        "y": [action.y for action in actions],
    }


def record_of_rows(read: ReadRows) -> GameRecord:
    """The game in the solver's form, from one replay's raw rows; equal to what its decoded streams give."""
    players = [_of_row(ReplayPlayer, row) for row in read("replay_players").to_pylist()]
    [replay] = read("replays").to_pylist()
    lobby = _of_row(ReplayLobby, {**replay, "players": tuple(players), "observers": ()})
    minutes = read("user_minutes").to_pylist()
    of_minutes = {row["user_id"]: row["player_id"] for row in minutes if row["player_id"] is not None}
    stats = read("player_stats")
    return GameRecord(
        lobby=lobby,
        last_game_loop=lobby.duration_game_loops,
        units=unit_lives(read("unit_events"), 1),
        upgrades=upgrades_done(read("upgrade_events")),
        supply=supply_samples(stats, *(stats.column(name).to_pylist() for name in ("supply_used", "supply_cap"))),
        events=_events(replay, read("commands"), minutes),
        player_of_user={p.user_id: p.player_id for p in players if p.user_id is not None} | of_minutes,
    )


def _of_row(kind: type[Any], row: Mapping[str, Any]) -> Any:
    """A dataclass from the columns named as its fields, with lists as tuples; other fields are None."""
    values = {field.name: row.get(field.name) for field in fields(kind)}
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()})


def _events(replay: Mapping[str, Any], commands: pa.Table, minutes: Iterable[Mapping[str, Any]]) -> GameEvents | None:
    """The game events that rows keep; None if the replay has none or they were not requested."""
    if replay["game_events_complete"] is None:
        return None
    reading = StreamReading(
        protocol_build=replay["game_events_build"],
        event_count=commands.num_rows,
        last_game_loop=replay["duration_game_loops"],
        is_complete=replay["game_events_complete"],
        fault=replay["game_events_fault"],
    )
    names = [field.name for field in fields(UserMinute)]
    return GameEvents(
        reading=reading,
        orders=_orders(commands),
        user_minutes=[UserMinute(**{name: row[name] for name in names}) for row in minutes],
        leaves=[],
    )


def _orders(commands: pa.Table) -> Orders:
    numbers: dict[tuple[int, ...], int] = {}
    selections = [
        None if tags is None else numbers.setdefault(tuple(tags), len(numbers))
        for tags in commands.column("unit_tags").to_pylist()
    ]
    columns = {
        **{name: commands.column(name).to_pylist() for name in set(Command._fields) & set(commands.column_names)},
        "target_tag": commands.column("target_unit_tag").to_pylist(),
        "target_link": commands.column("target_type_link").to_pylist(),
        "x": _points(commands.column("x")),
        "y": _points(commands.column("y")),
        "selection": selections,
    }
    rows = zip(*(columns[name] for name in Command._fields), strict=True)
    return Orders(commands=[Command._make(row) for row in rows], selections=list(numbers))


def _points(cells: pa.ChunkedArray) -> list[int | None]:
    """Map cells in the stream's fixed-point units; exact, because single precision represents every one of them."""
    return [None if cell is None else round(cell * POINT_SCALE) for cell in cells.to_pylist()]
