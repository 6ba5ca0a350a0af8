"""What a question is."""

from dataclasses import dataclass
from typing import Literal

Value = str | int | float | None
ParameterType = Literal["text", "integer", "number", "matchup", "replay"]
AnsweredFrom = Literal["tracker", "estimate", "engine"]

PARAMETER_TYPES: tuple[ParameterType, ...] = ("text", "integer", "number", "matchup", "replay")
ANSWERED_FROM: tuple[AnsweredFrom, ...] = ("tracker", "estimate", "engine")
"""tracker: the replay's own events say it; estimate: they come near, the engine would be exact; engine: only a game that
runs the replay knows."""

GROUPS = ("units", "economy", "combat", "builds", "macro", "scouting", "learning", "meta", "coop")
"""Files of questions, in the order in which they are listed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """What a question can be narrowed by; ``default`` None asks about everything."""

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
