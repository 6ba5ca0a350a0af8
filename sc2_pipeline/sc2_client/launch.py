"""Launches one game through pysc2, with its own folder, process group and watchdog."""

import contextlib
import logging
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import psutil
from filelock import FileLock

from sc2_pipeline.errors import NOT_STARTED, EngineError, EngineUnavailableError
from sc2_pipeline.sc2_client import installs
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.sc2_client.stray_processes import (
    GAME_FOLDER_VARIABLE,
    Owner,
    end_game,
    game_processes,
    kill_all,
    make_game_folder,
    reap,
)
from sc2_pipeline.sc2_client.watchdog import own_group, start_watchdog

Number = TypeVar("Number", int, float)

log = logging.getLogger(__name__)

_PR_SET_PDEATHSIG = 1
_LOG_NAME = "game.log"
_LOG_BYTES = 16 << 20
"""Maximum size of the game's output before it is discarded: a real game prints a few lines."""
_OUTPUT_BYTES = 64 << 10
_MEASUREMENTS_KEPT = 600
_SEARCH_SECONDS = 30.0
_KILLED_SECONDS = 30.0
"""Seconds to wait for a killed process to exit."""


@dataclass(frozen=True, slots=True)
class GameVersion:
    """Version of an instance: the executable's base build and, if the replay has one, the data's hash."""

    base_build: int
    data_version: str | None

    def __str__(self) -> str:
        return f"base build {self.base_build}, data version {self.data_version or 'of the install'}"


class GameProcess:
    """A launched game that listens, or soon will, on ``port``. :meth:`close` removes every trace of it."""

    def __init__(self, version: GameVersion, settings: GameSettings) -> None:
        """Launches the game. Raises EngineUnavailableError if the build is not installed, EngineError
        ``game_did_not_start`` if the system does not run it."""
        self.install = installs.find().require(version.base_build)
        self.version = version
        self._settings = settings
        self._watchdog: subprocess.Popen[bytes] | None = None
        self._found: list[psutil.Process] = []
        self._next_search = 0.0
        self._launched_at = time.monotonic()
        self.memory: deque[tuple[float, int]] = deque(maxlen=_MEASUREMENTS_KEPT)
        owner = Owner.this_process()
        self.folder = _own_folder(owner, settings)
        try:
            self._watchdog = start_watchdog(owner, self.folder)
            with _one_at_a_time(settings):
                self._process = _launched(version, self.install.executable(version.base_build), self.folder, settings)
        except BaseException:
            self.close()
            raise

    @property
    def port(self) -> int:
        """Port of 127.0.0.1 on which the game was told to listen."""
        return int(self._process.port)

    @property
    def pid(self) -> int:
        """The game's process id."""
        return int(self._process.popen.pid)

    @property
    def arguments(self) -> list[str]:
        """The command line it was launched with."""
        return [str(word) for word in self._process.popen.args]

    def output(self) -> bytes:
        """The end of what the game printed."""
        try:
            with (self.folder / _LOG_NAME).open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _OUTPUT_BYTES))
                return file.read()
        except OSError:
            return b""

    def exit_words(self) -> str | None:
        """How the game ended; None while it is running."""
        code = self._process.popen.poll()
        if code is None:
            return None
        how = f"by signal {_signal_name(-code)}" if code < 0 else f"with exit code {code}"
        return f"{how}{self.last_words()}"

    def wait_for_exit(self, seconds: float) -> str | None:
        """Like :meth:`exit_words`, after waiting up to ``seconds`` for the end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.popen.wait(seconds)
        return self.exit_words()

    def memory_bytes(self) -> int:
        """Resident memory of the game and all that it started, in bytes; pages that they share count for each. 0 if
        nothing of it runs. Also trims the game's output."""
        self._bound_log()
        used = sum(self._measured(lambda process: int(process.memory_info().rss)))
        self.memory.append((round(time.monotonic() - self._launched_at, 1), used))
        return used

    def processor_seconds(self) -> float:
        """Processor time so far of those of the game's processes that run."""
        return sum(self._measured(lambda process: sum(process.cpu_times()[:2])))

    def _measured(self, measure: Callable[[psutil.Process], Number]) -> Iterator[Number]:
        """The measure of each process of the game: a wrapper, its children, and what was found to have left them."""
        if time.monotonic() >= self._next_search:
            # Environments of all processes are read for this, so seldom.
            self._next_search = time.monotonic() + _SEARCH_SECONDS
            self._found = game_processes(self.folder)
        tree = set(self._found)
        with contextlib.suppress(psutil.Error):
            launched: psutil.Process = psutil.Process(self.pid)
            tree |= {launched, *launched.children(recursive=True)}
        for process in tree:
            with contextlib.suppress(psutil.Error):
                yield measure(process)

    def close(self) -> None:
        """Ends the game and its watchdog and removes its folder, whatever their state."""
        process = getattr(self, "_process", None)
        if process is not None:
            with contextlib.suppress(OSError):  # a file in its folder is still open, as happens briefly on Windows
                process.close()
        # Detached processes that the game started have no parent any more.
        end_game(self.folder)
        # Last, so that the watchdog finishes the cleanup if this process is killed before.
        if self._watchdog is not None:
            self._watchdog.kill()
            self._watchdog.wait()
            self._watchdog = None

    def _bound_log(self) -> None:
        path = self.folder / _LOG_NAME
        with contextlib.suppress(OSError):  # it is gone, or another system holds it
            if path.stat().st_size > _LOG_BYTES:
                os.truncate(path, 0)

    def last_words(self) -> str:
        """The last line of the game's output, to end a message with; empty if there is none."""
        lines = self.output().decode("utf-8", "replace").split("\n")
        return next((f", its last line: {line.strip()[:200]}" for line in reversed(lines) if line.strip()), "")


def _own_folder(owner: Owner, settings: GameSettings) -> Path:
    try:
        reap(settings.games_folder)
        return make_game_folder(settings.games_folder, owner)
    except OSError as error:
        raise EngineUnavailableError(
            f"{settings.games_folder} cannot hold the games' folders ({error}); make it writable or set TMPDIR"
        ) from error


def _launched(version: GameVersion, executable: Path, folder: Path, settings: GameSettings) -> Any:
    from pysc2.lib import sc_process  # noqa: PLC0415 - 0.3 s that runs without the game are spared
    from pysc2.run_configs.lib import Version  # noqa: PLC0415

    config = installs.run_config()
    config.tmp_dir = str(folder)
    label = Version(str(version), version.base_build, version.data_version, executable.name)
    try:
        return _quiet_process()(
            config, exec_path=str(executable), version=label, connect=False, folder=folder, settings=settings
        )
    except (sc_process.SC2LaunchError, OSError) as error:
        raise EngineError(NOT_STARTED, f"{executable} does not start ({error}); try it by hand") from error


@cache
def _quiet_process() -> Any:
    """pysc2's StarcraftProcess with our way to launch and end; a function because pysc2 is imported late."""
    from pysc2.lib import sc_process  # noqa: PLC0415

    class QuietProcess(sc_process.StarcraftProcess):  # type: ignore[misc]
        """Launches into its own process group with output to a file, dies with the worker, and ends reliably."""

        popen: subprocess.Popen[bytes]
        _proc: subprocess.Popen[bytes] | None

        def _launch(self, run_config: Any, args: list[str], *, folder: Path, settings: GameSettings) -> Any:
            self._quit_timeout_seconds = settings.quit_timeout_seconds
            with (folder / _LOG_NAME).open("ab") as output:
                arguments: dict[str, Any] = {
                    "cwd": run_config.cwd,
                    "env": (run_config.env or os.environ) | {GAME_FOLDER_VARIABLE: str(folder)},
                    "stdin": subprocess.DEVNULL,
                    "stdout": output,
                    "stderr": subprocess.STDOUT,
                } | own_group()
                self.popen = _popen(args, arguments, settings)
            return self.popen

        def _shutdown(self) -> None:
            process, self._proc = self._proc, None
            if process is not None:
                _end(process, self._quit_timeout_seconds)

    return QuietProcess


def _popen(args: list[str], arguments: dict[str, Any], settings: GameSettings) -> subprocess.Popen[bytes]:
    if sys.platform != "linux" or not settings.uses_parent_death_signal:
        return _spawn(args, arguments)
    # The signal is sent when the *thread* that forked ends, so that thread must live as long as the process.
    arguments["preexec_fn"] = _die_with(os.getpid())
    return _forking_thread(os.getpid()).submit(_spawn, args, arguments).result()


def _spawn(args: list[str], arguments: dict[str, Any]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(args, **arguments)


@cache
def _forking_thread(pid: int) -> ThreadPoolExecutor:
    """The single thread of process ``pid`` that launches games; a forked child creates its own."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix=f"games-of-{pid}")


def _die_with(parent: int) -> Callable[[], None]:
    """Preexec function of the game's process: asks the kernel to kill it when its parent dies."""
    import ctypes  # noqa: PLC0415

    prctl = ctypes.CDLL(None).prctl

    def in_the_child() -> None:
        prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # it died before the request was made
            os._exit(127)

    return in_the_child


def _end(process: subprocess.Popen[bytes], seconds: float) -> None:
    """Asks the game to end, waits, then kills it and its children."""
    try:
        tree = psutil.Process(process.pid).children(recursive=True)
    except psutil.Error:
        tree = []
    if process.poll() is None:
        process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    if process.poll() is None:
        log.info("the game ignores the request to end (pid %d); it is killed", process.pid)
        process.kill()
    kill_all(tree)
    with contextlib.suppress(subprocess.TimeoutExpired):  # the kernel cannot end the process; the watchdog goes on
        process.wait(_KILLED_SECONDS)


@contextlib.contextmanager
def _one_at_a_time(settings: GameSettings) -> Any:
    """Holds the machine's launch lock, once ``launch_gap_seconds`` have passed since the last launch."""
    settings.games_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    last_launch = settings.games_folder / "last_launch"
    with FileLock(settings.games_folder / "launch.lock"):
        with contextlib.suppress(OSError):
            passed = time.time() - last_launch.stat().st_mtime
            time.sleep(min(max(settings.launch_gap_seconds - passed, 0), settings.launch_gap_seconds))
        yield
        last_launch.touch()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
