"""Turns a question and its option values into a complete SQL statement, says whom it is about, and explains empty results."""

from collections.abc import Mapping

import duckdb

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.population.games import Population
from sc2_pipeline.population.options import OPTIONS, PLACE, PopulationOption, Value, converted, literal
from sc2_pipeline.questions.question import Parameter, Question
from sc2_pipeline.warehouse.catalog import scalar

REPLAY = "replay"
"""An option of every question: the one recording that it is asked of."""

REPLAY_MEANING = "Only that game, whatever it is: the beginning of a replay id or of a file name."

_GAME = """
select strftime(games.played_on, '%Y-%m-%d'), games.map_name, array_to_string(games.players, ', '), replays.file_name
from marts.dim_replays as replays inner join marts.games as games using (game_key)
where replays.replay_id in (from asked_game)
"""


def bound_values(question: Question, given: Mapping[str, str]) -> dict[str, Value]:
    """A value for every option of the population and of the question; raises SettingsError for an unknown name or an
    invalid value."""
    own = {parameter.name for parameter in question.parameters}
    options: tuple[PopulationOption | Parameter, ...] = (*OPTIONS, *question.parameters)
    types = {option.name: option.type for option in options} | {REPLAY: "replay"}
    for name in given:
        if name not in types:
            known = ", ".join(_flag(known) for known in own) or "none"
            shared = ", ".join(_flag(known) for known in (*(option.name for option in OPTIONS), REPLAY))
            raise SettingsError(
                f"{question.name} has no option {_flag(name)} (its own: {known}; every question's: {shared}); leave it out"
            )
    defaults = {option.name: option.default for option in options}
    typed = {name: converted(name, types[name], text) for name, text in given.items()}
    return defaults | {"mode": question.mode, REPLAY: None} | typed


def replay_options(question: Question) -> tuple[str, ...]:
    """Names of the options that name a replay."""
    return (*(parameter.name for parameter in question.parameters if parameter.type == "replay"), REPLAY)


def statement_of(question: Question, values: Mapping[str, Value]) -> str:
    """The select with its values inlined and the games it is about, to be run or pasted anywhere."""
    return population_of(values).statement(PLACE.sub(lambda place: literal(values[place[1]]), question.sql))


def population_of(values: Mapping[str, Value]) -> Population:
    """The games that :func:`bound_values` choose."""
    replay = values[REPLAY]
    return Population(values=values, replay=None if replay is None else str(replay))


def asked_of(connection: duckdb.DuckDBPyConnection, question: Question, values: Mapping[str, Value]) -> str:
    """One line: which games, of how many, and how many were left out and why; or which one game."""
    population = population_of(values)
    if not question.is_about_one_game:
        return population.line(connection)
    games = connection.execute(population.statement(_GAME)).fetchall()
    if not games:
        return f"no game; {population.line(connection)}"
    [(day, map_name, players, file_name)] = games
    game = f"{day or 'day unknown'}, {map_name or 'map unknown'}, {players or 'nobody known'} ({file_name})"
    if values[REPLAY] is not None:
        return game
    return f"{game}: the latest of {population.line(connection)}; --replay names another"


def why_empty(connection: duckdb.DuckDBPyConnection, question: Question, values: Mapping[str, Value]) -> str:
    """One sentence on why a question returns no rows from this warehouse."""
    if scalar(connection, "select count(*) from marts.dim_replays") == 0:
        return "the warehouse holds no replay; run `sc2-pipeline run FOLDER`"
    bare = [name for name in question.reads if scalar(connection, f"select not exists (from {name})")]
    own = [name for name in bare if name.startswith(("raw.", "staging."))]
    if question.answered_from == "engine" and own:
        tables = ", ".join(own)
        if scalar(connection, "select exists(from raw.game_info)"):
            return (
                f"no game that was run through StarCraft II here has it ({tables} empty);"
                " what a player saw of the other needs `run --fog on` or both, units need --detail units"
            )
        return (
            f"only the game itself knows this, and no replay here was run through it ({tables} empty); see --source sc2"
        )
    untyped = bound_values(question, {})
    narrowed = [
        f"{_flag(name)} {value}" for name, value in values.items() if value is not None and value != untyped[name]
    ]
    if narrowed:
        return f"nothing in the warehouse fits {' '.join(narrowed)}; ask more widely"
    empty = f" ({', '.join(bare)} empty)" if bare else ""
    return f"no game that was asked has what is asked for{empty}"


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")
