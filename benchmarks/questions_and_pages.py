"""How long questions, battles and what pages ask for take over many games: python benchmarks/questions_and_pages.py [GAMES].

Made-up games are written and decoded, then copied under new ids until there are enough: copies cost what games cost.
"""

import hashlib
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import duckdb
import pyarrow as pa

from sc2_pipeline import browsing
from sc2_pipeline.config import Settings
from sc2_pipeline.population import Population
from sc2_pipeline.questions import bound_values, read_questions, statement_of
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.sql_models import Model, batch_models, read_models
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.warehouse.declared import insert_rows, make_input_tables
from sc2_pipeline.warehouse.relations import make_relation
from sc2_pipeline_demo.synthetic import collection

WRITTEN = 100
GAME_LOOPS = (8_000, 20_000)


def main() -> None:
    """Prints a table of seconds."""
    games = int(sys.argv[1]) if len(sys.argv) > 1 else 5_000
    with tempfile.TemporaryDirectory() as folder:
        connection = duckdb.connect(str(Path(folder, "warehouse.duckdb")))
        connection.execute("set enable_progress_bar = false")
        make_input_tables(connection)
        _fill(connection, Path(folder), copies=max(1, games // WRITTEN))
        _make_models(connection)
        _add_ten(connection)
        _ask(connection)


def _fill(connection: duckdb.DuckDBPyConnection, folder: Path, *, copies: int) -> None:
    collection(folder, WRITTEN, seed=1, game_loops=GAME_LOOPS)
    source, batches = TrackerSource(Settings(commands=False)), defaultdict(list)
    for path in sorted(folder.glob("*.SC2Replay")):
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        replay = ReplayFile(replay_id=sha256[:16], sha256=sha256, path=path)
        source.extract(replay, lambda name, batch: batches[name].append(batch))
    for name, parts in batches.items():
        if not RAW_TABLES[name].stays_in_parquet:
            insert_rows(connection, f"raw.{name}", pa.Table.from_batches(parts))
    for name in batches:
        keys = ", md5(game_events_family || copies.number) as game_events_family" if name == "replays" else ""
        connection.execute(
            f"insert into raw.{name} by name"
            f" select originals.* replace (md5(replay_id || copies.number)[1:16] as replay_id{keys})"
            f" from (select * from raw.{name}) as originals"
            f" cross join (select unnest(range(1, {copies})) as number) as copies"
        )


def _make_models(connection: duckdb.DuckDBPyConnection) -> None:
    spent: dict[str, float] = {}
    models = read_models()
    for model in models:
        spent[model.relation] = _seconds(lambda model=model: make_relation(connection, model))
    [(replays, deaths, battles)] = connection.execute(
        "select (select count(*) from marts.dim_replays), (select count(*) from marts.fct_unit_deaths),"
        " (select count(*) from marts.fct_battles)"
    ).fetchall()
    print(f"{replays} replays, {deaths} deaths, {battles} battles")
    print(f"all models      {sum(spent.values()):7.1f} s")
    print(f"of these battles{sum(spent[relation] for relation in spent if _is_of_battles(relation)):7.1f} s")


def _add_ten(connection: duckdb.DuckDBPyConnection) -> None:
    """Ten games more, as a load adds them: models of their rows alone, then these rows put in for those of before."""
    chosen = "where replay_id in (select replay_id from marts.dim_replays order by replay_id limit 10)"
    ids = connection.execute(f"select replay_id from marts.dim_replays {chosen}").fetchall()
    models = batch_models(read_models())
    spent: dict[str, float] = {}
    with duckdb.connect() as batch:
        make_input_tables(batch)
        for name, table in RAW_TABLES.items():
            if not table.stays_in_parquet and "replay_id" in table.schema.names:
                insert_rows(batch, f"raw.{name}", connection.sql(f"from raw.{name} {chosen}").to_arrow_table())
        for model in models:
            spent[model.relation] = _seconds(lambda model=model: make_relation(batch, model))
        for model in models:
            if model.materialized == "incremental":
                rows = batch.sql(f"from {model.relation}").to_arrow_table()
                spent[model.relation] += _seconds(lambda model=model, rows=rows: _replace(connection, model, ids, rows))
    battles = sum(spent[relation] for relation in spent if _is_of_battles(relation))
    print(f"10 games more   {sum(spent.values()):7.2f} s for all models, {battles:.2f} s of these battles")


def _replace(connection: duckdb.DuckDBPyConnection, model: Model, ids: list[tuple[str]], rows: pa.Table) -> None:
    places = ", ".join(f"'{replay_id}'" for (replay_id,) in ids)
    connection.execute(f"delete from {model.relation} where replay_id in ({places})")
    insert_rows(connection, model.relation, rows)


def _is_of_battles(relation: str) -> bool:
    return "battle" in relation or "box" in relation


def _ask(connection: duckdb.DuckDBPyConnection) -> None:
    for table, columns in {
        "replays": "replay_id text, status text, reason text",
        "replay_files": "replay_id text",
        "check_outcomes": "replay_id text, check_name text, severity text, failed_rows bigint",
        "quarantined_rows": "replay_id text",
    }.items():
        connection.execute(f"create schema if not exists ops; create table if not exists ops.{table} ({columns})")
    spent = {
        question.name: _seconds(lambda q=question: connection.execute(statement_of(q, bound_values(q, {}))).fetchall())
        for question in read_questions()
    }
    slowest = sorted(spent, key=spent.__getitem__, reverse=True)[:5]
    print(
        f"{len(spent)} questions    {sum(spent.values()):7.1f} s, slowest: {', '.join(f'{n} {spent[n]:.2f}' for n in slowest)}"
    )
    print(f"collection      {_seconds(lambda: browsing.collection(connection, Population.read({}))):7.1f} s")
    [(replay_id,)] = connection.execute(
        "select min(replay_id) from marts.dim_replays where game_mode = '1v1'"
    ).fetchall()
    print(f"a game          {_seconds(lambda: browsing.game(connection, replay_id)):7.2f} s")


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
