"""Finds games whose owner process is gone, by their folder; ends them and removes their folders."""

import contextlib
import hashlib
import re
import shutil
import socket
import tempfile
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Self

import psutil

_NAME = re.compile(r"(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-(?P<started>\d+)-.+")
GAME_FOLDER_VARIABLE = "SC2_PIPELINE_GAME_FOLDER"
"""Set in a game's environment to its folder; inherited by, and so identifies, all processes that the game starts."""

_CLOCK_SLACK_SECONDS = 3
"""A process's start time is derived from the boot time, which the kernel adjusts by a second now and then."""


@dataclass(frozen=True, slots=True)
class Owner:
    """A process that launches games, identified by pid and start time, since pids are reused."""

    pid: int
    started: int

    @classmethod
    def this_process(cls) -> Self:
        """The current process."""
        process = psutil.Process()
        return cls(process.pid, int(process.create_time()))

    def is_alive(self) -> bool:
        """Whether that process still runs; a zombie does not count."""
        try:
            process = psutil.Process(self.pid)
            if process.status() == psutil.STATUS_ZOMBIE:
                return False
            return self._is(process)
        except psutil.NoSuchProcess:
            return False
        except psutil.AccessDenied:
            return True

    def wait(self) -> None:
        """Returns when that process has ended."""
        try:
            process = psutil.Process(self.pid)
            if self._is(process):
                process.wait()
        except psutil.NoSuchProcess:
            return

    def _is(self, process: psutil.Process) -> bool:
        return bool(abs(process.create_time() - self.started) <= _CLOCK_SLACK_SECONDS)


def make_game_folder(games_folder: Path, owner: Owner) -> Path:
    """Creates a folder for one game; its name identifies the owner from the start."""
    games_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    prefix = f"{_host()}-{owner.pid}-{owner.started}-"
    return Path(tempfile.mkdtemp(prefix=prefix, dir=games_folder.resolve()))


def reap(games_folder: Path) -> list[Path]:
    """Ends the games in ``games_folder`` whose owner on this host is dead; returns the folders removed."""
    if not games_folder.is_dir():
        return []
    orphaned = [folder for folder in sorted(games_folder.resolve().iterdir()) if _is_orphaned(folder)]
    for folder in orphaned:
        end_game(folder)
    return orphaned


def end_game(folder: Path) -> None:
    """Kills every game launched with its temp folder in ``folder`` and all its descendants, then removes the folder."""
    kill_all(game_processes(folder))
    remove_folder(folder)


def game_processes(folder: Path) -> list[psutil.Process]:
    """Every process that was launched as the game with that folder, or by it, however it detached itself since."""
    return [process for process in psutil.process_iter() if _was_told_of(process, str(folder))]


def kill_all(processes: list[psutil.Process]) -> None:
    """Kills the processes and their descendants and waits until they are gone."""
    tree = list(processes)
    for process in processes:
        with contextlib.suppress(psutil.Error):
            tree.extend(process.children(recursive=True))
    for process in tree:
        with contextlib.suppress(psutil.Error):
            process.kill()
    psutil.wait_procs(tree, timeout=5)


def remove_folder(folder: Path) -> None:
    """Removes the folder; anything still held open by another system is left to the next :func:`reap`."""
    shutil.rmtree(folder, ignore_errors=True)


def _is_orphaned(folder: Path) -> bool:
    parts = _NAME.fullmatch(folder.name)
    if parts is None or parts["host"] != _host():
        return False
    return not Owner(int(parts["pid"]), int(parts["started"])).is_alive()


def _was_told_of(process: psutil.Process, folder: str) -> bool:
    """Whether it was launched as a game with its temp folder in ``folder``, or by such a game; an editor with a file of
    the folder open was not."""
    try:
        arguments = process.cmdline()
        if any(name == "-tempDir" and value.startswith(folder) for name, value in pairwise(arguments)):
            return True
        return bool(process.environ().get(GAME_FOLDER_VARIABLE) == folder)
    except (psutil.Error, OSError):
        return False


def _host() -> str:
    """Eight hex digits for this host, since containers that share a folder do not see each other's processes."""
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]
