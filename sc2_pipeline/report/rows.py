"""Queries for report pages."""

from dataclasses import dataclass, replace
from typing import Any, Self

import duckdb

from sc2_pipeline.population import Population
from sc2_pipeline.questions import bound_values, find_question, statement_of

Row = tuple[Any, ...]

_COMMONEST_START = """
select start_workers, count(*), sum(count(*)) over () from asked_games group by start_workers
order by start_workers is null, count(*) desc, start_workers desc limit 1
"""


def fetched(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[Row]:
    """All rows of a query."""
    rows: list[Row] = connection.execute(query, list(values)).fetchall()
    return rows


@dataclass(frozen=True, slots=True)
class Asked:
    """A warehouse, and the games of it that a page is about."""

    connection: duckdb.DuckDBPyConnection
    population: Population

    @property
    def line(self) -> str:
        """Which games, of how many, and how many were left out and why."""
        return self.population.line(self.connection)

    @property
    def kind(self) -> str:
        """In a few words what the games are: games of 1v1 that begin with 12 workers (94)."""
        [(count,)] = self.rows("select count(*) from asked_games")
        era = self.population.values["era"]
        return (
            f"games of {self.population.values['mode']}"
            + (f" that begin with {era} workers" if era else "")
            + f" ({count})"
        )

    def rows(self, query: str, *values: object) -> list[Row]:
        """All rows of a query, which may read ``asked_games`` and ``asked_players``."""
        return fetched(self.connection, self.population.statement(query), *values)

    def answers(self, name: str, **given: object) -> list[dict[str, Any]]:
        """Rows of a ready-made question about these games, as mappings by column."""
        question = find_question(name)
        values = bound_values(question, {key: str(value) for key, value in given.items()})
        columns = [column for column, _ in question.columns]
        rows = fetched(self.connection, statement_of(question, values | dict(self.population.values)))
        return [dict(zip(columns, row, strict=True)) for row in rows]

    def of_one_against_one(self) -> Self:
        """The games of one against one, where no other mode is asked for, that begin with the commonest number of workers:
        times after different starts are never mixed."""
        values = dict(self.population.values)
        if values["mode"] == "melee":
            values["mode"] = "1v1"
        asked = replace(self, population=replace(self.population, values=values))
        found = asked.rows(_COMMONEST_START)
        if values["era"] is None and found and found[0][0] is not None:
            values["era"] = found[0][0]
        return replace(self, population=replace(self.population, values=values))
