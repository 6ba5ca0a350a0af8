"""The event log whose files stay open holds what Dagster's own would hold, for whoever reads or writes beside it."""

import sqlite3
import time
from contextlib import closing, suppress
from importlib.resources import files
from pathlib import Path

import dagster as dg
import pytest
from dagster._check import CheckError
from dagster._core.events.log import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage

from sc2_pipeline.orchestration import storage
from sc2_pipeline.orchestration.partitioning import VERSION_TAGS
from sc2_pipeline.orchestration.storage import OpenEventLog

EXTRACTED = dg.AssetKey("extracted")


@pytest.fixture
def instance(tmp_path, monkeypatch):
    """An instance made by the dagster.yaml that every home gets."""
    _write_settings(tmp_path)
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    with dg.DagsterInstance.get() as opened:
        yield opened


@dg.asset(name="extracted", partitions_def=dg.StaticPartitionsDefinition(["a", "b", "c"]))
def extracted_asset(context: dg.AssetExecutionContext) -> None:
    """Reports as the real asset does: one event for each partition of the run."""
    for key in context.partition_keys:
        context.log_event(dg.AssetMaterialization(EXTRACTED, partition=key, metadata={"rows": 3}, tags=VERSION_TAGS))


def _write_settings(folder):
    settings = files("sc2_pipeline").joinpath("orchestration", "dagster.yaml").read_text(encoding="utf-8")
    (folder / "dagster.yaml").write_text(settings, encoding="utf-8")


def _run(instance):
    result = dg.materialize(
        [extracted_asset],
        instance=instance,
        tags={"dagster/asset_partition_range_start": "a", "dagster/asset_partition_range_end": "c"},
    )
    assert result.success
    return result.run_id


def test_a_home_keeps_its_events_where_dagster_would_and_dagster_reads_them(instance, tmp_path):
    run = _run(instance)

    assert isinstance(instance.event_log_storage, OpenEventLog)
    folder = tmp_path / "history" / "runs"
    assert {f"{run}.db", "index.db"} <= {path.name for path in folder.iterdir()}
    by_dagster = SqliteEventLogStorage(str(folder))
    assert by_dagster.get_materialized_partitions(EXTRACTED) == {"a", "b", "c"}
    assert by_dagster.get_logs_for_run(run) == instance.all_logs(run)


def test_events_stored_together_are_those_that_dagster_stores_one_by_one(instance, tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_EVENT_BATCH_SIZE", "2")
    run = _run(instance)

    by_dagster = SqliteEventLogStorage(str(tmp_path / "one_by_one"))
    for entry in instance.all_logs(run):
        by_dagster.store_event(entry)
    together, one_by_one = (_index(folder) for folder in (tmp_path / "history" / "runs", tmp_path / "one_by_one"))
    assert together == one_by_one
    assert [len(rows) > 0 for rows in together] == [True] * 3


def test_of_events_stored_together_one_that_is_refused_leaves_none(tmp_path):
    log = OpenEventLog(str(tmp_path))

    with pytest.raises(CheckError):
        log.store_event_batch([_said("run", "first"), None])

    assert log.get_logs_for_run("run") == []
    log.dispose()


def test_what_an_older_home_kept_by_dagsters_own_storage_is_there_with_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("DAGSTER_HOME", str(tmp_path))
    (tmp_path / "dagster.yaml").write_text("telemetry: {enabled: false}\n", encoding="utf-8")
    with dg.DagsterInstance.get() as older:
        run = _run(older)
        logged = older.all_logs(run)
        assert not isinstance(older.event_log_storage, OpenEventLog)

    _write_settings(tmp_path)
    with dg.DagsterInstance.get() as opened:
        assert isinstance(opened.event_log_storage, OpenEventLog)
        assert opened.all_logs(run) == logged != []
        assert opened.get_run_by_id(run).is_success


def test_two_that_write_at_once_see_each_other(instance, tmp_path):
    run = _run(instance)
    beside = SqliteEventLogStorage(str(tmp_path / "history" / "runs"))
    before = len(instance.all_logs(run))

    for turn in range(10):
        instance.event_log_storage.store_event(_said(run, f"ours {turn}"))
        beside.store_event(_said(run, f"Dagster's {turn}"))

    expected = [f"{who} {turn}" for turn in range(10) for who in ("ours", "Dagster's")]
    for log in (instance.event_log_storage, beside):
        assert [entry.user_message for entry in log.get_logs_for_run(run)][before:] == expected


def test_of_many_runs_only_the_last_few_stay_open(tmp_path, monkeypatch):
    monkeypatch.setattr(storage, "FILES_AT_ONCE", 3)
    log = OpenEventLog(str(tmp_path))
    runs = [f"run-{number}" for number in range(5)]
    for run in runs:
        log.store_event(_said(run, run))

    assert _open_files(tmp_path) in ({f"{run}.db" for run in runs[-3:]}, None)
    assert [[entry.user_message for entry in log.get_logs_for_run(run)] for run in runs] == [[run] for run in runs]
    log.dispose()


def test_a_refused_write_leaves_nothing_behind_and_the_next_goes_through(tmp_path):
    log = OpenEventLog(str(tmp_path))
    log.store_event(_said("run", "first"))

    with suppress(ZeroDivisionError), log.run_connection("run") as connection:
        connection.exec_driver_sql("delete from event_logs")
        raise ZeroDivisionError
    assert _open_files(tmp_path) in (set(), None)
    log.store_event(_said("run", "second"))

    assert [entry.user_message for entry in log.get_logs_for_run("run")] == ["first", "second"]
    log.dispose()


def test_a_wiped_log_starts_anew(tmp_path):
    log = OpenEventLog(str(tmp_path))
    log.store_event(_said("run", "first"))

    log.wipe()

    assert not (tmp_path / "run.db").exists()
    log.store_event(_said("run", "second"))
    assert [entry.user_message for entry in log.get_logs_for_run("run")] == ["second"]
    log.dispose()


def _index(folder):
    """Events of assets, and how these stand, as a folder's index has them."""
    with closing(sqlite3.connect(folder / "index.db")) as index:
        return [
            index.execute(f"select {columns} from {table} order by id").fetchall()
            for table, columns in (
                ("event_logs", "id, event"),
                ("asset_keys", "asset_key, last_materialization, last_run_id, last_materialization_timestamp"),
                ("asset_event_tags", "event_id, asset_key, key, value"),
            )
        ]


def _open_files(folder):
    """Names of the databases in a folder that this process has open; None where the system does not tell."""
    handles = Path("/proc/self/fd")
    if not handles.exists():
        return None
    opened = [handle.readlink() for handle in handles.iterdir() if handle.exists()]
    return {path.name for path in opened if path.parent == folder and path.suffix == ".db" and path.stem != "index"}


def _said(run, words):
    return EventLogEntry(
        error_info=None, level=20, user_message=words, run_id=run, timestamp=time.time(), step_key=None, job_name="job"
    )
