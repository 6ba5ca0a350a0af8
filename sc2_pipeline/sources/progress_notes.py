"""What a worker is at, in a small file of its own that anybody may read while it works."""

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
"""A note older than any wait for the game is that of a worker that died."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkNote:
    """One worker at work on one replay.

    ``doing`` is a few words; ``game_loop`` is where the pass stands; ``loops_done`` of ``loops_wanted`` counts all
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
    """Writes this process's note into ``folder``, seldom enough to cost nothing."""

    def __init__(self, folder: Path, *, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._worker = f"{socket.gethostname()}-{os.getpid()}"
        self._path = folder / f"{self._worker}.json"
        self._told_at = 0.0

    def tell(self, replay_id: str, file_name: str, doing: str, **loops: int) -> None:
        """Says what is being done; what comes too soon after the note before is left out, if it is the same work."""
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
        """Takes the note back: nothing is being done."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)


def work_notes(folder: Path, *, now: Callable[[], float] = time.time) -> tuple[WorkNote, ...]:
    """Notes of the workers at work, by worker; what cannot be read just now is left out.

    So are notes of workers that died: of this host's at once, of others' when the note is stale, and of a replay that
    another has taken over since.
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
    """Removes what workers that died left behind of these replays, when nobody is at them any more."""
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
