"""Whoever asks for a stop is heard, wherever the program is at that moment, and hears of it in one way."""

import signal
import sys
import threading

import pytest

from sc2_pipeline import stopping
from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.verification import verify
from sc2_pipeline.steps.replay_faults import replay_fault
from sc2_pipeline.stopping import (
    finished_first,
    hearing_interrupts,
    heeding_stops,
    is_told_to_stop,
    noting_stops,
    raise_if_told,
    stop_exit_code,
)

SIGNALS = [(signal.SIGINT, 130), (signal.SIGTERM, 143)]


class Finalized:
    """Something in whose end the signal comes."""

    def __init__(self, number):
        self.number = number

    def __del__(self):
        signal.raise_signal(self.number)


@pytest.fixture(autouse=True)
def _handlers_as_before():
    """Puts back what a program that never ends would leave."""
    handlers = {number: signal.getsignal(number) for number, _ in SIGNALS}
    hook = sys.unraisablehook
    yield
    stopping._stop = None
    sys.unraisablehook = hook
    for number, handler in handlers.items():
        signal.signal(number, handler)


@pytest.mark.parametrize(("number", "exit_code"), SIGNALS)
def test_a_signal_raises_where_the_program_is(number, exit_code):
    with heeding_stops():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(number)

        assert is_told_to_stop()
        assert stop_exit_code() == exit_code


@pytest.mark.parametrize(("number", "exit_code"), SIGNALS)
def test_a_signal_that_comes_in_a_finalizer_is_heard_after_it(number, exit_code):
    with heeding_stops():
        with pytest.raises(KeyboardInterrupt):
            _end_and_wait(number)
        assert stop_exit_code() == exit_code


def test_other_errors_of_finalizers_go_where_they_went(monkeypatch):
    heard = []
    monkeypatch.setattr(sys, "unraisablehook", lambda ignored: heard.append(ignored.exc_type))

    class Broken:
        def __del__(self):
            raise ZeroDivisionError

    with heeding_stops():
        Broken()
    Broken()

    assert heard == [ZeroDivisionError] * 2


def test_a_signal_that_comes_while_modules_are_loaded_is_heard_when_the_work_begins():
    with noting_stops():
        signal.raise_signal(signal.SIGTERM)
        with pytest.raises(KeyboardInterrupt), heeding_stops():
            raise AssertionError("it was not heard")

        assert stop_exit_code() == 143


def test_a_signal_that_comes_when_all_is_said_and_done_changes_nothing():
    with noting_stops(), heeding_stops():
        pass

    signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGTERM)


def test_what_is_to_be_finished_first_is():
    done = []

    with heeding_stops():
        with pytest.raises(KeyboardInterrupt):
            _finish(done)

        assert done == ["inner", "outer"]


def test_a_signal_that_comes_twice_at_once_is_one_and_later_a_second_one_waits_for_nothing(monkeypatch):
    moment = 10.0
    monkeypatch.setattr("time.monotonic", lambda: moment)

    with heeding_stops(), finished_first():
        signal.raise_signal(signal.SIGTERM)
        signal.raise_signal(signal.SIGTERM)
        moment += stopping.SECONDS_OF_ONE_REQUEST
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGTERM)


@pytest.mark.parametrize("error", [RuntimeError("Query interrupted"), ValueError("half a file"), OSError("no nanny")])
def test_whatever_breaks_after_a_stop_was_asked_for_is_the_stop(error):
    with heeding_stops():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt) as heard, hearing_interrupts():
            raise error

    assert heard.value.__cause__ is error


def test_what_breaks_over_a_replay_after_a_stop_was_asked_for_is_no_fault_of_it():
    with heeding_stops():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            replay_fault("0123456789abcdef", SystemError("initialization of _x raised unreported exception"))


def test_what_is_found_damaged_after_a_stop_was_asked_for_is_not_repaired(tmp_path):
    warehouse = tmp_path / "warehouse.duckdb"
    warehouse.write_bytes(b"no database")

    with heeding_stops():
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
        with pytest.raises(KeyboardInterrupt):
            verify(Settings(home=tmp_path, workers=1), is_to_repair=True)

    assert warehouse.read_bytes() == b"no database"
    assert [path.name for path in tmp_path.glob("*damaged*")] == []


def test_an_error_that_nobody_asked_for_stays_what_it_is():
    with heeding_stops():
        raise_if_told()
        with pytest.raises(ValueError, match="half a file"), hearing_interrupts():
            raise ValueError("half a file")


def test_a_stop_is_what_the_handler_before_makes_of_it():
    class Terminated(BaseException):
        pass

    def terminate(*_):
        raise Terminated

    signal.signal(signal.SIGTERM, terminate)

    with heeding_stops():
        with pytest.raises(Terminated), finished_first():
            signal.raise_signal(signal.SIGTERM)
        with pytest.raises(Terminated), hearing_interrupts():
            raise RuntimeError("Query interrupted")


def test_a_signal_that_whoever_started_the_program_had_ignored_stays_ignored():
    signal.signal(signal.SIGINT, signal.SIG_IGN)

    with heeding_stops():
        signal.raise_signal(signal.SIGINT)

        assert not is_told_to_stop()
        assert signal.getsignal(signal.SIGINT) == signal.SIG_IGN


def test_handlers_are_as_they_were_afterwards():
    before = signal.getsignal(signal.SIGTERM), sys.unraisablehook

    with heeding_stops():
        assert signal.getsignal(signal.SIGTERM) != before[0]

    assert (signal.getsignal(signal.SIGTERM), sys.unraisablehook) == before


def _finish(done):
    with finished_first():
        with finished_first():
            signal.raise_signal(signal.SIGINT)
            done.append("inner")
        done.append("outer")


def _end_and_wait(number):
    Finalized(number)
    threading.Event().wait(30)
    raise AssertionError("nothing was heard for 30 s")
