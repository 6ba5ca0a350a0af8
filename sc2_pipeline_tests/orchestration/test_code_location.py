"""The code location has one name, whichever way Dagster is started, since sensors keep their state under it."""

import tomllib

import dagster as dg
import yaml
from dagster._core.definitions.run_request import InstigatorType
from dagster._core.remote_origin import (
    GrpcServerCodeLocationOrigin,
    RemoteInstigatorOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.scheduler.instigation import InstigatorState, InstigatorStatus

from sc2_pipeline.cli.dagster_processes import DEFINITIONS, LOCATION
from sc2_pipeline.cli.ui import dagster_environment, switched_on_before
from sc2_pipeline.config import Home
from sc2_pipeline_tests.conftest import PROJECT


def test_every_launcher_gives_the_code_location_one_name():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["dg"]["project"]
    [development] = yaml.safe_load((PROJECT / "workspace.yaml").read_text())["load_from"]
    [deployed] = yaml.safe_load((PROJECT / "deploy" / "workspace.yaml").read_text())["load_from"]

    assert (project["code_location_name"], project["code_location_target_module"]) == (LOCATION, DEFINITIONS)
    assert development["python_module"] == {"module_name": DEFINITIONS, "location_name": LOCATION}
    assert deployed["grpc_server"]["location_name"] == LOCATION


def keep_state(home, location, sensor, status, monkeypatch):
    environment = dagster_environment(Home(home), [])
    monkeypatch.setenv("DAGSTER_HOME", environment["DAGSTER_HOME"])
    origin = RemoteInstigatorOrigin(
        repository_origin=RemoteRepositoryOrigin(
            code_location_origin=GrpcServerCodeLocationOrigin(host="h", port=1, location_name=location),
            repository_name="__repository__",
        ),
        instigator_name=sensor,
    )
    with dg.DagsterInstance.from_config(environment["DAGSTER_HOME"]) as instance:
        instance.add_instigator_state(InstigatorState(origin, InstigatorType.SENSOR, status))


def test_sensors_that_were_on_under_an_earlier_name_are_told_of_once(tmp_path, monkeypatch):
    assert switched_on_before(tmp_path) == []
    keep_state(tmp_path, DEFINITIONS, "new_replays", InstigatorStatus.RUNNING, monkeypatch)
    keep_state(tmp_path, DEFINITIONS, "partitions_never_run", InstigatorStatus.STOPPED, monkeypatch)
    first = switched_on_before(tmp_path)
    keep_state(tmp_path, LOCATION, "extracted_and_not_loaded", InstigatorStatus.RUNNING, monkeypatch)

    assert (first, switched_on_before(tmp_path)) == (["new_replays"], [])
