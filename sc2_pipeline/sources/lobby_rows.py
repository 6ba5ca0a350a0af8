"""Rows of the lobby's tables."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from sc2_pipeline.identity import StreamEvidence
from sc2_pipeline.replay_format.game_events import GameEvents, Takeover
from sc2_pipeline.replay_format.lobby import ReplayLobby
from sc2_pipeline.replay_format.lobby_players import ReplayPlayer
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.declared_rows import declared_batch
from sc2_pipeline.storable import storable
from sc2_pipeline.tables import RAW_TABLES


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamState:
    """Result of reading the tracker stream; all fields are None if the replay has none."""

    is_complete: bool | None = None
    fault: str | None = None
    event_count: int | None = None
    first_game_loop: int | None = None
    evidence: StreamEvidence | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GameEventStream:
    """Result of decoding the game event stream. ``events`` is None if there are none or they were not requested."""

    events: GameEvents | None = None
    takeovers: tuple[Takeover, ...] = ()
    evidence: StreamEvidence | None = None


def replay_row(
    replay: ReplayFile,
    lobby: ReplayLobby,
    *,
    file_bytes: int,
    stream: StreamState,
    game_events: GameEventStream,
) -> pa.RecordBatch:
    """The one row of ``replays``."""
    commands = game_events.events.reading if game_events.events else None
    values = {
        "replay_id": replay.replay_id,
        "source": "tracker",
        "sha256": replay.sha256,
        "file_name": storable(replay.name),
        "file_bytes": file_bytes,
        "base_build": lobby.base_build,
        "data_build": lobby.data_build,
        "data_version": lobby.data_version,
        "game_version": lobby.game_version,
        "map_name": lobby.map_name,
        "map_hash": lobby.map_hash,
        "played_at": lobby.played_at,
        "duration_game_loops": lobby.duration_game_loops,
        "game_speed": lobby.game_speed,
        "game_mode": lobby.game_mode,
        "game_mode_known_by": lobby.game_mode_known_by,
        "is_coop": lobby.is_coop,
        "is_vs_ai": lobby.is_vs_ai,
        "is_matchmade": lobby.is_matchmade,
        "is_competitive": lobby.is_competitive,
        "is_blizzard_map": lobby.is_blizzard_map,
        "player_count": len(lobby.players),
        "observer_count": len(lobby.observers),
        "random_seed": lobby.random_seed,
        "game_key": next(
            (known.family for known in (game_events.evidence, stream.evidence) if known), replay.replay_id
        ),
        "lobby_build": lobby.lobby_build,
        "player_join": lobby.player_join,
        "tracker_complete": stream.is_complete,
        "tracker_fault": stream.fault,
        "tracker_event_count": stream.event_count,
        "game_events_complete": commands.is_complete if commands else None,
        "game_events_fault": commands.fault if commands else None,
        "game_events_build": commands.protocol_build if commands else None,
        "first_game_loop": stream.first_game_loop,
        **_evidence_values("game_events", game_events.evidence),
        **_evidence_values("tracker", stream.evidence),
    }
    return declared_batch(
        RAW_TABLES["replays"], {name: [value] for name, value in values.items()}, reason="corrupt_header"
    )


def _evidence_values(prefix: str, evidence: StreamEvidence | None) -> Mapping[str, Any]:
    return {
        f"{prefix}_family": evidence.family if evidence else None,
        f"{prefix}_bytes": evidence.size if evidence else None,
        f"{prefix}_checksums": evidence.checksums if evidence else None,
    }


def takeover_rows(replay: ReplayFile, takeovers: Sequence[Takeover]) -> pa.RecordBatch:
    """One row of ``takeovers`` for each."""
    values = [
        {
            "replay_id": replay.replay_id,
            "source": "tracker",
            "takeover_index": index,
            "game_loop": takeover.game_loop,
            "event_index": takeover.event_index,
            "byte_offset": takeover.byte_offset,
            "user_id": takeover.user_id,
            "method": takeover.method,
            "seat_user_ids": [seat.user_id for seat in takeover.seats],
            "seat_names": [seat.name for seat in takeover.seats],
            "seat_toon_handles": [seat.toon_handle for seat in takeover.seats],
            "seat_roles": [seat.observe for seat in takeover.seats],
        }
        for index, takeover in enumerate(takeovers)
    ]
    return declared_batch(RAW_TABLES["takeovers"], _columns_of("takeovers", values), reason="corrupt_member")


def player_rows(replay: ReplayFile, lobby: ReplayLobby) -> pa.RecordBatch:
    """One row of ``replay_players`` per player."""
    table = RAW_TABLES["replay_players"]
    rows = [{"replay_id": replay.replay_id, "source": "tracker", **_player_values(player)} for player in lobby.players]
    return declared_batch(table, _columns_of(table.name, rows), reason="corrupt_details")


def _columns_of(table_name: str, rows: Sequence[Mapping[str, Any]]) -> dict[str, list[Any]]:
    return {name: [row[name] for row in rows] for name in RAW_TABLES[table_name].schema.names}


def _player_values(player: ReplayPlayer) -> Mapping[str, Any]:
    return {
        "player_id": player.player_id,
        "user_id": player.user_id,
        "slot_id": player.slot_id,
        "name": player.name,
        "clan_tag": player.clan_tag,
        "toon_handle": player.toon_handle,
        "partner_name": player.partner.name if player.partner else None,
        "partner_toon_handle": player.partner.toon_handle if player.partner else None,
        "race_requested": player.race_requested,
        "race_actual": player.race_actual,
        "result": player.result,
        "team": player.team,
        "color": player.color,
        "handicap": player.handicap,
        "is_computer": player.is_computer,
        "ai_difficulty": player.ai_difficulty,
        "mmr": player.mmr,
        "mmr_status": player.mmr_status,
        "apm": player.apm,
        "highest_league": player.highest_league,
        "commander": player.commander,
        "commander_level": player.commander_level,
        "commander_mastery_level": player.commander_mastery_level,
        "commander_mastery_talents": player.commander_mastery_talents,
        "commander_prestige": player.commander_prestige,
        "brutal_plus": player.brutal_plus,
        "retry_mutations": player.retry_mutations,
    }
