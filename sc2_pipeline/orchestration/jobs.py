"""Jobs: the assets that one launch materializes, by the names that people and sensors use."""

import dagster as dg

from sc2_pipeline.orchestration.asset_checks import sql_tests, tests_of_last_load
from sc2_pipeline.orchestration.audit import audit_checks
from sc2_pipeline.orchestration.partitioning import EXTRACTED
from sc2_pipeline.orchestration.replay_assets import BATCH, OBSERVED, RETRIED, discovered_replays
from sc2_pipeline.orchestration.sql_assets import ModelsConfig, sql_models
from sc2_pipeline.orchestration.warehouse_assets import (
    compacted_lake,
    failures_gate,
    loaded_tables,
    published_warehouse,
)

_SQL_TESTS = dg.AssetSelection.checks(sql_tests)
_LAST_LOAD = dg.AssetSelection.checks(tests_of_last_load)
_AUDIT = dg.AssetSelection.checks(audit_checks)
_LOADING = (
    dg.AssetSelection.assets(loaded_tables, sql_models, published_warehouse, failures_gate)
    - _SQL_TESTS
    - _LAST_LOAD
    - _AUDIT
)
"""Without what looks at all rows: a load tests its own batch, and full tests and audit have jobs of their own."""

discover = dg.define_asset_job(
    "discover",
    selection=dg.AssetSelection.assets(discovered_replays, "validated_replays"),
    description="Find replays under folders, judge them, and make a partition of each accepted one.",
)

ingest = dg.define_asset_job(
    "ingest",
    selection=dg.AssetSelection.assets(EXTRACTED, BATCH) | _LOADING,
    description="A range of partitions, from extraction to the published warehouse.",
)

load_extracted = dg.define_asset_job(
    "load_extracted",
    selection=_LOADING,
    description="Load and publish whatever is extracted and not loaded, as a backfill of `extracted` leaves it.",
)

retry_replays = dg.define_asset_job(
    "retry_replays",
    selection=dg.AssetSelection.assets(RETRIED) | _LOADING,
    description="Try replays again in one run: replay ids, batches, or the words `failed` and `missing`, in the configuration of "
    "`retried_replays`.",
)

backfill_with_game = dg.define_asset_job(
    "backfill_with_game",
    selection=dg.AssetSelection.assets(OBSERVED) | _LOADING,
    description="Run the game over what only the tracker has extracted, and load and publish that: all, what the filters want, or "
    "the replays named in the configuration of `observed_replays`. Without a client of its build a replay keeps the tracker's rows.",
)

rebuild_marts = dg.define_asset_job(
    "rebuild_marts",
    selection=(dg.AssetSelection.assets(sql_models, published_warehouse) | _SQL_TESTS) - _LAST_LOAD - _AUDIT,
    config=dg.RunConfig(ops={"sql_models": ModelsConfig(is_whole=True)}),
    description="Make every SQL model anew from raw rows, test it over all rows, and publish it.",
)

test_marts = dg.define_asset_job(
    "test_marts",
    selection=_SQL_TESTS,
    description="Every SQL test over all rows of the warehouse.",
)

audit = dg.define_asset_job(
    "audit",
    selection=_AUDIT,
    description="Check all games of the published warehouse together, as `sc2-pipeline audit` does.",
)

compact = dg.define_asset_job(
    "compact",
    selection=dg.AssetSelection.assets(compacted_lake),
    description="Join the lake's many small files into few sorted ones, and publish a warehouse that reads those.",
)

JOBS = (discover, ingest, load_extracted, retry_replays, backfill_with_game, rebuild_marts, test_marts, audit, compact)
