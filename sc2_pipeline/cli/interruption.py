"""Being told to stop: Ctrl-C, and the signals by which systems end programs, end a run in the same clean way."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_STOP_SIGNALS = ("SIGTERM", "SIGBREAK")
"""SIGBREAK is how Windows ends a console program; each platform has its own of the two, or both."""


@dataclass(slots=True)
class Stop:
    """The signal that asked for the stop; SIGINT until another one comes."""

    number: int = signal.SIGINT

    @property
    def exit_code(self) -> int:
        """What shells expect of a program that a signal ended: 130 for Ctrl-C, 143 for SIGTERM."""
        return 128 + self.number


@contextmanager
def stopping_cleanly() -> Iterator[Stop]:
    """Makes every signal that asks for a stop raise KeyboardInterrupt while the block lasts."""
    stop = Stop()

    def interrupt(number: int, _: FrameType | None) -> None:
        stop.number = number
        raise KeyboardInterrupt

    numbers = [getattr(signal, name) for name in _STOP_SIGNALS if hasattr(signal, name)]
    before = {number: signal.signal(number, interrupt) for number in numbers}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
