"""Progress of each worker, in a small file of its own that other processes may read."""

import json
import os
import socket
import time
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import psutil

SECONDS_BETWEEN_NOTES = 0.5

STALE_SECONDS = 300.0
"""A note older than this is from a worker that died; no wait for the game takes as long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkNote:
    """Progress of a worker on a replay.

    ``doing`` is a few words; ``game_loop`` is the position in the pass; ``loops_done`` of ``loops_wanted`` counts all
    passes over the replay; ``told_at`` is in seconds since 1970.
    """

    worker: str
    replay_id: str
    file_name: str
    doing: str
    game_loop: int = 0
    loops_done: int = 0
    loops_wanted: int = 0
    told_at: float = 0.0


class WorkTeller:
    """Writes this process's note into ``folder``, rarely enough to cost nothing."""

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._worker = f"{socket.gethostname()}-{os.getpid()}"
        self._path = folder / f"{self._worker}.json"
        self._told_at = 0.0

    def tell(self, replay_id: str, file_name: str, doing: str, **loops: int) -> None:
        """Records the current work; skipped if the last note about the same work was written a moment ago."""
        now = self._now()
        if loops.get("loops_done") and now - self._told_at < SECONDS_BETWEEN_NOTES:
            return
        self._told_at = now
        note = WorkNote(
            worker=self._worker, replay_id=replay_id, file_name=file_name, doing=doing, told_at=now, **loops
        )
        # A worker of a cluster whose lake is a store may have no place of the home's: its work matters, its note does not.
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            partial = self._path.with_suffix(".partial")
            partial.write_text(json.dumps(asdict(note)), encoding="utf-8")
            partial.replace(self._path)

    def rest(self) -> None:
        """Removes the note: the worker is idle."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def work_notes(folder: Path, *, now: Callable[[], float] = time.time) -> tuple[WorkNote, ...]:
    """Notes of busy workers, by worker; unreadable ones are skipped.

    Skipped too are notes of workers that died (at once for this host, when the note is stale for others) and of replays
    that another worker has taken over since.
    """
    newest: dict[str, WorkNote] = {}
    for path in sorted(folder.glob("*.json")):
        try:
            note = WorkNote(**json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError):
            continue
        is_at_work = now() - note.told_at < STALE_SECONDS and not _is_dead(note.worker)
        other = newest.get(note.replay_id)
        if is_at_work and (other is None or other.told_at <= note.told_at):
            newest[note.replay_id] = note
    return tuple(sorted(newest.values(), key=lambda note: note.worker))


def remove_notes(folder: Path, replay_ids: Collection[str]) -> None:
    """Removes notes that dead workers left of these replays, if nobody works on them any more."""
    for path in folder.glob("*.json"):
        try:
            is_of_them = json.loads(path.read_text(encoding="utf-8"))["replay_id"] in replay_ids
        except (OSError, ValueError, TypeError, KeyError):
            continue
        if is_of_them:
            path.unlink(missing_ok=True)


def _is_dead(worker: str) -> bool:
    host, _, pid = worker.rpartition("-")
    return host == socket.gethostname() and pid.isdigit() and not psutil.pid_exists(int(pid))
