"""What requests ask for."""

from typing import Literal

from pydantic import Field

from sc2_pipeline.app.shapes.base import Shape


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


class Statement(Shape):
    """SQL that reads."""

    statement: str = Field(max_length=100_000)
    limit: int = Field(1000, ge=1, le=10_000)
