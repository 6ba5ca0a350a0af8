"""Being told to stop: Ctrl-C, and the signals by which systems end programs.

Python runs a signal's handler in the main thread, between any two steps of it. So that a stop harms nothing, it is heard only
inside :func:`heeding_stops`, and what is short and must be whole is done inside :func:`finished_first`.
"""

import _thread
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

_SIGNALS = ("SIGINT", "SIGTERM", "SIGBREAK")
"""SIGBREAK is how Windows ends a console program."""

_HELD_BACK = (signal.SIGINT, signal.SIGTERM)
"""What terminals and service managers send to every process of a program."""

SECONDS_OF_ONE_REQUEST = 0.5
"""``timeout`` and service managers send a signal to the program and to its group: the second of the two asks for nothing new."""

_SECONDS_TO_REPEAT = 0.02
"""A finalizer is over by then; where it is not, the repetition is repeated."""


class _Stop:
    """What this process was told, and whether it may be said now. Only the main thread, where handlers run, changes it."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.is_heeded = False
        self.held_back = 0
        self._is_due = False
        self._is_urgent = False
        self._at = 0.0
        self._repeats = 0
        # A signal that whoever started this process had ignored stays so: scripts do that for what they start with `&`.
        numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
        self._before: dict[int, Any] = {
            n: signal.getsignal(n) for n in numbers if signal.getsignal(n) != signal.SIG_IGN
        }
        self._hook_before = sys.unraisablehook
        for number in self._before:
            signal.signal(number, self._hear)
        sys.unraisablehook = self._say_again

    def remove(self) -> None:
        """Puts handlers back as they were."""
        sys.unraisablehook = self._hook_before
        self._repeats = 0
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def ignore(self) -> None:
        """Hears nothing any more."""
        for number in self._before:
            signal.signal(number, signal.SIG_IGN)

    def _hear(self, number: int, _: FrameType | None) -> None:
        moment = time.monotonic()
        if self._repeats:
            self._repeats -= 1
        elif self.number is None:
            self._at = moment
        elif moment - self._at < SECONDS_OF_ONE_REQUEST:
            return
        else:
            self._is_urgent = True
        self.number = number
        self._is_due = True
        self.raise_if_due()

    def raise_if_due(self) -> None:
        """Raises what a signal asks for, unless it was raised or has to wait; nothing waits past a second signal."""
        if self._is_due and self.is_heeded and (self._is_urgent or not self.held_back):
            self._is_due = False
            raise self.interrupt()

    def interrupt(self) -> BaseException:
        """What the handler before ours raises, as Dagster's does, or KeyboardInterrupt."""
        handler = self._before.get(self.number or signal.SIGINT)
        if callable(handler):
            try:
                handler(self.number, None)
            except BaseException as error:  # noqa: BLE001 - it is given to the caller, who raises it
                return error
        return KeyboardInterrupt()

    def _say_again(self, ignored: "sys.UnraisableHookArgs") -> None:
        """Repeats a signal whose interrupt Python threw away, as it does with whatever a finalizer raises."""
        if self.number is None or issubclass(ignored.exc_type, Exception):
            self._hook_before(ignored)
            return
        # Not from here: what is raised in a hook is thrown away too. Not by threading: a finalizer may run amid its locks.
        self._repeats += 1
        _thread.start_new_thread(self._repeat, (self.number,))

    def _repeat(self, number: int) -> None:
        time.sleep(_SECONDS_TO_REPEAT)
        if self._repeats:
            _signal_this_process(number)


_stop: _Stop | None = None


@contextmanager
def noting_stops() -> Iterator[None]:
    """A stop that is asked for while a program loads its modules is noted, and heard where :func:`heeding_stops` begins.

    For the whole of a program: once the block is over all is said and done, and a signal changes nothing any more.
    """
    global _stop  # noqa: PLW0603 - signals are the process's
    _stop = stop = _Stop()
    try:
        yield
    finally:
        stop.ignore()


@contextmanager
def heeding_stops() -> Iterator[None]:
    """A signal that asks for a stop raises KeyboardInterrupt in the block, or what the handler before ours raises.

    Does nothing in another thread than the main one, where no signal is heard.
    """
    global _stop  # noqa: PLW0603
    if threading.current_thread() is not threading.main_thread() or (_stop is not None and _stop.is_heeded):
        yield
        return
    noted = _stop
    _stop = stop = noted or _Stop()
    stop.is_heeded = True
    try:
        stop.raise_if_due()
        yield
    finally:
        stop.is_heeded = False
        if noted is None:
            _stop = None
            stop.remove()


@contextmanager
def finished_first() -> Iterator[None]:
    """A stop that is asked for in the block is heard after it; asked for twice, at once."""
    stop = _stop
    if stop is None or threading.current_thread() is not threading.main_thread():
        yield
        return
    stop.held_back += 1
    try:
        yield
    finally:
        stop.held_back -= 1
        stop.raise_if_due()


def is_told_to_stop() -> bool:
    """Whether a stop was asked for."""
    return _stop is not None and _stop.number is not None


def stop_exit_code() -> int:
    """What shells expect of a program that a signal ended: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + (signal.SIGINT if _stop is None or _stop.number is None else _stop.number)


def raise_if_told(cause: BaseException | None = None) -> None:
    """Raises the interrupt where a stop was asked for: results and errors that come after it are not to be believed."""
    if _stop is not None and _stop.number is not None and _stop.is_heeded:
        raise _stop.interrupt() from cause


@contextmanager
def hearing_interrupts(*, answers: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """An error that comes out of the block once a stop was asked for is the interrupt: DuckDB, Arrow and Dask have words of
    their own for it, such as "Query interrupted". Exceptions that are ``answers`` pass as they are.
    """
    try:
        yield
    except answers:
        raise
    except Exception as error:
        raise_if_told(error)
        raise


@contextmanager
def unsignalled_children() -> Iterator[None]:
    """Processes started in the block, and later on by threads started in it, are born with signals held back.

    A terminal sends Ctrl-C, a service manager SIGTERM, to all processes of a program. Only the one that records outcomes may
    act on it, and it ends the others, which call :func:`ignore_stops`.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415 - this module is a program's first, and comes before signals are noted

    # Started later, by the thread that starts the first process, it would let signals through there again.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_stops() -> None:
    """In a process that another one ends: from here on it ignores what it was born with held back.

    By handlers, which the game is not born with: that must end when it is told to.
    """
    for number in _HELD_BACK:
        signal.signal(number, lambda *_: None)
    if sys.platform != "win32":
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _HELD_BACK)


def _signal_this_process(number: int) -> None:
    main = threading.main_thread().ident
    if sys.platform == "win32" or main is None:
        signal.raise_signal(number)
    else:
        # Sent to the main thread, it wakes that from waiting; sent to this one it would be seen when the wait is over.
        signal.pthread_kill(main, number)
