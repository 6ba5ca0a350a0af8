"""The collection as a whole, and what is published."""

from datetime import datetime

from pydantic import Field

from sc2_pipeline.app.shapes.base import Rate, Shape


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
