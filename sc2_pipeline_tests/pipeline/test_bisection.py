"""Batches in which some replays bring out an error: the others are loaded, in as few parts as halving takes."""

import errno

import duckdb
import pytest

from sc2_pipeline.errors import ContractError, HomeError, ModelRowsError
from sc2_pipeline.pipeline import bisection
from sc2_pipeline.pipeline.bisection import load_apart

REPLAYS = [f"{number:016x}" for number in range(16)]


class _Batches:
    """Loads parts of a batch, but for those with a culprit in them."""

    def __init__(self, culprits, error):
        self._culprits, self._error = set(culprits), error
        self.loaded = []

    def __call__(self, replay_ids):
        if self._culprits & set(replay_ids):
            raise self._error
        self.loaded += replay_ids


def test_a_batch_without_a_fault_is_loaded_at_once():
    calls = []

    assert load_apart(calls.append, REPLAYS) == {}
    assert calls == [tuple(REPLAYS)]


@pytest.mark.parametrize("culprits", [[0], [15], [3, 4], [0, 7, 15], range(16)])
def test_only_the_culprits_stay_behind_and_the_others_are_loaded_once(culprits):
    load = _Batches([REPLAYS[at] for at in culprits], KeyError("what nobody foresaw"))

    faults = load_apart(load, REPLAYS)

    assert sorted(faults) == [REPLAYS[at] for at in culprits]
    assert sorted(load.loaded) == [replay_id for replay_id in REPLAYS if replay_id not in faults]


@pytest.mark.parametrize(
    ("error", "stage", "reason", "said"),
    [
        (ModelRowsError("fct_x.sql cannot compute its rows"), "marts", "contract_broken", "fct_x.sql cannot"),
        (duckdb.ConversionException("300 is out of\n range"), "marts", "contract_broken", "300 is out of range"),
        (ContractError("table x has column y"), "check", "schema_broken", "table x has column y"),
        (RecursionError("\ud800 too deep"), "load", "internal_error", "RecursionError: \ufffd too deep; please report"),
    ],
    ids=["rows no model computes", "numbers no column holds", "columns of no table", "a bug"],
)
def test_what_one_replay_raises_is_its_outcome_with_a_reason(error, stage, reason, said):
    fault = load_apart(_Batches(["b"], error), ["a", "b"])["b"]

    assert (fault.stage, fault.reason) == (stage, reason)
    assert fault.detail.startswith(said)


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        duckdb.IOException("Could not write file: No space left on device"),
        HomeError("the home is locked"),
        KeyboardInterrupt(),
    ],
)
def test_what_no_replay_is_at_fault_for_blames_none(error):
    load = _Batches(["b"], error)

    with pytest.raises(type(error)) as caught:
        load_apart(load, ["a", "b"])

    assert caught.value is error
    assert load.loaded == []


@pytest.mark.parametrize("error", [RuntimeError("Query interrupted"), duckdb.TransactionException("aborted")])
def test_what_breaks_after_a_signal_is_the_stop_and_blames_none(error, monkeypatch):
    monkeypatch.setattr(bisection, "is_told_to_stop", lambda: True)

    with pytest.raises(type(error)):
        load_apart(_Batches(["b"], error), ["a", "b"])


def test_what_is_raised_without_any_replay_blames_none():
    def load(replay_ids):
        raise ContractError("fct_x.sql does not run")

    with pytest.raises(ContractError, match="does not run"):
        load_apart(load, REPLAYS)


def test_words_in_a_replay_are_not_taken_for_the_machines():
    error = duckdb.ConversionException("Could not convert string 'No space left on device' to INT32")

    assert load_apart(_Batches(["b"], error), ["a", "b"])["b"].reason == "contract_broken"
