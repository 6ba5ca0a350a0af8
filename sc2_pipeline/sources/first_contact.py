"""What a replay's own events say that the game must agree with: the other side of ``probe``."""

from typing import Any

from sc2_pipeline.replay_format.lobby import TRACKER, ReplayLobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import TrackerEvents, decode_tracker
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.probe_checks import ReplayTruth

_TOWN_HALLS = ("CommandCenter", "Hatchery", "Nexus")
_SPENT = ("used_in_progress", "used_current", "lost")
_CATEGORIES = ("army", "economy", "technology")


def playable_replay(content: bytes, lobby: ReplayLobby) -> PlayableReplay:
    """The replay as the game is handed it, with what its lobby says of the map."""
    handles = (f"{lobby.map_hash}.s2ma",) if lobby.map_hash else ()
    return PlayableReplay(content=content, map_name=lobby.map_name, map_handles=handles)


def replay_truth(archive: Archive, lobby: ReplayLobby) -> ReplayTruth:
    """The facts that ``probe`` compares. Raises CorruptReplayError where the replay has no tracker stream."""
    events = decode_tracker(archive.read(TRACKER))
    rows = events.unit_events.to_pylist()
    player_ids = tuple(player.player_id for player in lobby.players if not player.is_computer)
    first = _samples(events, player_ids[0])
    return ReplayTruth(
        player_ids=player_ids,
        town_halls={player: _town_halls(rows, player) for player in player_ids},
        tags=frozenset(row["unit_tag"] for row in rows if row["event"] in ("born", "init")),
        killed={
            row["unit_tag"]: row["game_loop"]
            for row in rows
            if row["event"] == "died" and row["killer_player_id"] is not None
        },
        rates={row["game_loop"]: row["minerals_collection_rate"] for row in first},
        vespene={row["game_loop"]: _vespene(row) for row in first},
    )


def _samples(events: TrackerEvents, player_id: int) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = events.player_stats.to_pylist()
    return [row for row in rows if row["player_id"] == player_id]


def _town_halls(rows: list[dict[str, Any]], player_id: int) -> int:
    return sum(
        1
        for row in rows
        if row["event"] == "born"
        and row["game_loop"] <= 1
        and row["player_id"] == player_id
        and row["unit_type"] in _TOWN_HALLS
    )


def _vespene(row: dict[str, Any]) -> int:
    spent = sum(row[f"vespene_{kind}_{category}"] or 0 for kind in _SPENT for category in _CATEGORIES)
    return int((row["vespene_current"] or 0) + spent)
