"""Models become relations of the current catalog."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from sc2_pipeline.errors import ContractError, ModelRowsError
from sc2_pipeline.sql_models import Model
from sc2_pipeline.warehouse.catalog import relation_columns


def build_models(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
    """Makes every relation whole from the rows of the current catalog, in the order given.

    Raises ContractError for SQL that does not run and for columns that yml and select do not share.
    """
    models = tuple(models)
    for model in models:
        make_relation(connection, model)
    refuse_undescribed_columns(connection, models)


def make_relation(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes a model's relation from all rows that stand in the current catalog.

    Raises ContractError naming the file when DuckDB refuses the select, ModelRowsError when it fails on some row.
    """
    kind = "view" if model.materialized == "view" else "table"
    with sql_errors(model.path):
        connection.execute(f"create or replace {kind} {model.relation} as {model.sql}")


def make_empty_relation(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Makes a table with a model's columns and no rows; raises ContractError when DuckDB refuses the select."""
    with sql_errors(model.path):
        # DuckDB's optimizer sees that nothing is wanted, and computes nothing.
        connection.execute(f"create or replace table {model.relation} as from ({model.sql}) limit 0")


def refill_relation(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Replaces the rows of a model that stands: its comments stay, unlike with ``create or replace``."""
    with sql_errors(model.path):
        connection.execute(f"delete from {model.relation}")
        connection.execute(f"insert into {model.relation} by name {model.sql}")


@contextmanager
def sql_errors(path: str) -> Iterator[None]:
    """Errors of DuckDB inside become ours, with the SQL file's name: ModelRowsError for rows, ContractError for SQL."""
    try:
        yield
    except (duckdb.DataError, duckdb.InvalidInputException) as error:
        raise ModelRowsError(f"{path} cannot compute its rows ({error})") from error
    except (duckdb.ProgrammingError, duckdb.NotSupportedError) as error:
        raise ContractError(f"{path} does not run ({error}); mend the file") from error


def drop_relation(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Drops a table or a view, whichever it is; none is no error."""
    schema, _, name = relation.partition(".")
    kinds = connection.execute(
        "select table_type from information_schema.tables"
        " where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    for (kind,) in kinds:
        connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {relation}")


def refuse_undescribed_columns(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
    """Raises ContractError naming the first model whose yml and select do not have the same columns."""
    relations = relation_columns(connection)
    for model in models:
        made, described = set(relations[model.relation]), {column.name for column in model.columns}
        if undescribed := sorted(made - described):
            raise ContractError(f"{model.path} gives {', '.join(undescribed)}, which its yml lacks; describe them")
        if missing := sorted(described - made):
            raise ContractError(f"yml describes {', '.join(missing)} of {model.path}, which gives none; remove them")
