"""Workers on a Dask scheduler: processes that were started apart, as on other machines."""

import os
import signal
import subprocess
import sys
from contextlib import ExitStack

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.localisation import localise
from sc2_pipeline.pipeline.stages import extract_replays, find_replays, judge_replays
from sc2_pipeline.pipeline.warehouse_stages import load_replays, publish_warehouse
from sc2_pipeline_tests.orchestration.served import wait_for
from sc2_pipeline_tests.pipeline.homes import answers


@pytest.fixture
def cluster(tmp_path):
    """Address of a scheduler, and its two workers' processes."""
    place = tmp_path / "scheduler.json"
    with ExitStack() as stack:
        scheduler = _start(stack, "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", place=place)
        wait_for(lambda: place.is_file() and place.stat().st_size, "the scheduler", seconds=600)
        workers = [
            _start(stack, "dask_worker", "--nthreads", "1", "--no-nanny", "--no-dashboard", place=place) for _ in "12"
        ]
        yield _address(place), workers, scheduler


def _start(stack, program, *options, place):
    command = [sys.executable, "-m", f"distributed.cli.{program}", "--scheduler-file", str(place), *options]
    log = stack.enter_context((place.parent / f"{program}.log").open("a"))
    process = stack.enter_context(subprocess.Popen(command, stdout=log, stderr=log, cwd=place.parent))
    stack.callback(process.wait, 30)
    stack.callback(process.terminate)
    return process


def _address(place):
    import json

    address = json.loads(place.read_text())["address"]
    assert address.startswith("tcp://127.0.0.1:")
    return address


@pytest.fixture(scope="module")
def near(synthetic_home):
    """What a run in this process answers."""
    return answers(synthetic_home)


@pytest.mark.slow
@pytest.mark.parametrize("lake", ["in_the_home", "in_a_store"])
def test_a_run_on_a_scheduler_of_which_one_worker_is_killed_gives_the_same_warehouse(
    cluster, synthetic_folder, near, lake, tmp_path, caplog
):
    address, workers, _ = cluster
    (tmp_path / "store").mkdir()
    url = f"file://{tmp_path / 'store'}" if lake == "in_a_store" else None
    settings = Settings(home=tmp_path / "far", workers=1, scheduler=address, lake=url)
    _wait_for_workers(address, 2)
    killed = []

    def kill_one(progress):
        if progress.stage == "extract" and not killed:
            os.kill(workers[1].pid, signal.SIGKILL)
            killed.append(progress.done)

    find_replays(settings, [synthetic_folder])
    outcomes = list(extract_replays(settings, judge_replays(settings).accepted, watch=kill_one))
    load_replays(settings)
    publish_warehouse(settings)
    if url is not None:
        assert len(list((tmp_path / "store").rglob("extract.json"))) == 48
        assert localise(settings).replays == 24

    assert 0 < killed[0] < 24
    assert [outcome.status for outcome in outcomes] == ["extracted"] * 24
    assert answers(tmp_path / "far") == near
    [warning] = [record.getMessage() for record in caplog.records if record.name == "sc2_pipeline.workers"]
    assert warning.startswith(
        f"the Dask scheduler at {address} is joined without TLS: whoever reaches it runs programs"
    )


def _wait_for_workers(address, count):
    from distributed import Client

    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(count, timeout=300)
