"""Runs `sc2-pipeline ui` for tests: starts it, queries it through GraphQL, and checks that no process is left."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import psutil

from sc2_pipeline.cli.dagster_processes import LOCATION
from sc2_pipeline.orchestration.partitions import range_tags

Answer = TypeVar("Answer")

LOOPBACK = "127.0.0.1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A running UI."""

    process: "subprocess.Popen[str] | None"
    port: int
    token: str
    host: str = LOOPBACK
    location: str = LOCATION

    @property
    def _selector(self) -> dict[str, str]:
        return {"repositoryLocationName": self.location, "repositoryName": "__repository__"}

    def ask(self, query: str, **variables: Any) -> dict[str, Any]:
        """Data of a GraphQL query; fails on any error in the response."""
        body = json.dumps({"query": query, "variables": variables}).encode()
        request = urllib.request.Request(
            f"http://{self.host}:{self.port}/graphql",
            body,
            {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"},
        )
        with urllib.request.urlopen(request, timeout=60) as answer:
            content = json.load(answer)
        assert "errors" not in content, content["errors"]
        return content["data"]

    @property
    def first_address(self) -> str:
        """The URL that the command prints for people to open."""
        return f"http://{self.host}:{self.port}/?token={self.token}"

    def launch(self, job: str, config: dict[str, Any] | None = None, tags: dict[str, str] | None = None) -> str:
        """Launches a job; returns the run id."""
        data = self.ask(
            "mutation($p: ExecutionParams!) { launchRun(executionParams: $p) {"
            " __typename ... on LaunchRunSuccess { run { runId } } ... on PythonError { message } } }",
            p={
                "selector": {**self._selector, "jobName": job},
                "runConfigData": config or {},
                "mode": "default",
                "executionMetadata": {"tags": [{"key": k, "value": v} for k, v in (tags or {}).items()]},
            },
        )
        assert data["launchRun"]["__typename"] == "LaunchRunSuccess", data
        return str(data["launchRun"]["run"]["runId"])

    def run_status(self, run_id: str) -> str:
        """Status of a run, as a Dagster status."""
        data = self.ask("query($id: ID!) { runOrError(runId: $id) { ... on Run { status } } }", id=run_id)
        return str(data["runOrError"]["status"])

    def finished(self, run_id: str, *, seconds: float = 600, every: float = 0.3) -> str:
        """Final status of a run, polled ``every`` so many seconds."""
        return wait_for(
            lambda: status if (status := self.run_status(run_id)) in ("SUCCESS", "FAILURE", "CANCELED") else None,
            f"run {run_id} to end",
            seconds=seconds,
            every=every,
        )

    def partitions(self) -> dict[str, int]:
        """Partition counts of `extracted`, by status."""
        data = self.ask(
            '{ assetNodeOrError(assetKey: {path: ["extracted"]}) { ... on AssetNode {'
            " partitionStats { numMaterialized numFailed numPartitions numMaterializing } } } }"
        )
        stats: dict[str, int] = data["assetNodeOrError"]["partitionStats"]
        return stats

    def keys(self) -> list[str]:
        """Partition keys of `extracted`."""
        data = self.ask('{ assetNodeOrError(assetKey: {path: ["extracted"]}) { ... on AssetNode { partitionKeys } } }')
        keys: list[str] = data["assetNodeOrError"]["partitionKeys"]
        return keys

    @staticmethod
    def range_tags(keys: list[str]) -> dict[str, str]:
        """Tags of a run over all those keys."""
        return range_tags(keys[0], keys[-1])

    def backfill(self, keys: list[str]) -> str:
        """Launches a backfill of `extracted`; returns its id."""
        data = self.ask(
            "mutation($p: LaunchBackfillParams!) { launchPartitionBackfill(backfillParams: $p) {"
            " __typename ... on LaunchBackfillSuccess { backfillId } ... on PythonError { message } } }",
            p={"assetSelection": [{"path": ["extracted"]}], "partitionNames": keys},
        )
        assert data["launchPartitionBackfill"]["__typename"] == "LaunchBackfillSuccess", data
        return str(data["launchPartitionBackfill"]["backfillId"])

    def backfill_status(self, backfill_id: str) -> str:
        """Status of a backfill, as a Dagster status."""
        data = self.ask(
            "query($id: String!) { partitionBackfillOrError(backfillId: $id) { ... on PartitionBackfill { status } } }",
            id=backfill_id,
        )
        return str(data["partitionBackfillOrError"]["status"])

    def switch_on(self, sensor: str) -> None:
        """Starts a sensor."""
        data = self.ask(
            "mutation($s: SensorSelector!) { startSensor(sensorSelector: $s) { __typename } }",
            s={**self._selector, "sensorName": sensor},
        )
        assert data["startSensor"]["__typename"] == "Sensor", data

    def cancel(self, run_id: str) -> None:
        """Terminates a run, like the button Terminate."""
        data = self.ask(
            "mutation($id: String!) { terminateRun(runId: $id, terminatePolicy: SAFE_TERMINATE) { __typename } }",
            id=run_id,
        )
        assert data["terminateRun"]["__typename"] == "TerminateRunSuccess", data

    def runs(self, job: str) -> list[str]:
        """Run ids of a job, newest first."""
        data = self.ask(
            "query($f: RunsFilter!) { runsOrError(filter: $f) { ... on Runs { results { runId } } } }",
            f={"pipelineName": job},
        )
        return [run["runId"] for run in data["runsOrError"]["results"]]

    def active_runs(self) -> list[str]:
        """Run ids of all runs that have not ended."""
        data = self.ask(
            "{ runsOrError(filter: {statuses: [QUEUED, NOT_STARTED, STARTING, STARTED, CANCELING]})"
            " { ... on Runs { results { runId } } } }"
        )
        return [run["runId"] for run in data["runsOrError"]["results"]]

    def process_tree_root(self) -> psutil.Process:
        """The command's own process."""
        assert self.process is not None
        return psutil.Process(self.process.pid)

    def descendants(self) -> list[psutil.Process]:
        """All of its child processes, recursively."""
        return self.process_tree_root().children(recursive=True)


@contextmanager
def served(
    home: Path, *, watch: Path, workers: int = 2, partition_by: str = "replay", settle_seconds: int = 1
) -> Iterator[Served]:
    """Runs the UI on a home, and ends it by SIGTERM when the block ends."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port = probe.getsockname()[1]
    program = "from sc2_pipeline.cli.app import main; main()"
    options = ["--home", str(home), "--port", str(port), "--watch", str(watch), "--partition-by", partition_by]
    command = [sys.executable, "-c", program, "ui", *options]
    environment = os.environ | {
        "SC2_PIPELINE_WORKERS": str(workers),
        "SC2_PIPELINE_SETTLE_SECONDS": str(settle_seconds),
        "SC2_PIPELINE_MAX_FAILED_SHARE": "0",
    }
    home.mkdir(parents=True, exist_ok=True)
    with (
        (home / "ui.log").open("w") as log,
        subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True) as process,
    ):
        try:
            assert process.stdout is not None
            first = process.stdout.readline()
            assert first.startswith(f"Dagster is at http://{LOOPBACK}:{port}/?token="), (home / "ui.log").read_text()
            yield Served(process=process, port=port, token=first.split()[3].partition("?token=")[2])
        finally:
            stop(process, home)


def stop(process: "subprocess.Popen[str]", home: Path) -> None:
    """Ends the UI by SIGTERM, if it has not been; fails if it ends otherwise, or leaves a process."""
    process.send_signal(signal.SIGTERM)
    assert process.wait(90) == 128 + signal.SIGTERM
    assert _born_of(home) == []


def _born_of(home: Path) -> list[list[str]]:
    """Command lines of processes with the home's Dagster in their environment, including orphans."""
    dagster_home = str(home / "dagster")
    return [
        process.info["cmdline"]
        for process in psutil.process_iter(["environ", "cmdline"])
        if (process.info["environ"] or {}).get("DAGSTER_HOME") == dagster_home
    ]


def wait_for(answer: Callable[[], Answer | None], what: str, *, seconds: float, every: float = 0.3) -> Answer:
    """The first true answer; fails if there is none in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = answer()
        if found:
            return found
        time.sleep(every)
    raise AssertionError(f"waited {seconds} s in vain for {what}")
