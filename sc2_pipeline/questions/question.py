"""What a question is."""

from dataclasses import dataclass
from typing import Literal

Value = str | int | float | None
ParameterType = Literal["text", "integer", "number", "matchup", "replay"]
AnsweredFrom = Literal["tracker", "estimate", "engine"]

PARAMETER_TYPES: tuple[ParameterType, ...] = ("text", "integer", "number", "matchup", "replay")
ANSWERED_FROM: tuple[AnsweredFrom, ...] = ("tracker", "estimate", "engine")
"""Where the answer comes from. tracker: the replay's own events; estimate: inferred from them, where the engine would be exact;
engine: only from running the replay in the game."""

GROUPS = ("units", "economy", "combat", "builds", "macro", "scouting", "learning", "meta", "coop")
"""Groups of questions, one file each, in the order in which they are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A parameter that narrows a question; with the default None it does not."""

    name: str
    type: ParameterType
    default: Value
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question in words and in SQL; ``columns`` are (name, meaning)."""

    name: str
    group: str
    question: str
    answered_from: AnsweredFrom
    parameters: tuple[Parameter, ...]
    columns: tuple[tuple[str, str], ...]
    traps: tuple[str, ...]
    sql: str
    reads: tuple[str, ...]
    """Relations that the select reads."""
