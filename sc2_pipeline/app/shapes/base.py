"""What all answers have in common."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

ClockSpeed = Literal["normal", "faster"]


class Shape(BaseModel):
    """An object that has these keys and no others."""

    model_config = ConfigDict(extra="forbid")


class Refusal(Shape):
    """Why a request is not answered, and what to do."""

    error: str


class Rate(Shape):
    """Games won of those decided, with Wilson's interval at 95%."""

    matchup: str
    games: int
    won: int
    rate: float
    low: float
    high: float


class Tally(Shape):
    """Games by something, and what became of them; a game whose winner nobody knows is neither won nor lost."""

    name: str
    games: int
    won: int
    lost: int
