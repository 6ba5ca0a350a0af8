"""Rows of what people ordered and wrote, from a replay's game events and messages."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.game import MAX_GAME_LOOPS
from sc2_pipeline.replay_format.game_events import POINT_SCALE, QUEUED, Command, GameEvents, UserMinute
from sc2_pipeline.replay_format.message_events import MAX_MESSAGES_BYTES, MESSAGES_MEMBER, decode_messages
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.sources.base import Take
from sc2_pipeline.sources.bounds import UNITS_OF_COMMANDS_PER_MB, megabytes, refuse_above
from sc2_pipeline.sources.declared_rows import declared_batch
from sc2_pipeline.sources.streams import member_content
from sc2_pipeline.tables import RAW_TABLES

Players = Mapping[int, int]
"""player_id by user_id; both partners of an archon map to their one player."""


def give_people(
    replay_id: str,
    take: Take,
    *,
    archive: Archive,
    events: GameEvents | None,
    base_build: int,
    players: Players,
    file_bytes: int,
) -> None:
    """Passes on ``commands``, ``user_minutes`` and ``chat_messages`` of a replay whose file has ``file_bytes``.

    Raises ReplayError: too_large for the chat's stream, too_costly for commands to more units than in any real replay.
    """

    def give(name: str, columns: Mapping[str, Any]) -> None:
        give_columns(replay_id, name, columns, take)

    if events is not None:
        give("commands", _command_columns(events, players, file_bytes))
        give("user_minutes", _minute_columns(events.user_minutes, players))
    if MESSAGES_MEMBER in archive:
        give("chat_messages", _chat_columns(archive, base_build, players))


def give_columns(replay_id: str, name: str, columns: Mapping[str, Any], take: Take) -> None:
    """Passes on columns of a replay's rows in the table's declared order and types; nothing if there are no rows."""
    count = len(next(iter(columns.values()), ()))
    if count:
        whole = {"replay_id": pa.repeat(replay_id, count), "source": pa.repeat("tracker", count), **columns}
        take(name, declared_batch(RAW_TABLES[name], whole, reason="corrupt_tracker"))


def _command_columns(events: GameEvents, players: Players, file_bytes: int) -> dict[str, Any]:
    if not events.orders.commands:
        return {}
    columns = dict(zip(Command._fields, zip(*events.orders.commands, strict=True), strict=True))
    selections = pa.array(events.orders.selections, pa.list_(pa.int64()))
    chosen = pa.array(columns["selection"], pa.int32())
    unit_counts = pa.array([len(tags) for tags in events.orders.selections], pa.int16()).take(chosen)
    units = pc.sum(unit_counts).as_py() or 0
    refuse_above(UNITS_OF_COMMANDS_PER_MB * megabytes(file_bytes), units, "units selected for commands")
    return {
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
    }


def _minute_columns(minutes: Sequence[UserMinute], players: Players) -> dict[str, Any]:
    return {
        "user_id": [minute.user_id for minute in minutes],
        "player_id": [players.get(minute.user_id) for minute in minutes],
        "game_minute": [minute.game_minute for minute in minutes],
        "command_count": [minute.command_count for minute in minutes],
        "camera_update_count": [minute.camera_update_count for minute in minutes],
    }


def _chat_columns(archive: Archive, base_build: int, players: Players) -> dict[str, Any]:
    content, _ = member_content(archive, MESSAGES_MEMBER, max_bytes=MAX_MESSAGES_BYTES)
    messages = decode_messages(content, base_build)
    chat = [line for line in messages.chat if line.game_loop <= MAX_GAME_LOOPS]
    return {
        "pass_player_id": [None] * len(chat),
        "message_index": range(len(chat)),
        "game_loop": [line.game_loop for line in chat],
        "player_id": [players.get(line.user_id) for line in chat],
        "user_id": [line.user_id for line in chat],
        "recipient": [line.recipient for line in chat],
        "text": [line.text for line in chat],
    }


def _cells(points: Iterable[int | None]) -> list[float | None]:
    return [None if point is None else point / POINT_SCALE for point in points]
