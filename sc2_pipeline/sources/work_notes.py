"""What a worker is at, in a small file of its own that anybody may read while it works."""

import json
import os
import socket
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

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
        self._path.parent.mkdir(parents=True, exist_ok=True)
        partial = self._path.with_suffix(".partial")
        partial.write_text(json.dumps(asdict(note)), encoding="utf-8")
        partial.replace(self._path)

    def rest(self) -> None:
        """Takes the note back: nothing is being done."""
        self._path.unlink(missing_ok=True)


def work_notes(folder: Path, *, now: Callable[[], float] = time.time) -> tuple[WorkNote, ...]:
    """Notes of the workers at work, by worker; what cannot be read just now is left out."""
    notes = []
    for path in sorted(folder.glob("*.json")):
        try:
            notes.append(WorkNote(**json.loads(path.read_text(encoding="utf-8"))))
        except (OSError, ValueError, TypeError):
            continue
    return tuple(note for note in notes if now() - note.told_at < STALE_SECONDS)
