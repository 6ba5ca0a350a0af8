"""Players, map families, and one of each."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from sc2_pipeline.app.shapes.base import Shape, Tally
from sc2_pipeline.app.shapes.games import Game


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


class Form(Shape):
    """How it goes lately; games that are neither won nor lost do not end a streak."""

    session_started_at: datetime | None
    session_games: int = Field(description="Of the last session: games begun at most three hours after one another.")
    session_won: int
    session_lost: int
    streak_result: Literal["victory", "defeat"] | None
    streak_games: int = Field(description="Won or lost in a row up to now.")
    most_won_in_a_row: int


class WholePlayer(Shape):
    """All that a player's page shows."""

    player: PlayerFacts
    games: list[Game]
    ratings: list[Rating]
    figures: Figures
    form: Form
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
