"""Compares the replay's own events with what the game shows: everything for ``probe``, the opening for every replay."""

from collections import Counter
from dataclasses import dataclass, replace
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from google.protobuf.message import DecodeError

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.game_messages import raw_pb2
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.replay_format.lobby import TRACKER, ReplayLobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import TrackerEvents, decode_tracker
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.observation.passes import ObservedPass
from sc2_pipeline.sc2_client.probe_checks import ReplayTruth
from sc2_pipeline.sc2_client.traits import GameTraits
from sc2_pipeline.sources.streams import TrackerReading

_TOWN_HALLS = ("CommandCenter", "Hatchery", "Nexus")
_SPENT = ("used_in_progress", "used_current", "lost")
_CATEGORIES = ("army", "economy", "technology")
_LOW_BITS = 0xFFFFFFFF


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What both the tracker events and the first observation show."""

    tags: frozenset[int] = frozenset()
    town_hall_owners: frozenset[int] = frozenset()


def opening(tracker: TrackerReading | None) -> Opening:
    """The opening according to the tracker events; empty if the replay has no readable tracker stream, which the game
    does not need."""
    if tracker is None:
        return Opening()
    events = tracker.events.unit_events
    is_start = pc.and_(pc.equal(events["event"], "born"), pc.less_equal(events["game_loop"], 1))
    halls = events.filter(pc.and_(is_start, pc.is_in(events["unit_type"], pa.array(_TOWN_HALLS))))
    return Opening(
        tags=frozenset(pc.unique(events["unit_tag"]).to_pylist()),
        town_hall_owners=frozenset(pc.unique(halls["player_id"]).to_pylist()) - {0, None},
    )


def first_look(payload: bytes, observed: ObservedPass, known: Opening, traits: GameTraits) -> GameTraits:
    """The traits, corrected by a replay's first observation.

    ``payload``: bytes of a ``ResponseObservation``. Other bytes are ignored here, because the reader of the pass
    reports them.
    """
    try:
        raw = api.ResponseObservation.FromString(payload).observation.raw_data
    except DecodeError:
        return traits
    shown: dict[str, Any] = {}
    if not observed.is_fogged and _is_fogged(raw, observed, known):
        shown["can_disable_fog"] = False
    if traits.tags_are_the_trackers and _has_other_tags(raw, observed, known):
        shown["tags_are_the_trackers"] = False
    owners = Counter(unit.owner for unit in raw.units if unit.alliance == raw_pb2.Neutral)
    if owners and traits.neutral_owner not in owners:
        shown["neutral_owner"] = owners.most_common(1)[0][0]
    return replace(traits, **shown)


def _is_fogged(raw: raw_pb2.ObservationRaw, observed: ObservedPass, known: Opening) -> bool:
    """Whether a player who begins with a town hall shows no units, although the observed player does."""
    seen = {unit.owner for unit in raw.units}
    return observed.player_id in seen and not known.town_hall_owners <= seen


def _has_other_tags(raw: raw_pb2.ObservationRaw, observed: ObservedPass, known: Opening) -> bool:
    """Whether most units of the observed player have tags that do not occur in the tracker events."""
    own = [unit.tag & _LOW_BITS for unit in raw.units if unit.owner == observed.player_id]
    return bool(known.tags) and 2 * len(known.tags.intersection(own)) < len(own)


def playable_replay(content: bytes, lobby: ReplayLobby) -> PlayableReplay:
    """The replay in the form in which the game takes it, with the lobby's facts on its map."""
    return PlayableReplay(content=content, map_name=lobby.map_name, map_handles=lobby.cache_files)


def replay_truth(archive: Archive, lobby: ReplayLobby) -> ReplayTruth:
    """The facts that ``probe`` compares.

    Raises CorruptReplayError where the replay has no tracker stream, SettingsError where nobody in it can be observed.
    """
    events = decode_tracker(archive.read(TRACKER))
    rows = events.unit_events.to_pylist()
    player_ids = tuple(player.player_id for player in lobby.players if not player.is_computer)
    if not player_ids:
        raise SettingsError(
            f"the replay has nobody to observe ({len(lobby.players)} players, none a person); give another"
        )
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
