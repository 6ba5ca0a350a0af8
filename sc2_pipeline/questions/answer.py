"""Turns a question and its parameter values into a complete SQL statement, and explains empty results."""

import re
from collections.abc import Mapping

import duckdb

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.questions.question import Parameter, Question, Value
from sc2_pipeline.questions.read import PLACE
from sc2_pipeline.warehouse.catalog import quoted, scalar

_MATCHUP = re.compile("([PTZptz]+)[vV]([PTZptz]+)")


def bound_values(question: Question, given: Mapping[str, str]) -> dict[str, Value]:
    """A value for every parameter; raises SettingsError for an unknown name or an invalid value."""
    parameters = {parameter.name: parameter for parameter in question.parameters}
    for name in given:
        if name not in parameters:
            known = ", ".join(f"--{known}" for known in parameters) or "none"
            raise SettingsError(f"{question.name} has no option --{name} (its own: {known}); leave it out")
    return {
        name: _converted(parameter, given[name]) if name in given else parameter.default
        for name, parameter in parameters.items()
    }


def _converted(parameter: Parameter, text: str) -> Value:
    try:
        if parameter.type == "integer":
            return int(text)
        if parameter.type == "number":
            return float(text)
    except ValueError as error:
        raise SettingsError(f"--{parameter.name} is {text}; give a number") from error
    return normal_matchup(text) if parameter.type == "matchup" else text


def normal_matchup(text: str) -> str:
    """A matchup in the warehouse's spelling: races within a side and sides in alphabetical order.

    >>> normal_matchup("zvp")
    'PvZ'
    """
    found = _MATCHUP.fullmatch(text.strip())
    if not found:
        raise SettingsError(f"--matchup is {text}; give races such as PvZ")
    return "v".join(sorted("".join(sorted(side.upper())) for side in found.groups()))


def statement_of(question: Question, values: Mapping[str, Value]) -> str:
    """The select with its values inlined, to be run or pasted anywhere."""
    return PLACE.sub(lambda place: _literal(values[place[1]]), question.sql)


def _literal(value: Value) -> str:
    if value is None:
        return "null"
    return quoted(value) if isinstance(value, str) else str(value)


def why_empty(connection: duckdb.DuckDBPyConnection, question: Question, values: Mapping[str, Value]) -> str:
    """One sentence on why a question returns no rows from this warehouse."""
    if scalar(connection, "select count(*) from marts.dim_replays") == 0:
        return "the warehouse holds no replay; run `sc2-pipeline run FOLDER`"
    bare = [name for name in question.reads if scalar(connection, f"select not exists (from {name})")]
    if question.answered_from == "engine" and any(name.startswith("raw.") for name in bare):
        tables = ", ".join(name for name in bare if name.startswith("raw."))
        if scalar(connection, "select exists(from raw.game_info)"):
            return (
                f"no game that was run through StarCraft II here has it ({tables} empty);"
                " what a player saw of the other needs `run --fog on` or both, units need --detail units"
            )
        return (
            f"only the game itself knows this, and no replay here was run through it ({tables} empty); see --source sc2"
        )
    narrowed = [f"--{name} {value}" for name, value in values.items() if _is_narrowing(question, name, value)]
    if narrowed:
        return f"nothing in the warehouse fits {' '.join(narrowed)}; ask more widely"
    empty = f" ({', '.join(bare)} empty)" if bare else ""
    return f"no game in the warehouse has what is asked for{empty}"


def _is_narrowing(question: Question, name: str, value: Value) -> bool:
    [parameter] = [parameter for parameter in question.parameters if parameter.name == name]
    return value is not None and value != parameter.default
