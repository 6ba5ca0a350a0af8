"""Runs the tests declared in yml and SQL files in the current catalog; the caller decides what a failure means."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import duckdb

from sc2_pipeline.sql_models import REPLAY_ID, ColumnTest, Model, SingularTest
from sc2_pipeline.sql_models.model import Severity
from sc2_pipeline.warehouse.catalog import identifier, quoted
from sc2_pipeline.warehouse.relations import sql_errors


@dataclass(frozen=True, slots=True, kw_only=True)
class TestOutcome:
    """Outcome of one test. ``relation`` is None for a test over several models.

    ``replay_ids`` are the replays with failed rows, sorted; None if failed rows have no replay_id.
    """

    __test__ = False  # pytest would collect the class as a test of its own.

    name: str
    relation: str | None
    severity: Severity
    failed_rows: int
    replay_ids: tuple[str, ...] | None
    description: str

    @property
    def is_broken(self) -> bool:
        """Whether a test of severity ``error`` failed, which means a bug in our marts."""
        return self.severity == "error" and self.failed_rows > 0


def run_tests(
    connection: duckdb.DuckDBPyConnection, models: Iterable[Model], singular: Iterable[SingularTest] = ()
) -> tuple[TestOutcome, ...]:
    """Outcomes of all tests of ``models`` and of ``singular``, passed or failed.

    Raises ContractError for a test that does not run, ModelRowsError if a view fails on a row. Tests that need a
    relation outside ``models`` are skipped: in a batch, those over all replays together.
    """
    models = tuple(models)
    known = {model.relation for model in models}
    outcomes: list[TestOutcome] = []
    for model in models:
        with sql_errors(model.path):
            outcomes += _model_outcomes(connection, model, known)
    for test in singular:
        if all(name in known or name.startswith("raw.") for name in test.depends_on):
            with sql_errors(test.path):
                outcomes.append(_singular_outcome(connection, test))
    return tuple(outcomes)


def _model_outcomes(connection: duckdb.DuckDBPyConnection, model: Model, known: set[str]) -> Iterator[TestOutcome]:
    """Tests of single rows share one scan; most pass, and only failing ones are queried for the replays concerned."""
    by_row = [test for test in model.tests if _row_condition(test)]
    counts = _failed_counts(connection, model, by_row)
    for test in model.tests:
        condition = _row_condition(test)
        if condition and not counts[test]:
            yield _outcome(model, test, 0, ())
        elif condition:
            yield _asked(connection, model, test, f"select * from {model.relation} where {condition}")
        elif test.kind == "unique":
            yield _asked(connection, model, test, _repeated(model, test))
        elif test.to in known:
            yield _asked(connection, model, test, _orphans(model, test))


def _failed_counts(
    connection: duckdb.DuckDBPyConnection, model: Model, tests: list[ColumnTest]
) -> dict[ColumnTest, int]:
    if not tests:
        return {}
    counts = ", ".join(f"count(*) filter (where {_row_condition(test)})" for test in tests)
    [row] = connection.execute(f"select {counts} from {model.relation}").fetchall()
    return dict(zip(tests, row, strict=True))


def _row_condition(test: ColumnTest) -> str | None:
    """SQL condition for failing rows; None for tests that compare rows."""
    if test.kind == "not_null":
        return " or ".join(f"{identifier(column)} is null" for column in test.columns)
    [column, *_] = (identifier(column) for column in test.columns)
    if test.kind == "accepted_values":
        values = ", ".join(quoted(value) if isinstance(value, str) else str(value) for value in test.values)
        return f"{column} not in ({values})"
    if test.kind == "range":
        bounds = [
            *([f"{column} < {test.minimum}"] if test.minimum is not None else []),
            *([f"{column} > {test.maximum}"] if test.maximum is not None else []),
        ]
        return " or ".join(bounds)
    return None


def _repeated(model: Model, test: ColumnTest) -> str:
    columns = ", ".join(identifier(column) for column in test.columns)
    return f"select {columns} from {model.relation} group by {columns} having count(*) > 1"


def _orphans(model: Model, test: ColumnTest) -> str:
    """Query of rows whose columns have no match in the other relation; rows with NULLs do not count."""
    same = " and ".join(
        f"one.{identifier(here)} = other.{identifier(there)}"
        for here, there in zip(test.columns, test.to_columns, strict=True)
    )
    given = " and ".join(f"one.{identifier(column)} is not null" for column in test.columns)
    return f"select * from (select * from {model.relation} as one where {given}) as one anti join {test.to} as other on {same}"


def _asked(connection: duckdb.DuckDBPyConnection, model: Model, test: ColumnTest, offenders: str) -> TestOutcome:
    failed_rows, replay_ids = _count(connection, offenders)
    return _outcome(model, test, failed_rows, replay_ids)


def _outcome(model: Model, test: ColumnTest, failed_rows: int, replay_ids: tuple[str, ...] | None) -> TestOutcome:
    return TestOutcome(
        name=test.name,
        relation=model.relation,
        severity=test.severity,
        failed_rows=failed_rows,
        replay_ids=replay_ids,
        description=f"{test.kind} of {', '.join(test.columns)} in {model.relation}",
    )


def _singular_outcome(connection: duckdb.DuckDBPyConnection, test: SingularTest) -> TestOutcome:
    failed_rows, replay_ids = _count(connection, test.sql)
    return TestOutcome(
        name=test.name,
        relation=None,
        severity=test.severity,
        failed_rows=failed_rows,
        replay_ids=replay_ids,
        description=f"{test.name}: {test.description}",
    )


def _count(connection: duckdb.DuckDBPyConnection, offenders: str) -> tuple[int, tuple[str, ...] | None]:
    """Number of rows, and their replay ids; none are asked for where no row fails, which is nearly always."""
    [(failed_rows,)] = connection.execute(f"select count(*) from ({offenders})").fetchall()
    if not failed_rows:
        return 0, ()
    columns = [name for name, *_ in connection.execute(f"describe {offenders}").fetchall()]
    if REPLAY_ID not in columns:
        return int(failed_rows), None
    replay_ids = connection.execute(f"select distinct {REPLAY_ID} from ({offenders}) order by all").fetchall()
    return int(failed_rows), tuple(replay_id for (replay_id,) in replay_ids if replay_id is not None)
