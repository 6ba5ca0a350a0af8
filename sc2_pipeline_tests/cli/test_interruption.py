"""Whoever asks for a stop is heard, wherever the program is at that moment."""

import signal
import sys
import threading

import pytest

from sc2_pipeline.cli.interruption import stopping_cleanly

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


class Finalized:
    """Something in whose end the signal comes."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        signal.raise_signal(self.number)


@pytest.mark.parametrize(("number", "exit_code"), SIGNALS)
def test_a_signal_raises_where_the_program_is(number, exit_code):
    with stopping_cleanly() as stop:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)
        assert stop.exit_code == exit_code


@pytest.mark.parametrize(("number", "exit_code"), SIGNALS)
def test_a_signal_that_comes_in_a_finalizer_is_heard_after_it(number, exit_code):
    with stopping_cleanly() as stop:
        with pytest.raises(KeyboardInterrupt):
            _end_and_wait(number)
        assert stop.exit_code == exit_code


def test_other_errors_of_finalizers_go_where_they_went(monkeypatch):
    heard = []
    monkeypatch.setattr(sys, "unraisablehook", lambda ignored: heard.append(ignored.exc_type))

    class Broken:
        def __del__(self):
            raise ZeroDivisionError

    with stopping_cleanly():
        Broken()
    Broken()

    assert heard == [ZeroDivisionError] * 2


def test_handlers_are_as_they_were_afterwards():
    before = signal.getsignal(signal.SIGTERM), sys.unraisablehook

    with stopping_cleanly():
        assert signal.getsignal(signal.SIGTERM) != before[0]

    assert (signal.getsignal(signal.SIGTERM), sys.unraisablehook) == before


def _end_and_wait(number):
    Finalized(number)
    threading.Event().wait(30)
    raise AssertionError("nothing was heard for 30 s")
