import io
import re

import pytest
from rich.console import Console

from sc2_pipeline.cli.game_progress import loop_words
from sc2_pipeline.cli.progress import PlainWatch, watching
from sc2_pipeline.cli.terminal import shown
from sc2_pipeline.pipeline.loop_progress import LoopProgress
from sc2_pipeline.sources.progress_notes import WorkNote


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def console() -> Console:
    return Console(file=io.StringIO(), width=200)


def lines(console: Console) -> list[str]:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue().splitlines()


def test_lines_come_at_the_beginning_every_five_seconds_and_at_the_end(console):
    clock = Clock()
    watch = PlainWatch(console, now=clock)

    for seconds, done in [(0, 10), (4.9, 20), (5, 30), (9.9, 40), (10, 50), (12, 70)]:
        clock.seconds = seconds
        watch("extract", done, 70)

    assert lines(console) == [
        "extract: 10 of 70",
        "extract: 30 of 70, 4.0 replays/s, about 0:10 left",
        "extract: 50 of 70, 4.0 replays/s, about 0:05 left",
        "extract: 70 of 70, 5.0 replays/s",
    ]


def test_what_the_game_is_at_is_told_every_ten_seconds_with_a_line_for_each_worker(console):
    clock = Clock()
    watch = PlainWatch(console, now=clock)
    notes = [
        WorkNote(worker=f"host-{number}", replay_id=str(number), file_name=name, doing=doing, game_loop=loop)
        for number, (name, doing, loop) in enumerate(
            [("one\x1b[2J.SC2Replay", "pass 2 of 2", 1_234), ("two.SC2Replay", "starting the game", 0)], start=7
        )
    ]
    loops = LoopProgress(loops_done=6_000, loops_wanted=36_000, loops_per_second=500.0, workers=tuple(notes))

    watch("extract", 0, 9)
    for seconds in (5, 9.9, 10, 15, 20.1):
        clock.seconds = seconds
        watch("extract", 2, 9, loop_words(loops))

    _, *told = lines(console)
    assert told[:3] == [
        "extract: 2 of 9, 6,000 of 36,000 game loops, 500 loops/s, about 1:00 left",
        f"  host-7: {shown('one' + chr(27) + '[2J.SC2Replay')}, pass 2 of 2, game loop 1,234",
        "  host-8: two.SC2Replay, starting the game",
    ]
    assert told[3:] == told[:3], "at 10 s and at 20.1 s, and not between"
    assert "\x1b" not in "".join(told)


def test_a_game_that_has_not_moved_yet_has_neither_pace_nor_time_left():
    begun = LoopProgress(loops_done=0, loops_wanted=36_000, loops_per_second=0.0, workers=())

    assert loop_words(begun) == ["0 of 36,000 game loops"]


def test_a_terminal_shows_what_each_worker_is_at_and_nothing_of_one_that_is_done():
    terminal = Console(file=io.StringIO(), width=120, force_terminal=True, force_interactive=True, color_system=None)

    with watching(terminal) as tell:
        tell("extract", 0, 4, ["10 of 40 game loops", "host-1: one.SC2Replay", "host-2: two.SC2Replay"])
        tell("extract", 1, 4, ["30 of 40 game loops", "host-2: two.SC2Replay"])

    shown_last = "".join(lines(terminal)).rpartition("extract")[2]
    assert "30 of 40 game loops" in shown_last
    assert "two.SC2Replay" in shown_last
    assert "one.SC2Replay" not in shown_last


def test_discovery_counts_files(console):
    clock = Clock()
    watch = PlainWatch(console, now=clock)

    watch("discover", 0, 4)
    clock.seconds = 2
    watch("discover", 4, 4)

    assert lines(console)[-1] == "discover: 4 of 4, 2.0 files/s"


def test_a_console_that_is_no_terminal_gets_plain_lines(console):
    with watching(console) as tell:
        tell("extract", 1, 2)

    assert lines(console) == ["extract: 1 of 2"]


def test_a_terminal_gets_a_bar_with_pace_and_time_left():
    terminal = Console(file=io.StringIO(), width=120, force_terminal=True, force_interactive=True, color_system=None)

    with watching(terminal) as tell:
        for done in range(101):
            tell("extract", done, 100)

    *_, last, _show_cursor = lines(terminal)
    assert "100/100" in last
    assert re.search(r"\d+\.\d replays/s", last)
