import shutil
from dataclasses import replace
from types import SimpleNamespace

import dagster as dg
import duckdb
import pytest

from sc2_pipeline.orchestration.asset_checks import (
    ON_BATCH,
    SQL_TESTS,
    batch_evaluations,
    batch_tallies,
    tests_of_last_load,
)
from sc2_pipeline.sql_models import read_audit_checks
from sc2_pipeline.steps.check import pandera_schema
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import query, run_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def filled(tmp_path_factory):
    """A folder of two replays beside a home that has them, loaded and published."""
    work = tmp_path_factory.mktemp("filled")
    for number in range(2):
        write_replay(work / "in" / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    run_home([work / "in"], work / "home")
    return work


@pytest.fixture
def loaded(filled, launchpad, tmp_path):
    """A launchpad over a copy of that home."""
    shutil.copytree(filled, tmp_path, dirs_exist_ok=True)
    return launchpad


def _spoil(home, sql):
    with duckdb.connect(str(home / "build" / "warehouse.duckdb")) as connection:
        connection.execute(sql)


def _steps(result):
    return {event.step_key for event in result.all_events if event.is_step_success}


def test_counts_that_disagree_keep_the_warehouse_from_being_published(loaded):
    _spoil(
        loaded.home,
        "delete from intermediate.int_replays where replay_id = (select min(replay_id) from marts.dim_replays)",
    )

    result = loaded.launch("load_extracted")

    [check] = [c for c in result.get_asset_check_evaluations() if c.check_name == "counts_of_replays_agree"]
    assert not check.passed
    assert check.description == "marts.dim_replays: 1, where ops.loads has 2"
    assert "published_warehouse" not in _steps(result)
    assert query(loaded.home, "select count(*) from marts.dim_replays") == [(2,)]


def test_rows_that_break_a_sql_test_are_red_and_keep_nothing_from_being_published(loaded):
    _spoil(loaded.home, "insert into raw.player_stats from raw.player_stats limit 1")

    result = loaded.launch("rebuild_marts", ops={"sql_models": {"is_whole": True}})

    broken = [c for c in result.get_asset_check_evaluations() if not c.passed]
    assert "economy_equals_player_stats" in {check.check_name for check in broken}
    assert all(check.metadata["failed_rows"].value > 0 for check in broken)
    assert "published_warehouse" in _steps(result)


def test_marts_are_made_anew_from_raw_rows(loaded):
    _spoil(loaded.home, "update marts.fct_economy_snapshots set minerals = -5")

    result = loaded.launch("rebuild_marts", ops={"sql_models": {"is_whole": True}})

    assert result.success
    assert query(loaded.home, "select count(*) from marts.fct_economy_snapshots where minerals = -5") == [(0,)]


def test_every_claimed_test_is_a_check_and_all_pass(loaded):
    result = loaded.launch("test_marts")
    checks = result.get_asset_check_evaluations()

    assert result.success
    assert len(checks) > 100
    assert all(check.passed for check in checks)


def test_a_load_shows_what_the_tests_of_its_batches_found_once_per_model(loaded, tmp_path):
    write_replay(tmp_path / "in" / "9.SC2Replay", ladder_game(9, game_loops=1_400))
    assert loaded.launch("ingest", keys=loaded.discover(tmp_path / "in"), all_models=True).success

    def evaluations():
        keys = [spec.key for spec in tests_of_last_load.check_specs]
        records = loaded.instance.event_log_storage.get_latest_asset_check_execution_by_key(keys)
        events = {key: record.event.dagster_event.asset_check_evaluation_data for key, record in records.items()}
        return {key.asset_key.to_user_string(): event for key, event in events.items()}

    shown = evaluations()
    assert shown.keys() == {spec.asset_key.to_user_string() for spec in tests_of_last_load.check_specs}
    assert len(shown) > 40
    assert all(event.passed and event.metadata["tests"].value > 0 for event in shown.values())
    assert {event.metadata["replays"].value for event in shown.values()} == {1}
    for event in shown.values():
        _is_of_latest_materialization(loaded, event)
    key = dg.AssetCheckKey(dg.AssetKey(["marts", "fct_economy_snapshots"]), ON_BATCH)
    [history] = loaded.instance.event_log_storage.get_asset_check_execution_history(key, limit=5)
    assert history.status.value == "SUCCEEDED"

    # A run that loads nothing, as a retry that fails again, materializes the models too.
    assert loaded.launch("load_extracted", all_models=True).success
    again = evaluations()[key.asset_key.to_user_string()]
    _is_of_latest_materialization(loaded, again)
    assert (again.passed, again.metadata["replays"].value) == (True, 1)


def _is_of_latest_materialization(loaded, event):
    """Otherwise the UI would show the check as not evaluated."""
    made = loaded.instance.get_latest_materialization_event(event.asset_key)
    assert event.target_materialization_data.timestamp == made.timestamp, event.asset_key


def test_a_test_that_a_loads_rows_break_is_a_failing_check_of_its_model():
    [spec] = [spec for (relation, name, _), spec in SQL_TESTS.items() if name == "economy_equals_player_stats"]
    relation = next(relation for relation, name, _ in SQL_TESTS if name == "economy_equals_player_stats")
    report = SimpleNamespace(tests_run={(relation, spec.name): 2}, failed_rows={(relation, spec.name): 3})

    [evaluation] = batch_evaluations(batch_tallies(report), 9)

    assert (evaluation.passed, evaluation.severity) == (False, dg.AssetCheckSeverity.WARN)
    assert evaluation.description == "3 rows break economy_equals_player_stats"


def test_rows_set_aside_are_a_warning_that_numbers_them(loaded, tmp_path, monkeypatch):
    _declare_maximum(monkeypatch, "upgrade_events", "count", 0)
    write_replay(tmp_path / "in" / "9.SC2Replay", ladder_game(9, game_loops=1_400))
    keys = loaded.discover(tmp_path / "in")

    result = loaded.launch("ingest", keys=keys, max_bad_row_share=1.0)

    [warning] = [check for check in result.get_asset_check_evaluations() if not check.passed]
    assert warning.asset_key.path == ["raw", "upgrade_events"]
    assert warning.severity == dg.AssetCheckSeverity.WARN
    assert [(warning.metadata["quarantined_rows"].value,)] == query(
        loaded.home, "select count(*) from ops.quarantined_rows"
    )
    assert result.success
    assert query(loaded.home, "select count(*) from marts.dim_replays") == [(3,)]


def _declare_maximum(monkeypatch, table, column, maximum):
    """A contract that honest replays break."""
    columns = tuple(replace(c, maximum=maximum) if c.name == column else c for c in RAW_TABLES[table].columns)
    monkeypatch.setitem(RAW_TABLES, table, replace(RAW_TABLES[table], columns=columns))
    pandera_schema.cache_clear()
    monkeypatch.setattr("sc2_pipeline.steps.check.pandera_schema", pandera_schema.__wrapped__)


def test_the_audit_looks_at_the_published_file_and_its_unexplained_findings_are_red(loaded):
    # Any other file of that shape would do: the audit must not look at the writer's.
    _spoil(loaded.home, "update marts.fct_build_orders set started_seconds = -1")
    with duckdb.connect(str(loaded.home / "warehouse.duckdb")) as published:
        published.execute("update intermediate.int_replays set is_canonical = false")

    result = loaded.launch("audit")

    assert result.success
    evaluations = {c.check_name: c for c in result.get_asset_check_evaluations()}
    assert set(evaluations) == {check.name for check in read_audit_checks()}
    assert evaluations["clocks_agree"].passed
    assert not evaluations["games_counted_once"].passed
    assert evaluations["games_counted_once"].metadata["unexplained"].value == 2
    assert {key.to_user_string() for key in {c.asset_key for c in evaluations.values()}} == {"published_warehouse"}
