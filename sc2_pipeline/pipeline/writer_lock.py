"""The lock that gives one run at a time access to a home's warehouse."""

import os
import socket
from pathlib import Path

from filelock import FileLock, Timeout

from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.manifest import now
from sc2_pipeline.pipeline.session import Progress, Watch, nobody


class WriterLock:
    """Allows one writer of the warehouse; a second one waits, and on timeout gets an error naming the first."""

    def __init__(self, home: Home, timeout_seconds: float) -> None:
        self._lock = FileLock(home.writer_lock, timeout=timeout_seconds)
        # In a file of its own, because acquiring the lock empties the lock file.
        self._owner = home.writer_lock.with_suffix(".owner")

    def acquire(self, watch: Watch = nobody) -> None:
        """Acquires the lock; raises HomeError naming the owner on timeout. ``watch`` is told about a wait."""
        self._owner.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._take(watch)
        except Timeout as error:
            owner = self._owner.read_text(encoding="utf-8") if self._owner.is_file() else "another process"
            raise HomeError(
                f"the warehouse is being written by {owner}; wait for it to end, or stop it, and run again"
            ) from error
        self._owner.write_text(f"process {os.getpid()} on {socket.gethostname()} since {now()}", encoding="utf-8")

    def is_taken(self) -> bool:
        """Whether another process holds the lock."""
        if not Path(self._lock.lock_file).exists():
            return False
        try:
            with self._lock.acquire(timeout=0):
                return False
        except Timeout:
            return True

    def _take(self, watch: Watch) -> None:
        try:
            self._lock.acquire(timeout=0)
        except Timeout:
            watch(Progress(stage="wait for the other writer", done=0, total=1))
            self._lock.acquire()
            watch(Progress(stage="wait for the other writer", done=1, total=1))

    def release(self) -> None:
        """Releases the lock."""
        if self._lock.is_locked:
            self._owner.unlink(missing_ok=True)
            # Reopening the warehouse acquires the lock again, so it may be held more than once.
            self._lock.release(force=True)
