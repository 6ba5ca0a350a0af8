"""Progress of a run: a live bar on a terminal, plain lines elsewhere."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    Task,
    TaskID,
    TextColumn,
    TimeRemainingColumn,
)
from rich.text import Text

from sc2_pipeline.cli.game_progress import loop_words
from sc2_pipeline.cli.terminal import print_lines
from sc2_pipeline.game import clock
from sc2_pipeline.stopping import finished_first

if TYPE_CHECKING:
    from sc2_pipeline.pipeline.session import Progress as StageProgress

SECONDS_BETWEEN_LINES = 5.0
"""Short enough to show progress, long enough for a log file."""

SECONDS_BETWEEN_DETAILS = 10.0
"""Same interval as the statistics printer of pysc2's replay_actions."""

SECONDS_FOR_A_PACE = 0.5


@dataclass(slots=True, kw_only=True)
class _Pace:
    """Start time of a stage, the count at its start, and when it was last reported."""

    began_at: float
    began_with: int
    spoke_at: float

    def per_second(self, done: int, now: float) -> float:
        """Items per second since the stage began; 0 until enough time has passed to tell."""
        passed = now - self.began_at
        return (done - self.began_with) / passed if passed >= SECONDS_FOR_A_PACE else 0.0


class PlainWatch:
    """Reports each stage's progress in lines: at its start, every few seconds, and at its end."""

    def __init__(self, console: Console, *, now: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._now = now
        self._paces: dict[str, _Pace] = {}

    def __call__(self, stage: str, done: int, total: int, details: Sequence[str] = ()) -> None:
        """Reports a stage's progress; ``details`` are extra lines, printed less often."""
        now = self._now()
        pace = self._paces.get(stage)
        if pace is None:
            pace = self._paces[stage] = _Pace(began_at=now, began_with=done, spoke_at=now)
        elif done < total and now - pace.spoke_at < (SECONDS_BETWEEN_DETAILS if details else SECONDS_BETWEEN_LINES):
            return
        pace.spoke_at = now
        if details:
            print_lines(self._console, [f"{stage}: {done} of {total}, {details[0]}", *(f"  {d}" for d in details[1:])])
            return
        rate = pace.per_second(done, now)
        words = [f"{stage}: {done} of {total}"]
        if rate > 0:
            words.append(f"{rate:.1f} {_noun(stage)}/s")
            if done < total:
                words.append(f"about {clock((total - done) / rate)} left")
        print_lines(self._console, [", ".join(words)])


class _Rate(ProgressColumn):
    """Items per second over the last moments."""

    def render(self, task: Task) -> Text:
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:.1f} {_noun(task.description)}/s")


class LiveWatch:
    """A bar per stage, with replays per second and the time left."""

    def __init__(self, bars: Progress) -> None:
        self._bars = bars
        self._tasks: dict[str, Task] = {}
        self._lines: list[TaskID] = []

    def __call__(self, stage: str, done: int, total: int, details: Sequence[str] = ()) -> None:
        """Updates a stage's bar; ``details`` are shown below it."""
        if stage not in self._tasks:
            # Items done before the stage began do not count towards its rate.
            number = self._bars.add_task(stage, total=total, completed=done)
            self._tasks[stage] = next(task for task in self._bars.tasks if task.id == number)
        self._bars.update(self._tasks[stage].id, completed=done, total=total)
        if details:
            self._show(details)

    def _show(self, details: Sequence[str]) -> None:
        """Shows each on a line of its own without a bar."""
        for place, text in enumerate(details):
            if place == len(self._lines):
                self._lines.append(self._bars.add_task("", total=None))
            self._bars.update(self._lines[place], description=text)
        for line in self._lines[len(details) :]:
            self._bars.update(line, description="")


def _noun(stage: str) -> str:
    return "files" if stage == "discover" else "replays"


@contextmanager
def watching(console: Console) -> Iterator[Callable[..., None]]:
    """A callback for ``(stage, done, total)``, suited to the console."""
    if not (console.is_terminal and console.is_interactive) or console.is_dumb_terminal:
        yield PlainWatch(console)
        return
    columns = (
        TextColumn("{task.description:<9}"),
        BarColumn(),
        MofNCompleteColumn(),
        _Rate(),
        TimeRemainingColumn(compact=True, elapsed_when_finished=True),
    )
    bars = Progress(*columns, console=console, refresh_per_second=8)
    try:
        bars.start()
        yield LiveWatch(bars)
    finally:
        # Interrupted halfway, it would leave the terminal's cursor hidden.
        with finished_first():
            bars.stop()


@contextmanager
def watching_stages(console: Console) -> Iterator[Callable[["StageProgress"], None]]:
    """A callback for the pipeline's own progress, with the loops of games that run."""
    with watching(console) as tell:

        def watch(progress: "StageProgress") -> None:
            tell(progress.stage, progress.done, progress.total, loop_words(progress.loops) if progress.loops else ())

        yield watch
