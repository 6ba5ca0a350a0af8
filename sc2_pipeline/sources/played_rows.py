"""Rows of what people ordered, wrote and built: one replay's game and message events, and its solved build orders."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.build_orders import BuildOrder, BuildStep, GameRecord, build_orders, game_record, macro_actions
from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE, MAX_GAME_LOOPS
from sc2_pipeline.replay_format.game_events import (
    GAME_EVENTS_MEMBER,
    POINT_SCALE,
    QUEUED,
    Command,
    GameEvents,
    UserMinute,
    decode_game_events,
)
from sc2_pipeline.replay_format.lobby import ReplayLobby
from sc2_pipeline.replay_format.message_events import MAX_MESSAGES_BYTES, MESSAGES_MEMBER, decode_messages
from sc2_pipeline.replay_format.mpq import MAX_MEMBER_BYTES, Archive
from sc2_pipeline.replay_format.tracker import MEMBER as TRACKER_MEMBER
from sc2_pipeline.replay_format.tracker import TrackerEvents, decode_tracker
from sc2_pipeline.sources.base import Take
from sc2_pipeline.sources.bounds import (
    GAME_EVENTS,
    TRACKER_EVENTS,
    UNITS_OF_COMMANDS_PER_MB,
    max_events,
    megabytes,
    refuse_above,
    too_dense,
)
from sc2_pipeline.sources.declared_rows import declared_batch
from sc2_pipeline.sources.lobby_rows import StreamState
from sc2_pipeline.tables import RAW_TABLES

BUILD_ORDER_VERSION = 3
"""Raised by hand when the same replay gives other build steps or macro actions; replays are then extracted again."""

_INT16_MAX = 32_767

_BUILD_STEP_FIELDS = ("player_id", "kind", "item", "display_name", "outcome", "start_method", "start_game_loop",
                      "start_error_game_loops", "earliest_start_game_loop", "latest_start_game_loop", "finish_game_loop",
                      "end_game_loop", "unit_tag", "is_worker", "is_chronoboosted", "chrono_game_loops_saved",
                      "supply_used", "supply_cap", "x", "y")  # fmt: skip
"""Fields of a BuildStep that are columns of the same name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerReading:
    """The tracker stream as far as it could be read; what ended it early, and the reason code for that."""

    events: TrackerEvents
    fault: str | None
    reason: str

    @property
    def state(self) -> StreamState:
        """What ``replays`` says of the stream."""
        return StreamState(is_complete=self.fault is None, fault=self.fault, event_count=self.events.event_count)


def read_tracker(archive: Archive, game_loops: int) -> TrackerReading | None:
    """The replay's tracker events; None where it has none. Damage is told, not raised.

    Raises CorruptReplayError: too_large, too_dense.
    """
    if TRACKER_MEMBER not in archive:
        return None
    content, damage = _content(archive, TRACKER_MEMBER)
    limit = max_events(TRACKER_EVENTS, game_loops)
    events = decode_tracker(content, max_events=limit)
    if events.fault and events.event_count >= limit:
        raise too_dense(TRACKER_MEMBER, limit, game_loops)
    if damage is None:
        return TrackerReading(events=events, fault=events.fault, reason="corrupt_tracker")
    return TrackerReading(events=events, fault=damage.detail, reason=damage.reason)


def game_events_of(archive: Archive, lobby: ReplayLobby) -> GameEvents | None:
    """The replay's game events; None where it has none. Damage is told, not raised.

    Raises CorruptReplayError: too_large, too_dense.
    """
    if GAME_EVENTS_MEMBER not in archive:
        return None
    content, damage = _content(archive, GAME_EVENTS_MEMBER)
    limit = max_events(GAME_EVENTS, lobby.duration_game_loops)
    events = decode_game_events(content, lobby.base_build, max_events=limit)
    if events.reading.fault and events.reading.event_count >= limit:
        raise too_dense(GAME_EVENTS_MEMBER, limit, lobby.duration_game_loops)
    if damage is None:
        return events
    # What is whole of a damaged member may end where an event does.
    reading = replace(events.reading, is_complete=False, fault=events.reading.fault or damage.detail)
    return replace(events, reading=reading)


def _content(
    archive: Archive, name: str, *, max_bytes: int = MAX_MEMBER_BYTES
) -> tuple[bytes, CorruptReplayError | None]:
    """As ``Archive.read_prefix``; raises CorruptReplayError for a member that is too large to be looked at."""
    content, damage = archive.read_prefix(name, max_bytes=max_bytes)
    if damage is not None and damage.reason == "too_large":
        raise damage
    return content, damage


class PlayedRows:
    """Gives the rows of one replay, whose file has ``file_bytes``, to ``take``, each table in its declared schema."""

    def __init__(self, replay_id: str, source: str, take: Take, *, file_bytes: int) -> None:
        self._identity = replay_id, source
        self._take = take
        self._file_bytes = file_bytes

    def give(self, archive: Archive, lobby: ReplayLobby, tracker: TrackerEvents, events: GameEvents | None) -> None:
        """Chat, commands, build steps and macro actions of one replay whose streams are decoded.

        Raises ReplayError too_large for the chat's stream, too_costly for commands to more units than in any real replay.
        """
        record = game_record(lobby, tracker, events)
        if events is not None:
            self._give_commands(events, record.player_of_user)
            self._give_minutes(events.user_minutes, record.player_of_user)
        if MESSAGES_MEMBER in archive:
            self._give_chat(archive, record)
        orders = build_orders(record)
        self._give_steps(orders)
        self._give_macro_actions(record, orders)

    def _give_commands(self, events: GameEvents, players: dict[int, int]) -> None:
        # A damaged stream may count its clock beyond any that a column holds.
        commands = [command for command in events.orders.commands if command.game_loop <= MAX_GAME_LOOPS]
        if not commands:
            return
        columns = dict(zip(Command._fields, zip(*commands, strict=True), strict=True))
        selections = pa.array(events.orders.selections, pa.list_(pa.int64()))
        chosen = pa.array(columns["selection"], pa.int32())
        unit_counts = pa.array([len(tags) for tags in events.orders.selections], pa.int16()).take(chosen)
        units = pc.sum(unit_counts).as_py() or 0
        refuse_above(UNITS_OF_COMMANDS_PER_MB * megabytes(self._file_bytes), units, "units selected for commands")
        self._give(
            "commands",
            {
                "event_index": columns["event_index"],
                "game_loop": columns["game_loop"],
                "user_id": columns["user_id"],
                "player_id": [players.get(user) for user in columns["user_id"]],
                "ability_link": columns["ability_link"],
                "ability_index": columns["ability_index"],
                "target_kind": columns["target_kind"],
                "target_unit_tag": columns["target_tag"],
                "target_type_link": columns["target_link"],
                "x": _cells(columns["x"]),
                "y": _cells(columns["y"]),
                "is_queued": [bool(flags & QUEUED) for flags in columns["flags"]],
                "is_repeat": columns["is_repeat"],
                "flags": columns["flags"],
                "unit_count": unit_counts,
                "unit_tags": selections.take(chosen),
            },
        )

    def _give_minutes(self, minutes: Sequence[UserMinute], players: dict[int, int]) -> None:
        minutes = [minute for minute in minutes if minute.game_minute <= MAX_GAME_LOOPS // GAME_LOOPS_PER_MINUTE]
        self._give(
            "user_minutes",
            {
                "user_id": [minute.user_id for minute in minutes],
                "player_id": [players.get(minute.user_id) for minute in minutes],
                "game_minute": [minute.game_minute for minute in minutes],
                "command_count": [minute.command_count for minute in minutes],
                "camera_update_count": [minute.camera_update_count for minute in minutes],
            },
        )

    def _give_chat(self, archive: Archive, record: GameRecord) -> None:
        content, _ = _content(archive, MESSAGES_MEMBER, max_bytes=MAX_MESSAGES_BYTES)
        messages = decode_messages(content, record.lobby.base_build)
        chat = [line for line in messages.chat if line.game_loop <= MAX_GAME_LOOPS]
        self._give(
            "chat_messages",
            {
                "pass_player_id": [None] * len(chat),
                "message_index": range(len(chat)),
                "game_loop": [line.game_loop for line in chat],
                "player_id": [record.player_of_user.get(line.user_id) for line in chat],
                "user_id": [line.user_id for line in chat],
                "recipient": [line.recipient for line in chat],
                "text": [line.text for line in chat],
            },
        )

    def _give_steps(self, orders: Iterable[BuildOrder]) -> None:
        found = [(order, step) for order in orders for step in chain(order.steps, order.spawned)]
        steps = [step for _, step in found]
        times = [_build_time(order, step) for order, step in found]
        columns: dict[str, Iterable[Any]] = {name: [getattr(s, name) for s in steps] for name in _BUILD_STEP_FIELDS}
        self._give(
            "build_steps",
            {
                **columns,
                "step_index": range(len(steps)),
                "unit_count": [min(step.count, _INT16_MAX) for step in steps],
                "producer_unit_tag": [step.producer_tag for step in steps],
                "producer_unit_type": [step.producer_type for step in steps],
                "build_game_loops": [None if game_loops is None else round(game_loops) for game_loops, _ in times],
                "build_time_origin": [origin for _, origin in times],
            },
        )

    def _give_macro_actions(self, record: GameRecord, orders: Iterable[BuildOrder]) -> None:
        actions = [action for order in orders for action in macro_actions(record, order.context)]
        self._give(
            "macro_actions",
            {
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
            },
        )

    def _give(self, name: str, columns: dict[str, Any]) -> None:
        """Gives the columns, in the table's declared order and types; nothing where there are no rows."""
        count = len(columns[next(iter(columns))])
        if not count:
            return
        replay_id, source = self._identity
        whole = {"replay_id": pa.repeat(replay_id, count), "source": pa.repeat(source, count), **columns}
        self._take(name, declared_batch(RAW_TABLES[name], whole, reason="corrupt_tracker"))


def _cells(points: Iterable[int | None]) -> list[float | None]:
    return [None if point is None else point / POINT_SCALE for point in points]


def _build_time(order: BuildOrder, step: BuildStep) -> tuple[float | None, str | None]:
    """The table value of a step; what is warped in takes a time of its own, which no table has."""
    if step.item is None or step.kind in ("warp_in", "spawned"):
        return None, None
    return order.context.rules.build_time(step.item)
