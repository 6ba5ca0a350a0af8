"""The answers of the API, as its document describes them. Moments are ISO 8601 in UTC; null is unknown."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

ClockSpeed = Literal["normal", "faster"]


class Shape(BaseModel):
    """An object that has these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Refusal(Shape):
    """Why a request is not answered, and what to do."""

    error: str


class Home(Shape):
    """What is published."""

    games: int
    players: int
    maps: int
    first_played_at: datetime | None
    last_played_at: datetime | None
    generation: str = Field(description="Changes whenever something is published.")
    is_live: bool = Field(description="Whether /api/v1/news tells of it.")


class Totals(Shape):
    """What a collection holds; hours are at speed Faster."""

    replays: int
    games: int
    maps: int
    players: int
    hours: float
    first_played_at: datetime | None
    last_played_at: datetime | None
    files: int


class Rate(Shape):
    """Games won of those decided, with Wilson's interval at 95%."""

    matchup: str
    games: int
    won: int
    rate: float
    low: float
    high: float


class OpenerRate(Rate):
    """How an opener does; in a mirror, games in which both play it are left out."""

    race: str
    name: str


class Timing(Shape):
    """When players of a race begin something, at speed Faster."""

    race: str
    name: str
    players: int
    seconds: list[float] = Field(description="Of 5, 25, 50, 75 and 95 in 100 of them.")


class MapRate(Shape):
    """A map family and what the first race of each matchup has won on it."""

    map_key: str
    map_name: str | None
    games: int
    length_seconds: float
    balance: list[Rate]


class Fate(Shape):
    """How many replays ended so, and why."""

    status: str
    reason: str | None
    files: int
    meaning: str | None


class Known(Shape):
    """Of how many something is known."""

    what: str
    known: int
    counted: int


class Collection(Shape):
    """All that the collection's page shows; kinds of which there is nothing are absent."""

    totals: Totals
    asked: str = Field(description="Which games the maps are of.")
    duels: str = Field(description="Which games the openers and timings are of.")
    openers: list[OpenerRate]
    timings: list[Timing]
    maps: list[MapRate]
    files: list[Fate]
    known: list[Known]


class GamePlayer(Shape):
    """A player as the list of games shows it."""

    player_id: int
    name: str | None
    player_key: str | None = Field(description="The account, or what stands for it; see /players/{player_key}.")
    side: str | None
    race: str | None
    commander: str | None
    result: str | None
    mmr: int | None
    is_computer: bool | None
    opener: str | None = Field(
        description="The first structures, as players call them; other where no rule names them."
    )
    plan: str | None = Field(description="Technology and composition at about 5:00, as players call them.")


class Game(Shape):
    """A game of the list: the recording of it that counts."""

    replay_id: str
    game_key: str
    played_at: datetime | None
    map_key: str | None
    map_name: str | None
    matchup: str | None
    game_mode: str | None
    patch: str | None
    region: str | None
    mmr: float | None = Field(description="Mean rating of the players.")
    has_ai: bool | None
    is_resumed: bool | None
    clock_speed: ClockSpeed | None
    file_name: str | None
    length_seconds: float | None = Field(description="On the clock that the game itself shows.")
    players: list[GamePlayer]


class Games(Shape):
    """A page of games."""

    total: int
    games: list[Game]


class GameFacts(Shape):
    """Facts of one recording."""

    replay_id: str
    map_name: str
    map_key: str | None = None
    region: str | None = None
    has_ai: bool | None = None
    played_at: datetime | None
    game_version: str | None
    clock_speed: ClockSpeed
    game_mode: str
    matchup: str | None
    file_name: str
    tracker_complete: bool | None
    tracker_fault: str | None
    game_events_fault: str | None
    is_canonical: bool
    game_key: str
    length_seconds: float
    recorded_seconds: float | None
    duration_seconds: float = Field(description="At speed Faster.")
    sc2_covered_share: float | None = Field(
        description="Share of the game that the game itself was observed for; null where the tracker alone was read."
    )
    units_lost: int
    summoned_lost: int


class PlayerOfGame(Shape):
    """A player and how the game went; seconds are on the game's own clock."""

    player_id: int
    player_key: str | None
    name: str | None
    race_actual: str | None
    result: str | None
    mmr: int | None
    apm: float | None
    side: str | None
    commander: str | None
    spending_quotient: float | None
    workers_at_5_minutes: int | None = Field(description="At 5:00 of speed Faster.")
    blocked_seconds: float | None
    effective_seconds: float | None = Field(description="Blocked while something could have been made.")
    units_lost: int | None
    units_killed: int | None
    workers_lost: int | None
    average_unspent: float | None


class Curves(Shape):
    """A player's samples, every 160 game loops: lists of equal length."""

    player_id: int
    seconds: list[float]
    army_value: list[float | None]
    workers: list[int | None]
    income: list[float | None] = Field(description="Minerals and vespene a minute of speed Faster.")
    unspent: list[float | None]
    supply_used: list[float | None]
    supply_cap: list[float | None]
    resources_lost: list[float | None]


class FightSide(Shape):
    """What a fight cost one player."""

    player_id: int
    resources_lost: int | None
    army_value_before: int | None
    workers_lost: int | None
    units_lost: int | None


class Fight(Shape):
    """Deaths near to one another in place and time."""

    battle_number: int
    started_seconds: float
    ended_seconds: float
    clock: str
    kind: str
    x: float | None
    y: float | None
    radius: float | None
    units_lost: int | None
    resources_lost: int | None
    size_rank: int
    winner_side: str | None
    sides: list[FightSide]


class Block(Shape):
    """A time in which a player was supply blocked."""

    player_id: int
    started_seconds: float
    ended_seconds: float


class Step(Shape):
    """A step of a build order."""

    player_id: int
    step_number: int
    kind: str
    name: str
    count: int
    supply_used: float | None
    outcome: str | None
    is_cancelled: bool | None
    is_worker: bool | None
    is_chronoboosted: bool | None
    is_proxy: bool | None
    producer: str | None
    start_method: str | None = Field(description="How the start is known; see docs/build_orders.md.")
    started_seconds: float | None
    finished_seconds: float | None
    start_error_seconds: float | None


class UnitRun(Shape):
    """From when until when so many of a kind lived and were being made."""

    player_id: int
    name: str | None
    category: str
    from_seconds: float
    until_seconds: float
    alive: int
    in_progress: int


class WholeGame(Shape):
    """All that a game's page shows; all seconds are on the clock that ``clock_speed`` names."""

    game: GameFacts
    players: list[PlayerOfGame]
    curves: list[Curves]
    fights: list[Fight]
    blocks: list[Block]
    builds: list[Step]
    units: list[UnitRun]


class Thing(Shape):
    """Something that was worse than the worse quartile of the peers."""

    name: str
    title: str
    unit: str
    how: str
    value: float
    first_quartile: float
    median: float
    third_quartile: float
    beyond: float = Field(description="How far beyond the quartile, in distances between the quartiles.")
    place_seconds: float | None = Field(description="Where to look, on the game's own clock.")


class AdvisedPlayer(Shape):
    """What a player may do better."""

    player_id: int
    peers: int
    things: list[Thing]
    silence: str | None = Field(description="Why nothing can be said.")


class Advice(Shape):
    """Compared with players of the same race, matchup, rating and start."""

    players: list[AdvisedPlayer]


class Choice(Shape):
    """A player of a game that is compared."""

    player_id: int
    name: str | None
    race: str | None
    result: str | None


class Side(Shape):
    """Whose game is compared: a player's, or the typical one of its peers, which has neither id nor name of its own."""

    replay_id: str | None
    player_id: int | None
    name: str | None
    player_key: str | None
    race: str | None
    result: str | None
    mmr: int | None
    opponent_name: str | None
    matchup: str | None
    played_at: datetime | None
    map_name: str | None
    length_seconds: float | None
    players: list[Choice] = Field(description="Of the game; any of them can be asked for.")
    peers: int | None = Field(description="Of how many games the typical one is the median.")
    said: str | None = Field(description="Who the peers are.")
    silence: str | None = Field(description="Why nothing can be said of a typical game.")


class ComparedFigure(Shape):
    """A number of both; quartiles are those of the peers of a typical game."""

    name: str
    title: str
    one: float | None
    other: float | None
    first_quartile: float | None
    third_quartile: float | None


class ComparedCurves(Shape):
    """Samples of one side: lists of equal length; quartiles only of a typical game, whose values are medians."""

    seconds: list[float]
    army_value: list[float | None]
    workers: list[float | None]
    income: list[float | None]
    unspent: list[float | None]
    supply_used: list[float | None]
    army_value_first_quartile: list[float | None] | None = None
    army_value_third_quartile: list[float | None] | None = None
    workers_first_quartile: list[float | None] | None = None
    workers_third_quartile: list[float | None] | None = None
    income_first_quartile: list[float | None] | None = None
    income_third_quartile: list[float | None] | None = None
    unspent_first_quartile: list[float | None] | None = None
    unspent_third_quartile: list[float | None] | None = None
    supply_used_first_quartile: list[float | None] | None = None
    supply_used_third_quartile: list[float | None] | None = None


class ComparedStep(Shape):
    """The n-th of an item in both build orders; null where one has none."""

    name: str
    number: int
    kind: str
    one_seconds: float | None
    one_supply: float | None
    other_seconds: float | None
    other_supply: float | None
    share: float | None = Field(description="Share of the peers of a typical game that made it.")


class ComparedGames(Shape):
    """Two games beside one another, on the clock that ``clock_speed`` names; two sides and two curves."""

    clock_speed: ClockSpeed
    sides: list[Side]
    figures: list[ComparedFigure]
    curves: list[ComparedCurves]
    steps: list[ComparedStep]


class Box(Shape):
    """A rectangle of map cells; y grows upwards."""

    left: float
    bottom: float
    right: float
    top: float


class PlayedUnit(Shape):
    """A unit, from its birth to its end."""

    player_id: int
    name: str | None
    category: str
    is_structure: bool
    is_loss: bool | None
    born: float
    ended: float
    points: list[tuple[float, float, float, int]] = Field(
        description="Seconds, x, y, and 2 where the game itself showed the unit, from there on until the next point, 1 where the"
        " replay says so, 0 where the unit would be if it walked along its commands."
    )


class Playback(Shape):
    """Where units were, and when."""

    clock_speed: ClockSpeed
    length_seconds: float
    box: Box | None
    is_observed: bool = Field(description="Whether the game itself was observed, and showed units.")
    units: list[PlayedUnit]


class Player(Shape):
    """An account, or a bot or a name that stands for one."""

    player_key: str
    name: str | None
    names_seen: list[str] | None
    region: str | None
    is_bot: bool | None
    game_count: int
    win_count: int
    last_mmr: int | None
    last_played_at: datetime | None


class Players(Shape):
    """A page of players."""

    total: int
    players: list[Player]


class PlayerFacts(Player):
    """A player, and since when it is known."""

    first_played_at: datetime | None


class Tally(Shape):
    """Games by something, and what became of them; a game whose winner nobody knows is neither won nor lost."""

    name: str
    games: int
    won: int
    lost: int


class Rating(Shape):
    """The rating with which a player entered a game."""

    played_at: datetime
    mmr: int
    replay_id: str


class Figures(Shape):
    """Means over the games of which they are known."""

    spending_quotient: float | None
    average_unspent: float | None
    average_income: float | None
    workers_at_5_minutes: float | None
    blocked_seconds_per_minute: float | None
    apm: float | None


class ComparedPlayer(PlayerFacts):
    """A player over the games that are asked about."""

    games: int
    won: int
    matchups: list[Tally]


class Meetings(Shape):
    """Games of two players against one another."""

    games: int
    won_by_first: int
    won_by_second: int


class ComparedPlayers(Shape):
    """Two players beside one another; figures are means over their games."""

    asked: str = Field(description="Which games it is about, and how many were left out and why.")
    players: list[ComparedPlayer]
    figures: list[ComparedFigure]
    meetings: Meetings


class WholePlayer(Shape):
    """All that a player's page shows."""

    player: PlayerFacts
    games: list[Game]
    ratings: list[Rating]
    figures: Figures
    matchups: list[Tally]
    maps: list[Tally]
    openers: list[Tally]
    plans: list[Tally]


class Map(Shape):
    """A family of map versions."""

    map_key: str
    map_name: str | None
    map_names_seen: list[str] | None
    version_count: int
    is_blizzard_map: bool | None
    game_count: int
    median_duration_seconds: float | None
    last_played_at: datetime | None


class Maps(Shape):
    """A page of map families."""

    total: int
    maps: list[Map]


class MapFacts(Map):
    """A map family, and since when it is known."""

    first_played_at: datetime | None


class Balance(Shape):
    """How a race did in a matchup: 1v1 between people, mirrors left out."""

    matchup: str
    race: str | None
    games: int
    won: int
    lost: int


class Start(Shape):
    """A place of first town halls."""

    x: int
    y: int
    games: int


class Deaths(Shape):
    """Deaths in a square of which this is the lower left corner."""

    x: int
    y: int
    deaths: int


class WholeMap(Shape):
    """All that a map's page shows."""

    map: MapFacts
    balance: list[Balance]
    starts: list[Start]
    deaths: list[Deaths]
    cells: int = Field(description="Side of the squares in which deaths are counted.")


class Option(Shape):
    """An option of a question."""

    name: str
    type: str
    default: str | int | float | None
    description: str


class Column(Shape):
    """A column and what it means."""

    name: str
    description: str


class Question(Shape):
    """A ready-made question."""

    name: str
    group: str
    question: str
    answered_from: str
    options: list[Option] = Field(description="Its own; those of every question are shared.")
    columns: list[Column]
    traps: list[str]


class Questions(Shape):
    """All questions, and the options that each of them has."""

    shared: list[Option]
    questions: list[Question]


class Table(Shape):
    """Rows as lists, in the order of ``columns``."""

    columns: list[str]
    rows: list[list[Any]]
    is_cut: bool = Field(description="There are more rows than these.")


class Answer(Table):
    """The answer to a question."""

    question: str
    asked: str = Field(description="Which games it is about, and how many were left out and why.")
    sql: str


class Statement(Shape):
    """SQL that reads."""

    statement: str = Field(max_length=100_000)
    limit: int = Field(1000, ge=1, le=10_000)


class Relation(Shape):
    """A table or view of the warehouse."""

    relation: str
    description: str
    columns: list[dict[str, str]] = Field(description="Of each: name, type and description.")


class Relations(Shape):
    """The data dictionary."""

    relations: list[Relation]


class FileCount(Shape):
    """Files of a status."""

    status: str
    files: int


class FileFate(Shape):
    """What became of a file."""

    replay_id: str
    status: str
    reason: str | None
    meaning: str | None
    detail: str | None
    what_to_do: str
    is_retryable: bool | None
    path: str | None
    file_bytes: int | None
    updated_at: datetime | None


class Files(Shape):
    """A page of files."""

    counts: list[FileCount]
    total: int
    files: list[FileFate]


class Paging(Shape):
    """Which part of a list, and of what."""

    search: str = Field("", max_length=500)
    limit: int = Field(100, ge=1, le=1000)
    offset: int = Field(0, ge=0)


class GamesCompared(Shape):
    """Which games are compared: ids of replays or file names, and players by their number in the game."""

    one: str
    other: str | None = Field(None, description="Without it, the typical game of the peers.")
    one_player: int | None = Field(None, description="The winner, if not given.")
    other_player: int | None = Field(None, description="Whoever has the same account, or race, if not given.")


class FilesAsked(Paging):
    """Which files."""

    status: Literal["found", "rejected", "failed", "extracted", "loaded"] | None = None


class GamesAsked(Paging):
    """Which games; see docs/cookbook for the options that questions share."""

    sort: Literal["played", "length", "map", "matchup", "rating", "players"] = "played"
    is_ascending: bool = False
    mode: str | None = None
    matchup: str | None = None
    map: str | None = Field(None, description="Part of a map's title, in any language.")
    player: str | None = Field(None, description="A name or an account.")
    result: Literal["victory", "defeat", "tie", "undecided"] | None = Field(None, description="That of the player.")
    opener: str | None = Field(None, description="Part of the name of a player's opener or plan.")
    patch: str | None = None
    era: str | None = Field(None, description="Workers at the start: 6, 8 or 12.")
    since: str | None = None
    until_date: str | None = None
    mmr: str | None = Field(None, description="A range such as 4000-4500.")
    opponents: Literal["people", "computers"] | None = None
    min_minutes: float | None = None
    max_minutes: float | None = None
