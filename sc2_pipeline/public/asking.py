"""Questions and SQL on an open warehouse, for every door: Python and the HTTP API."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import pyarrow as pa

from sc2_pipeline.errors import QueryError
from sc2_pipeline.public.named_replay import loaded_replay
from sc2_pipeline.questions import Question, asked_of, bound_values, find_question, statement_of
from sc2_pipeline.questions.answer import replay_options
from sc2_pipeline.warehouse.reading.read_only import reading_statements, said_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The rows that answer a question, in a line which games they are about (``asked``), and the SQL that gives them."""

    question: Question
    rows: pa.Table
    asked: str
    sql: str


def answered(connection: duckdb.DuckDBPyConnection, name: str, narrowed: Mapping[str, str | int | float]) -> Answer:
    """Asks a ready-made question; raises SettingsError for an unknown question or option."""
    question = find_question(name)
    values = bound_values(question, {option: str(value) for option, value in narrowed.items()})
    for option in replay_options(question):
        if values[option] is not None:
            values[option] = loaded_replay(connection, str(values[option]))
    asked, sql = asked_of(connection, question, values), statement_of(question, values)
    return Answer(question=question, rows=connection.sql(sql).to_arrow_table(), asked=asked, sql=sql)


def queried(
    connection: duckdb.DuckDBPyConnection,
    statement: str,
    parameters: Sequence[Any] | Mapping[str, Any] = (),
    *,
    limit: int | None = None,
) -> pa.Table:
    """Rows of one read-only statement, at most ``limit``; raises QueryError for one that fails or does more than read."""
    try:
        statements = reading_statements(connection, statement)
        if len(statements) != 1:
            raise QueryError(f"{len(statements)} statements were given; give one")
        found = connection.sql(statements[0], params=parameters or None)
        return (found if limit is None else found.limit(limit)).to_arrow_table()
    except duckdb.InterruptException:
        raise
    except duckdb.Error as error:
        raise QueryError(f"the statement does not run ({said_of(error)}); see what tables there are") from error
