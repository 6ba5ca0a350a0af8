import io
import re

import pytest
from rich.console import Console

from sc2_pipeline.cli.watching import PlainWatch, watching


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
