"""Stop requests: Ctrl-C, and the termination signals of operating systems and service managers.

Python runs signal handlers in the main thread, between any two bytecode instructions. To make stops safe, they only
raise inside :func:`heeding_stops`, and short critical sections run inside :func:`finished_first`.
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
"""Signals that terminals and service managers send to every process of a program."""

SECONDS_OF_ONE_REQUEST = 0.5
"""``timeout`` and service managers signal the program and its process group; a second signal within this time counts as
the same request."""

_SECONDS_TO_REPEAT = 0.02
"""Longer than a finalizer takes; if it is not, the signal is repeated again."""


class _Stop:
    """Stop state of this process: what was requested, and whether it may be raised now. Changed only by the main
    thread, where handlers run."""

    def __init__(self) -> None:
        self.number: int | None = None
        self.is_heeded = False
        self.held_back = 0
        self._is_due = False
        self._is_urgent = False
        self._at = 0.0
        self._repeats = 0
        # A signal that was ignored when this process started stays ignored: shells do that for commands started with
        # `&`.
        numbers = [getattr(signal, name) for name in _SIGNALS if hasattr(signal, name)]
        self._before: dict[int, Any] = {
            n: signal.getsignal(n) for n in numbers if signal.getsignal(n) != signal.SIG_IGN
        }
        self._hook_before = sys.unraisablehook
        for number in self._before:
            signal.signal(number, self._hear)
        sys.unraisablehook = self._say_again

    def remove(self) -> None:
        """Restores the previous handlers."""
        sys.unraisablehook = self._hook_before
        self._repeats = 0
        for number, handler in self._before.items():
            signal.signal(number, signal.SIG_DFL if handler is None else handler)

    def ignore(self) -> None:
        """Ignores all further signals."""
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
        """Raises the interrupt for a pending signal, unless it was raised already or has to wait; a second signal does
        not wait."""
        if self._is_due and self.is_heeded and (self._is_urgent or not self.held_back):
            self._is_due = False
            raise self.interrupt()

    def interrupt(self) -> BaseException:
        """The exception of the handler before ours, as Dagster's raises, or KeyboardInterrupt."""
        handler = self._before.get(self.number or signal.SIGINT)
        if callable(handler):
            try:
                handler(self.number, None)
            except BaseException as error:  # noqa: BLE001 - it is given to the caller, who raises it
                return error
        return KeyboardInterrupt()

    def _say_again(self, ignored: "sys.UnraisableHookArgs") -> None:
        """Repeats a signal whose interrupt was raised in a finalizer, where Python discards exceptions."""
        if self.number is None or issubclass(ignored.exc_type, Exception):
            self._hook_before(ignored)
            return
        # Not raised here, since exceptions in this hook are discarded too; and not by threading, whose locks the
        # finalizer may hold.
        self._repeats += 1
        _thread.start_new_thread(self._repeat, (self.number,))

    def _repeat(self, number: int) -> None:
        time.sleep(_SECONDS_TO_REPEAT)
        if self._repeats:
            _signal_this_process(number)


_stop: _Stop | None = None


@contextmanager
def noting_stops() -> Iterator[None]:
    """Records a stop request while a program loads its modules; it is raised when :func:`heeding_stops` begins.

    Wraps the whole program: after the block the work is finished, and signals have no effect.
    """
    global _stop  # noqa: PLW0603 - signals are the process's
    _stop = stop = _Stop()
    try:
        yield
    finally:
        stop.ignore()


@contextmanager
def heeding_stops() -> Iterator[None]:
    """In the block, a stop signal raises KeyboardInterrupt, or the exception of the handler before ours.

    Does nothing outside the main thread, where no signals arrive.
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
    """Delays a stop request until the block ends; a second request is raised at once."""
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
    """Whether a stop was requested."""
    return _stop is not None and _stop.number is not None


def stop_exit_code() -> int:
    """Exit code that shells expect of a program ended by a signal: 130 for Ctrl-C, 143 for SIGTERM."""
    return 128 + (signal.SIGINT if _stop is None or _stop.number is None else _stop.number)


def raise_if_told(cause: BaseException | None = None) -> None:
    """Raises the interrupt if a stop was requested, since results and errors after a stop are unreliable."""
    if _stop is not None and _stop.number is not None and _stop.is_heeded:
        raise _stop.interrupt() from cause


@contextmanager
def hearing_interrupts(*, answers: type[Exception] | tuple[()] = ()) -> Iterator[None]:
    """Converts errors in the block to the interrupt once a stop was requested: DuckDB, Arrow and Dask report interrupts
    with errors of their own, such as "Query interrupted". Exceptions of the types ``answers`` pass unchanged."""
    try:
        yield
    except answers:
        raise
    except Exception as error:
        raise_if_told(error)
        raise


@contextmanager
def unsignalled_children() -> Iterator[None]:
    """Processes started in the block, and later by threads started in it, begin with stop signals blocked.

    A terminal sends Ctrl-C, and a service manager SIGTERM, to all processes of a program. Only the process that records
    outcomes may act on it; it ends the others, which call :func:`ignore_stops`.
    """
    if sys.platform == "win32":
        yield
        return
    from multiprocessing import resource_tracker  # noqa: PLC0415 - this module is a program's first, and comes before signals are noted

    # Started now: the thread that starts the first process would otherwise start it with signals unblocked.
    resource_tracker.ensure_running()
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _HELD_BACK)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def ignore_stops() -> None:
    """Makes a worker process ignore the signals that it was started with blocked.

    Uses handlers, which the game does not inherit: the game must still end on a signal.
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
        # Sent to the main thread, to wake it from waiting; sent to this thread, it would only be noticed after the
        # wait.
        signal.pthread_kill(main, number)
