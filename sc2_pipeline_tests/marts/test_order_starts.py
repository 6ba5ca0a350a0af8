"""Starts by what the game showed, beside those that the replay's own streams give."""

import hashlib
from collections import defaultdict

import pyarrow as pa
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline_demo import stand_in
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.marts.scripted import built_marts, rows

STEP_MUL = 8


@pytest.mark.slow
def test_both_agree_within_the_error_they_state(tmp_path, monkeypatch):
    from sc2_pipeline.sources.sc2 import Sc2Source

    script = ladder_game(4, races=("Protoss", "Terran"), game_loops=6_000)
    path = write_replay(tmp_path / "a.SC2Replay", script)
    monkeypatch.setenv("SC2PATH", str(stand_in.install(tmp_path / "StarCraftII", [script.base_build])))
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    replay = ReplayFile(replay_id=digest[:16], sha256=digest, path=path)
    batches = defaultdict(list)
    engine = Sc2Source(Settings(home=tmp_path, step_mul=STEP_MUL))
    try:
        for source in (TrackerSource(Settings(commands=True)), engine):
            source.extract(replay, lambda name, batch: batches[name].append(batch))
    finally:
        engine.close()

    marts = built_marts((name, pa.Table.from_batches(parts)) for name, parts in batches.items())

    # The stand-in makes everything in its plain time: it knows no Chrono Boost.
    compared = rows(
        marts,
        "select steps.item, steps.started_game_loop, shown.started_game_loop,"
        " steps.start_error_game_loops + shown.start_error_game_loops as error"
        " from intermediate.int_order_starts as shown"
        " join staging.stg_build_steps as steps using (replay_id, step_index) where steps.started_game_loop is not null"
        " and not steps.is_chronoboosted",
    )
    assert len(compared) > 30
    assert [row for row in compared if abs(row[1] - row[2]) > row[3]] == []
    assert rows(marts, "select max(start_error_game_loops) from intermediate.int_order_starts") == [(STEP_MUL,)]
