"""The question type: SQL, parameters, columns and documentation."""

from dataclasses import dataclass
from typing import Literal

Value = str | int | float | None
ParameterType = Literal["text", "integer", "number", "matchup", "replay"]
AnsweredFrom = Literal["tracker", "estimate", "engine"]

PARAMETER_TYPES: tuple[ParameterType, ...] = ("text", "integer", "number", "matchup", "replay")
ANSWERED_FROM: tuple[AnsweredFrom, ...] = ("tracker", "estimate", "engine")
"""Where a question's answer comes from. tracker: the replay's own events; estimate: approximated from events, exact
with the engine; engine: only from running the replay in the game."""

GROUPS = ("units", "economy", "combat", "builds", "macro", "scouting", "learning", "meta", "coop")
"""Question files, in listing order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """A filter of a question; with ``default`` None it is off."""

    name: str
    type: ParameterType
    default: Value
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its text and SQL; ``columns`` are (name, meaning)."""

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
