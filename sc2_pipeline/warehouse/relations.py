"""Creates models as relations of the current catalog."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import duckdb

from sc2_pipeline.errors import ContractError, ModelRowsError
from sc2_pipeline.sql_models import Model
from sc2_pipeline.warehouse.catalog import identifier, relation_columns


def build_models(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
    """Builds all relations from the rows of the current catalog, in the given order.

    Raises ContractError for SQL that does not run, or if yml and select have different columns.
    """
    models = tuple(models)
    for model in models:
        make_relation(connection, model)
    refuse_undescribed_columns(connection, models)


def make_relation(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Creates a model's relation from all rows of the current catalog.

    Raises ContractError naming the file if DuckDB rejects the select, ModelRowsError if it fails on a row.
    """
    kind = "view" if model.materialized == "view" else "table"
    with sql_errors(model.path):
        connection.execute(f"create or replace {kind} {model.relation} as {model.sql}")


def make_empty_relation(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Creates a table with a model's columns and no rows; raises ContractError if DuckDB rejects the select."""
    with sql_errors(model.path):
        # Not ``create table as ... limit 0``: DuckDB 2.0.0 finds no row in such a table once Arrow rows of more than one
        # row group were inserted, until the next checkpoint, so that rows of it could not be deleted either.
        columns = connection.execute(f"describe {model.sql}").fetchall()
        declared = ", ".join(f"{identifier(name)} {kind}" for name, kind, *_ in columns)
        connection.execute(f"create or replace table {model.relation} ({declared})")


def refill_relation(connection: duckdb.DuckDBPyConnection, model: Model) -> None:
    """Replaces the rows of an existing model; keeps its comments, unlike ``create or replace``."""
    with sql_errors(model.path):
        connection.execute(f"delete from {model.relation}")
        connection.execute(f"insert into {model.relation} by name {model.sql}")


@contextmanager
def sql_errors(path: str) -> Iterator[None]:
    """Converts DuckDB errors to ours, naming the SQL file: ModelRowsError for rows, ContractError for SQL."""
    try:
        yield
    except (duckdb.DataError, duckdb.InvalidInputException) as error:
        raise ModelRowsError(f"{path} cannot compute its rows ({error})") from error
    except (duckdb.ProgrammingError, duckdb.NotSupportedError) as error:
        raise ContractError(f"{path} does not run ({error}); mend the file") from error


def drop_relation(connection: duckdb.DuckDBPyConnection, relation: str) -> None:
    """Drops a table or view; does nothing if there is none."""
    schema, _, name = relation.partition(".")
    kinds = connection.execute(
        "select table_type from information_schema.tables"
        " where table_catalog = current_database() and table_schema = ? and table_name = ?",
        [schema, name],
    ).fetchall()
    for (kind,) in kinds:
        connection.execute(f"drop {'view' if kind == 'VIEW' else 'table'} {relation}")


def refuse_undescribed_columns(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
    """Raises ContractError for the first model whose yml and select have different columns."""
    relations = relation_columns(connection)
    for model in models:
        made, described = set(relations[model.relation]), {column.name for column in model.columns}
        if undescribed := sorted(made - described):
            raise ContractError(f"{model.path} gives {', '.join(undescribed)}, which its yml lacks; describe them")
        if missing := sorted(described - made):
            raise ContractError(f"yml describes {', '.join(missing)} of {model.path}, which gives none; remove them")
