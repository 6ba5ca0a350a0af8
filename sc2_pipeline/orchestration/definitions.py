"""Definitions: everything that Dagster is told of, gathered; nothing is decided here."""

import multiprocessing

import dagster as dg

from sc2_pipeline.orchestration.asset_checks import sql_tests
from sc2_pipeline.orchestration.assets import (
    compacted_lake,
    discovered_replays,
    failures_gate,
    loaded_tables,
    published_warehouse,
    replay_assets,
)
from sc2_pipeline.orchestration.jobs import JOBS
from sc2_pipeline.orchestration.partitioning import Partitioning, chosen_partitioning
from sc2_pipeline.orchestration.resources import HomeResource, WatchedFoldersResource
from sc2_pipeline.orchestration.schedules import SCHEDULES
from sc2_pipeline.orchestration.sensors import sensors
from sc2_pipeline.orchestration.sql_assets import sql_models

_STORAGE = "dagster._core.storage.sqlite_storage"
"""With SQLAlchemy and Alembic most of what a step would import else; one that is not there is passed over."""


def _start_method() -> dict[str, object]:
    """A step is there sooner from a fork server, that has imported what all need; Windows knows spawning only."""
    if "forkserver" in multiprocessing.get_all_start_methods():
        return {"forkserver": {"preload_modules": ["sc2_pipeline.orchestration.definitions", _STORAGE]}}
    return {"spawn": {}}


def definitions(partitioning: Partitioning) -> dg.Definitions:
    """The whole graph, with partitions of that kind."""
    return dg.Definitions(
        assets=[
            discovered_replays,
            *replay_assets(partitioning),
            loaded_tables,
            sql_models,
            published_warehouse,
            compacted_lake,
            failures_gate,
        ],
        asset_checks=[sql_tests],
        jobs=JOBS,
        sensors=sensors(partitioning),
        schedules=SCHEDULES,
        resources={
            "home": HomeResource(),
            "watched_folders": WatchedFoldersResource(),
            # Nothing is handed from step to step. Dagster's own would take a folder of pickles from run configuration.
            "io_manager": dg.IOManagerDefinition(dg.mem_io_manager.resource_fn, config_schema={}),
        },
        executor=dg.multiprocess_executor.configured({"max_concurrent": 2, "start_method": _start_method()}),
    )


defs = definitions(chosen_partitioning())
