"""The real thing: webserver, daemon and code server as `sc2-pipeline ui` starts them, asked through GraphQL."""

import socket
import subprocess
import sys

import psutil
import pytest
import yaml

from sc2_pipeline.manifest import read_only
from sc2_pipeline.orchestration.partitions import RANGE_END, RANGE_START
from sc2_pipeline.synthetic import collection
from sc2_pipeline_tests.orchestration.served import served, wait_for

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def ui(tmp_path_factory):
    home = tmp_path_factory.mktemp("ui") / "home"
    drop = tmp_path_factory.mktemp("drop")
    with served(home, watch=drop) as running:
        listening = [
            connection.laddr.ip
            for process in [running.process_tree_root(), *running.descendants()]
            for connection in process.net_connections("inet")
            if connection.status == psutil.CONN_LISTEN
        ]
        yield running, home, drop, listening


def _count(home, status):
    [row] = read_only(home / "manifest.sqlite", "select count(*) as n from replays where status = ?", [status])
    return row["n"]


def test_only_this_machine_can_reach_it(ui):
    _, _, _, listening = ui

    assert set(listening) == {"127.0.0.1"}


def test_a_cancelled_extraction_leaves_no_process_and_a_backfill_takes_up_the_rest(ui, shared_replays):
    running, home, drop, _ = ui
    config = {"ops": {"discovered_replays": {"config": {"folders": [str(shared_replays)]}}}}
    assert running.finished(running.launch("discover", config)) == "SUCCESS"
    keys = running.keys()
    _cancel_amid(running, keys)

    backfill = running.backfill(keys)
    wait_for(lambda: running.backfill_status(backfill).startswith("COMPLETED"), "the backfill to end", seconds=240)

    # Of 147 files 6 have no tracker stream, and 2 are broken.
    assert running.partitions() == {
        "numPartitions": 141,
        "numMaterialized": 139,
        "numFailed": 2,
        "numMaterializing": 0,
    }
    assert _count(home, "extracted") == 139

    running.switch_on("new_replays")
    running.switch_on("extracted_and_not_loaded")
    collection(drop, 3, seed=99, game_loops=(1_400, 1_500))
    wait_for(lambda: _count(home, "loaded") == 142, "the daemon to load what was extracted and what came", seconds=240)
    assert running.partitions()["numMaterialized"] == 142


def _cancel_amid(running, keys):
    """A run over all keys, stopped when some are done and most are not."""
    idle = set(running.descendants())
    run_id = running.launch("ingest", tags={RANGE_START: keys[0], RANGE_END: keys[-1]})
    wait_for(lambda: running.partitions()["numMaterialized"], "the first partition", seconds=120)
    born = set(running.descendants()) - idle
    running.cancel(run_id)

    assert running.finished(run_id) == "CANCELED"
    assert len(born) >= 3
    assert psutil.wait_procs(list(born), timeout=60)[1] == []
    assert 0 < running.partitions()["numMaterialized"] < len(keys) - 2
    assert running.partitions()["numFailed"] == 0


def test_its_settings_are_written_once(ui):
    _, home, _, _ = ui

    settings = yaml.safe_load((home / "dagster" / "dagster.yaml").read_text())

    assert settings["telemetry"] == {"enabled": False}
    assert settings["concurrency"]["pools"] == {"granularity": "op", "default_limit": 1}
    assert settings["run_monitoring"]["enabled"]


def test_a_taken_port_is_one_sentence(tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        program = "from sc2_pipeline.cli.app import main; main()"
        command = [sys.executable, "-c", program, "ui", "--home", str(tmp_path), "--port", str(port)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert f"port {port} is taken" in done.stderr
    assert "give another --port" in done.stderr


def test_it_stops_amid_a_run_and_nothing_is_left(tmp_path):
    collection(tmp_path / "in", 60, seed=3, game_loops=(1_400, 3_000))
    with served(tmp_path / "home", watch=tmp_path / "in") as running:
        config = {"ops": {"discovered_replays": {"config": {"folders": [str(tmp_path / "in")]}}}}
        run_id = running.launch("discover", config)
        wait_for(lambda: running.run_status(run_id) == "STARTED", "the run to start", seconds=60)
