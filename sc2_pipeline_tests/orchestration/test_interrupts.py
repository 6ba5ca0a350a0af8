"""A run that Dagster ends is a run that was ended: no step failed, no replay is blamed."""

import signal

import duckdb
import pytest
from dagster._core.errors import DagsterExecutionInterruptedError
from dagster._utils.interrupts import capture_interrupts, raise_interrupts_as

from sc2_pipeline.config import Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.orchestration.resources import saying_what_to_do
from sc2_pipeline.pipeline.stages import extract_replays, find_replays, judge_replays
from sc2_pipeline.pipeline.warehouse_stages import load_replays
from sc2_pipeline_demo.synthetic import ladder_game, write_replay


@pytest.fixture
def settings(tmp_path):
    """A home that knows two replays."""
    for seed in (3, 4):
        write_replay(tmp_path / "in" / f"{seed}.SC2Replay", ladder_game(seed, game_loops=1_400))
    settings = Settings(home=tmp_path / "home", workers=1)
    find_replays(settings, [tmp_path / "in"])
    return settings


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_ended_while_it_extracts_blames_no_replay(settings, monkeypatch, number):
    monkeypatch.setattr("sc2_pipeline.steps.extract.extract_replay", lambda *_: signal.raise_signal(number))
    accepted = judge_replays(settings).accepted

    _is_ended(lambda: list(extract_replays(settings, accepted)))

    with Manifest(settings.home / "manifest.sqlite") as manifest:
        assert {row["outcome"] for row in manifest.table("attempts")} == {"stopped"}
        assert {row["status"] for row in manifest.table("replays")} == {"found"}
        assert [run["outcome"] for run in manifest.table("runs")][-1] == "cancelled"


def test_a_run_that_is_ended_in_a_query_is_ended_whatever_duckdb_calls_that(settings, monkeypatch):
    def told_in_a_query(*_, **__):
        connection = duckdb.connect()
        connection.create_function("told", lambda: signal.raise_signal(signal.SIGTERM), [], "integer")
        return connection.execute("select told()").fetchall()

    monkeypatch.setattr("sc2_pipeline.pipeline.writer.rebuild", told_in_a_query)

    _is_ended(lambda: load_replays(settings))

    monkeypatch.undo()
    with Manifest(settings.home / "manifest.sqlite") as manifest:
        assert [run["outcome"] for run in manifest.table("runs")][-1] == "cancelled"
    load_replays(settings)


def _is_ended(work):
    """Does the work as Dagster does that of a step."""
    with (
        capture_interrupts(),
        raise_interrupts_as(DagsterExecutionInterruptedError),
        pytest.raises(DagsterExecutionInterruptedError),
        saying_what_to_do(),
    ):
        work()
