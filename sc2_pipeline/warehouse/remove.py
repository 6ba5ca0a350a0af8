"""Removes replays from the warehouse, in one transaction."""

from collections.abc import Collection, Iterable

import duckdb

from sc2_pipeline.sql_models import Model, batch_models
from sc2_pipeline.warehouse.batch.build import build_batch
from sc2_pipeline.warehouse.batch.contents import Batch, new_batch
from sc2_pipeline.warehouse.batch.merge import merge_batch
from sc2_pipeline.warehouse.loaded_parts import held_loads
from sc2_pipeline.warehouse.remote_files import RemoteFiles


def remove_replays(
    connection: duckdb.DuckDBPyConnection,
    models: Iterable[Model],
    replay_ids: Iterable[str],
    *,
    remote_files: RemoteFiles | None = None,
) -> int:
    """Removes replays from raw tables and models; returns how many were loaded.

    Rebuilds the other files of their games: one of them may now be the canonical one.
    """
    models = tuple(models)
    built = batch_models(models)
    held = held_loads(connection, replay_ids)
    batch = new_batch(connection, built, {}, {}, retired=held)
    build_batch(connection, batch, built, remote_files=remote_files)
    merge_batch(connection, models, batch)
    return len({replay for replay, _ in held})


def withdraw_replays(connection: duckdb.DuckDBPyConnection, replay_ids: Collection[str]) -> None:
    """Removes replays only from the raw tables, before models are rebuilt."""
    held = held_loads(connection, replay_ids)
    merge_batch(connection, (), Batch(replay_ids=frozenset(replay_ids), retired=frozenset(held)))
