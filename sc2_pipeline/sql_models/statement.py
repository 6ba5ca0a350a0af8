"""Parses one SQL file: its select, the relations it reads, and its leading comment."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import sqlglot
from sqlglot import exp

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models.macros import Macro, called_macros

_FILE_FUNCTIONS = ("read_", "parquet_", "glob", "sniff_")
RECURRING = "recurring"
"""Schema under which a recursive part with ``using key`` refers to all rows produced so far."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """The text of one file; ``head`` is its leading comment, a string per line; ``reads`` are qualified names.

    ``calls`` are our macros that it calls.
    """

    text: str
    head: tuple[str, ...]
    reads: tuple[str, ...]
    calls: tuple[Macro, ...]


def read_statement(path: Path, *, given: Collection[str] = ()) -> Statement:
    """The only select of a file; raises ContractError for anything else, and for names without a schema that
    are not ``given`` by what runs it."""
    # Line endings differ in a Windows checkout, which is not a change of the model.
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n").strip().removesuffix(";")
    try:
        [select] = sqlglot.parse(text, dialect="duckdb")
    except (sqlglot.errors.SqlglotError, ValueError) as error:
        raise ContractError(f"{path} is not one select that can be read ({error}); mend the file") from error
    if not isinstance(select, exp.Query):
        raise ContractError(f"{path} is not a select; a model is one select and nothing else")
    return Statement(text=text, head=_head(text), reads=_reads(select, path, given), calls=tuple(called_macros(select)))


def _head(text: str) -> tuple[str, ...]:
    lines = []
    for line in text.splitlines():
        if not line.startswith("--"):
            break
        lines.append(line.removeprefix("--").strip())
    return tuple(lines)


def _reads(select: exp.Query, path: Path, given: Collection[str]) -> tuple[str, ...]:
    named_here = {cte.alias_or_name for cte in select.find_all(exp.CTE)}
    names = set()
    for table in select.find_all(exp.Table):
        if isinstance(table.this, exp.Func):
            _refuse_files(table.this, path)
        elif table.db == RECURRING and table.name in named_here:
            continue
        elif table.db and not table.catalog:
            names.add(f"{table.db}.{table.name}")
        elif not table.db and table.name in given:
            names.add(table.name)
        elif table.catalog or table.name not in named_here:
            raise ContractError(f"{path} reads {table.sql()}; name a relation as schema.name")
    return tuple(sorted(names))


def _refuse_files(function: exp.Func, path: Path) -> None:
    name = function.name.lower() if isinstance(function, exp.Anonymous) else function.sql_name().lower()
    if name.startswith(_FILE_FUNCTIONS):
        raise ContractError(f"{path} calls {name}; a model reads relations, never files")
