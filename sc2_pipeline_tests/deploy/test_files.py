"""The files of deploy/ by the schemas of those who read them, and by what they must agree on with one another."""

import copy
import os
import re
import runpy
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import kubernetes_validate
import pytest
import yaml
from dagster import Shape
from dagster._config import process_config
from dagster_k8s import K8sRunLauncher
from dagster_k8s.job import DagsterK8sJobConfig, UserDefinedDagsterK8sConfig, construct_dagster_k8s_job
from kubernetes.client import ApiClient

from sc2_pipeline.config import PARTITION_BY, Settings
from sc2_pipeline.orchestration.resources import SETTLE_SECONDS, WATCHED_FOLDERS
from sc2_pipeline.web_guard import HOSTS, TOKEN
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.deploy.on_this_machine import DEPLOY, UI_TOKEN, certificates, compose

MANIFESTS = sorted((DEPLOY / "kubernetes").glob("*.yaml"))
RESOURCES = [resource for path in MANIFESTS for resource in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def _of_kind(kind):
    return {resource["metadata"]["name"]: resource for resource in RESOURCES if resource["kind"] == kind}


def _pods():
    workloads = {**_of_kind("Deployment"), **_of_kind("StatefulSet")}
    return {name: workload["spec"]["template"]["spec"] for name, workload in workloads.items()}


@pytest.mark.parametrize("version", ["1.29", "1.37"])
@pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: f"{r['kind']}-{r['metadata']['name']}")
def test_a_manifest_keeps_the_schema_of_kubernetes(resource, version):
    kubernetes_validate.validate(resource, version, strict=True)


def test_the_schema_of_kubernetes_refuses_what_is_misspelt():
    wrong = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": "x"}, "spec": {"port": 4000}}

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(wrong, "1.37", strict=True)


def test_the_compose_file_keeps_the_specification_of_compose(tmp_path):
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("services: {a: {image: x, comand: [y]}}")
    good, bad = (_compose_checked(path) for path in (DEPLOY / "docker-compose.yaml", wrong))

    assert (good.returncode, bad.returncode) == (0, 1), good.stdout
    assert "comand" in bad.stdout


def _compose_checked(path):
    program = Path(sys.executable).parent / "check-jsonschema"
    command = [program, "--builtin-schema", "vendor.compose-spec", path]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_what_a_pod_mounts_and_reads_exists():
    claims, maps = _of_kind("PersistentVolumeClaim"), _of_kind("ConfigMap")
    given = {("persistentVolumeClaim", name) for name in claims} | {("configMap", name) for name in maps}
    given.add(("secret", "sc2-dask-tls"))  # Whoever deploys makes it, as dask.yaml says.

    for name, pod in _pods().items():
        volumes = {volume.pop("name"): volume for volume in copy.deepcopy(pod["volumes"])}
        [container] = pod["containers"]
        assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes), name
        assert {
            (kind, next(iter(one.values()))) for volume in volumes.values() for kind, one in volume.items()
        } <= given
        assert all(source["configMapRef"]["name"] in maps for source in container.get("envFrom", [])), name


def test_services_are_reached_at_the_ports_that_their_containers_open():
    pods, services = _pods(), _of_kind("Service")
    opened = {
        name: [port["containerPort"] for port in pod["containers"][0]["ports"]]
        for name, pod in pods.items()
        if "ports" in pod["containers"][0]
    }

    assert {name: [port["port"] for port in service["spec"]["ports"]] for name, service in services.items()} == opened
    environment = _of_kind("ConfigMap")["sc2-environment"]
    assert environment["data"]["SC2_PIPELINE_SCHEDULER"] == f"tls://dask-scheduler:{opened['dask-scheduler'][0]}"
    assert environment["data"]["DAGSTER_POSTGRES_HOST"] in opened


REACHED_BY = {
    "code-location": {"webserver", "daemon"},
    "webserver": set(),
    "postgres": {"code-location", "webserver", "daemon", "run"},
    "dask-scheduler": {"run", "dask-worker"},
    "dask-worker": {"dask-scheduler", "dask-worker"},
}
"""By pod: those that connect to it."""


def test_a_pod_is_reached_at_its_port_by_those_who_connect_to_it_and_by_nobody_else():
    policies = _of_kind("NetworkPolicy")
    everybody = policies.pop("nobody-else")["spec"]
    services = _of_kind("Service")
    labels = {
        name: workload["spec"]["template"]["metadata"]["labels"]
        for name, workload in {**_of_kind("Deployment"), **_of_kind("StatefulSet")}.items()
    }
    labels["run"] = _dagster_of_pods()["run_launcher"]["config"]["labels"]

    assert everybody["policyTypes"] == ["Ingress"]
    assert "ingress" not in everybody
    assert all(everybody["podSelector"]["matchLabels"].items() <= own.items() for own in labels.values())
    assert policies.keys() == REACHED_BY.keys()
    for name, policy in policies.items():
        [rule] = policy["spec"]["ingress"]
        assert policy["spec"]["podSelector"]["matchLabels"] == {"app": name}
        asked = [source["podSelector"]["matchLabels"].items() for source in rule["from"]]
        assert {pod for pod, own in labels.items() if any(one <= own.items() for one in asked)} == REACHED_BY[name], (
            name
        )
        ports = [{"port": port["port"]} for port in services[name]["spec"]["ports"]] if name in services else None
        assert rule.get("ports") == ports, name


def test_the_one_who_writes_the_warehouse_is_one_even_amid_an_upgrade():
    for name in ("code-location", "daemon"):
        spec = _of_kind("Deployment")[name]["spec"]
        assert (spec["replicas"], spec["strategy"]) == (1, {"type": "Recreate"})


def test_only_dagster_knows_the_password_of_the_database():
    knowing = {name for name, pod in _pods().items() if "sc2-postgres" in str(pod["containers"][0].get("env", ""))}
    composed = {name for name, service in compose()["services"].items() if "of the test alone" in str(service)}

    assert knowing == composed == {"postgres", "code-location", "webserver", "daemon"}


def test_only_the_webserver_knows_the_token_of_the_ui_and_nobody_else_serves_it():
    knowing = {name for name, pod in _pods().items() if TOKEN in str(pod["containers"][0].get("env", ""))}
    composed = {name for name, service in compose()["services"].items() if UI_TOKEN in str(service)}
    serving = {name for name, service in compose()["services"].items() if "webserver" in str(service.get("command"))}

    assert knowing == composed == serving == {"webserver"}


def test_kubernetes_and_compose_run_the_same_commands():
    composed = {name: service["command"] for name, service in compose()["services"].items() if "command" in service}
    pods = {name: pod["containers"][0]["command"] for name, pod in _pods().items() if "command" in pod["containers"][0]}
    without_tls = {
        name: [word.replace("tls://", "tcp://") for word in command if word not in ("--protocol", "tls")]
        for name, command in pods.items()
    }

    assert without_tls == composed


def test_every_variable_of_ours_is_one_that_is_read():
    known = {f"SC2_PIPELINE_{name.upper()}" for name in Settings.__dataclass_fields__}
    known |= {PARTITION_BY, WATCHED_FOLDERS, SETTLE_SECONDS, HOSTS, TOKEN}
    texts = [path.read_text(encoding="utf-8") for path in DEPLOY.rglob("*") if path.is_file()]

    assert {name for text in texts for name in re.findall(r"SC2_PIPELINE_[A-Z_]+", text)} <= known


def test_what_dagster_is_told_differs_from_one_machines_settings_by_its_storage_and_logs_alone():
    one = yaml.safe_load((PROJECT / "sc2_pipeline" / "orchestration" / "dagster.yaml").read_text(encoding="utf-8"))
    many = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))

    assert {**one, "storage": many["storage"], "compute_logs": many["compute_logs"]} == many


def _dagster_of_pods():
    return yaml.safe_load(_of_kind("ConfigMap")["sc2-dagster"]["data"]["dagster.yaml"])


def test_on_kubernetes_dagster_is_told_the_same_but_for_who_starts_a_run():
    many = yaml.safe_load((DEPLOY / "dagster.yaml").read_text(encoding="utf-8"))
    pods = _dagster_of_pods()

    assert {**many, "run_launcher": pods["run_launcher"]} == pods


@pytest.mark.parametrize("version", ["1.29", "1.37"])
def test_a_run_is_a_job_that_keeps_the_schema_and_reads_what_the_other_pods_read(version):
    config = _dagster_of_pods()["run_launcher"]["config"]
    checked = process_config(Shape(K8sRunLauncher.config_type()), config)
    assert checked.success, checked.errors
    settings = DagsterK8sJobConfig(
        **{name: config[name] for name in ("job_image", "dagster_home", "instance_config_map", "image_pull_policy")},
        service_account_name=config["service_account_name"],
        env_config_maps=config["env_config_maps"],
        labels=config["labels"],
    )
    own = UserDefinedDagsterK8sConfig.from_dict(config["run_k8s_config"])
    job = construct_dagster_k8s_job(settings, ["dagster", "api", "execute_run"], "dagster-run-1", own)
    made = job.to_dict()
    kubernetes_validate.validate(ApiClient().sanitize_for_serialization(job), version, strict=True)
    [container] = made["spec"]["template"]["spec"]["containers"]

    assert container["env_from"][0]["config_map_ref"]["name"] == "sc2-environment"
    assert {mount["mount_path"] for mount in container["volume_mounts"]} == {
        "/srv/sc2_home",
        "/etc/dask-tls",
        "/opt/dagster/dagster.yaml",
    }
    assert "sc2-postgres" in str(container["env"])


def test_a_worker_asks_for_no_more_memory_than_it_is_given():
    worker = _of_kind("Deployment")["dask-worker"]["spec"]["template"]["spec"]["containers"][0]
    bound = worker["command"][worker["command"].index("--memory-limit") + 1]

    assert bound == "2GB"
    assert worker["resources"] == {"requests": {"cpu": "1", "memory": "2500Mi"}, "limits": {"memory": "3Gi"}}


def test_slurm_is_handed_one_process_of_one_thread_that_ends_before_its_time_is_up():
    command = [sys.executable, str(DEPLOY / "slurm" / "dask_on_slurm.py"), "--script"]
    options = ["--partition", "games", "--account", "lab", "--memory", "8GB", "--interface", "lo"]
    script = subprocess.run([*command, *options], capture_output=True, text=True, check=True).stdout

    for line in (
        "#SBATCH -p games",
        "#SBATCH -A lab",
        "#SBATCH --cpus-per-task=1",
        "#SBATCH --mem=8GB",
        "#SBATCH -t 08:00:00",
    ):
        assert line in script.splitlines()
    assert "--nthreads 1 --memory-limit 1.86GiB" in script
    assert "--lifetime 470m" in script
    assert re.search(r"dask_worker tcp://127\.0\.0\.1:\d+ ", script)


def test_a_job_that_slurm_ended_before_its_worker_joined_is_asked_for_anew(tmp_path, monkeypatch):
    heard = signal.getsignal(signal.SIGINT)
    try:
        script = runpy.run_path(str(DEPLOY / "slurm" / "dask_on_slurm.py"))
    finally:
        signal.signal(signal.SIGINT, heard)  # dask-jobqueue sets its own as it is imported.
    workers = {0: SimpleNamespace(job_id="11"), 1: SimpleNamespace(job_id="12"), 2: SimpleNamespace(job_id=None)}
    jobs = SimpleNamespace(workers=workers, worker_spec=dict.fromkeys(workers))
    squeue = tmp_path / "squeue"
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    for answer, left in (("exit 1", {0, 1, 2}), ("echo 12", {1, 2})):
        squeue.write_text(f"#!/bin/sh\n{answer}\n")
        squeue.chmod(0o755)
        script["forget_ended_jobs"](jobs)

        assert set(jobs.workers) == set(jobs.worker_spec) == left


@pytest.mark.skipif(shutil.which("openssl") is None, reason="no openssl to make certificates with")
def test_slurm_workers_speak_tls_where_dask_is_given_certificates(tmp_path):
    command = [sys.executable, str(DEPLOY / "slurm" / "dask_on_slurm.py"), "--script", "--interface", "lo"]
    environment = {**os.environ, **certificates(tmp_path)}
    script = subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    assert re.search(r"dask_worker tls://127\.0\.0\.1:\d+ ", script)
    assert f"--protocol tls:// --tls-ca-file {tmp_path}/dask.pem" in script
    assert f"--tls-key {tmp_path}/dask.key" in script
