"""Refills models: incremental ones from all raw rows, some hundred replays at a time, and tables over all replays.

Rebuilding 5,000 replays at once takes gigabytes of memory; a batch takes what a load takes.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain

import duckdb

from sc2_pipeline.identity import related_files
from sc2_pipeline.sql_models import Model, batch_models
from sc2_pipeline.warehouse.batch.build import build_batch
from sc2_pipeline.warehouse.batch.contents import held_batch
from sc2_pipeline.warehouse.batch.cut import LOADED_BYTES, Cut
from sc2_pipeline.warehouse.batch.stage import drop_batch, in_batch
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.generation import are_tables_behind, change
from sc2_pipeline.warehouse.relations import refill_relation
from sc2_pipeline.warehouse.remote_files import RemoteFiles

BATCH_REPLAYS = 200


def fill_in_batches(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    relations: Collection[str],
    *,
    remote_files: RemoteFiles | None = None,
) -> None:
    """Fills these empty incremental relations, inside the caller's transaction.

    ``models`` are all models. A separate cursor builds the batches: it sees the committed raw rows, and can write to
    the batch's catalog while the transaction writes to the warehouse.
    """
    built = _needed(batch_models(models), relations)
    with closing(connection.cursor()) as beside:
        for replay_ids in batches_of_games(beside):
            _build_anew(beside, built, replay_ids, remote_files)
            with in_batch(beside):
                for relation in relations:
                    insert_rows(connection, relation, beside.sql(f"from {relation}").to_arrow_table())
        drop_batch(beside)


def refuse_unbuildable(
    connection: duckdb.DuckDBPyConnection,
    models: Sequence[Model],
    replay_ids: Collection[str],
    *,
    remote_files: RemoteFiles | None = None,
) -> None:
    """Builds the models of these loaded replays, raising any error, and drops the batch's catalog."""
    _build_anew(connection, batch_models(models), replay_ids, remote_files)
    drop_batch(connection)


def refill_tables(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> None:
    """Fills the tables over all replays anew, in one transaction, where loads or removals have left them behind.

    Once a run and not once a batch: their cost grows with what the warehouse holds.
    """
    if not are_tables_behind(connection):
        return
    with change(connection) as this:
        this.are_tables_behind = False
        this.replay_ids = ()
        for model in models:
            if model.materialized == "table":
                refill_relation(connection, model)


def _build_anew(
    connection: duckdb.DuckDBPyConnection,
    built: Sequence[Model],
    replay_ids: Collection[str],
    remote_files: RemoteFiles | None,
) -> None:
    try:
        build_batch(connection, held_batch(connection, built, replay_ids), built, remote_files=remote_files)
    finally:
        if remote_files is not None:
            remote_files.release()


def _needed(models: Sequence[Model], relations: Collection[str]) -> tuple[Model, ...]:
    """The models, in their order, that must be built for ``relations``."""
    wanted = set(relations)
    for model in reversed(models):
        if model.relation in wanted:
            wanted |= set(model.depends_on)
    return tuple(model for model in models if model.relation in wanted)


def batches_of_games(connection: duckdb.DuckDBPyConnection) -> Iterator[list[str]]:
    """Loaded replays in batches; the files of one game are in one batch, for they depend on one another."""
    rows = connection.execute(
        "select distinct replay_id, game_events_family, tracker_family from raw.replays semi join ops.loads using (replay_id)"
    ).fetchall()
    sizes = dict(
        connection.execute(
            "select replay_id, sum(bytes)::bigint from ops.extractions where is_current group by replay_id"
        ).fetchall()
    )
    cut = Cut[Collection[str]](most_replays=BATCH_REPLAYS, most_bytes=LOADED_BYTES)
    for replay_ids in related_files(rows):
        size = sum(sizes.get(replay_id, 0) for replay_id in replay_ids)
        for batch in cut.added(replay_ids, replays=len(replay_ids), size=size):
            yield list(chain.from_iterable(batch))
    for batch in cut.rest():
        yield list(chain.from_iterable(batch))
