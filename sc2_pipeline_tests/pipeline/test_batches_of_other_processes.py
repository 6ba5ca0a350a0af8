"""A run whose batches are built and tested in another process publishes what an ordinary run does."""

from contextlib import closing
from functools import partial

import pytest

from sc2_pipeline.lone_process import LoneProcess
from sc2_pipeline.pipeline import loading
from sc2_pipeline.warehouse.batch.build import build_batch_file
from sc2_pipeline.warehouse.batch.contents import is_current
from sc2_pipeline.warehouse.batch.stage import attach_batch
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home


@pytest.mark.slow
def test_its_batches_may_be_built_by_another_process(tmp_path, monkeypatch):
    collection(tmp_path / "in", 3, seed=6, game_loops=(1_400, 1_600))
    run_home([tmp_path / "in"], tmp_path / "ordinary", batch_replays=2)
    home = tmp_path / "home"
    built = []
    with closing(LoneProcess()) as other_process:

        def build(connection, batch, models, tests, **_):
            path = tmp_path / f"{len(built)}.duckdb"
            task = partial(build_batch_file, batch=batch, models=models, tests=tests, homes=[home])
            built.append(other_process.result(task, path))
            assert is_current(connection, batch)
            attach_batch(connection, path)
            return built[-1]

        monkeypatch.setattr(loading, "build_batch", build)

        report = run_home([tmp_path / "in"], home, batch_replays=2)

    assert report.loaded == 3
    assert [len(outcomes) > 100 for outcomes in built] == [True, True]
    assert answers(home) == answers(tmp_path / "ordinary")
    assert query(home, "select count(*) > 0 from raw.commands") == [(True,)]
