"""deploy/ as it stands, on this machine: its own commands and settings, over Postgres and TLS."""

import os
import shutil
import urllib.error
import urllib.request

import pytest
import s3fs
from distributed import Client, Security

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.localisation import localise
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.deploy.on_this_machine import UI_TOKEN, certificates, deployed
from sc2_pipeline_tests.orchestration.served import Served, wait_for
from sc2_pipeline_tests.pipeline.homes import answers, run_home

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def deployment(tmp_path_factory, s3):
    with deployed(tmp_path_factory.mktemp("deployment"), f"{s3}/deployed") as running:
        yield running


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Twenty short replays: more than one task for each of two workers."""
    folder = tmp_path_factory.mktemp("replays")
    collection(folder, 20, seed=5, game_loops=(1_400, 1_500))
    return folder


@pytest.fixture(scope="module")
def ingested(deployment, folder):
    """The UI, after replays came to the watched folder and were loaded, a worker and the code location being killed meanwhile."""
    ui = Served(process=None, port=3000, token=UI_TOKEN, host=deployment.address, location="sc2_pipeline")
    wait_for(lambda: _is_up(ui), "the webserver", seconds=900, every=1)
    shutil.copytree(folder, deployment.incoming, dirs_exist_ok=True)
    ui.switch_on("new_replays")
    run_id = wait_for(lambda: _run(deployment, "select run_id from runs"), "the sensor's run", seconds=900, every=1)
    wait_for(lambda: _lake_has_rows(deployment), "the first rows", seconds=900)
    deployment.kill("dask-worker")
    deployment.kill("code-location")
    assert ui.finished(run_id, seconds=900, every=1) == "FAILURE"
    retry = f"select run_id from run_tags where key = 'dagster/parent_run_id' and value = '{run_id}'"
    again = wait_for(lambda: _run(deployment, retry), "the retry", seconds=900, every=1)
    assert ui.finished(again, seconds=900, every=1) == "SUCCESS"
    return ui


def _run(deployment, sql):
    """The first run that a query finds, if there is one yet."""
    rows = deployment.rows(sql)
    return rows[0][0] if rows else None


def _lake_has_rows(deployment):
    return s3fs.S3FileSystem(skip_instance_cache=True).glob(f"{deployment.lake}/**/*.parquet")


def _is_up(ui):
    try:
        return ui.ask("{ version }")
    except OSError:
        return None


def test_a_run_whose_worker_and_code_location_were_killed_is_begun_again_and_gives_the_warehouse_of_this_machine(
    deployment, ingested, folder, tmp_path
):
    run_home([folder], tmp_path / "near")
    localise(Settings(home=deployment.home, lake=deployment.lake, workers=1))

    assert ingested.partitions()["numMaterialized"] == 20
    assert answers(deployment.home) == answers(tmp_path / "near")


def test_the_ui_answers_by_the_names_it_was_given_whoever_knows_its_token(deployment, ingested):
    assert _status_of_ui(deployment, "dagster.example.com", UI_TOKEN) == 200
    assert _status_of_ui(deployment, "evil.com", UI_TOKEN) == 403
    assert _status_of_ui(deployment, "dagster.example.com", "") == 403


def _status_of_ui(deployment, host, token):
    headers = {"Host": host, "Authorization": f"Bearer {token}"}
    request = urllib.request.Request(f"http://{deployment.address}:3000/runs", headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code


def test_the_history_is_in_postgres_and_nowhere_else(deployment, ingested):
    [(materialized,)] = deployment.rows(
        "select count(distinct partition) from event_logs"
        """ where dagster_event_type = 'ASSET_MATERIALIZATION' and asset_key = '["extracted"]'"""
    )

    assert materialized == 20
    assert deployment.rows("select status, count(*) from runs group by status order by status") == [
        ("FAILURE", 1),
        ("SUCCESS", 1),
    ]
    assert deployment.rows("select count(*) from dynamic_partitions where partitions_def_name = 'replays'") == [(20,)]
    assert list(deployment.dagster_home.rglob("*.db")) == []


def test_two_workers_stand_behind_tls_over_the_deployments_home(deployment, ingested):
    with _client(deployment, "tls", deployment.certificates, seconds=60) as client:
        workers = client.scheduler_info()["workers"]
        folders = client.run(os.getcwd)

    assert len(workers) == 2
    assert set(folders.values()) == {str(deployment.home)}
    assert all(address.startswith("tls://") for address in workers)


@pytest.mark.parametrize("scheme", ["tcp", "tls"])
def test_whoever_has_no_certificate_or_another_is_refused(deployment, tmp_path, scheme):
    others = certificates(tmp_path, "stranger") if scheme == "tls" else None

    with pytest.raises(OSError, match=r"reset by peer|TLS certificate does not match"):
        _client(deployment, scheme, others, seconds=3)


def _client(deployment, scheme, variables, *, seconds):
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    security = variables and Security(
        tls_ca_file=variables[f"{tls}CA_FILE"],
        tls_client_cert=variables[f"{tls}CLIENT__CERT"],
        tls_client_key=variables[f"{tls}CLIENT__KEY"],
        require_encryption=True,
    )
    address = f"{scheme}://{deployment.address}:8786"
    return Client(address, security=security, set_as_default=False, timeout=seconds)
