"""Fixtures for tests of the Dagster graph: an in-memory instance, and jobs run in this process on a home."""

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from unittest.mock import patch

import dagster as dg
import pytest

from sc2_pipeline.orchestration.definitions import definitions
from sc2_pipeline.orchestration.jobs import JOBS
from sc2_pipeline.orchestration.partitioning import BY_REPLAY, EXTRACTED, Partitioning
from sc2_pipeline.orchestration.partitions import range_tags
from sc2_pipeline.orchestration.resources import HomeResource, WatchedFoldersResource
from sc2_pipeline.orchestration.sql_assets import sql_models
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

Result = dg.ExecuteInProcessResult


graph_of = cache(definitions)

LOADING = ("ingest", "load_extracted", "retry_replays", "backfill_with_game")
"""Jobs that load what was extracted, and publish it."""


@cache
def reporting_little(partitioning: Partitioning) -> dg.Definitions:
    """The graph, whose loading jobs materialize of the models only the one whose check stops publishing, and one that
    reads what is loaded, so that their step comes after the load."""
    kept = dg.AssetSelection.assets(["marts", "dim_replays"], ["staging", "stg_replays"])
    models = dg.AssetSelection.assets(sql_models) - kept
    jobs = [dg.define_asset_job(job.name, selection=job.selection - models) for job in JOBS if job.name in LOADING]
    whole = graph_of(partitioning)
    return dg.Definitions(
        assets=whole.assets,
        asset_checks=whole.asset_checks,
        jobs=jobs,
        resources=whole.resources,
        executor=whole.executor,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Launchpad:
    """Launches jobs in this process on one home."""

    home: Path
    instance: dg.DagsterInstance
    partitioning: Partitioning = BY_REPLAY

    @property
    def definitions(self) -> dg.Definitions:
        """The graph with its partitions."""
        return graph_of(self.partitioning)

    def launch(
        self,
        job: str,
        *,
        ops: dict[str, Any] | None = None,
        keys: Sequence[str] = (),
        all_models: bool = False,
        **settings: Any,
    ) -> Result:
        """Runs a job, over a range of keys if given; returns the result even if it failed.

        A load makes the same warehouse whichever of the 120 models it materializes, and Dagster's events of them take
        three times as long: all are only if the test is about them.
        """
        is_short = job in LOADING and not all_models
        graph = reporting_little(self.partitioning) if is_short else self.definitions
        with self.launched():
            return graph.resolve_job_def(job).execute_in_process(
                instance=self.instance,
                run_config={
                    "resources": {"home": {"config": {"workers": 1, **settings}}},
                    "ops": {name: {"config": config} for name, config in (ops or {}).items()},
                },
                tags=range_tags(keys[0], keys[-1]) if keys else {},
                raise_on_error=False,
            )

    @contextmanager
    def launched(self) -> Iterator[None]:
        """Sets the environment through which Dagster's processes find the home."""
        with patch.dict(os.environ, {"SC2_PIPELINE_HOME": str(self.home)}):
            yield

    def discover(self, *folders: Path, **settings: Any) -> list[str]:
        """Scans the folders; returns all keys."""
        config = {"folders": [str(folder) for folder in folders]}
        assert self.launch("discover", ops={"discovered_replays": config}, **settings).success
        return self.keys()

    def launch_extraction(self, keys: Sequence[str], **settings: Any) -> Result:
        """Materializes only partitions of `extracted`, like a backfill from its page."""
        return self.materialize(EXTRACTED, tags=range_tags(keys[0], keys[-1]), settings=settings)

    def materialize(
        self,
        asset: dg.AssetKey,
        *,
        tags: dict[str, str] | None = None,
        settings: Mapping[str, Any] | None = None,
        **ops: Any,
    ) -> Result:
        """Materializes one asset and nothing downstream; ``ops`` are configurations."""
        job = self.definitions.get_repository_def().get_implicit_global_asset_job_def()
        with self.launched():
            return job.execute_in_process(
                instance=self.instance,
                asset_selection=[asset],
                run_config={
                    "resources": {"home": {"config": {"workers": 1, **(settings or {})}}},
                    "ops": {name: {"config": config} for name, config in ops.items()},
                },
                tags=tags or {},
                raise_on_error=False,
            )

    def tick(self, sensor: str, *folders: Path, cursor: str | None = None, settle_seconds: float = 0.0) -> Any:
        """Evaluates a sensor once, as the daemon does; returns the message if it was skipped."""
        context = dg.build_sensor_context(
            instance=self.instance,
            cursor=cursor,
            definitions=self.definitions,
            resources={
                "home": HomeResource(workers=1),
                "watched_folders": WatchedFoldersResource(
                    folders=[str(folder) for folder in folders], settle_seconds=settle_seconds
                ),
            },
        )
        with self.launched():
            answer = self.definitions.resolve_sensor_def(sensor)(context)
        return answer.skip_message if isinstance(answer, dg.SkipReason) else answer

    def keys(self) -> list[str]:
        """All keys, in range order."""
        return list(self.instance.get_dynamic_partitions(self.partitioning.name))

    def statuses(self) -> dict[str, str]:
        """Status by partition: ``materialized`` or ``failed``; others are missing."""
        found = self.instance.get_status_by_partition(EXTRACTED, self.keys(), self.partitioning.definition) or {}
        return {key: status.value.lower() for key, status in found.items() if status is not None}


def failure(result: Result) -> str:
    """Error message of the one step that failed."""
    [event] = [event for event in result.all_events if event.is_step_failure]
    assert event.step_failure_data.error is not None
    return event.step_failure_data.error.message


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six replays and one file that is not a replay; copy it before changing it."""
    folder = tmp_path_factory.mktemp("replays")
    for number in range(6):
        write_replay(folder / f"{number}.SC2Replay", ladder_game(number, game_loops=1_500))
    (folder / "bad.SC2Replay").write_bytes(b"this is no replay")
    return folder


@pytest.fixture
def launchpad(tmp_path: Path) -> Iterator[Launchpad]:
    """A launchpad on an empty home."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield Launchpad(home=tmp_path / "home", instance=instance)


@pytest.fixture(scope="module")
def made_launchpad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[str], Launchpad]]:
    """Makes launchpads that the tests of a module share."""
    with dg.DagsterInstance.ephemeral() as instance:
        yield lambda name: Launchpad(home=tmp_path_factory.mktemp(name) / "home", instance=instance)
