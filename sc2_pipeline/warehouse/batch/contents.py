"""Contents of a batch: plain data that can be sent to a process without access to the writer's file."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace

import duckdb
import pyarrow as pa

from sc2_pipeline.identity import related_files
from sc2_pipeline.sql_models import Model
from sc2_pipeline.warehouse.catalog import arrow_relation, identifier
from sc2_pipeline.warehouse.game_data import game_data_tables
from sc2_pipeline.warehouse.loaded_parts import (
    Loads,
    Pair,
    held_loads,
    loaded_relations,
    other_files_of_same_games,
    replays_relation,
    rows_relation,
)
from sc2_pipeline.warehouse.parquet_files import ParquetFile


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Replays loaded together in one transaction.

    ``tables`` are the new rows by raw table, ``files`` the files of tables that stay in Parquet, ``loads`` the settings digests
    of each new (replay_id, part); ``retired`` parts are only removed. ``replay_ids`` are all replays whose models are
    built: these, and loaded files of the same games, any of which may be the canonical one. ``held_rows`` are rows of
    the warehouse that the models depend on, by relation: rows that stay (``held_loads``), and game data that a model
    reads.
    """

    replay_ids: frozenset[str]
    tables: Mapping[str, pa.Table] = field(default_factory=dict)
    files: tuple[ParquetFile, ...] = ()
    loads: Mapping[Pair, str] = field(default_factory=dict)
    retired: frozenset[Pair] = frozenset()
    held_loads: Loads = field(default_factory=dict)
    held_rows: Mapping[str, pa.Table] = field(default_factory=dict)
    is_reduced: bool = False
    """Built with more replays than these."""


def new_batch(
    connection: duckdb.DuckDBPyConnection,
    models: Iterable[Model],
    tables: Mapping[str, pa.Table],
    loads: Mapping[Pair, str],
    files: Iterable[ParquetFile] = (),
    *,
    retired: Collection[Pair] = (),
) -> Batch:
    """A batch of these rows and files, with the rows of the warehouse that ``models`` (the batch models) need."""
    replay_ids, held = _standing(connection, tables, loads, retired)
    return Batch(
        replay_ids=replay_ids,
        tables=tables,
        files=tuple(files),
        loads=loads,
        retired=frozenset(retired),
        held_loads=held,
        held_rows=_held_rows(connection, models, held),
    )


def held_batch(connection: duckdb.DuckDBPyConnection, models: Iterable[Model], replay_ids: Collection[str]) -> Batch:
    """A batch without new rows, for rebuilding the models of loaded replays."""
    held = held_loads(connection, replay_ids)
    rows = _held_rows(connection, models, held)
    return Batch(replay_ids=frozenset(replay_ids), held_loads=held, held_rows=rows)


def related_replays(connection: duckdb.DuckDBPyConnection, batch: Batch) -> set[str]:
    """Replays of the batch that may be of one game with files that the warehouse holds and the batch does not."""
    with arrow_relation(connection, batch.tables["replays"]) as new:
        others = other_files_of_same_games(connection, batch.replay_ids, new)
        if not others:
            return set()
        columns = "replay_id, game_events_family, tracker_family"
        with replays_relation(connection, others) as held:
            rows = connection.execute(
                f"select distinct {columns} from {new} union select {columns} from raw.replays semi join {held} using (replay_id)"
            ).fetchall()
    return {i for files in related_files(rows) if not others.isdisjoint(files) for i in files} & batch.replay_ids


def spread_replays(batches: Sequence[Batch]) -> set[str]:
    """Replays that may be of one game with replays of another of the batches, which were built apart."""
    owners = {replay_id: number for number, batch in enumerate(batches) for replay_id in batch.replay_ids}
    rows = [
        tuple(row.values())
        for batch in batches
        for row in batch.tables["replays"].select(["replay_id", "game_events_family", "tracker_family"]).to_pylist()
        if row["replay_id"] in owners
    ]
    groups = related_files(rows)
    return {i for files in groups if len({owners[i] for i in files}) > 1 for i in files}


def joined_batch(batches: Sequence[Batch]) -> Batch:
    """Batches of new replays as one, with the rows of ``raw.replays`` alone."""
    return Batch(
        replay_ids=frozenset().union(*(batch.replay_ids for batch in batches)),
        tables={"replays": pa.concat_tables(batch.tables["replays"] for batch in batches)},
        files=tuple(file for batch in batches for file in batch.files),
        loads={pair: digest for batch in batches for pair, digest in batch.loads.items()},
    )


def without_replays(batch: Batch, replay_ids: Collection[str]) -> Batch:
    """The batch without some of its replays, all files of a game or none."""
    if not replay_ids:
        return batch
    return replace(
        batch,
        replay_ids=batch.replay_ids.difference(replay_ids),
        files=tuple(file for file in batch.files if file.replay_id not in replay_ids),
        loads={pair: digest for pair, digest in batch.loads.items() if pair[0] not in replay_ids},
        is_reduced=True,
    )


def game_data_rows(connection: duckdb.DuckDBPyConnection, models: Iterable[Model]) -> dict[str, pa.Table]:
    """Rows of the warehouse that ``models`` read of the game's own data, by relation: what a batch of new replays needs."""
    return _held_rows(connection, models, ())


def _standing(
    connection: duckdb.DuckDBPyConnection,
    tables: Mapping[str, pa.Table],
    loads: Mapping[Pair, str],
    retired: Collection[Pair],
) -> tuple[frozenset[str], Loads]:
    """All replays whose models are to be built, and their loads that stay."""
    new = {replay for replay, _ in (*loads, *retired)}
    with arrow_relation(connection, tables["replays"]) if "replays" in tables else nullcontext() as games:
        replay_ids = frozenset(new | other_files_of_same_games(connection, new, games))
    replaced = {*loads, *retired}
    held = held_loads(connection, replay_ids)
    return replay_ids, {pair: digest for pair, digest in held.items() if pair not in replaced}


def _held_rows(
    connection: duckdb.DuckDBPyConnection, models: Iterable[Model], pairs: Collection[Pair]
) -> dict[str, pa.Table]:
    read = {relation for model in models for relation in model.depends_on}
    found = {
        f"raw.{table.name}": connection.sql(f"from raw.{table.name}").to_arrow_table()
        for table in game_data_tables()
        if f"raw.{table.name}" in read
    }
    for relation, table in loaded_relations().items() if pairs else ():
        with rows_relation(connection, table, pairs) as rows:
            if rows is not None:
                # By name, because the warehouse may keep columns of an earlier release.
                columns = ", ".join(identifier(column.name) for column in table.columns)
                named, key = rows
                wanted = f"select {columns} from {relation} semi join {named} using ({key})"
                found[relation] = connection.sql(wanted).to_arrow_table()
    return {relation: rows for relation, rows in found.items() if rows.num_rows}
