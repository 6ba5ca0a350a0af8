"""Single stages of the warehouse: load waiting replays, update the models, publish, and run the SQL tests."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import duckdb

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.batched_loading import Loading
from sc2_pipeline.pipeline.reconciling import standing_replays
from sc2_pipeline.pipeline.session import Watch, nobody, open_session
from sc2_pipeline.pipeline.writer import TestKey, Writer
from sc2_pipeline.pipeline.writer_lock import WriterLock
from sc2_pipeline.sql_models import input_tables, read_models, read_tests
from sc2_pipeline.warehouse.data_tests import TestOutcome, run_tests
from sc2_pipeline.warehouse.loaded_parts import replays_relation
from sc2_pipeline.warehouse.publish import PublishReport
from sc2_pipeline.warehouse.reading.samples import Sample, relation_samples


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadReport:
    """Result of a load. ``quarantined`` and ``odd`` (odd but kept) count rows by raw table.

    ``left_out`` has a message per replay that was not loaded; ``broken_mart_tests`` maps tests of marts to the loaded
    replays whose rows break them; ``samples`` are of the raw tables, by relation. ``tests_run`` and ``failed_rows`` count
    over the load's batches, by relation (None for several) and name of the test.
    """

    loaded: tuple[str, ...]
    left_out: Mapping[str, str]
    quarantined: Mapping[str, int]
    odd: Mapping[str, int]
    broken_mart_tests: Mapping[str, Collection[str]]
    tests_run: Mapping[TestKey, int]
    failed_rows: Mapping[TestKey, int]
    samples: Mapping[str, Sample]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelsReport:
    """Result of a model update: relations rebuilt or dropped, and samples of all, by relation.

    ``miscounts`` are messages about counts of replays that should agree in the warehouse but do not.
    """

    rebuilt: tuple[str, ...]
    miscounts: tuple[str, ...]
    samples: Mapping[str, Sample]
    seconds: float


def waiting_replays(settings: Settings) -> list[tuple[str, str]]:
    """Extracted replays that are not loaded, each with the time of its extraction; reads only the manifest."""
    home = Home(settings.home)
    if not home.manifest.is_file():
        return []
    with Manifest(home.manifest) as manifest:
        rows = manifest.replays(manifest.replay_ids("extracted"))
    return [(replay_id, row["updated_at"]) for replay_id, row in rows.items()]


def is_being_written(settings: Settings) -> bool:
    """Whether a process holds the warehouse's lock: a load, or a run that loads what it extracts."""
    return WriterLock(Home(settings.home), 0.0).is_taken()


def load_replays(settings: Settings, *, watch: Watch = nobody) -> LoadReport:
    """Loads every extracted replay that is not loaded, and removes those that are no longer wanted."""
    with open_writer(settings, "load", watch) as writer:
        manifest = writer.session.manifest
        writer.remove(_unwanted(manifest))
        writer.mending.mend(writer.open())
        waiting = standing_replays(writer.session, manifest.replay_ids("extracted"))
        with Loading(writer).loading() as loading:
            loading.add(waiting)
        writer.fold()
        kinds = _counted_rows(writer.open(), writer.newly_loaded)
        return LoadReport(
            loaded=tuple(sorted(writer.newly_loaded)),
            left_out={
                i: f"{row['reason']}: {row['detail']}"
                for i, row in manifest.replays(waiting).items()
                if row["status"] == "failed"
            },
            quarantined=kinds["error"],
            odd=kinds["warning"],
            broken_mart_tests=writer.broken_mart_tests,
            tests_run=writer.tests_run,
            failed_rows=writer.failed_rows,
            samples=relation_samples(writer.open(), input_tables()),
            seconds=writer.seconds,
        )


def refresh_models(settings: Settings, *, whole: Collection[str] = (), watch: Watch = nobody) -> ModelsReport:
    """Updates the SQL models to this release; rebuilds the relations in ``whole`` from raw rows."""
    models = read_models()
    with open_writer(settings, "models", watch) as writer:
        # Opening the warehouse has already rebuilt outdated relations.
        rebuilt = writer.rebuild(whole)
        samples = relation_samples(writer.refilled(), [model.relation for model in models])
        miscounts = _miscounts(writer.open(), writer.session.manifest)
        return ModelsReport(rebuilt=rebuilt, miscounts=miscounts, samples=samples, seconds=writer.seconds)


def publish_warehouse(settings: Settings, *, watch: Watch = nobody) -> PublishReport | None:
    """Publishes the warehouse; None if the published file is up to date."""
    with open_writer(settings, "publish", watch) as writer:
        return writer.publish()


def sql_test_outcomes(settings: Settings) -> tuple[TestOutcome, ...]:
    """Outcomes of all tests declared in yml and SQL, over all rows of the writer's file."""
    with open_writer(settings, "test", nobody) as writer:
        return run_tests(writer.refilled(), read_models(), read_tests())


def _miscounts(connection: duckdb.DuckDBPyConnection, manifest: Manifest) -> tuple[str, ...]:
    """Messages for counts of replays that should agree but do not.

    The warehouse may hold more replays than the manifest calls loaded: one that fails, or waits, with other settings
    keeps its older rows.
    """
    held = {replay_id for (replay_id,) in connection.execute("select distinct replay_id from ops.loads").fetchall()}
    [(marts,)] = connection.execute("select count(*) from marts.dim_replays").fetchall()
    said = [f"marts.dim_replays: {marts}, where ops.loads has {len(held)}"] if marts != len(held) else []
    if missing := manifest.loaded_replays() - held:
        said.append(f"the manifest's loaded replays: {len(missing)} that ops.loads has not")
    return tuple(said)


@contextmanager
def open_writer(settings: Settings, command: str, watch: Watch) -> Iterator[Writer]:
    """Opens the writer of a home in a session of its own, for a single operation on the warehouse."""
    with open_session(settings, command=command, watch=watch) as session, Writer(session) as writer:
        yield writer
        session.manifest.end_run(session.run_id, outcome="finished", counts={"loaded": len(writer.newly_loaded)})


def _unwanted(manifest: Manifest) -> set[str]:
    """Replays rejected or unreadable in validation; a replay whose extraction failed keeps its older rows."""
    rows = manifest.replays(manifest.replay_ids("rejected", "failed")).values()
    return {row["replay_id"] for row in rows if row["stage"] in ("discover", "validate")}


def _counted_rows(connection: duckdb.DuckDBPyConnection, replay_ids: Collection[str]) -> dict[str, dict[str, int]]:
    """Rows that checks found in those replays, by severity and raw table."""
    counts: dict[str, Counter[str]] = {"error": Counter(), "warning": Counter()}
    with replays_relation(connection, replay_ids) as named:
        rows = connection.execute(
            f"select severity, table_name, sum(failed_rows) from ops.check_outcomes semi join {named} using (replay_id)"
            " group by severity, table_name"
        ).fetchall()
    for severity, table, failed_rows in rows:
        counts[severity][table] += int(failed_rows)
    return {severity: dict(tables) for severity, tables in counts.items()}
