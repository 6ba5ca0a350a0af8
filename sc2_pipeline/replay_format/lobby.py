"""Everything a replay tells before its events: header, details, initData and metadata, joined."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.game_rules import Moment
from sc2_pipeline.replay_format import protocols, tracker_opening, versioned
from sc2_pipeline.replay_format.game_mode import casters, game_mode
from sc2_pipeline.replay_format.initdata import decode_initdata
from sc2_pipeline.replay_format.lobby_players import Observer, PlayerSources, ReplayPlayer, joined_players, observers
from sc2_pipeline.replay_format.lobby_words import CONTROL_PERSON, GAME_SPEEDS, name_and_clan, toon_handle
from sc2_pipeline.replay_format.mpq import MAX_FACTS_BYTES, Archive
from sc2_pipeline.storable import text_of

DETAILS: Final = "replay.details"
INITDATA: Final = "replay.initData"
METADATA: Final = "replay.gamemetadata.json"
TRACKER: Final = "replay.tracker.events"

_DATA_VERSION: Final = re.compile("[0-9A-Fa-f]{1,64}")
_BASE_BUILD: Final = re.compile("Base([1-9][0-9]{4,8})", re.ASCII)
_BUILD: Final = re.compile("([1-9][0-9]{4,8})", re.ASCII)
_GAME_VERSION: Final = re.compile(r"([1-9][0-9]{0,2}(?:\.[0-9]{1,9}){3})", re.ASCII)

_LONGEST_INT: Final = 300
"""Digits; Python refuses to read numbers of some thousands."""

_MAX_INT: Final = 2**31 - 1
"""Of builds and game loops, in the columns that hold them."""

_YEARS: Final = range(1602, 9998)
"""A clock may be wrong by centuries; what is counted from its time must still be a time."""

MAX_PLAYERS: Final = 31
"""What the schema of the details has room for; the game has 15."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayLobby:
    """The game of one replay file. What the file does not say is None."""

    base_build: int
    """Build of the client that can play it; picks the binary and the schemas."""
    data_build: int | None
    data_version: str | None
    """Hash of the game's data, upper-case hex; None before 3.0."""
    game_version: str
    """As players see it: 5.0.16.97364."""
    map_name: str
    """In the language of the client that recorded."""
    map_hash: str | None
    """sha256 of the map file, from the last cache handle; None for games of the API, which have no handles."""
    cache_files: tuple[str, ...]
    """Battle.net files that the game is made of: sha256 in hex, dot, extension; dependencies first, the map last."""
    local_map_path: str
    """Path of the map's file for the client that recorded, as in games of the API; empty where it came by a handle."""
    played_at: datetime | None
    """When the recording ended (UTC), by the recording machine's clock: the two players' files differ."""
    duration_game_loops: int
    game_speed: str
    game_mode: str
    """1v1, 2v2, 3v3, 4v4, archon, ffa, coop, arcade or other; people and computers alike make up the teams."""
    game_mode_known_by: str
    """commanders, starts or teams: the evidence for the mode."""
    is_coop: bool
    """Some player has a co-op commander (``m_cooperative`` says the opposite of its name)."""
    is_vs_ai: bool
    """Some player is a computer, and it is not co-op."""
    is_matchmade: bool | None
    is_competitive: bool | None
    is_cooperative_flag: bool | None
    """``m_cooperative`` as it stands: false in co-op, true in matchmade games against computers."""
    is_blizzard_map: bool
    random_seed: int | None
    lobby_build: int | None
    """Build of the schema that read initData; None when none fits (then details and metadata are all there is)."""
    player_join: str
    """slot_id: tracker, lobby and details were joined by ids; order: some were missing, and by order."""
    players: tuple[ReplayPlayer, ...]
    """By player_id, computers included, observers not. Two archon partners are one player with a ``partner``."""
    observers: tuple[Observer, ...]

    @property
    def moment(self) -> Moment:
        """When the game was played, as the game rules distinguish it."""
        return _moment(self.base_build, self.data_build, self.played_at)

    @property
    def player_count(self) -> int:
        """Players, computers included."""
        return len(self.players)

    @property
    def observer_count(self) -> int:
        """Observers and referees."""
        return len(self.observers)


@dataclass(frozen=True, slots=True)
class _Version:
    base_build: int
    data_build: int | None
    text: str


def read_lobby(archive: Archive) -> ReplayLobby:
    """What the archive tells before its events.

    Raises CorruptReplayError: corrupt_header, corrupt_details, and those of Archive.read for the details.
    """
    header = read_header(archive)
    metadata = _metadata(archive)
    version = _version(header, metadata)
    is_anonymised = DETAILS not in archive and f"{DETAILS}.backup" in archive
    suffix = ".backup" if is_anonymised else ""  # what anonymised packs leave
    details = _details(archive, DETAILS + suffix)
    entries = details.get("m_playerList") or []
    lobby, lobby_build = _initdata(archive, INITDATA + suffix, version.base_build, entries)
    tracker = archive.read_prefix(TRACKER)[0] if TRACKER in archive else b""
    sources = _player_sources(entries, lobby, metadata, tracker)
    seats, player_join = joined_players(sources)
    options = lobby["m_gameDescription"]["m_gameOptions"] if lobby else {}
    is_coop = any(player.commander for player in seats)
    played_at = _utc(details["m_timeUTC"])
    moment = _moment(version.base_build, version.data_build, played_at)
    starts = None if is_coop else tracker_opening.starts(tracker)
    watching = casters(seats, starts, moment)
    players = tuple(seat for seat in seats if seat not in watching)
    mode, mode_known_by = game_mode(players, starts, moment)
    return ReplayLobby(
        base_build=version.base_build,
        data_build=version.data_build,
        data_version=_data_version(header, metadata),
        game_version=version.text,
        map_name=text_of(details["m_title"]),
        map_hash=_map_hash(details.get("m_cacheHandles") or ()),
        cache_files=_cache_files(details.get("m_cacheHandles") or ()),
        local_map_path=text_of(details.get("m_mapFileName") or b""),
        played_at=played_at,
        duration_game_loops=header["m_elapsedGameLoops"],
        game_speed=GAME_SPEEDS[details["m_gameSpeed"]],
        game_mode=mode,
        game_mode_known_by=mode_known_by,
        is_coop=is_coop,
        is_vs_ai=not is_coop and any(player.is_computer for player in players),
        is_matchmade=options.get("m_amm"),
        is_competitive=options.get("m_competitive", options.get("m_ranked")),
        is_cooperative_flag=options.get("m_cooperative"),
        is_blizzard_map=details["m_isBlizzardMap"],
        random_seed=lobby["m_lobbyState"]["m_randomSeed"] if lobby else None,
        lobby_build=lobby_build,
        player_join=player_join,
        players=players,
        observers=(*observers(sources), *map(_watching, watching)),
    )


def read_header(archive: Archive) -> dict[str, Any]:
    """The header block in s2protocol's shape; it has a version, a base build and a length.

    Raises CorruptReplayError: corrupt_header.
    """
    newest = protocols.protocol(protocols.builds()[-1])
    header: dict[str, Any] = versioned.decode(
        archive.header_block, newest.typeinfos, newest.header_typeid, reason="corrupt_header"
    )
    _require(header, ("m_signature", "m_version", "m_elapsedGameLoops"), "corrupt_header")
    _require(header["m_version"], ("m_major", "m_minor", "m_revision", "m_build", "m_baseBuild"), "corrupt_header")
    if not header["m_signature"].startswith(b"StarCraft II replay"):
        raise CorruptReplayError("corrupt_header", "the header is not signed as a StarCraft II replay")
    base_build, game_loops = header["m_version"]["m_baseBuild"], header["m_elapsedGameLoops"]
    version = (header["m_version"][f"m_{part}"] for part in ("major", "minor", "revision", "build"))
    numbers = (base_build, game_loops, header.get("m_dataBuildNum", 0), *version)
    if not all(0 <= number <= _MAX_INT for number in numbers):
        raise CorruptReplayError(
            "corrupt_header", f"version {game_version(header)} of base build {base_build}, {game_loops} game loops"
        )
    return header


def game_version(header: Mapping[str, Any]) -> str:
    """The version as players see it: ``5.0.16.97364``."""
    version = header["m_version"]
    return f"{version['m_major']}.{version['m_minor']}.{version['m_revision']}.{version['m_build']}"


def _details(archive: Archive, name: str) -> dict[str, Any]:
    newest = protocols.protocol(protocols.builds()[-1])
    details: dict[str, Any] = versioned.decode(
        archive.read(name, max_bytes=MAX_FACTS_BYTES), newest.typeinfos, newest.details_typeid, reason="corrupt_details"
    )
    _require(details, ("m_title", "m_timeUTC", "m_gameSpeed", "m_isBlizzardMap"), "corrupt_details")
    if len(details.get("m_playerList") or ()) > MAX_PLAYERS:
        raise CorruptReplayError("corrupt_details", f"{len(details['m_playerList'])} players (limit {MAX_PLAYERS})")
    if not 0 <= details["m_gameSpeed"] < len(GAME_SPEEDS):
        raise CorruptReplayError("corrupt_details", f"a game speed of {details['m_gameSpeed']}")
    return details


def _require(values: Mapping[str, Any], names: Sequence[str], reason: str) -> None:
    missing = [name for name in names if name not in values]
    if missing:
        raise CorruptReplayError(reason, f"without {', '.join(missing)}")


def _initdata(
    archive: Archive, name: str, base_build: int, entries: Sequence[Mapping[str, Any]]
) -> tuple[dict[str, Any] | None, int | None]:
    """The decoded lobby and its schema's build, or neither: a replay without a readable one is still a replay."""
    data, fault = archive.read_prefix(name, max_bytes=MAX_FACTS_BYTES) if name in archive else (b"", None)
    if fault or not data:
        return None, None
    people = [entry for entry in entries if entry.get("m_control") == CONTROL_PERSON]
    handles = {handle for entry in people if (handle := _toon(entry))}
    names = {name_and_clan(entry.get("m_name", b""))[0] for entry in people}
    return decode_initdata(data, base_build, handles=handles, names=names) or (None, None)


def _toon(entry: Mapping[str, Any]) -> str | None:
    toon = entry.get("m_toon", {})
    return toon_handle(
        toon.get("m_region", 0), toon.get("m_programId", b""), toon.get("m_realm", 0), toon.get("m_id", 0)
    )


def _metadata(archive: Archive) -> dict[str, Any]:
    """The client's own summary; empty where there is none or it is no JSON object."""
    data = archive.read_prefix(METADATA, max_bytes=MAX_FACTS_BYTES)[0] if METADATA in archive else b"{}"
    try:
        metadata = json.loads(data.decode("utf-8-sig", "replace"), parse_int=_metadata_int)
    except (ValueError, RecursionError):
        return {}
    return metadata if isinstance(metadata, dict) else {}


def _metadata_int(digits: str) -> int | float:
    """A whole number of any length; beyond the floats it is infinite."""
    return int(digits) if len(digits) < _LONGEST_INT else float(digits)


def _player_sources(
    entries: Sequence[Mapping[str, Any]], lobby: Mapping[str, Any] | None, metadata: Mapping[str, Any], tracker: bytes
) -> PlayerSources:
    listed = metadata.get("Players")
    known = {
        player["PlayerID"]: player
        for player in (listed if isinstance(listed, list) else [])
        if isinstance(player, dict) and type(player.get("PlayerID")) is int
    }
    has_races = known and all(player.get("AssignedRace") for player in known.values())
    return PlayerSources(
        details=entries,
        slots=lobby["m_lobbyState"]["m_slots"] if lobby else [],
        users=lobby["m_userInitialData"] if lobby else [],
        metadata=known,
        setups=tracker_opening.player_setups(tracker),
        races={} if has_races else tracker_opening.starting_races(tracker),
    )


def _moment(base_build: int, data_build: int | None, played_at: datetime | None) -> Moment:
    moment = Moment(base_build)
    if data_build is not None:
        moment = moment._replace(data_build=data_build)
    return moment._replace(day=played_at.date()) if played_at else moment


def _watching(seat: ReplayPlayer) -> Observer:
    return Observer(
        user_id=seat.user_id,
        slot_id=seat.slot_id,
        name=seat.name,
        clan_tag=seat.clan_tag,
        toon_handle=seat.toon_handle,
        is_referee=False,
    )


def _version(header: Mapping[str, Any], metadata: Mapping[str, Any]) -> _Version:
    """The client's version by its own metadata, else by the header, which some clients and tools write wrong.

    Raises CorruptReplayError: corrupt_header, where neither has a base build.
    """
    base_build = _stated(_BASE_BUILD, metadata.get("BaseBuild")) or str(header["m_version"]["m_baseBuild"])
    data_build = _stated(_BUILD, metadata.get("DataBuild")) or header.get("m_dataBuildNum")
    text = _stated(_GAME_VERSION, metadata.get("GameVersion")) or game_version(header)
    if not int(base_build):
        raise CorruptReplayError("corrupt_header", f"version {text} of base build {base_build}")
    return _Version(int(base_build), None if data_build is None else int(data_build), text)


def _stated(pattern: re.Pattern[str], value: object) -> str | None:
    """What the pattern catches of a text that is all like it."""
    found = pattern.fullmatch(value) if isinstance(value, str) else None
    return found[1] if found else None


def _data_version(header: Mapping[str, Any], metadata: Mapping[str, Any]) -> str | None:
    stated = metadata.get("DataVersion")
    # It names files and folders later on.
    if isinstance(stated, str) and _DATA_VERSION.fullmatch(stated):
        return stated.upper()
    root_key = (header.get("m_ngdpRootKey") or {}).get("m_data", b"")
    return root_key.hex().upper() if any(root_key) else None


def _map_hash(handles: Sequence[bytes]) -> str | None:
    """The hash of the last of the depot's files: type, region (4 bytes each), sha256."""
    return handles[-1][8:].hex() if handles and len(handles[-1]) == 40 else None


def _cache_files(handles: Sequence[bytes]) -> tuple[str, ...]:
    return tuple(f"{handle[8:].hex()}.{text_of(handle[:4])}" for handle in handles if len(handle) == 40)


def _utc(file_time: int) -> datetime | None:
    """From 100 ns since 1601, as Windows counts; None where that is no year of ours."""
    try:
        moment = datetime(1601, 1, 1, tzinfo=UTC) + timedelta(microseconds=file_time // 10)
    except OverflowError:
        return None
    return moment if moment.year in _YEARS else None
