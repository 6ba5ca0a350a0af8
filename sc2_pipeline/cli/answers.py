"""Lists, describes and answers ready-made questions in the terminal."""

from collections.abc import Mapping, Sequence
from itertools import groupby

import duckdb

from sc2_pipeline.cli.row_files import RowFile
from sc2_pipeline.cli.sql import print_result
from sc2_pipeline.cli.terminal import err, out, print_facts, print_lines, print_rows
from sc2_pipeline.config import Home
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.population.options import Value, population_options
from sc2_pipeline.public.named_replay import loaded_replay
from sc2_pipeline.public.published import opened_warehouse
from sc2_pipeline.questions import (
    Question,
    asked_of,
    bound_values,
    find_question,
    read_questions,
    statement_of,
    why_empty,
)
from sc2_pipeline.questions.answer import REPLAY, REPLAY_MEANING, replay_options
from sc2_pipeline.warehouse.catalog import scalar
from sc2_pipeline.warehouse.reading.read_only import reading_statements
from sc2_pipeline.warehouse.reading.unseen_rows import rows_elsewhere

REPLAY_ID = "replay_id"


def answer(
    home: Home, name: str, words: Sequence[str], *, target: RowFile | None, limit: int, shows_ids: bool = False
) -> None:
    """Runs a question with the options typed after its name, and prints its rows or writes them to a file.

    Where ``game`` says in words which game a row is of, its id is only printed if ``shows_ids``.
    """
    question = find_question(name)
    values = bound_values(question, given_options(words))
    with opened_warehouse(home, writes=target.unfinished if target else None) as connection:
        values |= _named_replays(connection, question, values)
        [statement] = reading_statements(connection, statement_of(question, values))
        elsewhere = rows_elsewhere(connection, statement)
        print_lines(err(), [question.question], style="bold")
        print_lines(err(), [asked_of(connection, question, values)])
        if target is not None:
            target.write(connection, statement)
        elif scalar(connection, f"select exists ({statement}\n)"):
            names_games = not shows_ids and "game" in dict(question.columns)
            print_result(connection, statement, limit, hidden=(REPLAY_ID,) if names_games else ())
        else:
            print_lines(out(), [f"no rows: {elsewhere or why_empty(connection, question, values)}"])
    if elsewhere:
        print_lines(err(), [f"mind: {elsewhere}"])
    print_lines(err(), [f"mind: {trap}" for trap in question.traps], style="dim")


def print_statement(home: Home, name: str, words: Sequence[str]) -> None:
    """Prints a question's SQL with its values inlined; needs a warehouse only to look up a replay."""
    question = find_question(name)
    values = bound_values(question, given_options(words))
    if any(values[name] is not None for name in replay_options(question)):
        with opened_warehouse(home) as connection:
            values |= _named_replays(connection, question, values)
    # A statement that begins with a comment would look like an option to `sql`.
    lines = statement_of(question, values).splitlines()
    print_lines(out(), [line for line in lines if not line.startswith("--")])


def _named_replays(
    connection: duckdb.DuckDBPyConnection, question: Question, values: Mapping[str, Value]
) -> dict[str, Value]:
    return {
        name: loaded_replay(connection, str(values[name]))
        for name in replay_options(question)
        if values[name] is not None
    }


def given_options(words: Sequence[str]) -> dict[str, str]:
    """Parses ``--name value``, ``--name=value`` and ``--flag``; raises SettingsError for anything else."""
    given: dict[str, str] = {}
    rest = list(words)
    while rest:
        word = rest.pop(0)
        name, equals, value = word.removeprefix("--").partition("=")
        if not word.startswith("--") or not name:
            raise SettingsError(f"{word} is no option; narrow a question with --NAME VALUE")
        option = population_options().get(name.replace("-", "_"))
        if option is not None and option.type == "flag" and not equals:
            value = "true"
        elif not equals:
            if not rest:
                raise SettingsError(f"{word} has no value; give one")
            value = rest.pop(0)
        given[name.replace("-", "_")] = value
    return given


def list_questions() -> None:
    """Prints every question with its name and what it is answered from."""
    for group, questions in groupby(read_questions(), key=lambda question: question.group):
        rows = [(q.name, q.question, "" if q.answered_from == "tracker" else q.answered_from) for q in questions]
        print_rows(out(), ("name", "question", "needs"), rows, title=group.capitalize())
    print_lines(
        out(),
        [
            "",
            "sc2-pipeline ask NAME [--matchup PvZ] [--player NAME] ...  (NAME --about says what it takes)",
            "Answers are about melee games between people, not resumed, of at least a minute, unless options say otherwise.",
            "estimate: the replay's events come near, the game would be exact; engine: needs replays run through the game.",
        ],
    )


def describe_question(name: str) -> None:
    """Prints a question's parameters, columns and traps."""
    question = find_question(name)
    print_lines(out(), [question.question], style="bold")
    print_facts(out(), [("answered from", question.answered_from)])
    options = [(f"--{p.name}", "any" if p.default is None else p.default, p.description) for p in question.parameters]
    if options:
        print_rows(out(), ("option", "default", "meaning"), options, title="Options of its own")
    defaults = bound_values(question, {})
    shared = [
        (option.flag, "" if option.type == "flag" else defaults[option.name] or "any", option.description)
        for option in population_options().values()
    ]
    shared.append((f"--{REPLAY}", "the latest" if question.is_about_one_game else "any", REPLAY_MEANING))
    print_rows(out(), ("option", "default", "meaning"), shared, title="Which games")
    print_rows(out(), ("column", "meaning"), question.columns, title="Columns")
    if question.traps:
        print_lines(out(), ["", "Traps"], style="bold")
        print_lines(out(), [f"  {trap}" for trap in question.traps])
