"""The command ``ui``: Dagster's webserver and daemon for a home, as child processes that end with it."""

import json
import os
import re
import secrets
import signal
import socket
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from importlib.resources import files
from pathlib import Path
from typing import Annotated

import typer

from sc2_pipeline.cli.dagster_processes import LOCATION, LOOPBACK, Dagster
from sc2_pipeline.cli.options import HomeOption, home_of
from sc2_pipeline.cli.terminal import err, out, print_lines
from sc2_pipeline.config import PARTITION_BY, Home, read_partition_by
from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.errors import HomeError, MachineError, SettingsError
from sc2_pipeline.extras import install_command, is_installed
from sc2_pipeline.stopping import stop_exit_code
from sc2_pipeline.web_guard import read_token

EVENTS_TOGETHER = "500"
"""How many of the events that are planned for a run's partitions and assets Dagster stores in one transaction."""


def ui(
    *,
    home: HomeOption = None,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Port of 127.0.0.1, which other machines cannot reach.")
    ] = 3000,
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
    token: Annotated[
        bool,
        typer.Option(
            "--token/--no-token",
            help="Answer only who has the token of the printed address; without it every user of this machine is answered."
            " (default: token)",
            show_default=False,
        ),
    ] = True,
) -> None:
    """Start Dagster's UI and daemon over a home: backfills, retries, incoming replays, checks."""
    if not is_installed("dagster"):
        raise SettingsError(f"the UI is Dagster's, which is not installed; add it with {install_command('dagster')}")
    place = Home(home_of(home).root.absolute())
    refuse_taken_port(port)
    environment = dagster_environment(place, watch or [], partition_by)
    secret = (read_token(os.environ) or secrets.token_urlsafe(32)) if token else None
    if left := switched_on_before(place.root):
        said = (
            f"were on under an earlier name of the code location; switch them on again (Automation): {', '.join(left)}"
        )
        print_lines(err(), [f"sc2-pipeline: sensors and schedules {said}"])
    with _interruptible():
        try:
            with Dagster(environment, place.root, port=port, token=secret) as dagster:
                print_lines(out(), [f"Dagster is at {_address(port, secret)} (Ctrl-C ends it)"])
                name, code = dagster.wait()
        except KeyboardInterrupt:
            print_lines(err(), ["sc2-pipeline: Dagster is stopped; runs that were under way go on when launched again"])
            raise typer.Exit(stop_exit_code()) from None
    raise MachineError(f"Dagster's {name} ended by itself (exit code {code}); its last lines above say why")


def _address(port: int, token: str | None) -> str:
    return f"http://{LOOPBACK}:{port}" + (f"/?token={token}" if token else "")


def dagster_environment(
    place: Home, watched_folders: Sequence[Path], partition_by: str | None = None
) -> dict[str, str]:
    """Environment variables that point Dagster's processes to this home; creates the folders they need.

    Raises HomeError if they cannot be created or Dagster would use another home, SettingsError for an unknown kind of
    partitioning.
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
        "DAGSTER_EVENT_BATCH_SIZE": os.environ.get("DAGSTER_EVENT_BATCH_SIZE", EVENTS_TOGETHER),
        PARTITION_BY: chosen,
        "SC2_PIPELINE_HOME": str(place.root),
        "SC2_PIPELINE_WATCHED_FOLDERS": os.pathsep.join(map(str, folders)),
    }


def switched_on_before(home: Path) -> list[str]:
    """Sensors and schedules that are on under another name of the code location, if none has a state under this one yet.

    Dagster stores their state by that name, which has changed once.
    """
    path = home / "dagster" / "schedules" / "schedules.db"
    if not path.is_file():
        return []
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as states:
        try:
            bodies = [json.loads(row[0]) for row in states.execute("select instigator_body from instigators")]
        except sqlite3.Error:
            return []
    on: dict[str, set[str]] = {}
    for body in bodies:
        origin = body["origin"]
        location = origin["external_repository_origin"]["repository_location_origin"]["location_name"]
        names = on.setdefault(location, set())
        if body["status"]["__enum__"] == "InstigatorStatus.RUNNING":
            names.add(origin["job_name"])
    return [] if LOCATION in on else sorted(set().union(*on.values()))


def _refuse_misread(home: Path) -> None:
    from sc2_pipeline.warehouse.parquet_views import searched_path  # noqa: PLC0415 - DuckDB, which `--help` need not wait for

    searched_path(home)
    if escaped := re.search("%[0-9A-Fa-f]{2}", str(home)):
        # Dagster builds a URL from the path without encoding it, and decodes it.
        raise HomeError(f"{home} has {escaped[0]} in it, which Dagster takes for one sign; give another --home")


def refuse_taken_port(port: int, interface: str = LOOPBACK) -> None:
    """Raises SettingsError if nothing can listen there."""
    with socket.socket(socket.AF_INET6 if ":" in interface else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((interface, port))
        except OSError as error:
            raise SettingsError(f"port {port} is taken ({error.strerror}); give another --port") from error


@contextmanager
def _interruptible() -> Iterator[None]:
    """Enables interrupts in this process and its children even if a script started it with them ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
