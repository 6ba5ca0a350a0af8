"""Who played: one player per player_id, joined from the tracker, the lobby, the details and the metadata."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sc2_pipeline.replay_format.lobby_words import (
    AI_BUILDS,
    CONTROL_COMPUTER,
    CONTROL_PERSON,
    COOP_DIFFICULTIES,
    DIFFICULTIES,
    METADATA_RESULTS,
    RESULTS,
    SLOT_RACES,
    details_race,
    metadata_number,
    metadata_race,
    mmr,
    name_and_clan,
    slot_toon_handle,
    toon_handle,
)
from sc2_pipeline.replay_format.tracker_opening import PlayerSetup
from sc2_pipeline.storable import text_of

Fields = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One person who took part, with an account where the game has any."""

    user_id: int | None
    """The number in game events and messages."""
    slot_id: int | None
    """Place among the lobby's slots."""
    name: str
    clan_tag: str | None
    toon_handle: str | None
    """region-S2-realm-id; None for games of the API."""
    highest_league: int | None
    """1 bronze ... 7 grandmaster; 0 and 8 none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Observer:
    """A person who watched. ``is_referee`` is true for those who may talk to the players."""

    user_id: int | None
    slot_id: int | None
    """None for one in a player's seat, where the lobby is not readable."""
    name: str
    clan_tag: str | None
    toon_handle: str | None
    is_referee: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayPlayer:
    """One player of the game, person or computer. A field is None when the file does not have it.

    In archon mode two people control one player: the fields are the tandem leader's, ``partner`` is the other person.
    """

    player_id: int
    """From 1, as in tracker events and the API; co-op skips some."""
    user_id: int | None
    slot_id: int | None
    name: str
    clan_tag: str | None
    toon_handle: str | None
    partner: Person | None
    race_requested: str | None
    race_actual: str | None
    result: str | None
    team: int
    color: str
    handicap: int
    is_computer: bool
    ai_difficulty: str | None
    ai_build: str | None
    mmr: int | None
    mmr_status: str
    scaled_rating: int | None
    """The lobby's rating (``m_scaledRating``): the one of this mode, where the metadata may have another's."""
    apm: float | None
    highest_league: int | None
    commander: str | None
    commander_level: int | None
    commander_mastery_level: int | None
    commander_mastery_talents: tuple[int, ...] | None
    commander_prestige: int | None
    brutal_plus: int | None
    """Co-op: 1 to 6 for Brutal+, from the recording player's slot; 0 for none, None when the lobby lacks it."""
    retry_mutations: tuple[int, ...] | None
    """Co-op: numbers of the mutators when a mutation is replayed; the lobby does not have those of other games."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerSources:
    """The decoded parts of a replay that describe players."""

    details: Sequence[Fields]
    slots: Sequence[Fields]
    users: Sequence[Fields]
    metadata: Mapping[int, Fields]
    setups: Sequence[PlayerSetup]
    races: Mapping[int, str]
    """By player_id, for players that the metadata lacks."""


@dataclass(frozen=True, slots=True)
class _Seat:
    """One player's entry in the details, with the ids joined to it."""

    player_id: int
    setup: PlayerSetup | None
    slot_id: int | None
    details: Fields


def joined_players(sources: PlayerSources) -> tuple[tuple[ReplayPlayer, ...], str]:
    """Every player by player_id, and how they were joined: ``slot_id`` or ``order``."""
    seats = _seats_by_slot(sources)
    join = "slot_id" if seats is not None else "order"
    if seats is None:
        seats = _seats_by_order(sources)
    seats_of: dict[int, list[_Seat]] = {}
    for seat in seats:
        seats_of.setdefault(seat.player_id, []).append(seat)
    return tuple(_player(sources, seats_of[player_id]) for player_id in sorted(seats_of)), join


def observers(sources: PlayerSources) -> tuple[Observer, ...]:
    """Everyone in the lobby who watched, by slot."""
    return tuple(
        _observer(sources, slot_id, slot)
        for slot_id, slot in enumerate(sources.slots)
        if slot["m_control"] == CONTROL_PERSON and slot["m_observe"]
    )


def _seats_by_slot(sources: PlayerSources) -> list[_Seat] | None:
    """Joins setup, slot, working-set slot and details; None when any of these is missing for any player."""
    entries = {entry.get("m_workingSetSlotId"): entry for entry in sources.details}
    seats = []
    for setup in sources.setups:
        if setup.slot_id is None or not 0 <= setup.slot_id < len(sources.slots):
            return None
        working_set_slot_id = sources.slots[setup.slot_id].get("m_workingSetSlotId")
        if working_set_slot_id is None or working_set_slot_id not in entries:
            return None
        seats.append(_Seat(setup.player_id, setup, setup.slot_id, entries[working_set_slot_id]))
    return seats if seats and len(seats) == len(entries) == len(sources.details) else None


def _seats_by_order(sources: PlayerSources) -> list[_Seat]:
    """Joins by order: the n-th entry of the details is the n-th setup.

    Its slot is the one with the entry's account, or else the n-th slot that plays. Streams without setups (before build
    27950) number players by slot, from 1, empty slots counted; without a readable lobby the n-th entry is player n.
    """
    setups = list(sources.setups) if len(sources.setups) == len(sources.details) else [None] * len(sources.details)
    seats = []
    playing = [at for at, slot in enumerate(sources.slots) if slot["m_control"] in (2, 3) and not slot["m_observe"]]
    for place, (entry, setup) in enumerate(zip(sources.details, setups, strict=True)):
        slot_id = setup.slot_id if setup else None
        if slot_id is None:
            slot_id = _slot_of(sources, entry, playing[place] if place < len(playing) else None)
        if slot_id is not None and not 0 <= slot_id < len(sources.slots):
            slot_id = None
        numbered = place if slot_id is None or sources.setups else slot_id
        seats.append(_Seat(setup.player_id if setup else numbered + 1, setup, slot_id, entry))
    return seats


def _slot_of(sources: PlayerSources, entry: Fields, otherwise: int | None) -> int | None:
    handle = _handle(entry)
    working_set_slot_id = entry.get("m_workingSetSlotId")
    for slot_id, slot in enumerate(sources.slots):
        if handle is not None and slot_toon_handle(slot.get("m_toonHandle", b"")) == handle:
            return slot_id
        if working_set_slot_id is not None and slot.get("m_workingSetSlotId") == working_set_slot_id:
            return slot_id
    return otherwise


def _player(sources: PlayerSources, seats: Sequence[_Seat]) -> ReplayPlayer:
    leader, *others = sorted(seats, key=lambda seat: _is_partner(sources, seat))
    person = _person(sources, leader)
    entry, slot = leader.details, _slot(sources, leader.slot_id)
    known = sources.metadata.get(leader.player_id, {})
    is_computer = _is_computer(leader, slot)
    # Co-op numbers its difficulties anew, and computers there have no commander of their own.
    is_coop = any(other.get("m_commander") for other in sources.slots)
    difficulties = COOP_DIFFICULTIES if is_coop else DIFFICULTIES
    rating, rating_status = mmr(known)
    color = entry.get("m_color", {})
    commander = text_of(slot.get("m_commander", b"")) or None
    race_requested, race_actual = _races(sources, leader.player_id, entry, slot, known)
    return ReplayPlayer(
        player_id=leader.player_id,
        user_id=person.user_id,
        slot_id=person.slot_id,
        name=person.name,
        clan_tag=person.clan_tag,
        toon_handle=person.toon_handle,
        partner=_person(sources, others[0]) if others else None,
        race_requested=race_requested,
        race_actual=race_actual,
        result=_result(entry, known),
        # Details before 2.0 may tell other teams than the lobby, and than the results.
        team=slot.get("m_teamId", entry.get("m_teamId", 0)),
        color="#" + "".join(f"{color.get(channel, 0) & 255:02x}" for channel in ("m_r", "m_g", "m_b")),
        handicap=entry.get("m_handicap", 100),
        is_computer=is_computer,
        ai_difficulty=difficulties.get(slot.get("m_difficulty", 0)) if is_computer else None,
        ai_build=AI_BUILDS.get(slot.get("m_aiBuild", 0)) if is_computer else None,
        mmr=rating,
        mmr_status=rating_status,
        scaled_rating=_positive(_user(sources, person.user_id).get("m_scaledRating")),
        apm=_apm(known),
        highest_league=person.highest_league,
        commander=commander,
        commander_level=slot.get("m_commanderLevel") if commander else None,
        commander_mastery_level=slot.get("m_commanderMasteryLevel") if commander else None,
        commander_mastery_talents=tuple(slot.get("m_commanderMasteryTalents") or ()) if commander else None,
        commander_prestige=slot.get("m_selectedCommanderPrestige") if commander else None,
        brutal_plus=slot.get("m_brutalPlusDifficulty") if commander else None,
        retry_mutations=_numbers(slot.get("m_retryMutationIndexes")) if commander else None,
    )


def _numbers(values: Sequence[int] | None) -> tuple[int, ...] | None:
    return None if values is None else tuple(values)


def _person(sources: PlayerSources, seat: _Seat) -> Person:
    slot = _slot(sources, seat.slot_id)
    user_id = seat.setup.user_id if seat.setup else slot.get("m_userId")
    user = _user(sources, user_id)
    name, clan = name_and_clan(seat.details.get("m_name", b""))
    lobby_clan = text_of(user.get("m_clanTag") or b"")
    return Person(
        user_id=user_id,
        slot_id=seat.slot_id,
        name=name,
        clan_tag=lobby_clan or clan,
        toon_handle=_handle(seat.details) or slot_toon_handle(slot.get("m_toonHandle", b"")),
        highest_league=user.get("m_highestLeague"),
    )


def _observer(sources: PlayerSources, slot_id: int, slot: Fields) -> Observer:
    user = _user(sources, slot.get("m_userId"))
    return Observer(
        user_id=slot.get("m_userId"),
        slot_id=slot_id,
        name=text_of(user.get("m_name", b"")),
        clan_tag=text_of(user.get("m_clanTag") or b"") or None,
        toon_handle=slot_toon_handle(slot.get("m_toonHandle", b"")),
        is_referee=slot["m_observe"] == 2,
    )


def _races(
    sources: PlayerSources, player_id: int, entry: Fields, slot: Fields, known: Fields
) -> tuple[str | None, str | None]:
    """Races requested and played: from the metadata, or else the lobby, the first workers, and the details' word if English."""
    requested = metadata_race(known.get("SelectedRace"))
    if requested is None and slot:
        requested = SLOT_RACES.get(slot.get("m_racePref", {}).get("m_race"))
    played = metadata_race(known.get("AssignedRace")) or sources.races.get(player_id)
    if played is None:
        played = details_race(entry.get("m_race", b"")) or (requested if requested != "random" else None)
    return requested, played if played != "random" else None


def _result(entry: Fields, known: Fields) -> str | None:
    from_metadata = METADATA_RESULTS.get(str(known.get("Result")))
    from_details = RESULTS.get(entry.get("m_result", 0))
    # "Undecided" in the metadata and a result in the details: the recorder saw the end after the metadata was made.
    return from_details if from_metadata in (None, "undecided") and from_details else from_metadata


def _is_computer(seat: _Seat, slot: Fields) -> bool:
    if seat.setup:
        return seat.setup.is_computer
    # The lobby's word first: old details call a person who left before the end a computer.
    control: int = slot.get("m_control", seat.details.get("m_control"))
    return control == CONTROL_COMPUTER


def _is_partner(sources: PlayerSources, seat: _Seat) -> bool:
    slot = _slot(sources, seat.slot_id)
    return slot.get("m_tandemLeaderId") is not None or slot.get("m_tandemLeaderUserId") is not None


def _slot(sources: PlayerSources, slot_id: int | None) -> Fields:
    return sources.slots[slot_id] if slot_id is not None else {}


def _user(sources: PlayerSources, user_id: int | None) -> Fields:
    return sources.users[user_id] if user_id is not None and 0 <= user_id < len(sources.users) else {}


def _handle(entry: Fields) -> str | None:
    toon = entry.get("m_toon", {})
    return toon_handle(
        toon.get("m_region", 0), toon.get("m_programId", b""), toon.get("m_realm", 0), toon.get("m_id", 0)
    )


def _positive(number: int | None) -> int | None:
    return number if number is not None and number > 0 else None


def _apm(known: Fields) -> float | None:
    apm = metadata_number(known.get("APM"))
    return float(apm) if apm is not None and apm > 0 else None
