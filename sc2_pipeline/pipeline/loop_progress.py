"""Progress of a run's replays in the game, in game loops, reported regularly while workers run."""

import threading
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from sc2_pipeline.config import Settings
from sc2_pipeline.sources.progress_notes import WorkNote, remove_notes, work_notes
from sc2_pipeline.steps.validate import ReplayFacts

SECONDS_BETWEEN_LOOKS = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoopProgress:
    """Game loops done and wanted, over all passes; ``loops_per_second`` is 0 until it can be estimated.

    ``workers`` is what each worker is doing.
    """

    loops_done: int
    loops_wanted: int
    loops_per_second: float
    workers: tuple[WorkNote, ...]

    @property
    def seconds_left(self) -> float | None:
        """Estimate from the average speed so far; None until there is one."""
        if self.loops_per_second <= 0:
            return None
        return (self.loops_wanted - self.loops_done) / self.loops_per_second


def wanted_loops(facts: ReplayFacts, settings: Settings) -> int:
    """Game loops over all passes of a replay: one pass per observed player, doubled when observing with both fogs."""
    known = sum(1 for apm in facts.apms if apm)
    people = facts.player_count if settings.observe_computers or not facts.is_vs_ai else known
    passes = max(people, 1) * (2 if settings.fog == "both" else 1)
    return passes * settings.sampling.observed_loops(facts.duration_game_loops)


class LoopWatch:
    """Context manager that calls ``watch`` once a second with the progress of ``wanted`` (game loops by replay)."""

    def __init__(
        self,
        notes: Path,
        wanted: Mapping[str, int],
        watch: Callable[[LoopProgress], None],
        *,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._notes = notes
        self._wanted = wanted
        self._watch = watch
        self._now = now
        self._began_at = now()
        self._finished: set[str] = set()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="loop-watch", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        remove_notes(self._notes, self._wanted)

    def finished(self, replay_ids: Collection[str]) -> None:
        """Counts replays as finished, whatever their outcome."""
        self._finished |= set(replay_ids)

    def progress(self) -> LoopProgress:
        """Current progress of the replays."""
        notes = tuple(n for n in work_notes(self._notes) if n.replay_id in self._wanted.keys() - self._finished)
        done = sum(self._wanted[replay_id] for replay_id in self._finished if replay_id in self._wanted)
        # A worker knows its exact passes; its fraction done is applied to our estimate of the total.
        done += sum(int(self._wanted[n.replay_id] * min(n.loops_done / max(n.loops_wanted, 1), 1)) for n in notes)
        passed = self._now() - self._began_at
        pace = done / passed if passed > 0 else 0.0
        return LoopProgress(
            loops_done=done,
            loops_wanted=sum(self._wanted.values()),
            # During the game's start of many seconds the first loops give no useful speed.
            loops_per_second=pace if pace >= 1 else 0.0,
            workers=notes,
        )

    def _look_on(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            self._watch(self.progress())
