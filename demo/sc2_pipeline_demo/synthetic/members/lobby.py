"""Writes ``replay.initData``: the lobby, its sixteen slots, and everyone in it."""

import hashlib
from functools import cache
from typing import Any

from sc2_pipeline.replay_format.protocols import protocol
from sc2_pipeline_demo.synthetic.encoding.bitpacked_encoder import BitPackedEncoder
from sc2_pipeline_demo.synthetic.script import GameScript, PersonScript, PlayerScript, toon_parts

SLOTS = 16

_REGION_CODES = {1: b"US", 2: b"EU", 3: b"KR", 5: b"CN", 6: b"SG", 98: b"XX"}
_LOBBY_RACES = ("terran", "zerg", "protoss")
_DATA_MODS = ("Core", "Liberty", "Swarm")
_FIRST_BUILD_WITH_VOID = 34784
_SLOT_CONTROLS = {"open": 1, "human": 2, "computer": 3}
_HAS_LONG_AI_BUILDS = 38749
"""sc2reader: the list of A.I. builds a slot allows became 255 long here."""


def initdata_bytes(script: GameScript) -> bytes:
    """``replay.initData`` in the schema of the script's base build."""
    known = protocol(script.base_build)
    lobby = {
        "m_userInitialData": [_user(person) for person in script.people] + [_EMPTY_USER] * (SLOTS - len(script.people)),
        "m_gameDescription": _game_description(script),
        "m_lobbyState": _lobby_state(script),
    }
    return _encoder(script.base_build).encode(known.initdata_typeid, {"m_syncLobbyState": lobby})


def user_ids(script: GameScript) -> dict[int, list[int]]:
    """User ids of the humans behind each player id: one, two for an archon, none for a computer."""
    by_player: dict[int, list[int]] = {player_id: [] for player_id in range(1, len(script.players) + 1)}
    user_id = len(script.observers)
    for player_id, player in enumerate(script.players, start=1):
        if not player.is_computer:
            by_player[player_id].append(user_id)
            user_id += 1
    for player_id, player in enumerate(script.players, start=1):
        if player.archon_partner:
            by_player[player_id].append(user_id)
            user_id += 1
    return by_player


def slot_ids(script: GameScript) -> dict[int, list[int]]:
    """Lobby slots of each player id, in the order of :func:`user_ids`."""
    by_player = {player_id: [player_id - 1] for player_id in range(1, len(script.players) + 1)}
    slot = len(script.players)
    for player_id, player in enumerate(script.players, start=1):
        if player.archon_partner:
            by_player[player_id].append(slot)
            slot += 1
    return by_player


def working_set_ids(script: GameScript) -> dict[int, int]:
    """The id by which ``replay.details`` names each lobby slot: observers come first, then the players."""
    taken = len(script.observers)
    sat = [slot for slots in slot_ids(script).values() for slot in slots]
    ids = {slot: taken + slot for slot in sat}
    ids |= {SLOTS - 1 - place: place for place in range(taken)}
    free = [slot for slot in range(SLOTS) if slot not in ids]
    return ids | dict(zip(free, range(taken + len(sat), SLOTS), strict=True))


def cache_handles(script: GameScript) -> list[bytes]:
    """Names of the files the game needs, the map's last; empty for replays that bots made through the API."""
    if not script.has_cache_handles:
        return []
    handle = next((person.toon_handle for person in script.people if person.toon_handle), None)
    region = _REGION_CODES.get(toon_parts(handle)[0] if handle else 1, b"XX")
    prefix = b"s2ma\x00\x00" + region
    expansions = (*_DATA_MODS, "Void") if script.base_build >= _FIRST_BUILD_WITH_VOID else _DATA_MODS
    mods = [f"Standard Data: {name}.SC2Mod" for name in expansions]
    return [prefix + hashlib.sha256(name.encode()).digest() for name in (*mods, f"Map: {script.map.name}")]


@cache
def _encoder(base_build: int) -> BitPackedEncoder:
    # Not strict: one lobby is written for every build, and early builds lack many of its fields.
    return BitPackedEncoder(protocol(base_build).typeinfos, is_strict=False)


_EMPTY_USER: dict[str, Any] = {"m_combinedRaceLevels": 0xFFFF_FFFF, "m_highestLeague": 0, "m_clanTag": b""}


def _user(person: PersonScript) -> dict[str, Any]:
    return _EMPTY_USER | {
        "m_name": person.name.encode(),
        "m_clanTag": person.clan_tag.encode(),
        "m_highestLeague": person.highest_league,
        "m_scaledRating": person.mmr if isinstance(person.mmr, int) else None,
    }


def _game_description(script: GameScript) -> dict[str, Any]:
    players = len(script.players)
    checksum = int.from_bytes(hashlib.sha256(script.map.name.encode()).digest()[:4], "big")
    return {
        "m_randomValue": script.random_seed,
        "m_gameCacheName": b"Dflt",
        "m_gameOptions": {
            "m_lockTeams": True,
            "m_battleNet": True,
            "m_amm": script.is_matchmade,
            "m_ranked": script.is_competitive,
            "m_competitive": script.is_competitive,
            "m_cooperative": script.is_against_computers,
            "m_heroDuplicatesAllowed": True,
            "m_clientDebugFlags": 265,
        },
        "m_gameSpeed": 4,
        "m_maxUsers": players,
        "m_maxObservers": SLOTS - players,
        "m_maxPlayers": players,
        "m_maxTeams": max(players, 2),
        "m_maxColors": 16,
        "m_maxRaces": 3,
        "m_maxControls": 1,
        "m_mapSizeX": script.map.width,
        "m_mapSizeY": script.map.height,
        "m_mapFileSyncChecksum": checksum,
        "m_mapAuthorName": b"2-S2-1-165251",
        "m_slotDescriptions": [_slot_description(script.base_build)] * SLOTS,
        "m_defaultDifficulty": 3,
        "m_cacheHandles": cache_handles(script),
        "m_isBlizzardMap": script.map.is_blizzard_map,
    }


@cache
def _slot_description(base_build: int) -> dict[str, Any]:
    allowed: dict[str, tuple[int, int]] = {
        "m_allowedColors": (16, 0xFFFF),
        "m_allowedRaces": (3, 0b111),
        "m_allowedDifficulty": (32, 0xFE07_0000),
        "m_allowedControls": (128, 0b11),
        "m_allowedObserveTypes": (3, 0b111),
    }
    return allowed | ({"m_allowedAIBuilds": (255, 1 << 254)} if base_build >= _HAS_LONG_AI_BUILDS else {})


def _lobby_state(script: GameScript) -> dict[str, Any]:
    return {
        "m_maxUsers": len(script.players),
        "m_maxObservers": SLOTS - len(script.players),
        "m_slots": _slots(script),
        "m_randomSeed": script.random_seed,
        "m_hostUserId": None if script.is_matchmade else 0,
        "m_defaultDifficulty": 3,
    }


def _slots(script: GameScript) -> list[dict[str, Any]]:
    names = working_set_ids(script)
    slots = [_open_slot(names[slot]) for slot in range(SLOTS)]
    users = user_ids(script)
    for player_id, sat in slot_ids(script).items():
        player = script.players[player_id - 1]
        for place, slot in enumerate(sat):
            user_id = users[player_id][place] if users[player_id] else None
            slots[slot] |= _player_slot(player, player_id, user_id)
        if player.archon_partner:
            leader = users[player_id][0]
            slots[sat[1]] |= {
                "m_toonHandle": (player.archon_partner.toon_handle or "").encode(),
                "m_tandemLeaderId": leader,
                "m_tandemLeaderUserId": leader,
                "m_tandemId": sat[1],
            }
    for place, observer in enumerate(script.observers):
        slots[SLOTS - 1 - place] |= {
            "m_control": _SLOT_CONTROLS["human"],
            "m_userId": place,
            "m_observe": 2 if observer.is_referee else 1,
            "m_toonHandle": (observer.toon_handle or "").encode(),
            "m_tandemId": place,
        }
    return slots


def _open_slot(working_set_id: int) -> dict[str, Any]:
    return {
        "m_control": _SLOT_CONTROLS["open"],
        "m_colorPref": {"m_color": 0},
        "m_racePref": {"m_race": 0},
        "m_difficulty": 3,
        "m_handicap": 100,
        "m_observe": 1,
        "m_artifacts": [b"", b"", b""],
        "m_workingSetSlotId": working_set_id,
        "m_commanderLevel": 1,
        "m_commanderMasteryTalents": [0] * 6,
        "m_retryMutationIndexes": [0] * 4,
    }


def _player_slot(player: PlayerScript, player_id: int, user_id: int | None) -> dict[str, Any]:
    picked = player.race_requested
    slot: dict[str, Any] = {
        "m_control": _SLOT_CONTROLS["computer" if player.is_computer else "human"],
        "m_userId": user_id,
        "m_teamId": player.team,
        "m_colorPref": {"m_color": player_id},
        "m_racePref": {"m_race": None if picked == "random" else _LOBBY_RACES.index(picked)},
        "m_difficulty": player.ai_difficulty,
        "m_handicap": player.handicap,
        "m_observe": 0,
        "m_rewards": [957_728_898, 1_932_524_020, 569_055_983],
        "m_toonHandle": (player.toon_handle or "").encode(),
        "m_tandemId": player_id - 1,
        "m_trophyId": 0 if player.is_computer else 1,
    }
    if player.commander:
        slot |= {
            "m_commander": player.commander.name.encode(),
            "m_commanderLevel": player.commander.level,
            "m_commanderMasteryLevel": player.commander.mastery_level,
            "m_commanderMasteryTalents": list(player.commander.mastery_talents),
            "m_selectedCommanderPrestige": player.commander.prestige,
        }
    return slot
