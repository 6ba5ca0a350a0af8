"""A run that is killed at the worst moments, and run again, answers as if nothing had happened."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sc2_pipeline.manifest import Manifest
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.pipeline.homes import answers, run_home

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
import sc2_pipeline.steps.load.merge as merge
def die(connection, models):
    os.kill(os.getpid(), signal.SIGKILL)
merge._insert_built = die
"""

KILL_BETWEEN_COMMIT_AND_MANIFEST = """
import sc2_pipeline.pipeline.merging as merging
merge = merging.merge_batch
def commit_and_die(*args):
    merge(*args)
    os.kill(os.getpid(), signal.SIGKILL)
merging.merge_batch = commit_and_die
"""

KILL_BEFORE_PUBLISHING = """
import sc2_pipeline.pipeline.loading as loading
def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)
loading.publish = die
"""

PROGRAM = """
import os, signal, sys
from pathlib import Path
from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline import run
def watch(progress):
    pass
{kill}
if __name__ == "__main__":
    settings = Settings(home=Path(sys.argv[2]), workers=int(sys.argv[3]), batch_replays=8)
    run([Path(sys.argv[1])], settings, watch=watch)
"""


def _run_and_die(folder: Path, home: Path, kill: str, workers: int) -> None:
    program = home.parent / "killed_run.py"
    program.write_text(PROGRAM.format(kill=kill))
    ended = subprocess.run(
        [sys.executable, program, folder, home, str(workers)],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert ended.returncode == -9, ended.stderr


@pytest.fixture(scope="module")
def undisturbed(synthetic_folder, tmp_path_factory):
    home = tmp_path_factory.mktemp("undisturbed")
    run_home([synthetic_folder], home)
    return answers(home)


@pytest.mark.parametrize(
    ("kill", "workers"),
    [
        pytest.param(KILL_IN_EXTRACTION, 1, id="in extraction"),
        pytest.param(KILL_IN_EXTRACTION, 2, id="in extraction by two workers"),
        pytest.param(KILL_IN_THE_FIRST_MERGE, 1, id="in the transaction of a load"),
        pytest.param(KILL_BETWEEN_COMMIT_AND_MANIFEST, 1, id="between commit and manifest"),
        pytest.param(KILL_BEFORE_PUBLISHING, 1, id="before publishing"),
    ],
)
def test_a_killed_run_run_again_answers_as_an_undisturbed_one(synthetic_folder, undisturbed, tmp_path, kill, workers):
    home = tmp_path / "home"
    _run_and_die(synthetic_folder, home, kill, workers)

    report = run_home([synthetic_folder], home)

    assert report.loaded + report.already_loaded == 24
    assert answers(home) == undisturbed
    assert list(home.glob("lake/**/.partial-*")) == []


def test_a_replay_whose_tries_never_come_back_is_set_aside_after_three(synthetic_folder, tmp_path):
    home = tmp_path / "home"
    kill = """
import sc2_pipeline.steps.extract as extract
real = extract.extract_replay
def extract_replay(replay, source, lake):
    if replay.replay_id == min(path_ids):
        os.kill(os.getpid(), signal.SIGKILL)
    return real(replay, source, lake)
extract.extract_replay = extract_replay
from sc2_pipeline.steps.discover import identify, replay_paths
path_ids = [identify(path, {}).replay_id for path in replay_paths([Path(sys.argv[1])])]
"""
    for _ in range(3):
        _run_and_die(synthetic_folder, home, kill, workers=1)

    report = run_home([synthetic_folder], home)

    assert (report.loaded + report.already_loaded, report.failed_by_reason) == (23, {"killed_workers": 1})
    with Manifest(home / "manifest.sqlite") as manifest:
        [failed] = [row for row in manifest.table("replays") if row["status"] == "failed"]
    assert failed["attempts"] == 3
    assert "3 tries killed their process or never came back" in failed["detail"]
