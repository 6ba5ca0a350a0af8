"""One game: its page, what to do better in it, and its playback."""

from datetime import datetime

from pydantic import Field

from sc2_pipeline.app.shapes.base import ClockSpeed, Shape


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
