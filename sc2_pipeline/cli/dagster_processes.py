"""Runs Dagster for a home as child processes: a code server, the guarded webserver and the daemon."""

import json
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

from sc2_pipeline.errors import MachineError
from sc2_pipeline.web_guard import TOKEN

DEFINITIONS = "sc2_pipeline.orchestration.definitions"
"""The module that Dagster loads."""

LOCATION = "sc2_pipeline"
"""The code location's name, under which Dagster stores the state of sensors and schedules: the same in ``workspace.yaml``,
``pyproject.toml`` and ``deploy/``."""

LOOPBACK = "127.0.0.1"

MARK = "SC2_PIPELINE_UI"
"""Environment variable that marks every process started by one UI."""

SECONDS_TO_START = 180.0
SECONDS_TO_STOP = 30.0
SECONDS_BETWEEN_LOOKS = 0.2

_CODE_SERVER = "code server"
_OTHERS = ("webserver", "daemon")


class Dagster:
    """Context manager that runs Dagster's processes; on exit all of them and their children are ended.

    Serves on ``port`` of this machine to clients with ``token`` (None: to every user of the machine). Entering returns
    when the webserver answers, and raises MachineError if a process ends first or the webserver does not answer.
    """

    def __init__(self, environment: Mapping[str, str], folder: Path, *, port: int, token: str | None) -> None:
        self._mark = secrets.token_hex(8)
        self._environment = {**environment, MARK: self._mark}
        self._folder = folder
        self._port = port
        self._token = token
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._commands: dict[str, list[str]] = {}
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        try:
            # Created so that only this user may open it.
            private = tempfile.TemporaryDirectory(prefix="sc2-pipeline-ui-", ignore_cleanup_errors=True)
            address = _code_server_address(Path(self._stack.enter_context(private)))
            workspace = _workspace(Path(private.name), address)
            self._commands = _commands(address, workspace, port=self._port, has_token=self._token is not None)
            self._stack.callback(self._end)
            self._start(_CODE_SERVER)
            self._wait_until(lambda: _listens(address), _CODE_SERVER)
            for name in _OTHERS:
                self._start(name)
            self._wait_until(lambda: _answers(self._port), "webserver")
        except BaseException:
            self._stack.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._stack.close()

    def wait(self) -> tuple[str, int]:
        """Waits for the webserver or the daemon to end; returns its name and exit code. A code server that ends is
        restarted."""
        while True:
            time.sleep(SECONDS_BETWEEN_LOOKS)
            for name, process in self._running.items():
                code = process.poll()
                if code is not None and name != _CODE_SERVER:
                    return name, code
                if code is not None:
                    self._start(name)

    def _start(self, name: str) -> None:
        # Dagster's output goes to standard error, like progress. Each process gets its own process group, so that the
        # terminal's Ctrl-C reaches only this process, which ends the others. The token is passed in the environment,
        # since every user can see command lines.
        environment = self._environment | ({TOKEN: self._token} if name == "webserver" and self._token else {})
        command = [sys.executable, "-m", *self._commands[name]]
        if sys.platform == "win32":
            self._running[name] = subprocess.Popen(
                command,
                env=environment,
                cwd=self._folder,
                stdout=2,
                creationflags=subprocess.CREATE_NEW_PROCESS_GROUP,
            )
        else:
            self._running[name] = subprocess.Popen(
                command, env=environment, cwd=self._folder, stdout=2, start_new_session=True
            )

    def _wait_until(self, is_so: Callable[[], bool], waited_for: str) -> None:
        deadline = time.monotonic() + SECONDS_TO_START
        while time.monotonic() < deadline:
            for name, process in self._running.items():
                if process.poll() is not None:
                    raise MachineError(
                        f"Dagster's {name} did not start (exit code {process.returncode}); see the lines above"
                    )
            if is_so():
                return
            time.sleep(SECONDS_BETWEEN_LOOKS)
        raise MachineError(f"Dagster's {waited_for} did not answer within {SECONDS_TO_START:.0f} seconds; try again")

    def _end(self) -> None:
        asked = [process for name, process in self._running.items() if name != _CODE_SERVER]
        for process in asked:
            _interrupt(process)
        deadline = time.monotonic() + SECONDS_TO_STOP
        for process in asked:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
        # The mark finds the rest: the code server, which alone would wait for its runs, those runs, and anything they
        # start during shutdown.
        while marked := _marked(self._mark):
            for straggler in marked:
                with suppress(psutil.NoSuchProcess):
                    straggler.terminate()
            for straggler in psutil.wait_procs(marked, timeout=10)[1]:
                with suppress(psutil.NoSuchProcess):
                    straggler.kill()
        for process in self._running.values():
            process.wait()


def _code_server_address(private: Path) -> str | int:
    """Address of the code server, which runs whatever it is sent without authentication: a Unix socket in a folder that
    only this user can open. On Windows, which lacks them, a free port of this machine."""
    if sys.platform == "win32":
        with socket.socket() as probe:
            probe.bind((LOOPBACK, 0))
            return int(probe.getsockname()[1])
    return str(private / "code")


def _workspace(private: Path, address: str | int) -> Path:
    place = {"socket": address} if isinstance(address, str) else {"host": LOOPBACK, "port": address}
    path = private / "workspace.yaml"
    # JSON is valid YAML.
    path.write_text(json.dumps({"load_from": [{"grpc_server": {**place, "location_name": LOCATION}}]}))
    return path


def _commands(address: str | int, workspace: Path, *, port: int, has_token: bool) -> dict[str, list[str]]:
    """Command lines after ``python``, by process name."""
    place = ["--socket", address] if isinstance(address, str) else ["--host", LOOPBACK, "--port", str(address)]
    code = ["--lazy-load-user-code", "--inject-env-vars-from-instance", "--location-name", LOCATION]
    web = ["--host", LOOPBACK, "--port", str(port), "--workspace", str(workspace)]
    return {
        _CODE_SERVER: ["dagster", "api", "grpc", *place, "--log-level", "warning", *code, "-m", DEFINITIONS],
        "webserver": ["sc2_pipeline.orchestration.webserver", *web, *([] if has_token else ["--no-token"])],
        "daemon": ["dagster._daemon", "run", "--workspace", str(workspace)],
    }


def _listens(address: str | int) -> bool:
    family, place = (socket.AF_UNIX, address) if isinstance(address, str) else (socket.AF_INET, (LOOPBACK, address))
    with socket.socket(family) as probe:
        try:
            probe.connect(place)
        except OSError:
            return False
    return True


def _answers(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/server_info", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False


def _interrupt(process: "subprocess.Popen[bytes]") -> None:
    if sys.platform == "win32":
        process.send_signal(signal.CTRL_BREAK_EVENT)
    else:
        process.send_signal(signal.SIGINT)


def _marked(mark: str) -> list[psutil.Process]:
    """Processes at any depth whose environment contains the mark."""
    return [
        process
        for process in psutil.process_iter(["environ", "status"])
        if (process.info["environ"] or {}).get(MARK) == mark and process.info["status"] != psutil.STATUS_ZOMBIE
    ]
