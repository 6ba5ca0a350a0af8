"""Strict reader of the questions folder: SQL and yml must match."""

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sc2_pipeline.errors import ContractError, SettingsError
from sc2_pipeline.population.games import RELATIONS
from sc2_pipeline.population.options import OPTION_TYPES, PLACE, population_options
from sc2_pipeline.questions.question import ANSWERED_FROM, GROUPS, Parameter, Question
from sc2_pipeline.sql_models.read import sql_folder
from sc2_pipeline.sql_models.statement import read_statement

_KEYS = {"name", "question", "answered_from", "mode", "parameters", "columns", "traps"}
_PARAMETER_KEYS = {"name", "type", "default", "description"}


@cache
def read_questions(folder: Path | None = None) -> tuple[Question, ...]:
    """Every question under ``folder`` (default: the package's own), by group, in the order of the yml.

    Raises ContractError for yml without SQL, SQL without yml, and parameters that only one of them has.
    """
    folder = folder or sql_folder() / "questions"
    questions = tuple(_described(folder))
    names = {question.name for question in questions}
    if undescribed := sorted(path.stem for path in folder.glob("*.sql") if path.stem not in names):
        raise ContractError(f"{folder / undescribed[0]}.sql is described in no yml; say what it asks")
    return questions


def _described(folder: Path) -> Iterator[Question]:
    for group in GROUPS:
        path = folder / f"{group}.yml"
        try:
            content = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
            raise ContractError(f"{path} is not readable yml ({error}); mend the file") from error
        for entry in content["questions"]:
            yield _question(entry, group, folder)


def _question(entry: Mapping[str, Any], group: str, folder: Path) -> Question:
    path = folder / f"{entry.get('name')}.sql"
    if not set(entry) <= _KEYS or not path.is_file() or entry.get("answered_from") not in ANSWERED_FROM:
        raise ContractError(
            f"{folder / group}.yml: {entry.get('name')} has no SQL, an unknown word (known: {', '.join(sorted(_KEYS))}) "
            f"or is not answered from one of {', '.join(ANSWERED_FROM)}"
        )
    statement = read_statement(path, given=tuple(RELATIONS))
    parameters = tuple(_parameter(parameter, path) for parameter in entry.get("parameters") or ())
    named = {parameter.name for parameter in parameters}
    used = set(PLACE.findall(statement.text)) - population_options().keys()
    if named != used:
        raise ContractError(f"{path} and its yml differ in {', '.join(sorted(named ^ used))}; describe what is used")
    return Question(
        name=entry["name"],
        group=group,
        question=entry["question"],
        answered_from=entry["answered_from"],
        mode=entry.get("mode", "melee"),
        parameters=parameters,
        columns=tuple(entry["columns"].items()),
        traps=tuple(entry.get("traps") or ()),
        sql=statement.text,
        reads=tuple(sorted({read for name in statement.reads for read in RELATIONS.get(name, (name,))})),
    )


def _parameter(entry: Mapping[str, Any], path: Path) -> Parameter:
    if set(entry) != _PARAMETER_KEYS or entry["type"] not in OPTION_TYPES:
        raise ContractError(f"{path} has a parameter {entry}; give {', '.join(sorted(_PARAMETER_KEYS))}")
    return Parameter(**entry)


def find_question(name: str) -> Question:
    """The question of that name, or the only one whose name starts with it; raises SettingsError otherwise."""
    questions = read_questions()
    wanted = name.lower().replace("-", "_")
    exact = [question for question in questions if question.name == wanted]
    fitting = exact or [question for question in questions if question.name.startswith(wanted)]
    if len(fitting) == 1:
        return fitting[0]
    names = [question.name for question in fitting] or difflib.get_close_matches(wanted, [q.name for q in questions])
    near = f" ({'it fits' if fitting else 'near'}: {', '.join(names)})" if names else ""
    raise SettingsError(f"there is no question {name}{near}; `sc2-pipeline ask` lists them")
