"""Rebuilds models whose code is newer than the warehouse."""

from collections.abc import Collection, Iterable, Sequence

import duckdb

from sc2_pipeline.sql_models import Model, batch_models, column_texts
from sc2_pipeline.warehouse.catalog import relation_columns
from sc2_pipeline.warehouse.comments import model_documentation, put_comments
from sc2_pipeline.warehouse.generation import change
from sc2_pipeline.warehouse.refill import fill_in_batches
from sc2_pipeline.warehouse.relations import (
    drop_relation,
    make_empty_relation,
    make_relation,
    refuse_undescribed_columns,
)
from sc2_pipeline.warehouse.remote_files import RemoteFiles
from sc2_pipeline.warehouse.versions import forget_relation, made_relations, remember_relation

_DECLARED = ("raw", "shipped", "ops", "macro")
"""Kinds of relations that are not built by models."""


def stale_models(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> tuple[Model, ...]:
    """Models that are missing from the warehouse or were built by other code, in the given order."""
    made = made_relations(connection)
    return tuple(
        model for model in models if model.relation not in made or made[model.relation].version != model.version
    )


def rebuild(
    connection: duckdb.DuckDBPyConnection,
    models: Iterable[Model],
    *,
    whole: Collection[str] = (),
    remote_files: RemoteFiles | None = None,
) -> tuple[str, ...]:
    """Updates the warehouse's models to this release in one transaction; returns the relations rebuilt or dropped.

    ``models`` are all models. Stale ones are rebuilt from the warehouse's raw rows (a model that reads a stale one is
    stale too), ones without a SQL file are dropped, and changed descriptions are written as comments. Relations in
    ``whole`` are rebuilt even if they are not stale.
    """
    models = tuple(models)
    made = made_relations(connection)
    known = {model.relation for model in models}
    behind = stale_models(connection, models)
    stale = [model for model in models if model in behind or model.relation in whole]
    gone = [name for name, relation in made.items() if relation.materialized not in _DECLARED and name not in known]
    with change(connection) as this:
        for name in gone:
            drop_relation(connection, name)
            forget_relation(connection, name)
        there = relation_columns(connection) if stale else {}
        for model in stale:
            # A table cannot replace a view, nor a view a table.
            if model.relation in there:
                drop_relation(connection, model.relation)
        if stale:
            _make(connection, models, stale, remote_files)
        _forget_test_failures(connection, stale)
        this.is_made = _describe(connection, models, {model.relation for model in stale}) or bool(gone)
    return (*gone, *(model.relation for model in stale))


def _make(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    stale: Sequence[Model],
    remote_files: RemoteFiles | None,
) -> None:
    """Rebuilds stale models: per-replay models are created empty and filled before models over all replays are
    built."""
    of_replays = {model.relation for model in batch_models(models)}
    for model in stale:
        if model.materialized == "incremental":
            make_empty_relation(connection, model)
        elif model.relation in of_replays:
            make_relation(connection, model)
    if empty := [model.relation for model in stale if model.materialized == "incremental"]:
        fill_in_batches(connection, models, empty, remote_files=remote_files)
    for model in stale:
        if model.relation not in of_replays:
            make_relation(connection, model)
    refuse_undescribed_columns(connection, stale)


def _forget_test_failures(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
    """Deletes test failures of these relations and, if there are any, those of tests over several models."""
    if relations := [model.relation for model in models]:
        connection.execute(
            "delete from ops.mart_test_failures where relation is null or relation in (select unnest(?))", [relations]
        )


def _describe(connection: duckdb.DuckDBPyConnection, models: Sequence[Model], new: set[str]) -> bool:
    """Writes comments of rebuilt relations and of changed descriptions; returns whether there were any."""
    made = made_relations(connection)
    changed = [m for m in models if m.relation in new or made[m.relation].documentation != m.words_version]
    if not changed:
        return False
    refuse_undescribed_columns(connection, changed)
    texts = column_texts(models)
    for model in changed:
        said = model_documentation(model, texts[model.relation])
        put_comments(connection, said)
        remember_relation(connection, said, materialized=model.materialized, version=model.version)
    return True
