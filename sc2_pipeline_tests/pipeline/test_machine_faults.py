import errno
import os
import sqlite3
import subprocess
import sys

import duckdb
import pyarrow as pa
import pytest

from sc2_pipeline.errors import MachineError
from sc2_pipeline.pipeline.machine_faults import naming_machine_faults
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.cli.programs import environment
from sc2_pipeline_tests.pipeline.homes import answers, run_home

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes}, {bytes}))
sys.argv[0] = 'sc2-pipeline'
from sc2_pipeline.cli.app import main
main()
"""


@pytest.mark.parametrize(
    ("error", "way_out"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "x.parquet"), "make room"),
        (pa.ArrowException("Error writing bytes to file. Detail: [errno 28] No space left on device"), "make room"),
        (duckdb.IOException('Could not write file "x.wal": No space left on device'), "make room"),
        (sqlite3.OperationalError("database or disk is full"), "make room"),
        (OSError(errno.EMFILE, "Too many open files"), "ulimit -n"),
        (duckdb.IOException('Cannot open file "x": Too many open files'), "ulimit -n"),
        (OSError(errno.EROFS, "Read-only file system"), "--home"),
    ],
)
def test_what_the_machine_refuses_is_said_with_the_way_out(tmp_path, error, way_out):
    with (
        pytest.raises(MachineError, match=f"MB are free at .*kept: .*{way_out}.*, and run again") as caught,
        naming_machine_faults(tmp_path / "not" / "there"),
    ):
        raise error
    assert caught.value.__cause__ is error
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("error", [FileNotFoundError(errno.ENOENT, "gone"), duckdb.BinderException("no column x")])
def test_other_errors_pass_as_they_are(tmp_path, error):
    with pytest.raises(type(error)) as caught, naming_machine_faults(tmp_path):
        raise error
    assert caught.value is error


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="limits the size of files, which Windows cannot")
@pytest.mark.parametrize("limit", [3_000, 20_000, 150_000, 2_000_000])
def test_a_run_that_finds_no_room_says_so_and_the_next_one_finishes_it(tmp_path, undisturbed, limit):
    """A file that may not grow is what a test can do to a run without an administrator's rights; a full disk is like it."""
    folder, expected = undisturbed
    words = ["run", str(folder), "--home", str(tmp_path / "home"), "--workers", "1"]
    stopped = subprocess.run(
        [sys.executable, "-c", LIMITED.format(bytes=limit), *words],
        env=environment(),
        capture_output=True,
        text=True,
        timeout=400,
        check=False,
    )

    assert stopped.returncode == 1
    assert "Traceback" not in stopped.stderr
    assert stopped.stderr.splitlines()[-1].startswith("sc2-pipeline: ")
    run_home([folder], tmp_path / "home")
    assert answers(tmp_path / "home") == expected


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    """A folder of replays, and what the warehouse of an undisturbed run over it answers."""
    work = tmp_path_factory.mktemp("undisturbed")
    collection(work / "in", 6, seed=4, game_loops=(1_500, 3_000))
    run_home([work / "in"], work / "home")
    return work / "in", answers(work / "home")
