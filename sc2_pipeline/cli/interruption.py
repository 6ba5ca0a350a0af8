"""Being told to stop: Ctrl-C, and the signals by which systems end programs, end a run in the same clean way."""

import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

_STOP_SIGNALS = ("SIGTERM", "SIGBREAK")
"""SIGBREAK is how Windows ends a console program; each platform has its own of the two, or both."""

_SECONDS_TO_REPEAT = 0.02
"""A finalizer is over by then; where it is not, the repetition is repeated."""


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
        with _saying_again(stop):
            yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextmanager
def _saying_again(stop: Stop) -> Iterator[None]:
    """Repeats a signal whose KeyboardInterrupt Python threw away, as it does with whatever a finalizer raises."""
    before = sys.unraisablehook
    repeats: list[threading.Timer] = []

    def hook(ignored: "sys.UnraisableHookArgs") -> None:
        if not issubclass(ignored.exc_type, KeyboardInterrupt):
            before(ignored)
            return
        # Not from here: what is raised in a hook is thrown away too.
        repeats.append(threading.Timer(_SECONDS_TO_REPEAT, _signal_this_process, [stop.number]))
        repeats[-1].start()

    sys.unraisablehook = hook
    try:
        yield
    finally:
        sys.unraisablehook = before
        for repeat in repeats:
            repeat.cancel()


def _signal_this_process(number: int) -> None:
    main = threading.main_thread().ident
    if sys.platform == "win32" or main is None:
        signal.raise_signal(number)
    else:
        # Sent to the main thread, it wakes that from waiting; sent to this one it would be seen when the wait is over.
        signal.pthread_kill(main, number)
