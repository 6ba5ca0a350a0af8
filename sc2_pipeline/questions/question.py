"""The question type: SQL, parameters, columns and documentation."""

from dataclasses import dataclass
from typing import Literal

from sc2_pipeline.population.games import ASKED_GAME, relations_of
from sc2_pipeline.population.options import OptionType, Value

AnsweredFrom = Literal["tracker", "estimate", "engine"]

ANSWERED_FROM: tuple[AnsweredFrom, ...] = ("tracker", "estimate", "engine")
"""Where a question's answer comes from. tracker: the replay's own events; estimate: approximated from events, exact
with the engine; engine: only from running the replay in the game."""

GROUPS = ("units", "economy", "combat", "builds", "macro", "scouting", "learning", "meta", "coop")
"""Question files, in listing order."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    """An option of its own, beside those of the population; with ``default`` None it is off."""

    name: str
    type: OptionType
    default: Value
    description: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """A question with its text and SQL; ``columns`` are (name, meaning)."""

    name: str
    group: str
    question: str
    answered_from: AnsweredFrom
    mode: str
    """The default of ``--mode``: melee, or what alone the question is about."""
    parameters: tuple[Parameter, ...]
    columns: tuple[tuple[str, str], ...]
    traps: tuple[str, ...]
    sql: str
    reads: tuple[str, ...]
    """Relations that the select reads."""

    @property
    def is_about_one_game(self) -> bool:
        """One replay's rows answer it: the one named, or the latest."""
        return ASKED_GAME in relations_of(self.sql)
