"""Assembles the ``dagster.Definitions`` of the project."""

import dagster as dg

from sc2_pipeline.orchestration.alerts import ALERTS
from sc2_pipeline.orchestration.asset_checks import sql_tests, tests_of_last_load
from sc2_pipeline.orchestration.audit import audit_checks
from sc2_pipeline.orchestration.code_references import with_code_references
from sc2_pipeline.orchestration.jobs import JOBS
from sc2_pipeline.orchestration.lookup import find_partition
from sc2_pipeline.orchestration.partitioning import Partitioning, chosen_partitioning
from sc2_pipeline.orchestration.replay_assets import discovered_replays, replay_assets
from sc2_pipeline.orchestration.resources import HomeResource, WatchedFoldersResource
from sc2_pipeline.orchestration.schedules import SCHEDULES
from sc2_pipeline.orchestration.sensors import sensors
from sc2_pipeline.orchestration.sql_assets import sql_models
from sc2_pipeline.orchestration.warehouse_assets import (
    compacted_lake,
    failures_gate,
    loaded_tables,
    published_warehouse,
)


def definitions(partitioning: Partitioning) -> dg.Definitions:
    """All assets, checks, jobs, sensors and schedules, with that partitioning."""
    return dg.Definitions(
        assets=with_code_references(
            [
                discovered_replays,
                *replay_assets(partitioning),
                loaded_tables,
                sql_models,
                published_warehouse,
                compacted_lake,
                failures_gate,
            ]
        ),
        asset_checks=[sql_tests, tests_of_last_load, audit_checks],
        jobs=[*JOBS, find_partition(partitioning)],
        sensors=[*sensors(partitioning), *ALERTS],
        schedules=SCHEDULES,
        resources={
            "home": HomeResource(),
            "watched_folders": WatchedFoldersResource(),
            # Steps pass no values to one another. Dagster's default IO manager would take a folder of pickles from run
            # configuration.
            "io_manager": dg.IOManagerDefinition(dg.mem_io_manager.resource_fn, config_schema={}),
        },
        # The steps of a run wait for one another or for the one place of a pool, so that processes of their own would only
        # import everything again. Extraction has its workers; a run is itself a process of the code location, or a pod.
        executor=dg.in_process_executor,
    )


defs = definitions(chosen_partitioning())
