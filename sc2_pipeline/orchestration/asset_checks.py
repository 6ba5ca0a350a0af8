"""Asset checks: results of the pipeline's own checks and SQL tests, reported to Dagster. Contains no check logic."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, cast

import dagster as dg
from dagster._core.definitions.asset_checks.asset_check_evaluation import (
    AssetCheckEvaluationTargetMaterializationData,
)

from sc2_pipeline.orchestration.resources import HomeResource, saying_what_to_do
from sc2_pipeline.orchestration.sql import MODELS, TESTS
from sc2_pipeline.pipeline.warehouse_stages import LoadReport, sql_test_outcomes
from sc2_pipeline.sql_models import batch_models
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.warehouse.data_tests import TestOutcome

CONTRACT = "rows_keep_their_contract"
COUNTS = "counts_of_replays_agree"
ON_BATCH = "tests_on_batch"
BATCH_TESTS = "tests_on_batch"
"""Metadata key under which a load that loaded something keeps its tallies."""

LOADS_LOOKED_AT = 50
"""Latest loads among which the last one that loaded something is looked for."""

LOADED = "raw.replays"
"""The raw table whose materializations carry the metadata of the whole load."""

_SEVERITIES = {"error": dg.AssetCheckSeverity.ERROR, "warn": dg.AssetCheckSeverity.WARN}
_CHECKED = tuple(table.name for table in RAW_TABLES.values() if not table.stays_in_parquet)


def contract_checks() -> list[dg.AssetCheckSpec]:
    """One check per raw table, for rows that violate its declared schema. They are quarantined, so the check warns and
    does not block."""
    return [
        dg.AssetCheckSpec(
            CONTRACT,
            asset=["raw", name],
            description="Types, ranges, vocabularies and keys as declared. Rows that break them are in ops.quarantined_rows.",
        )
        for name in _CHECKED
    ]


def contract_results(report: LoadReport) -> Iterator[dg.AssetCheckResult]:
    """Check results of one load: one per raw table, passed if no row was quarantined."""
    for name in _CHECKED:
        quarantined = report.quarantined.get(name, 0)
        yield dg.AssetCheckResult(
            check_name=CONTRACT,
            asset_key=["raw", name],
            passed=quarantined == 0,
            severity=dg.AssetCheckSeverity.WARN,
            description=f"{quarantined} rows set aside" if quarantined else None,
            metadata={"quarantined_rows": quarantined, "odd_rows": report.odd.get(name, 0)},
        )


def counts_check() -> dg.AssetCheckSpec:
    """Spec of the blocking check that stops publishing when replay counts disagree between marts, load and manifest."""
    return dg.AssetCheckSpec(
        COUNTS,
        asset=["marts", "dim_replays"],
        blocking=True,
        description="The marts, `ops.loads` and the manifest count the same replays.",
    )


def counts_result(miscounts: Sequence[str]) -> dg.AssetCheckResult:
    """Result of the counts check; passes when ``miscounts`` is empty."""
    return dg.AssetCheckResult(
        check_name=COUNTS,
        asset_key=["marts", "dim_replays"],
        passed=not miscounts,
        description="; ".join(miscounts) or None,
        metadata={"miscounts": len(miscounts)},
    )


def _asset_of(relations: Sequence[str]) -> str:
    """The model that a test over several models is attached to: the last of them in build order."""
    return [model.relation for model in MODELS if model.relation in relations][-1]


def _specs() -> dict[tuple[str | None, str, int], dg.AssetCheckSpec]:
    """Specs by relation, test name, and position among tests of the same name, in the order of the outcomes."""
    known = {model.relation for model in MODELS}
    counts: Counter[tuple[str, str]] = Counter()
    specs: dict[tuple[str | None, str, int], dg.AssetCheckSpec] = {}
    for model in MODELS:
        for test in model.tests:
            if test.kind == "relationships" and test.to not in known:
                continue
            number = counts[model.relation, test.name]
            counts[model.relation, test.name] += 1
            specs[model.relation, test.name, number] = dg.AssetCheckSpec(
                test.name if not number else f"{test.name}_{number + 1}",
                asset=model.relation.split("."),
                description=f"{test.kind} of {', '.join(test.columns)}",
            )
    for singular in TESTS:
        specs[None, singular.name, 0] = dg.AssetCheckSpec(
            singular.name,
            asset=_asset_of(singular.depends_on).split("."),
            description=singular.description,
        )
    return specs


SQL_TESTS = _specs()


def batch_tallies(report: LoadReport) -> dict[str, dict[str, int]]:
    """By asset of a model: ``tests`` that a load ran on its batches, and failed rows by test that failed."""
    tallies: dict[str, dict[str, int]] = {}
    for (relation, name), runs in report.tests_run.items():
        tally = tallies.setdefault(SQL_TESTS[relation, name, 0].asset_key.to_user_string(), {"tests": 0})
        tally["tests"] += runs
        if failed := report.failed_rows[relation, name]:
            tally[name] = failed
    return tallies


def batch_evaluations(
    tallies: Mapping[str, Mapping[str, int]],
    replays: int,
    targets: Mapping[dg.AssetKey, AssetCheckEvaluationTargetMaterializationData] | None = None,
) -> Iterator[dg.AssetCheckEvaluation]:
    """One evaluation per model of the tests that a load ran on its batches, for the materializations in ``targets``."""
    for asset, tally in tallies.items():
        failed = {name: rows for name, rows in tally.items() if name != "tests"}
        said = "; ".join(f"{rows} rows break {name}" for name, rows in failed.items())
        yield dg.AssetCheckEvaluation(
            asset_key=dg.AssetKey.from_user_string(asset),
            check_name=ON_BATCH,
            target_materialization_data=(targets or {}).get(dg.AssetKey.from_user_string(asset)),
            passed=not failed,
            severity=dg.AssetCheckSeverity.WARN,
            description=said or f"{tally['tests']} tests passed on {replays} replays",
            metadata={"tests": tally["tests"], "replays": replays, "failed_rows": sum(failed.values())},
        )


def report_batch_tests(context: dg.AssetExecutionContext) -> None:
    """Reports what the tests of the last load found that loaded something, this run's or an earlier one, once the models are
    materialized: Dagster shows a check only if it was evaluated for its asset's latest materialization. Events of no run
    cost less than checks planned for each."""
    told = _told_by_last_load(context.instance)
    if not told:
        return
    keys = [
        key for name in told["models"] if (key := dg.AssetKey.from_user_string(name)) in context.selected_asset_keys
    ]
    latest = {record.asset_entry.asset_key: record.asset_entry for record in context.instance.get_asset_records(keys)}
    targets = {
        key: AssetCheckEvaluationTargetMaterializationData(
            storage_id=record.storage_id, run_id=record.run_id, timestamp=record.timestamp
        )
        for key, entry in latest.items()
        if (record := entry.last_materialization_record)
    }
    for evaluation in batch_evaluations(told["models"], told["replays"], targets):
        if evaluation.asset_key in targets:
            context.instance.report_runless_asset_event(evaluation)


def _told_by_last_load(instance: dg.DagsterInstance) -> Mapping[str, Any] | None:
    """Tallies by model and number of replays of the last load that loaded something; None if there is none."""
    records = instance.fetch_materializations(dg.AssetKey(LOADED.split(".")), limit=LOADS_LOOKED_AT).records
    for record in records:
        made = record.asset_materialization
        if made and isinstance(told := made.metadata.get(BATCH_TESTS), dg.JsonMetadataValue):
            return cast("Mapping[str, Any]", told.value)
    return None


def _tested_on_batches() -> list[dg.AssetKey]:
    """Models with a test that runs over a batch: one that needs no table over all replays together."""
    built = {model.relation: model for model in batch_models(MODELS)}
    tested = {
        relation
        for relation, model in built.items()
        if any(test.kind != "relationships" or test.to in built for test in model.tests)
    }
    several = {
        _asset_of(test.depends_on)
        for test in TESTS
        if all(name in built or name.startswith("raw.") for name in test.depends_on)
    }
    return [dg.AssetKey(relation.split(".")) for relation in sorted(tested | several)]


@dg.multi_asset_check(
    name="tests_of_last_load",
    specs=[
        dg.AssetCheckSpec(
            ON_BATCH,
            asset=key,
            description="The model's tests over the replays of the last load, all of its batches together; reported by each "
            "load. Executing it only repeats that report. Tests over all rows are checks of their own (job `test_marts`).",
        )
        for key in _tested_on_batches()
    ],
    can_subset=True,
)
def tests_of_last_load(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
    """Reports again what the tests of the last load found."""
    told = _told_by_last_load(context.instance)
    for evaluation in batch_evaluations(told["models"], told["replays"]) if told else ():
        if evaluation.asset_check_key in context.selected_asset_check_keys:
            yield dg.AssetCheckResult(
                asset_key=evaluation.asset_key,
                check_name=ON_BATCH,
                passed=evaluation.passed,
                severity=evaluation.severity,
                description=evaluation.description,
                metadata=evaluation.metadata,
            )


@dg.multi_asset_check(name="sql_tests", specs=list(SQL_TESTS.values()), can_subset=True, pool="warehouse_writer")
def sql_tests(context: dg.AssetCheckExecutionContext, home: HomeResource) -> Iterator[dg.AssetCheckResult]:
    """Runs every test of ``dbt_like_sql`` over all rows; loads only test their own batch. A failure is a bug in the
    models: the check is red but does not block publishing."""
    with saying_what_to_do():
        outcomes = sql_test_outcomes(home.settings())
    counts: Counter[tuple[str | None, str]] = Counter()
    for outcome in outcomes:
        spec = SQL_TESTS[outcome.relation, outcome.name, counts[outcome.relation, outcome.name]]
        counts[outcome.relation, outcome.name] += 1
        if spec.key in context.selected_asset_check_keys:
            yield _result(spec, outcome)


def _result(spec: dg.AssetCheckSpec, outcome: TestOutcome) -> dg.AssetCheckResult:
    blamed = outcome.replay_ids or ()
    return dg.AssetCheckResult(
        check_name=spec.name,
        asset_key=spec.asset_key,
        passed=outcome.failed_rows == 0,
        severity=_SEVERITIES[outcome.severity],
        description=f"{outcome.failed_rows} rows break {outcome.description}" if outcome.failed_rows else None,
        metadata={"failed_rows": outcome.failed_rows, "replays": ", ".join(blamed[:20])},
    )
