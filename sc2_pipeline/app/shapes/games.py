"""The list of games."""

from datetime import datetime

from pydantic import Field

from sc2_pipeline.app.shapes.base import ClockSpeed, Shape


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
