"""Which runs are gone, as run monitoring is told. A code location that is really killed: deploy/test_deployment.py."""

import json
import os
import subprocess
import sys
import time

import dagster as dg
import pytest
from dagster._core.events import EngineEventData
from dagster._core.launcher import WorkerStatus
from dagster._core.storage.tags import GRPC_INFO_TAG
from dagster._core.test_utils import create_run_for_test

from sc2_pipeline.orchestration.run_launcher import WatchedRunLauncher


@pytest.fixture
def instance():
    with dg.DagsterInstance.ephemeral() as instance:
        yield instance


def _status(instance, address, *pids, timestamp=None):
    tags = {GRPC_INFO_TAG: json.dumps(address)} if address else {}
    run = create_run_for_test(instance, "ingest", status=dg.DagsterRunStatus.STARTED, tags=tags)
    for pid in pids:
        event = dg.DagsterEvent(
            event_type_value=dg.DagsterEventType.ENGINE_EVENT.value,
            job_name="ingest",
            event_specific_data=EngineEventData.in_process(pid),
            message="Started process for run.",
        )
        instance.store_event(
            dg.EventLogEntry(
                error_info=None,
                level="debug",
                user_message="",
                run_id=run.run_id,
                timestamp=timestamp or time.time(),
                dagster_event=event,
            )
        )
    launcher = WatchedRunLauncher()
    launcher.register_instance(instance)
    at_first = launcher.check_run_worker_health(run).status
    assert at_first == WorkerStatus.RUNNING
    return launcher.check_run_worker_health(run).status


def test_a_run_of_a_code_server_that_is_gone_from_this_machine_lives_as_long_as_its_process(instance, tmp_path):
    gone = {"socket": str(tmp_path / "nobody")}
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()

    assert _status(instance, gone, os.getpid()) == WorkerStatus.RUNNING
    assert _status(instance, gone, ended.pid, os.getpid()) == WorkerStatus.FAILED
    # This process is younger than such an event: the number was another's then.
    assert _status(instance, gone, os.getpid(), timestamp=1.0) == WorkerStatus.FAILED


def test_what_another_host_does_not_answer_is_no_verdict(instance):
    assert _status(instance, {"host": "127.0.0.1", "port": 9}, 1) == WorkerStatus.RUNNING
    assert _status(instance, None) == WorkerStatus.RUNNING
