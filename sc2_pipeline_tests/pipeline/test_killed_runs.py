"""A run that is killed at the worst moments, and run again, answers as if nothing had happened."""

import os
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.extraction import MAX_DEATHS, MAX_LONE_RUN_DEATHS, Extracting
from sc2_pipeline.pipeline.session import open_session
from sc2_pipeline.sources.choose import SourceSpec
from sc2_pipeline.steps.discover import identify, replay_paths
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL, which Windows lacks"),
]

KILL_IN_EXTRACTION = """
def watch(progress):
    if progress.stage == "extract" and progress.done >= 8:
        os.kill(os.getpid(), signal.SIGKILL)
"""

KILL_IN_THE_FIRST_MERGE = """
import sc2_pipeline.warehouse.batch.merge as merge
def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)
merge._insert_built = die
"""

KILL_BETWEEN_COMMIT_AND_MANIFEST = """
import sc2_pipeline.pipeline.loading as loading
merge = loading.merge_batch
def commit_and_die(*args):
    merge(*args)
    os.kill(os.getpid(), signal.SIGKILL)
loading.merge_batch = commit_and_die
"""

KILL_WHILE_WORKERS_BUILD = """
if __name__ == "__main__":
    import sc2_pipeline.pipeline.batched_loading as batched_loading
    def die(*args):
        os.kill(os.getpid(), signal.SIGKILL)
    batched_loading.BUILT_REPLAYS = 8
    batched_loading.Loading.finish = die
"""

KILL_ONCE_BUILT_BATCHES_ARE_COMMITTED = """
if __name__ == "__main__":
    import sc2_pipeline.pipeline.batched_loading as batched_loading
    merge = batched_loading.merge_batch
    def commit_and_die(*args):
        merge(*args)
        os.kill(os.getpid(), signal.SIGKILL)
    batched_loading.BUILT_REPLAYS = 8
    batched_loading.merge_batch = commit_and_die
"""

KILL_BEFORE_PUBLISHING = """
import sc2_pipeline.pipeline.writer as writer
def die(*args, **named):
    os.kill(os.getpid(), signal.SIGKILL)
writer.publish = die
"""

PROGRAM = """
import os, signal, sys
from pathlib import Path
def watch(progress):
    pass
{kill}
if __name__ == "__main__":
    # Not above, where every worker process would import them too.
    from sc2_pipeline.config import Settings
    from sc2_pipeline.pipeline import run
    settings = Settings(home=Path(sys.argv[2]), workers=int(sys.argv[3]), batch_replays=8)
    run([Path(sys.argv[1])], settings, watch=watch)
"""


def _run_and_die(folder: Path, home: Path, kill: str, workers: int) -> None:
    ended = _ended(folder, home, kill, workers)
    assert ended.returncode == -9, ended.stderr


def _run(folder: Path, home: Path, kill: str, workers: int) -> None:
    ended = _ended(folder, home, kill, workers)
    assert ended.returncode == 0, ended.stderr


def _ended(folder: Path, home: Path, kill: str, workers: int) -> subprocess.CompletedProcess[str]:
    program = home.parent / "killed_run.py"
    program.write_text(PROGRAM.format(kill=kill))
    return subprocess.run(
        [sys.executable, program, folder, home, str(workers)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """A folder of four replays."""
    folder = tmp_path_factory.mktemp("few")
    collection(folder, 4, seed=6, game_loops=(1_400, 1_600))
    return folder


@pytest.fixture(scope="module")
def undisturbed(synthetic_home):
    return answers(synthetic_home)


@pytest.mark.parametrize(
    ("kill", "workers"),
    [
        pytest.param(KILL_IN_EXTRACTION, 1, id="in extraction"),
        pytest.param(KILL_IN_EXTRACTION, 2, id="in extraction by two workers"),
        pytest.param(KILL_IN_THE_FIRST_MERGE, 1, id="in the transaction of a load"),
        pytest.param(KILL_BETWEEN_COMMIT_AND_MANIFEST, 1, id="between commit and manifest"),
        pytest.param(KILL_WHILE_WORKERS_BUILD, 2, id="while workers build"),
        pytest.param(KILL_ONCE_BUILT_BATCHES_ARE_COMMITTED, 2, id="between commit of what workers built and manifest"),
        pytest.param(KILL_BEFORE_PUBLISHING, 1, id="before publishing"),
    ],
)
def test_a_killed_run_run_again_answers_as_an_undisturbed_one(synthetic_folder, undisturbed, new_home, kill, workers):
    _run_and_die(synthetic_folder, new_home, kill, workers)

    report = run_home([synthetic_folder], new_home)

    assert report.loaded + report.already_loaded == 24
    assert answers(new_home) == undisturbed
    assert list(new_home.glob("lake/**/.partial-*")) == []
    assert not (new_home / "build" / "batches").exists()


KILL_ALL_WHO_TRY = """
import sc2_pipeline.steps.extract as extract
def extract_replay(replay, *context):
    os.killpg(0, signal.SIGKILL)
extract.extract_replay = extract_replay
"""

KILL_WHO_TRIES_THE_FIRST = """
import sc2_pipeline.steps.extract as extract
from sc2_pipeline.steps.discover import identify, replay_paths
real = extract.extract_replay
first = min(identify(path, {}).replay_id for path in replay_paths([Path(sys.argv[1])]))
def extract_replay(replay, *context):
    if replay.replay_id == first:
        os.kill(os.getpid(), signal.SIGKILL)
    return real(replay, *context)
extract.extract_replay = extract_replay
"""


@pytest.mark.parametrize("workers", [1, 2])
def test_replays_that_were_under_way_whenever_a_whole_run_was_killed_are_blamed_for_nothing(
    synthetic_folder, undisturbed, new_home, workers
):
    for _ in range(MAX_DEATHS):
        _run_and_die(synthetic_folder, new_home, KILL_ALL_WHO_TRY, workers)

    report = run_home([synthetic_folder], new_home)

    assert (report.loaded, report.failed) == (24, 0)
    assert answers(new_home) == undisturbed
    assert _outcomes(new_home).keys() == {"run_died", "extracted"}


def test_a_replay_that_kills_whatever_process_tries_it_is_set_aside_and_its_neighbours_are_loaded(few, new_home):
    _run_and_die(few, new_home, KILL_WHO_TRIES_THE_FIRST, workers=1)
    _run(few, new_home, KILL_WHO_TRIES_THE_FIRST, workers=1)
    _run(few, new_home, KILL_WHO_TRIES_THE_FIRST, workers=1)

    report = run_home([few], new_home)

    assert (report.already_loaded, report.failed_by_reason) == (3, {"killed_workers": 1})
    assert _outcomes(new_home) == {"run_died": 4, "extracted": 3, "killed_workers": MAX_DEATHS}
    [(detail,)] = query(new_home, "select detail from ops.replays where status = 'failed'")
    assert "3 tries killed their worker process" in detail
    assert detail.endswith(
        "set aside (another limit, another install or `run --retry-failed killed_workers` tries it again)"
    )


def test_a_replay_that_kills_its_worker_costs_no_other_its_place(synthetic_folder, new_home):
    _run(synthetic_folder, new_home, KILL_WHO_TRIES_THE_FIRST, workers=2)

    outcomes = _outcomes(new_home)
    assert outcomes["extracted"] == 23
    assert outcomes["killed_workers"] == 2
    assert query(new_home, "select status, count(*) from ops.replays group by all order by all") == [
        ("failed", 1),
        ("loaded", 23),
    ]


def test_a_replay_that_was_all_that_was_tried_when_whole_runs_died_is_set_aside_until_somebody_asks(few, tmp_path):
    home = tmp_path / "home"
    unlucky = min(identify(path, {}).replay_id for path in replay_paths([few]))
    with open_session(Settings(home=home), command="run") as session:
        digest = Extracting(session, SourceSpec(name="tracker", settings=session.settings)).counted_under
        for number in range(MAX_LONE_RUN_DEATHS):
            session.manifest.begin_attempts(
                f"dead-{number}", source="tracker", settings_digest=digest, replay_ids=[unlucky], is_alone=True
            )

    report = run_home([few], home)
    other = run_home([few], home, retry_reasons=["engine_crashed"])
    asked = run_home([few], home, retry_reasons=["killed_workers"])

    assert (report.loaded, report.failed_by_reason) == (3, {"killed_workers": 1})
    assert (other.loaded, other.failed) == (0, 1)
    assert (asked.loaded, asked.already_loaded, asked.failed) == (1, 3, 0)


def _outcomes(home: Path) -> Counter[str]:
    with Manifest(home / "manifest.sqlite") as manifest:
        return Counter(row["outcome"] for row in manifest.table("attempts"))
