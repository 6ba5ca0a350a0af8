"""Games and players beside one another."""

from datetime import datetime

from pydantic import Field

from sc2_pipeline.app.shapes.base import ClockSpeed, Shape, Tally
from sc2_pipeline.app.shapes.people_and_maps import PlayerFacts


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
