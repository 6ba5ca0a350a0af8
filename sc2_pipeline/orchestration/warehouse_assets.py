"""Assets of the warehouse: loaded, published, compacted, and the gate that fails a run of too many failures. Each body
calls one pipeline stage and reports it.

SQL models are in ``sql_assets``; their contents are defined in ``dbt_like_sql``.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any

import dagster as dg

from sc2_pipeline.orchestration.asset_checks import (
    BATCH_TESTS,
    LOADED,
    batch_tallies,
    contract_checks,
    contract_results,
)
from sc2_pipeline.orchestration.failures import FAILED, FEW_FAILED, GATE, Failures
from sc2_pipeline.orchestration.freshness import FRESHNESS
from sc2_pipeline.orchestration.metadata import sample_metadata
from sc2_pipeline.orchestration.replay_assets import BATCH, OBSERVED, RETRIED
from sc2_pipeline.orchestration.resources import HomeResource, saying_what_to_do
from sc2_pipeline.orchestration.sql import MODELS
from sc2_pipeline.pipeline.compaction import compact_lake
from sc2_pipeline.pipeline.warehouse_stages import LoadReport, load_replays, publish_warehouse
from sc2_pipeline.sql_models import input_tables

WRITER_POOL = "warehouse_writer"

RUNS_AT_ONCE = 50
"""Number of latest materializations searched for this run's: no more runs than this report between two steps of one
run."""

_PUBLISH = {"step": "publish"}


@dg.multi_asset(
    specs=[
        dg.AssetSpec(
            relation.split("."),
            deps=[BATCH, RETRIED, OBSERVED],
            group_name="raw",
            kinds={"duckdb"},
            tags={"step": "load", "layer": "raw"},
            description=f"{table.description} {table.grain}",
        )
        for relation, table in input_tables().items()
    ],
    check_specs=contract_checks(),
    pool=WRITER_POOL,
)
def loaded_tables(home: HomeResource) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Checks and loads all extracted replays that are not loaded yet, in batches, each with its marts in one
    transaction."""
    with saying_what_to_do():
        report = load_replays(home.settings())
    yield from _loaded(report, batch_tallies(report))


@dg.asset(
    group_name="published",
    kinds={"duckdb"},
    tags=_PUBLISH,
    deps=[model.relation.split(".") for model in MODELS],
    pool=WRITER_POOL,
    freshness_policy=FRESHNESS,
)
def published_warehouse(home: HomeResource) -> dg.MaterializeResult[None]:
    """The file that people open: a read-only copy of the warehouse that replaces the previous one atomically."""
    with saying_what_to_do():
        report = publish_warehouse(home.settings())
    if report is None:
        return dg.MaterializeResult(metadata={"is_changed": False})
    return dg.MaterializeResult(
        metadata={
            "is_changed": True,
            "dagster/row_count": report.rows,
            "replays": report.replays,
            "bytes": report.bytes,
            "seconds": round(report.seconds, 3),
            "path": dg.MetadataValue.path(str(report.path)),
        }
    )


@dg.asset(
    group_name="published", kinds={"parquet"}, tags={"step": "compact"}, deps=[published_warehouse], pool=WRITER_POOL
)
def compacted_lake(home: HomeResource) -> dg.MaterializeResult[None]:
    """The lake's many small files merged into a few sorted ones, and a published warehouse that reads those."""
    with saying_what_to_do():
        report = compact_lake(home.settings())
    numbers = asdict(report)
    return dg.MaterializeResult(metadata={**numbers, "seconds": round(report.seconds, 3)})


@dg.asset(
    key=GATE,
    group_name="published",
    kinds={"python"},
    tags=_PUBLISH,
    deps=[published_warehouse, BATCH, RETRIED, OBSERVED, LOADED.split(".")],
    check_specs=[
        dg.AssetCheckSpec(
            FEW_FAILED,
            asset=GATE,
            description="No replay of the last run failed. A warning that names the failed ones while they are at most the share "
            "`max_failed_share` of the run, and their files are to blame; beyond that the run itself fails.",
        )
    ],
)
def failures_gate(
    context: dg.AssetExecutionContext, home: HomeResource
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    """Fails as the run's last step, with the list of failed replays, if more failed than usual; the others are published
    by then."""
    with saying_what_to_do():
        settings = home.settings()
    failures = Failures()
    for key in (BATCH, RETRIED, OBSERVED, dg.AssetKey(LOADED.split("."))):
        failures.add(_metadata_in_run(context, key))
    told = failures.check(settings)
    yield dg.MaterializeResult(metadata={"failed": len(failures.failed)})
    yield told


def _loaded(
    report: LoadReport, tallies: Mapping[str, Mapping[str, int]]
) -> Iterator[dg.MaterializeResult[None] | dg.AssetCheckResult]:
    numbers: dict[str, dg.MetadataValue | int | float] = {
        "replays_loaded": len(report.loaded),
        "replays_left_out": len(report.left_out),
        "broken_mart_tests": dg.MetadataValue.json(
            {test: sorted(ids)[:20] for test, ids in report.broken_mart_tests.items()}
        ),
        "seconds": round(report.seconds, 3),
        FAILED: dg.MetadataValue.json(dict(report.left_out)),
    }
    if tallies:
        numbers[BATCH_TESTS] = dg.MetadataValue.json({"replays": len(report.loaded), "models": tallies})
    for relation, table in input_tables().items():
        descriptions = {column.name: column.description for column in table.columns}
        shown = sample_metadata(report.samples[relation], descriptions) if relation in report.samples else {}
        is_first = relation == LOADED
        yield dg.MaterializeResult(asset_key=relation.split("."), metadata={**shown, **(numbers if is_first else {})})
    yield from contract_results(report)


def _metadata_in_run(context: dg.AssetExecutionContext, key: dg.AssetKey) -> Mapping[str, dg.MetadataValue[Any]]:
    """Metadata of a step of this run; ignores materializations of other runs."""
    records = context.instance.fetch_materializations(key, limit=RUNS_AT_ONCE).records
    for record in records:
        if record.run_id == context.run.run_id and record.asset_materialization is not None:
            return dict(record.asset_materialization.metadata)
    return {}
