"""The services of deploy/docker-compose.yaml as processes of this machine: a real Postgres, TLS between Dask's processes, a lake in S3."""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
import pytest
import yaml

from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.orchestration.served import wait_for

DEPLOY = PROJECT / "deploy"
PASSWORD = "of the test alone"
UI_TOKEN = "told-to-the-test-alone"
NAMES = ("postgres", "code-location", "dask-scheduler")
"""Hosts that the services call one another by."""


def compose() -> dict[str, Any]:
    """docker-compose.yaml as Compose renders it: anchors merged, the secrets in their places."""
    text = (DEPLOY / "docker-compose.yaml").read_text(encoding="utf-8")
    filled = text.replace("${POSTGRES_PASSWORD:?give the database a password}", PASSWORD)
    for given, value in (
        ("${REPLAYS:-../replays}", "/replays"),
        ("${UI_TOKEN:?give the UI a token}", UI_TOKEN),
        ("${UI_HOSTS:-}", "dagster.example.com"),
    ):
        filled = filled.replace(given, value)
    rendered: dict[str, Any] = yaml.safe_load(filled)
    return rendered


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What runs. ``address`` is a loopback address of its own, so that the files' ports are free."""

    address: str
    folder: Path
    certificates: dict[str, str]
    lake: str
    processes: dict[str, list[subprocess.Popen[bytes]]] = field(default_factory=dict)
    """By service."""

    @property
    def home(self) -> Path:
        """SC2_PIPELINE_HOME of every process."""
        return self.folder / "home"

    @property
    def incoming(self) -> Path:
        """The watched folder."""
        return self.home / "incoming"

    @property
    def dagster_home(self) -> Path:
        """DAGSTER_HOME of every process."""
        return self.folder / "dagster"

    def start(self, service: str) -> subprocess.Popen[bytes]:
        """One more process of a service, the first of a session of its own."""
        command = _command(self, compose()["services"][service]["command"])
        if service == "dask-scheduler":
            command += ["--host", self.address]
        with self.log(service).open("a") as output:
            process = subprocess.Popen(
                command,
                env=_environment(self, service),
                cwd=self.home,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        self.processes.setdefault(service, []).append(process)
        return process

    def kill(self, service: str) -> None:
        """As a container that is killed: its oldest process and all its children at once; another takes its place."""
        process = self.processes[service].pop(0)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        self.start(service)

    def log(self, service: str) -> Path:
        """What the processes of a service print."""
        return self.folder / f"{service}.log"

    def rows(self, sql: str) -> list[tuple[Any, ...]]:
        """Rows of a query on the database."""
        with connected(self.address, "dagster") as connection, connection.cursor() as cursor:
            cursor.execute(sql)
            return list(cursor.fetchall())


@contextmanager
def deployed(folder: Path, lake: str) -> Iterator[Deployment]:
    """Every service running; skips where Postgres, openssl or a second loopback address is missing."""
    if sys.platform != "linux":
        pytest.skip("the services run side by side on a loopback address of their own, which is Linux's")
    programs = postgres_programs()
    if shutil.which("openssl") is None:
        pytest.skip("no openssl to make certificates with")
    address = "127." + ".".join(str(random.randint(2, 250)) for _ in range(3))
    deployment = Deployment(address=address, folder=folder, certificates=certificates(folder), lake=lake)
    deployment.dagster_home.mkdir()
    for name in ("dagster.yaml", "workspace.yaml"):
        text = (DEPLOY / name).read_text(encoding="utf-8")
        here = text.replace("code-location", address).replace("poll_interval_seconds: 30", "poll_interval_seconds: 5")
        (deployment.dagster_home / name).write_text(here, encoding="utf-8")
    deployment.incoming.mkdir(parents=True)
    with postgres(programs, address), _ended_at_last(deployment):
        for service in ("dask-scheduler", "dask-worker", "dask-worker", "code-location"):
            deployment.start(service)
        health = _command(deployment, compose()["services"]["code-location"]["healthcheck"]["test"][1:])
        environment = _environment(deployment, "code-location")
        # Each try starts a process that imports Dagster, as the code location does meanwhile.
        wait_for(lambda: _succeeds([*health, "-h", address], environment), "the code location", seconds=900, every=4)
        for service in ("webserver", "daemon"):
            deployment.start(service)
        yield deployment


@contextmanager
def _ended_at_last(deployment: Deployment) -> Iterator[None]:
    try:
        yield
    finally:
        running = [(service, process) for service, some in deployment.processes.items() for process in some]
        # A service that has ended by itself is the reason of whatever failed.
        ended = [service for service, process in running if process.poll() is not None]
        for _, process in reversed(running):
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        assert not ended, [f"{service} ended: {deployment.log(service).read_text()[-2000:]}" for service in ended]


def _succeeds(command: list[str], environment: dict[str, str]) -> bool:
    return subprocess.run(command, env=environment, capture_output=True, check=False).returncode == 0


def _local(deployment: Deployment, text: str) -> str:
    for name in NAMES:
        text = text.replace(name, deployment.address)
    return text.replace("0.0.0.0", deployment.address).replace("tcp://", "tls://")


def _command(deployment: Deployment, words: list[str]) -> list[str]:
    program, *options = words
    moved = [option.replace("/opt/dagster", str(deployment.dagster_home)) for option in options]
    return [str(Path(sys.executable).parent / program), *(_local(deployment, option) for option in moved)]


def _environment(deployment: Deployment, service: str) -> dict[str, str]:
    given = compose()["services"][service]["environment"]
    return {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DAGSTER", "SC2_PIPELINE"))},
        **{name: _local(deployment, value) for name, value in given.items()},
        **deployment.certificates,
        "DAGSTER_HOME": str(deployment.dagster_home),
        "DAGSTER_COMPUTE_LOGS": str(deployment.home / "compute_logs"),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        "SC2_PIPELINE_HOME": str(deployment.home),
        "SC2_PIPELINE_LAKE": deployment.lake,
        "SC2_PIPELINE_SETTLE_SECONDS": "1",
    }


def certificates(folder: Path, name: str = "dask") -> dict[str, str]:
    """A certificate that vouches for itself, as the variables of docs/operate.md name it."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"),
            *("-days", "2", "-subj", f"/CN={name}", "-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    tls = "DASK_DISTRIBUTED__COMM__TLS__"
    roles = ("SCHEDULER", "WORKER", "CLIENT")
    return {
        "DASK_DISTRIBUTED__COMM__REQUIRE_ENCRYPTION": "true",
        f"{tls}CA_FILE": str(certificate),
        **{f"{tls}{role}__CERT": str(certificate) for role in roles},
        **{f"{tls}{role}__KEY": str(key) for role in roles},
    }


def postgres_programs() -> Path:
    """Folder of initdb and postgres; skips where there is none."""
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which("initdb")
    folders = [Path(found).parent] if found else debian
    if not folders:
        pytest.skip("no Postgres on this machine (looked for initdb, and under /usr/lib/postgresql)")
    return folders[-1]


@contextmanager
def postgres(programs: Path, address: str) -> Iterator[None]:
    """A cluster of its own at ``address``, port 5432, in a folder that goes with it."""
    # Postgres refuses to run as root.
    user = _unprivileged() if os.geteuid() == 0 else None
    with tempfile.TemporaryDirectory(prefix="sc2_pipeline_postgres-") as name:
        data, password = Path(name) / "data", Path(name) / "password"
        password.write_text(PASSWORD)
        if user is not None:
            for path in (Path(name), password):
                shutil.chown(path, user)
        subprocess.run(
            [programs / "initdb", "-D", data, "-U", "dagster", "-A", "scram-sha-256", f"--pwfile={password}", "-N"],
            check=True,
            capture_output=True,
            user=user,
            cwd="/",
        )
        options = ["-c", "fsync=off", "-c", f"listen_addresses={address}", "-c", "unix_socket_directories="]
        with subprocess.Popen(
            [programs / "postgres", "-D", data, "-p", "5432", *options], stderr=subprocess.DEVNULL, user=user, cwd="/"
        ) as process:
            try:
                wait_for(lambda: _accepts(address), "Postgres", seconds=900)
                with connected(address, "postgres") as connection, connection.cursor() as cursor:
                    cursor.execute("create database dagster")
                yield
            finally:
                process.send_signal(signal.SIGINT)
                process.wait(60)


def _unprivileged() -> str:
    import pwd  # Not on Windows, where this module is imported too.

    names = {entry.pw_name for entry in pwd.getpwall()}
    return "postgres" if "postgres" in names else "nobody"


def _accepts(address: str) -> bool:
    try:
        with connected(address, "postgres"):
            return True
    except psycopg2.OperationalError:
        return False


@contextmanager
def connected(address: str, database: str) -> Iterator[Any]:
    """A connection on which every statement is its own transaction."""
    connection = psycopg2.connect(host=address, user="dagster", password=PASSWORD, dbname=database)
    connection.autocommit = True
    try:
        yield connection
    finally:
        connection.close()
