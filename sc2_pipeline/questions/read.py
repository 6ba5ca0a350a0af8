"""Reads the folder of questions strictly: whatever yml and SQL do not share is an error."""

import difflib
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from sc2_pipeline.errors import ContractError, SettingsError
from sc2_pipeline.questions.question import ANSWERED_FROM, GROUPS, PARAMETER_TYPES, Parameter, Question
from sc2_pipeline.sql_models.read import sql_folder
from sc2_pipeline.sql_models.statement import read_statement

PLACE = re.compile(r"\$([a-z_]+)")
"""Pattern of a parameter in SQL; no string in our questions has a dollar sign before a letter."""

_KEYS = {"name", "question", "answered_from", "parameters", "columns", "traps"}
_PARAMETER_KEYS = {"name", "type", "default", "description"}


@cache
def read_questions(folder: Path | None = None) -> tuple[Question, ...]:
    """Every question under ``folder`` (default: our own), by group, as its yml has them.

    Raises ContractError for yml without SQL or SQL without yml, and for parameters that they do not share.
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
    statement = read_statement(path)
    parameters = tuple(_parameter(parameter, path) for parameter in entry.get("parameters") or ())
    named, used = {parameter.name for parameter in parameters}, set(PLACE.findall(statement.text))
    if named != used:
        raise ContractError(f"{path} and its yml differ in {', '.join(sorted(named ^ used))}; describe what is used")
    return Question(
        name=entry["name"],
        group=group,
        question=entry["question"],
        answered_from=entry["answered_from"],
        parameters=parameters,
        columns=tuple(entry["columns"].items()),
        traps=tuple(entry.get("traps") or ()),
        sql=statement.text,
        reads=statement.reads,
    )


def _parameter(entry: Mapping[str, Any], path: Path) -> Parameter:
    if set(entry) != _PARAMETER_KEYS or entry["type"] not in PARAMETER_TYPES:
        raise ContractError(f"{path} has a parameter {entry}; give {', '.join(sorted(_PARAMETER_KEYS))}")
    return Parameter(**entry)


def find_question(name: str) -> Question:
    """The question of that name, or the only one whose name begins with it; raises SettingsError for none or several."""
    questions = read_questions()
    wanted = name.lower().replace("-", "_")
    exact = [question for question in questions if question.name == wanted]
    fitting = exact or [question for question in questions if question.name.startswith(wanted)]
    if len(fitting) == 1:
        return fitting[0]
    names = [question.name for question in fitting] or difflib.get_close_matches(wanted, [q.name for q in questions])
    near = f" ({'it fits' if fitting else 'near'}: {', '.join(names)})" if names else ""
    raise SettingsError(f"there is no question {name}{near}; `sc2-pipeline ask` lists them")
