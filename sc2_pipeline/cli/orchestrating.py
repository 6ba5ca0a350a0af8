"""The command ``ui``: Dagster's webserver and daemon over a home, as child processes that end with it."""

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import psutil
import typer

from sc2_pipeline.cli.options import HomeOption, home_of
from sc2_pipeline.cli.terminal import err, out, print_lines
from sc2_pipeline.config import PARTITION_BY, Home, read_partition_by
from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.errors import HomeError, MachineError, SettingsError
from sc2_pipeline.extras import install_command, is_installed
from sc2_pipeline.stopping import stop_exit_code

DEFINITIONS = "sc2_pipeline.orchestration.definitions"
LOOPBACK = "127.0.0.1"

MARK = "SC2_PIPELINE_UI"
"""Environment variable by which whatever one UI started is known as its own."""

SECONDS_TO_START = 180.0
SECONDS_TO_STOP = 30.0


def ui(
    *,
    home: HomeOption = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port on this machine; nobody else can reach it.")] = 3000,
    watch: Annotated[
        list[Path] | None,
        typer.Option(help="A folder that new replays come to; give it again for more. (default: HOME/incoming)"),
    ] = None,
    partition_by: Annotated[
        str | None,
        typer.Option(
            help="What a partition is: replay, or batch of up to 1,000 past some 100,000 replays. (default: replay)"
        ),
    ] = None,
) -> None:
    """Start Dagster's UI and daemon over a home: backfills, retries, incoming replays, checks."""
    if not is_installed("dagster"):
        raise SettingsError(f"the UI is Dagster's, which is not installed; add it with {install_command('dagster')}")
    place = Home(home_of(home).root.absolute())
    _refuse_taken_port(port)
    environment = dagster_environment(place, watch or [], partition_by)
    command = [sys.executable, "-m", "dagster", "dev", "-m", DEFINITIONS, "-h", LOOPBACK, "-p", str(port)]
    with _interruptible():
        try:
            with _served(command, environment, place.root) as process:
                _wait_until_served(process, port)
                print_lines(out(), [f"Dagster is at http://{LOOPBACK}:{port} (Ctrl-C ends it)"])
                code = process.wait()
        except KeyboardInterrupt:
            print_lines(err(), ["sc2-pipeline: Dagster is stopped; runs that were under way go on when launched again"])
            raise typer.Exit(stop_exit_code()) from None
    raise MachineError(f"Dagster ended by itself (exit code {code}); its last lines above say why")


def dagster_environment(
    place: Home, watched_folders: Sequence[Path], partition_by: str | None = None
) -> dict[str, str]:
    """Variables under which Dagster's processes see this home; makes the folders that they need.

    Raises HomeError when they cannot be made or Dagster would take the home for another, SettingsError for a kind of partitions that there is not.
    """
    chosen = read_partition_by({PARTITION_BY: partition_by} if partition_by else None)
    _refuse_misread(place.root)
    dagster_home = place.root / "dagster"
    settings = dagster_home / "dagster.yaml"
    folders = [folder.absolute() for folder in watched_folders] or [place.root / "incoming"]
    try:
        dagster_home.mkdir(parents=True, exist_ok=True)
        if not watched_folders:
            folders[0].mkdir(exist_ok=True)
        if not settings.exists():
            text = files("sc2_pipeline").joinpath("orchestration", "dagster.yaml").read_text(encoding="utf-8")
            with whole_file(settings) as partial:
                partial.write_text(text, encoding="utf-8")
    except OSError as error:
        raise HomeError(f"{dagster_home} cannot be made ({error}); mend the folder or give another --home") from error
    return os.environ | {
        "DAGSTER_HOME": str(dagster_home),
        "DAGSTER_DISABLE_TELEMETRY": "1",
        PARTITION_BY: chosen,
        "SC2_PIPELINE_HOME": str(place.root),
        "SC2_PIPELINE_WATCHED_FOLDERS": os.pathsep.join(map(str, folders)),
    }


def _refuse_misread(home: Path) -> None:
    from sc2_pipeline.warehouse.parquet_views import searched_path  # noqa: PLC0415 - DuckDB, which `--help` need not wait for

    searched_path(home)
    if escaped := re.search("%[0-9A-Fa-f]{2}", str(home)):
        # Dagster makes a URL of the path, and decodes what it did not encode.
        raise HomeError(f"{home} has {escaped[0]} in it, which Dagster takes for one sign; give another --home")


def _refuse_taken_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError as error:
            raise SettingsError(f"port {port} is taken ({error.strerror}); give another --port") from error


@contextmanager
def _interruptible() -> Iterator[None]:
    """Interrupts reach this process and its children also where a script started it with them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextmanager
def _served(
    command: Sequence[str], environment: Mapping[str, str], folder: Path
) -> Iterator["subprocess.Popen[bytes]"]:
    """Dagster's processes while the block lasts; afterwards none of them or of theirs is left."""
    mark = secrets.token_hex(8)
    process = _started(command, {**environment, MARK: mark}, folder)
    try:
        yield process
    finally:
        _end(process, mark)


def _started(command: Sequence[str], environment: Mapping[str, str], folder: Path) -> "subprocess.Popen[bytes]":
    # What Dagster says goes to standard error, where progress goes. A group of its own: the terminal's Ctrl-C comes to us alone, and we say when all have ended.
    if sys.platform == "win32":
        group = subprocess.CREATE_NEW_PROCESS_GROUP
        return subprocess.Popen(command, env=environment, cwd=folder, stdout=2, creationflags=group)
    return subprocess.Popen(command, env=environment, cwd=folder, stdout=2, start_new_session=True)


def _interrupt(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.send_signal(signal.SIGINT)


def _end(process: "subprocess.Popen[bytes]", mark: str) -> None:
    if process.poll() is None:
        _interrupt(process)
        try:
            process.wait(SECONDS_TO_STOP)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    # Runs under way, and what they start while all is ending, have lost their parents by now: the mark tells them.
    while marked := _marked(mark):
        for straggler in marked:
            with suppress(psutil.NoSuchProcess):
                straggler.terminate()
        for straggler in psutil.wait_procs(marked, timeout=10)[1]:
            with suppress(psutil.NoSuchProcess):
                straggler.kill()


def _marked(mark: str) -> list[psutil.Process]:
    """Processes that were born with the mark in their environment, at any depth."""
    return [
        process
        for process in psutil.process_iter(["environ", "status"])
        if (process.info["environ"] or {}).get(MARK) == mark and process.info["status"] != psutil.STATUS_ZOMBIE
    ]


def _wait_until_served(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Returns when the webserver answers; raises MachineError when it ends or never does."""
    deadline = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise MachineError(f"Dagster did not start (exit code {process.returncode}); see the lines above")
        try:
            with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/server_info", timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.25)
    raise MachineError(f"Dagster did not answer on port {port} within {SECONDS_TO_START:.0f} seconds; try again")
