"""Writes the header block, ``replay.details`` and the metadata, which every reader reads first."""

import json
from datetime import UTC, datetime
from functools import cache
from html import escape
from typing import Any

from sc2_pipeline.game import game_seconds
from sc2_pipeline.replay_format.protocols import protocol
from sc2_pipeline_demo.synthetic.encoding.versioned_encoder import VersionedEncoder
from sc2_pipeline_demo.synthetic.members.lobby import cache_handles, slot_ids, working_set_ids
from sc2_pipeline_demo.synthetic.script import GameScript, PersonScript, PlayerScript, person_of, toon_parts

_FILE_TIME_EPOCH = datetime(1601, 1, 1, tzinfo=UTC)
_TICKS_PER_SECOND = 10_000_000
"""Windows file times: tenths of a microsecond since 1601."""

_RESULT_CODES = {"undecided": 0, "victory": 1, "defeat": 2, "tie": 3}
_METADATA_RESULTS = {"undecided": "Undecided", "victory": "Win", "defeat": "Loss", "tie": "Tie"}
_METADATA_RACES = {"protoss": "Prot", "terran": "Terr", "zerg": "Zerg", "random": "Rand"}
_LOCAL_OFFSET_HOURS = (2, -7, 9, 1)
"""Time zones of the machines that saved the files, by player."""

_COLORS = (
    (180, 20, 30),
    (0, 66, 255),
    (28, 167, 234),
    (84, 0, 129),
    (235, 225, 41),
    (254, 138, 14),
    (22, 128, 0),
    (204, 166, 252),
)


def header_bytes(script: GameScript) -> bytes:
    """The header for the archive's user-data block."""
    major, minor, revision, build = (int(part) for part in script.game_version.split("."))
    header = {
        "m_signature": b"StarCraft II replay\x1b11",
        "m_version": {
            "m_flags": 1,
            "m_major": major,
            "m_minor": minor,
            "m_revision": revision,
            "m_build": build,
            "m_baseBuild": script.base_build,
        },
        "m_type": 2,
        "m_elapsedGameLoops": script.recorded_game_loops,
        "m_useScaledTime": True,
        "m_ngdpRootKey": {"m_data": bytes.fromhex(script.data_version)},
        "m_dataBuildNum": build,
        "m_replayCompatibilityHash": {"m_data": bytes(16)},
        "m_ngdpRootKeyIsDevData": False,
    }
    return _encoder(script.base_build).encode(protocol(script.base_build).header_typeid, header)


def details_bytes(script: GameScript) -> bytes:
    """``replay.details``: players with colours and results, the map, and when the recording ended."""
    offset = _LOCAL_OFFSET_HOURS[(script.saved_by - 1) % len(_LOCAL_OFFSET_HOURS)] * 3600 * _TICKS_PER_SECOND
    details = {
        "m_playerList": _player_list(script),
        "m_title": script.map.name.encode(),
        "m_difficulty": b"",
        "m_thumbnail": {"m_file": b"Minimap.tga"},
        "m_isBlizzardMap": script.map.is_blizzard_map,
        "m_timeUTC": file_time(script.recorded_until),
        "m_timeLocalOffset": offset,
        "m_description": b"",
        "m_imageFilePath": b"",
        "m_mapFileName": b"",
        "m_cacheHandles": cache_handles(script) or None,
        "m_miniSave": False,
        "m_gameSpeed": 4,
        "m_defaultDifficulty": 3,
        "m_modPaths": None,
        "m_campaignIndex": 0,
        "m_restartAsTransitionMap": False,
        "m_disableRecoverGame": False,
    }
    return _encoder(script.base_build).encode(protocol(script.base_build).details_typeid, details)


def metadata_bytes(script: GameScript) -> bytes:
    """``replay.gamemetadata.json``: versions, and each player's rating and actions per minute."""
    metadata = {
        "Title": script.map.name,
        "GameVersion": script.game_version,
        "DataBuild": script.game_version.rpartition(".")[2],
        "DataVersion": script.data_version,
        "BaseBuild": f"Base{script.base_build}",
        "Duration": int(game_seconds(script.recorded_game_loops)),
        "Players": [_metadata_player(player_id, player) for player_id, player in enumerate(script.players, start=1)],
    }
    return json.dumps(metadata, indent=4, ensure_ascii=False).encode()


def file_time(moment: datetime) -> int:
    """A time as a Windows file time.

    >>> file_time(datetime(1970, 1, 1, tzinfo=UTC))
    116444736000000000
    """
    since = moment - _FILE_TIME_EPOCH
    return (since.days * 86_400 + since.seconds) * _TICKS_PER_SECOND + since.microseconds * 10


@cache
def _encoder(base_build: int) -> VersionedEncoder:
    # Not strict: one header is written for every build, and early builds lack some of its fields.
    return VersionedEncoder(protocol(base_build).typeinfos, is_strict=False)


def _player_list(script: GameScript) -> list[dict[str, Any]]:
    slots, names = slot_ids(script), working_set_ids(script)
    entries = []
    for place in script.details_order or range(len(script.players)):
        player = script.players[place]
        partners = [player.archon_partner] if player.archon_partner else []
        for person, slot in zip((person_of(player), *partners), slots[place + 1], strict=True):
            entries.append(_player_entry(player, place, person, names[slot]))
    return entries


def _player_entry(player: PlayerScript, place: int, person: PersonScript, working_set_id: int) -> dict[str, Any]:
    red, green, blue = _COLORS[place % len(_COLORS)]
    region, realm, number = toon_parts(person.toon_handle) if person.toon_handle else (0, 0, 0)
    return {
        "m_name": _marked_up(person).encode(),
        "m_toon": {
            "m_region": region,
            "m_programId": b"\x00\x00S2" if person.toon_handle else bytes(4),
            "m_realm": realm,
            "m_id": number,
        },
        "m_race": (player.race_label or player.race.capitalize()).encode(),
        "m_color": {"m_a": 255, "m_r": red, "m_g": green, "m_b": blue},
        "m_control": 3 if player.is_computer else 2,
        "m_teamId": player.team,
        "m_handicap": player.handicap,
        "m_observe": 0,
        "m_result": _RESULT_CODES[player.result],
        "m_workingSetSlotId": working_set_id,
        "m_hero": b"",
    }


def _marked_up(person: PersonScript) -> str:
    """The name as the game displays it: escaped text, with the clan in angle brackets before a space."""
    clan = f"&lt;{escape(person.clan_tag, quote=False)}&gt;<sp/>" if person.clan_tag else ""
    return clan + escape(person.name, quote=False)


def _metadata_player(player_id: int, player: PlayerScript) -> dict[str, Any]:
    entry: dict[str, Any] = {"PlayerID": player_id}
    if player.mmr is not None:
        entry["MMR"] = None if player.mmr == "null" else player.mmr
    return entry | {
        "APM": float(player.apm),
        "Result": _METADATA_RESULTS[player.result],
        "SelectedRace": _METADATA_RACES[player.race_requested],
        "AssignedRace": _METADATA_RACES[player.race],
    }
