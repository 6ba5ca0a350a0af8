"""Temporary folders whose names identify their owner, so that the next process removes what a killed one left."""

import hashlib
import os
import re
import shutil
import socket
import tempfile
from functools import cache
from pathlib import Path

import psutil

_NAME = re.compile(r"sc2-pipeline-[a-z]+-(?P<host>[0-9a-f]{8})-(?P<pid>\d+)-(?P<started>\d+)-[^-]*")

_CLOCK_SLACK_SECONDS = 3
"""A process's start time is derived from the boot time, which the kernel adjusts by a second now and then."""


def scratch_folder(kind: str) -> "tempfile.TemporaryDirectory[str]":
    """A new folder that only this user can open; ``kind`` is a word for people who look at the system's temp folder.

    The first call in a process removes the folders of all kinds whose owner on this machine is dead.
    """
    _remove_strays()
    started = int(psutil.Process().create_time())
    prefix = f"sc2-pipeline-{kind}-{_host()}-{os.getpid()}-{started}-"
    return tempfile.TemporaryDirectory(prefix=prefix, ignore_cleanup_errors=True)


@cache
def _remove_strays() -> None:
    remove_strays(Path(tempfile.gettempdir()))


def remove_strays(folder: Path) -> None:
    """Removes scratch folders in ``folder`` whose owner is dead."""
    for path in folder.glob("sc2-pipeline-*"):
        parts = _NAME.fullmatch(path.name)
        if parts and parts["host"] == _host() and not _lives(int(parts["pid"]), int(parts["started"])):
            shutil.rmtree(path, ignore_errors=True)


def _host() -> str:
    return hashlib.sha256(socket.gethostname().encode()).hexdigest()[:8]


def _lives(pid: int, started: int) -> bool:
    """Whether that process still runs. Pids are reused, in containers at every start, so its start time tells."""
    try:
        process = psutil.Process(pid)
        is_it = bool(abs(process.create_time() - started) <= _CLOCK_SLACK_SECONDS)
        return is_it and bool(process.status() != psutil.STATUS_ZOMBIE)
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True
