"""A scripted game: players, map, time, every event, and the ground truth for tests."""

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal, TypeAlias

from sc2_pipeline.game import MAX_GAME_LOOPS, RACES, RESULTS, game_seconds
from sc2_pipeline.replay_format import protocols
from sc2_pipeline_demo.synthetic.encoding.event_streams import Event

Mmr: TypeAlias = int | Literal["null"] | None
"""A rating as spelt in the file: a number (also 0 and -36400), None for no key at all, ``"null"`` for JSON's null."""

FIRST_WRITABLE_BUILD = 24944
"""Earlier streams name players, not users; how to write their events is not known."""

StartKind: TypeAlias = Literal["unit", "structure", "upgrade", "morph", "warp_in"]

_TOON_HANDLE = re.compile(r"(\d{1,2})-S2-(\d{1,2})-(\d{1,10})")
_MAX_NAME_BYTES = 240


@dataclass(frozen=True, slots=True, kw_only=True)
class CommanderScript:
    """A co-op commander as described in the lobby."""

    name: str
    level: int = 15
    mastery_level: int = 0
    mastery_talents: tuple[int, ...] = (0, 0, 0, 0, 0, 0)
    prestige: int = 0

    def __post_init__(self) -> None:
        if len(self.mastery_talents) != 6:
            raise ValueError(f"a commander has 6 masteries, not {len(self.mastery_talents)}")
        if not self.name or not 0 <= self.prestige <= 3 or not 1 <= self.level <= 15:
            raise ValueError(f"no such commander: {self}; a name, a level of 1 to 15 and a prestige of 0 to 3")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonScript:
    """A human with a computer of their own: an observer, a referee, an archon partner."""

    name: str
    toon_handle: str | None
    clan_tag: str = ""
    mmr: Mmr = None
    highest_league: int = 0
    is_referee: bool = False

    def __post_init__(self) -> None:
        _check_name(self.name, self.clan_tag)
        _check_toon_handle(self.toon_handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerScript:
    """One player, human or computer. Player 1 is the first of a script's players."""

    name: str
    race: str
    toon_handle: str | None = None
    race_requested: str = ""
    """Same as ``race`` if empty; ``random`` is possible."""
    race_label: str = ""
    """The race in the recording client's language, as in ``replay.details``; English if empty."""
    clan_tag: str = ""
    mmr: Mmr = None
    apm: float = 0.0
    highest_league: int = 0
    team: int = 0
    result: str = "undecided"
    handicap: int = 100
    is_computer: bool = False
    ai_difficulty: int = 3
    """1 very easy, 2 easy, 3 medium, 4 hard, 5 harder, 6 very hard, 7 elite, 8 to 10 cheating."""
    commander: CommanderScript | None = None
    archon_partner: PersonScript | None = None

    def __post_init__(self) -> None:
        object.__setattr__(self, "race", self.race.lower())
        object.__setattr__(self, "race_requested", (self.race_requested or self.race).lower())
        if self.race not in RACES[:3] or self.race_requested not in RACES:
            raise ValueError(f"no race {self.race} or {self.race_requested} (possible: {', '.join(RACES)})")
        if self.result not in RESULTS:
            raise ValueError(f"no result {self.result} (possible: {', '.join(RESULTS)})")
        if not 0 <= self.team <= 15 or not 1 <= self.ai_difficulty <= 10:
            raise ValueError(f"team {self.team} or difficulty {self.ai_difficulty} is impossible (0 to 15, 1 to 10)")
        if self.is_computer and (self.toon_handle or self.archon_partner):
            raise ValueError(f"{self.name} is a computer, which has neither account nor archon partner")
        _check_name(self.name, self.clan_tag)
        _check_toon_handle(self.toon_handle)


@dataclass(frozen=True, slots=True, kw_only=True)
class MapScript:
    """The map, as far as a replay describes it."""

    name: str
    width: int = 176
    height: int = 176
    is_blizzard_map: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownDeath:
    """A unit that an enemy killed."""

    game_loop: int
    unit_tag: int
    unit_type: str
    player_id: int
    killer_player_id: int
    killer_unit_tag: int
    x: int
    y: int


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownFight:
    """A fight: consecutive deaths are within 60 game loops, and all are within 5 cells of its centre.

    Two fights are more than 1,000 game loops or more than 30 cells apart.
    """

    kind: Literal["battle", "raid"]
    x: int
    y: int
    deaths: tuple[KnownDeath, ...]

    @property
    def first_game_loop(self) -> int:
        """When the first unit died."""
        return self.deaths[0].game_loop

    @property
    def last_game_loop(self) -> int:
        """When the last unit died."""
        return self.deaths[-1].game_loop


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownStart:
    """Something that a player started to make: a unit, a structure, an upgrade, a morph."""

    game_loop: int
    player_id: int
    name: str
    kind: StartKind
    supply_used: float
    """Before the start."""
    producer_tag: int | None = None
    """The building, larva or worker that makes it."""
    finished_game_loop: int | None = None
    """None if the game ended before, or it was cancelled."""
    unit_tag: int | None = None
    """For a structure, warp-in or morph; for a trained unit, known once it is born."""
    is_chrono_boosted: bool = False
    is_cancelled: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownChrono:
    """A chrono boost on one building."""

    game_loop: int
    player_id: int
    target_tag: int


@dataclass(frozen=True, slots=True, kw_only=True)
class GameTruth:
    """Ground truth of a simulated game, for tests that reconstruct it from the replay."""

    fights: tuple[KnownFight, ...] = ()
    starts: tuple[KnownStart, ...] = ()
    chronos: tuple[KnownChrono, ...] = ()
    cancelled_tags: tuple[int, ...] = ()
    consumed_tags: tuple[int, ...] = ()
    """Drones that became structures."""
    expired_tags: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class GameScript:
    """All contents of a replay file, to be written by :func:`sc2_pipeline_demo.synthetic.replay_bytes`."""

    players: tuple[PlayerScript, ...]
    map: MapScript
    base_build: int
    game_version: str
    data_version: str
    game_loops: int
    played_at: datetime
    """When player 1's recording ended, UTC."""
    random_seed: int = 0
    team_format: str = "1v1"
    observers: tuple[PersonScript, ...] = ()
    is_matchmade: bool = True
    is_competitive: bool = True
    is_against_computers: bool = False
    """Matchmade against A.I.; the lobby marks such games as cooperative, but not co-op games."""
    saved_by: int = 1
    """Id of the player who saved the file: clocks and the end of the recording differ slightly between files."""
    tracker_events: tuple[Event, ...] = ()
    game_events: tuple[Event, ...] = ()
    messages: tuple[Event, ...] = ()
    truth: GameTruth = field(default_factory=GameTruth)
    details_order: tuple[int, ...] = ()
    """Order of the players in ``replay.details``, if not by id."""
    has_cache_handles: bool = True
    """False for replays that bots made through the game's API."""
    without: frozenset[str] = frozenset()
    """Names of members to leave out."""

    def __post_init__(self) -> None:
        _check_build(self.base_build)
        if not 1 <= len(self.players) <= 15 or len(self.people) > 15:
            raise ValueError(f"{len(self.players)} players and {len(self.observers)} observers do not fit in a lobby")
        if not 1 <= self.saved_by <= len(self.players) or self.players[self.saved_by - 1].is_computer:
            raise ValueError(f"player {self.saved_by} cannot have saved the replay: no human with that id")
        if not 1 <= self.game_loops <= MAX_GAME_LOOPS:
            raise ValueError(f"a game of {self.game_loops} game loops is impossible (1 to {MAX_GAME_LOOPS})")
        if self.played_at.tzinfo is None:
            raise ValueError(f"played_at {self.played_at} has no time zone; give it in UTC")
        if not re.fullmatch(r"\d+\.\d+\.\d+\.\d+", self.game_version):
            raise ValueError(f"game version {self.game_version} is not of the form 5.0.13.92440")
        if not re.fullmatch(r"[0-9A-Fa-f]{32}", self.data_version):
            raise ValueError(f"data version {self.data_version} is not 32 hex digits")
        if self.details_order and sorted(self.details_order) != list(range(len(self.players))):
            raise ValueError(f"details_order {self.details_order} does not name every player's place once, from 0")

    @property
    def people(self) -> tuple[PersonScript, ...]:
        """Everyone with a user id, by user id: observers (one of them hosts), players, archon partners."""
        humans = [person_of(player) for player in self.players if not player.is_computer]
        partners = [player.archon_partner for player in self.players if player.archon_partner]
        return (*self.observers, *humans, *partners)

    @property
    def recorded_game_loops(self) -> int:
        """Length of this file's recording: a player who stays longer records a few loops more."""
        return min(self.game_loops + 3 * (self.saved_by - 1), MAX_GAME_LOOPS)

    @property
    def recorded_until(self) -> datetime:
        """End of this file's recording, by its own machine's clock, which differs by a second from the next one's."""
        stayed = game_seconds(self.recorded_game_loops - self.game_loops)
        return self.played_at.astimezone(UTC) + timedelta(seconds=self.saved_by - 1 + stayed)


def person_of(player: PlayerScript) -> PersonScript:
    """The human behind a player."""
    return PersonScript(
        name=player.name,
        toon_handle=player.toon_handle,
        clan_tag=player.clan_tag,
        mmr=player.mmr,
        highest_league=player.highest_league,
    )


def toon_parts(toon_handle: str) -> tuple[int, int, int]:
    """Region, realm and id. Raises ValueError for an invalid toon handle.

    >>> toon_parts("2-S2-1-691545")
    (2, 1, 691545)
    """
    match = _TOON_HANDLE.fullmatch(toon_handle)
    if match is None:
        raise ValueError(f"{toon_handle} is no toon handle; they look like 2-S2-1-691545")
    region, realm, number = match.groups()
    return int(region), int(realm), int(number)


def _check_name(name: str, clan_tag: str) -> None:
    try:
        size = len(name.encode()) + len(clan_tag.encode())
    except UnicodeEncodeError as fault:
        raise ValueError(f"the name {name!r} is not valid Unicode: {fault.reason}") from fault
    if not name or size > _MAX_NAME_BYTES:
        raise ValueError(f"a name of {size} bytes is impossible (1 to {_MAX_NAME_BYTES}, the clan's tag included)")


def _check_toon_handle(toon_handle: str | None) -> None:
    if toon_handle is not None:
        toon_parts(toon_handle)


def _check_build(base_build: int) -> None:
    known = [build for build in protocols.builds() if build >= FIRST_WRITABLE_BUILD]
    if base_build not in known:
        raise ValueError(f"no protocol to write base build {base_build} with (possible: {known[0]} to {known[-1]})")
