"""How far the game is, as the UI shows it: while it runs, and in the numbers of what it ran."""

import dagster as dg
import pytest

from sc2_pipeline.orchestration import game_progress
from sc2_pipeline.orchestration.game_progress import ProgressObserver
from sc2_pipeline.orchestration.partitioning import EXTRACTED
from sc2_pipeline.orchestration.replay_assets import BATCH
from sc2_pipeline.pipeline import loop_progress
from sc2_pipeline.pipeline.loop_progress import LoopProgress
from sc2_pipeline.pipeline.session import Progress
from sc2_pipeline.sources.progress_notes import WorkNote
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.stand_in import Control
from sc2_pipeline_demo.synthetic import ladder_game, write_replay

NOTE = WorkNote(worker="host-7", replay_id="r", file_name="one.SC2Replay", doing="pass 1 of 2", game_loop=1_600)
RUNNING = LoopProgress(loops_done=6_000, loops_wanted=36_000, loops_per_second=500.0, workers=(NOTE,))


def values(event):
    return {name: value.value for name, value in event.metadata.items()}


def test_the_game_is_told_of_every_ten_seconds_with_all_that_a_line_says():
    clock, told = [100.0], []
    observer = ProgressObserver(BATCH, told.append, now=lambda: clock[0])

    for seconds in (105, 109.9, 110, 115, 120.5):
        clock[0] = seconds
        observer(Progress(stage="extract", done=2, total=9, loops=RUNNING))

    assert [event.asset_key for event in told] == [BATCH] * 2
    assert values(told[0]) == {
        "replays_done": 2,
        "replays": 9,
        "game_loops_done": 6_000,
        "game_loops": 36_000,
        "game_loops_per_second": 500.0,
        "seconds_left": 60,
        "workers": [{"worker": "host-7", "file": "one.SC2Replay", "doing": "pass 1 of 2", "game_loop": 1_600}],
    }


def test_without_the_game_or_a_pace_less_is_said():
    clock, told = [0.0], []
    observer = ProgressObserver(BATCH, told.append, now=lambda: clock[0])
    clock[0] = 60.0

    observer(Progress(stage="validate", done=1, total=9))
    observer(Progress(stage="extract", done=0, total=9, loops=LoopProgress(
        loops_done=0, loops_wanted=36_000, loops_per_second=0.0, workers=()
    )))  # fmt: skip

    [only] = told
    assert "seconds_left" not in values(only)
    assert values(only)["game_loops_per_second"] == 0


@pytest.mark.slow
def test_a_run_through_the_game_shows_its_loops_and_its_pace(launchpad, tmp_path, monkeypatch):
    script = ladder_game(1, game_loops=1_500)
    write_replay(tmp_path / "in" / "one.SC2Replay", script)
    monkeypatch.setenv("SC2PATH", str(stand_in.install(tmp_path / "StarCraftII", [script.base_build])))
    slow = stand_in.write_control(tmp_path / "control.json", Control(step_seconds=0.04))
    monkeypatch.setenv(stand_in.CONTROL_VARIABLE, str(slow))
    monkeypatch.setattr(game_progress, "SECONDS_BETWEEN_OBSERVATIONS", 0.1)
    monkeypatch.setattr(loop_progress, "SECONDS_BETWEEN_LOOKS", 0.05)
    game = {"source": "sc2", "step_mul": 32}
    keys = launchpad.discover(tmp_path / "in", **game)

    assert launchpad.launch("ingest", keys=keys, **game).success

    heard = launchpad.instance.fetch_observations(BATCH, limit=100).records
    shown = [values(record.asset_observation) for record in heard if record.asset_observation]
    assert {one["game_loops"] for one in shown} == {2 * 1_500}
    assert any(0 < one["game_loops_done"] < 3_000 and one["game_loops_per_second"] > 0 for one in shown)
    assert any(worker["file"] == "one.SC2Replay" for one in shown for worker in one["workers"])
    for key in (EXTRACTED, BATCH):
        [record] = launchpad.instance.fetch_materializations(key, limit=5).records
        numbers = values(record.asset_materialization)
        assert numbers["game_loops"] == 3_000
        assert numbers["game_loops_per_second"] > 0


def test_the_key_is_one_that_the_graph_has():
    from sc2_pipeline.orchestration.definitions import defs

    assert isinstance(BATCH, dg.AssetKey)
    assert BATCH in defs.resolve_asset_graph().get_all_asset_keys()
