"""Reads a replay's event streams within limits: damage is reported, and streams larger than any game's are refused."""

from dataclasses import dataclass, replace

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE, MAX_GAME_LOOPS
from sc2_pipeline.identity import StreamEvidence, game_events_evidence, tracker_evidence
from sc2_pipeline.replay_format.game_events import (
    GAME_EVENTS_MEMBER,
    GameEvents,
    decode_game_events,
    may_hold_takeover,
)
from sc2_pipeline.replay_format.lobby import ReplayLobby
from sc2_pipeline.replay_format.mpq import MAX_MEMBER_BYTES, Archive
from sc2_pipeline.replay_format.tracker import MEMBER as TRACKER_MEMBER
from sc2_pipeline.replay_format.tracker import TrackerEvents, decode_tracker
from sc2_pipeline.sources.bounds import GAME_EVENTS, TRACKER_EVENTS, max_events, too_dense
from sc2_pipeline.sources.lobby_rows import GameEventStream, StreamState


@dataclass(frozen=True, slots=True, kw_only=True)
class TrackerReading:
    """The readable part of the tracker stream, what ended reading early, and the reason code."""

    events: TrackerEvents
    fault: str | None
    reason: str
    evidence: StreamEvidence | None

    @property
    def state(self) -> StreamState:
        """The stream's columns of ``replays``."""
        return StreamState(
            is_complete=self.fault is None,
            fault=self.fault,
            event_count=self.events.event_count,
            first_game_loop=_first_game_loop(self.events),
            evidence=self.evidence,
        )


def read_tracker(archive: Archive, game_loops: int) -> TrackerReading | None:
    """The replay's tracker events; None if it has none.

    Damage is reported in the result, not raised. Raises CorruptReplayError: too_large, too_dense.
    """
    if TRACKER_MEMBER not in archive:
        return None
    content, damage = member_content(archive, TRACKER_MEMBER)
    limit = max_events(TRACKER_EVENTS, game_loops)
    events = decode_tracker(content, max_events=limit)
    if events.fault and events.event_count >= limit:
        raise too_dense(TRACKER_MEMBER, limit, game_loops)
    fault, reason = (events.fault, "corrupt_tracker") if damage is None else (damage.detail, damage.reason)
    return TrackerReading(events=events, fault=fault, reason=reason, evidence=tracker_evidence(content))


def _first_game_loop(events: TrackerEvents) -> int | None:
    """First game loop of a batch, whose rows are in stream order."""
    batches = (events.unit_events, events.player_stats, events.upgrade_events, events.unit_positions)
    loops = [batch.column("game_loop")[0].as_py() for batch in batches if batch.num_rows]
    return min(loops, default=None)


def read_game_events(archive: Archive, lobby: ReplayLobby, *, with_commands: bool) -> GameEventStream:
    """The replay's game events, and which game they belong to.

    Damage is reported in the result, not raised. Without commands only events that may show a resumed game are decoded.
    Raises CorruptReplayError: too_large, too_dense.
    """
    if GAME_EVENTS_MEMBER not in archive:
        return GameEventStream()
    content, damage = member_content(archive, GAME_EVENTS_MEMBER)
    is_decoded = with_commands or may_hold_takeover(content)
    events = _game_events(content, damage, lobby) if is_decoded else None
    return GameEventStream(
        events=events if with_commands else None,
        takeovers=events.takeovers if events else (),
        evidence=game_events_evidence(content),
    )


def _game_events(content: bytes, damage: CorruptReplayError | None, lobby: ReplayLobby) -> GameEvents:
    limit = max_events(GAME_EVENTS, lobby.duration_game_loops)
    events = decode_game_events(content, lobby.base_build, max_events=limit)
    if events.reading.fault and events.reading.event_count >= limit:
        raise too_dense(GAME_EVENTS_MEMBER, limit, lobby.duration_game_loops)
    events = _within_any_game(events)
    if damage is None:
        return events
    # What is whole of a damaged member may end where an event does.
    reading = replace(events.reading, is_complete=False, fault=events.reading.fault or damage.detail)
    return replace(events, reading=reading)


def _within_any_game(events: GameEvents) -> GameEvents:
    """The events without commands and minutes after the last game loop a game can have, to which a damaged stream may
    count."""
    if events.reading.last_game_loop <= MAX_GAME_LOOPS:
        return events
    commands = [command for command in events.orders.commands if command.game_loop <= MAX_GAME_LOOPS]
    minutes = [one for one in events.user_minutes if one.game_minute <= MAX_GAME_LOOPS // GAME_LOOPS_PER_MINUTE]
    takeovers = tuple(takeover for takeover in events.takeovers if takeover.game_loop <= MAX_GAME_LOOPS)
    return replace(events, orders=replace(events.orders, commands=commands), user_minutes=minutes, takeovers=takeovers)


def member_content(
    archive: Archive, name: str, *, max_bytes: int = MAX_MEMBER_BYTES
) -> tuple[bytes, CorruptReplayError | None]:
    """As ``Archive.read_prefix``; raises CorruptReplayError for a member that is too large to be read."""
    content, damage = archive.read_prefix(name, max_bytes=max_bytes)
    if damage is not None and damage.reason == "too_large":
        raise damage
    return content, damage
