"""Worker processes and Dagster's runs that write to a store."""

import dagster as dg
import pytest

from sc2_pipeline.lake import RECEIPT, StoreLake
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.orchestration.conftest import Launchpad
from sc2_pipeline_tests.pipeline.homes import query, run_home


@pytest.mark.slow
def test_worker_processes_upload_to_a_store_that_the_writer_loads_from(synthetic_folder, bucket, tmp_path):
    home = tmp_path / "home"
    report = run_home([synthetic_folder], home, workers=2, lake=bucket)

    folders = [folder for (folder,) in query(home, "select folder from ops.extractions")]
    assert (report.loaded, report.failed) == (24, 0)
    assert len(StoreLake(bucket).receipts(folders)) == 48
    assert query(home, "select count(distinct replay_id) from raw.unit_events") == [(24,)]
    assert not (home / "lake").exists()


@pytest.mark.slow
def test_dagsters_runs_take_the_lake_from_their_environment(tmp_path, monkeypatch):
    (tmp_path / "shared").mkdir()
    monkeypatch.setenv("SC2_PIPELINE_LAKE", f"file://{tmp_path / 'shared'}")
    for number in range(2):
        write_replay(tmp_path / "in" / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    with dg.DagsterInstance.ephemeral() as instance:
        launchpad = Launchpad(home=tmp_path / "home", instance=instance)
        keys = launchpad.discover(tmp_path / "in")
        ingested = launchpad.launch("ingest", keys=keys)

    assert ingested.success
    assert len(list((tmp_path / "shared").rglob(RECEIPT))) == 4
    assert not (tmp_path / "home" / "lake").exists()
    assert query(tmp_path / "home", "select count(*) from marts.dim_replays") == [(2,)]
