"""Asset checks: results of the pipeline's own checks and SQL tests, reported to Dagster. Contains no check logic."""

from collections import Counter
from collections.abc import Iterator, Sequence

import dagster as dg

from sc2_pipeline.orchestration.resources import HomeResource, saying_what_to_do
from sc2_pipeline.orchestration.sql import MODELS, TESTS
from sc2_pipeline.pipeline.warehouse_stages import LoadReport, sql_test_outcomes
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline.warehouse.data_tests import TestOutcome

CONTRACT = "rows_keep_their_contract"
COUNTS = "counts_of_replays_agree"

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
        description="The marts, the load's own note and the manifest count the same replays.",
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
