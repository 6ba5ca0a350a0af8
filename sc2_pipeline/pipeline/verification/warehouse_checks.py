"""Checks of the writer's file and the published file. Reads every row, as DuckDB verifies a block's checksum on
reading."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.pipeline.verification.findings import Notes
from sc2_pipeline.pipeline.verification.manifest_checks import Told
from sc2_pipeline.warehouse.catalog import identifier, relation_columns
from sc2_pipeline.warehouse.generation import Generation, generation_of
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.parquet_views import FILES
from sc2_pipeline.warehouse.reading.current_file import published_warehouse


@dataclass(frozen=True, slots=True, kw_only=True)
class NamedByView:
    """A file that a view reads for a replay. ``file_bytes`` is None if an earlier release recorded the file."""

    replay_id: str
    part: str
    table_name: str
    path: str
    file_bytes: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """Contents of a warehouse; empty if it is unreadable. ``loads`` are the settings digests by replay and part."""

    is_readable: bool = False
    loads: Mapping[tuple[str, str], str] = field(default_factory=dict)
    runs: frozenset[str] = frozenset()
    files: tuple[NamedByView, ...] = ()
    generation: Generation | None = None


def check_writer(home: Home, told: Told, notes: Notes, memory: Memory) -> Held:
    """Records problems of the writer's file, alone and compared with the manifest; returns its contents."""
    path = home.build_warehouse
    where = path.relative_to(home.root).as_posix()
    loaded = {i for i, status in told.standing.items() if status == "loaded"}
    if not path.is_file():
        if loaded or home.warehouse.is_file():
            notes.add("warehouse_missing", where, f"is not there, and {len(loaded):,} replays are to be in it")
        return Held()
    held = _read(path, where, "warehouse_damaged", notes, memory)
    if held.is_readable and told.is_readable:
        _compare(home, told, held, loaded, notes)
    return held


def check_published(home: Home, written: Held, notes: Notes, memory: Memory) -> Held:
    """Records problems of the published file, alone and compared with the writer's file; returns its contents."""
    try:
        path = published_warehouse(home.warehouse)
    except HomeError:
        if written.is_readable:
            notes.add("published_missing", home.warehouse.name, "is not there")
        return Held()
    held = _read(path, path.name, "published_damaged", notes, memory)
    if held.is_readable and written.is_readable and held.generation != written.generation:
        said = f"is of {_named(held)}, where the writer's file is of {_named(written)}"
        notes.add("published_behind", path.name, said)
    return held


def _named(held: Held) -> str:
    number = "an earlier release" if held.generation is None else f"generation {held.generation.number:,}"
    return f"{number} with {len(held.loads):,} loads"


def _read(path: Path, where: str, kind: str, notes: Notes, memory: Memory) -> Held:
    try:
        with _opened(path, memory) as connection:
            notes.count("rows of warehouse files", _read_every_row(connection))
            return _held(connection, where, notes)
    except duckdb.Error as error:
        said = " ".join(str(error).split())
        if "Could not set lock on file" in said or "being used by another process" in said:
            notes.not_looked_at.append(f"{where}: another process has it open")
        else:
            notes.add(kind, where, said)
        return Held()


@contextmanager
def _opened(path: Path, memory: Memory) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(path), read_only=True) as connection:
        connection.execute("set enable_progress_bar = false")
        memory.bound(connection)
        yield connection


def _read_every_row(connection: duckdb.DuckDBPyConnection) -> int:
    tables = connection.execute(
        "select schema_name, table_name from duckdb_tables() where database_name = current_database() and not internal"
    ).fetchall()
    count = 0
    for schema, name in tables:
        relation = f"{identifier(schema)}.{identifier(name)}"
        # The hash reads every value of every column; its result is not used.
        [(rows, _)] = connection.execute(f"select count(*), bit_xor(hash(t)) from {relation} as t").fetchall()
        count += int(rows)
    return count


def _held(connection: duckdb.DuckDBPyConnection, where: str, notes: Notes) -> Held:
    if "settings_digest" not in relation_columns(connection).get("ops.loads", {}):
        notes.not_looked_at.append(f"{where}: an earlier release made it, and the next run brings it up")
        return Held()
    loads = connection.execute("select replay_id, part, settings_digest from ops.loads").fetchall()
    [(strangers, missing)] = connection.execute(
        "select (select count(*) from raw.replays anti join ops.loads using (replay_id)),"
        " (select count(distinct replay_id) from ops.loads anti join raw.replays using (replay_id))"
    ).fetchall()
    if (strangers or missing) and where.startswith("build"):
        said = f"{strangers} replays in raw.replays are not in ops.loads, {missing} the other way round"
        notes.add("warehouse_contradicts", where, said)
    columns = {name for name, *_ in connection.execute(f"describe {FILES}").fetchall()}
    size = "file_bytes" if "file_bytes" in columns else "null::bigint"
    here = "coalesce(is_here, true)" if "is_here" in columns else "true"
    files = connection.execute(
        f"select replay_id, part, table_name, path, {size} from {FILES} where {here} order by all"
    ).fetchall()
    names = NamedByView.__dataclass_fields__
    return Held(
        is_readable=True,
        loads={(replay, part): digest for replay, part, digest in loads},
        runs=frozenset(run_id for (run_id,) in connection.execute("select run_id from ops.runs").fetchall()),
        files=tuple(NamedByView(**dict(zip(names, row, strict=True))) for row in files),
        generation=generation_of(connection),
    )


def _compare(home: Home, told: Told, held: Held, loaded: set[str], notes: Notes) -> None:
    known = {(row["replay_id"], row["part"], row["settings_digest"]) for row in told.extractions}
    unknown = {(replay, part, digest) for (replay, part), digest in held.loads.items()} - known
    lost_runs = held.runs - told.runs
    if unknown or lost_runs:
        said = f"lacks {len(lost_runs):,} runs and {len(unknown):,} loads that the warehouse knows"
        notes.add("manifest_behind", home.manifest.name, said)
        return
    there = {replay for replay, _ in held.loads}
    # A replay that is loaded but marked found or failed keeps its older rows until it is extracted again.
    behind = {i for i in there - loaded if told.standing.get(i) in (None, "extracted")}
    if ahead := loaded - there:
        notes.add(
            "manifest_contradicts", home.manifest.name, f"{len(ahead):,} replays are said to be loaded and are not"
        )
    if behind:
        notes.add("manifest_contradicts", home.manifest.name, f"{len(behind):,} replays are loaded and not said to be")
