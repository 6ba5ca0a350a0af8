"""Worker processes and Dagster's runs that write to a store."""

import dagster as dg
import pytest

from sc2_pipeline.lake import RECEIPT
from sc2_pipeline.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.orchestration.conftest import Launchpad
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home


@pytest.mark.slow
def test_worker_processes_upload_to_a_store_that_the_writer_loads_from(synthetic_folder, bucket, tmp_path):
    report = run_home([synthetic_folder], tmp_path / "far", workers=2, lake=bucket)
    run_home([synthetic_folder], tmp_path / "near")

    far, near = answers(tmp_path / "far"), answers(tmp_path / "near")
    assert report.loaded == len(near["raw.replays"]) > 20
    assert {name for name in near if near[name] != far[name]} - {"marts.build_time_evidence"} == {"raw.commands"}


@pytest.mark.slow
def test_dagsters_runs_take_the_lake_from_their_configuration(tmp_path):
    (tmp_path / "shared").mkdir()
    for number in range(2):
        write_replay(tmp_path / "in" / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    lake = f"file://{tmp_path / 'shared'}"
    with dg.DagsterInstance.ephemeral() as instance:
        launchpad = Launchpad(home=tmp_path / "home", instance=instance)
        keys = launchpad.discover(tmp_path / "in")
        ingested = launchpad.launch("ingest", keys=keys, lake=lake)
        refused = launchpad.launch("ingest", keys=keys, lake=f"{lake}/gone")

    assert ingested.success
    assert len(list((tmp_path / "shared").rglob(RECEIPT))) == 2
    assert not (tmp_path / "home" / "lake").exists()
    assert query(tmp_path / "home", "select count(*) from marts.dim_replays") == [(2,)]
    assert not refused.success
