"""Whatever ends a run, and wherever: after the next one people's file holds all that is loaded, and nothing else."""

import os
import shutil
import subprocess
import sys

import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import MachineError
from sc2_pipeline.manifest import Manifest, Verdict, written_warehouse
from sc2_pipeline.pipeline import writer
from sc2_pipeline.pipeline.warehouse_stages import load_replays, open_writer, publish_warehouse
from sc2_pipeline.warehouse import publish as publishing
from sc2_pipeline.warehouse.reading.published import published_generation
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.cli.programs import environment
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = pytest.mark.slow

PROGRAM = """
import os, signal, sys
from pathlib import Path
from sc2_pipeline.config import Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline import writer, run
from sc2_pipeline.warehouse import publish

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)

def die_in_the_copy(source, target):
    target.write_bytes(source.read_bytes()[:10_000])
    die()

{kill}
run([Path(sys.argv[1])], Settings(home=Path(sys.argv[2]), workers=1, filters=sys.argv[3]))
"""

MOMENTS = {
    "loaded, not mirrored": "writer.mirror_manifest = die",
    "mirrored, and the manifest does not know": "Manifest.record_mirrored = die",
    "in the copy": "publish._clone = die_in_the_copy",
    "copied, not in place": "publish._put_in_place = die",
    "published, and the manifest does not know": "Manifest.end_writing = die",
}

LIMITED = """
import resource, sys
resource.setrlimit(resource.RLIMIT_FSIZE, ({bytes}, {bytes}))
sys.argv[0] = 'sc2-pipeline'
from sc2_pipeline.cli.app import main
main()
"""


def ended(script, *words):
    """The process that ran the script."""
    return subprocess.run(
        [sys.executable, "-c", script, *map(str, words)],
        env=environment(PYTHONPATH=str(PROJECT)),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


def standing(home):
    """What people are answered, also about what became of every replay."""
    return answers(home) | {
        "ops.replays": query(home, "select replay_id, path, status, reason, attempts from ops.replays order by all"),
        "ops.attempts": query(home, "select replay_id, outcome from ops.attempts order by all"),
        "ops.rule_outcomes": query(home, "from ops.rule_outcomes order by all"),
        "ops.extractions": query(
            home, "select replay_id, settings_digest, is_current from ops.extractions order by all"
        ),
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two replays and a home that holds them; three, the second home, and what that one answers."""
    work = tmp_path_factory.mktemp("made")
    for number in range(2):
        write_replay(work / "in" / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    run_home([work / "in"], work / "home")
    write_replay(work / "in" / "2.SC2Replay", ladder_game(2, game_loops=1_400))
    run_home([work / "in"], shutil.copytree(work / "home", work / "undisturbed"))
    return work


@pytest.fixture(scope="module")
def undisturbed(made):
    return standing(made / "undisturbed")


@pytest.fixture
def home(made, tmp_path):
    return shutil.copytree(made / "home", tmp_path / "home")


@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL, which Windows lacks")
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_run_killed_while_it_publishes_is_made_good_by_the_next(made, home, undisturbed, moment):
    killed = ended(PROGRAM.format(kill=MOMENTS[moment]), made / "in", home, "all")
    assert killed.returncode == -9, killed.stderr

    report = run_home([made / "in"], home, filters="all")

    assert (report.loaded, report.already_loaded) == (0, 3)
    assert standing(home) == undisturbed
    assert [path.name for path in home.glob("*partial*")] == []


@pytest.mark.skipif(os.name == "nt", reason="sends SIGKILL, which Windows lacks")
def test_replays_that_filters_took_out_are_out_though_the_run_was_killed(made, home, tmp_path):
    strict = tmp_path / "strict.toml"
    strict.write_text("min_game_loops = 100000\n", encoding="utf-8")
    killed = ended(PROGRAM.format(kill="writer.publish = die"), made / "in", home, strict)
    assert killed.returncode == -9, killed.stderr
    assert len(answers(home)["marts.dim_replays"]) == 2

    run_home([made / "in"], home, filters=str(strict))

    assert answers(home)["marts.dim_replays"] == []


@pytest.mark.skipif(os.name == "nt", reason="limits the size of files, which Windows cannot")
def test_where_the_copy_finds_no_room_the_advice_is_true(made, home, undisturbed, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(writer, "publish", _stopped)
        with pytest.raises(StoppedError):
            run_home([made / "in"], home, filters="all")
    limit = (home / "build" / "warehouse.duckdb").stat().st_size // 2
    words = ["run", made / "in", "--home", home, "--workers", "1", "--filters", "all"]

    refused = ended(LIMITED.format(bytes=limit), *words)

    assert refused.returncode == 1
    [sentence] = [line for line in refused.stderr.splitlines() if "refused" in line]
    assert "What is done so far is kept" in sentence
    assert "run again" in sentence
    assert "move" not in sentence
    run_home([made / "in"], home, filters="all")
    assert standing(home) == undisturbed


class StoppedError(Exception):
    """What a test raises where a process might have died."""


def _stopped(*_, **__):
    raise StoppedError


def test_a_run_with_nothing_new_publishes_nothing(made, home, tmp_path):
    shutil.copy(made / "in" / "0.SC2Replay", tmp_path / "again.SC2Replay")
    (tmp_path / "bad.SC2Replay").write_bytes(b"no replay")
    given = [made / "in", *(tmp_path / f"{name}.SC2Replay" for name in ("again", "bad", "gone"))]
    run_home(given, home)
    before = (home / "warehouse.duckdb").stat()

    run_home(given, home)

    after = (home / "warehouse.duckdb").stat()
    assert (after.st_ino, after.st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damage", ["gone", "empty", "cut off", "no database", "of an earlier release", "another's"])
def test_a_published_file_that_is_not_the_writers_is_replaced(made, home, damage):
    published = home / "warehouse.duckdb"
    whole = published.read_bytes()
    if damage == "gone":
        published.unlink()
    elif damage == "another's":
        shutil.copy(made / "undisturbed" / "warehouse.duckdb", published)
    elif damage == "of an earlier release":
        with publishing.duckdb.connect(str(published)) as connection:
            connection.execute("drop table ops.generation")
    else:
        published.write_bytes({"empty": b"", "cut off": whole[:-1], "no database": b"text" * 9_999}[damage])

    assert publish_warehouse(Settings(home=home, workers=1)) is not None

    assert len(answers(home)["marts.dim_replays"]) == 2
    assert publish_warehouse(Settings(home=home, workers=1)) is None


def test_somebody_killed_while_writing_to_peoples_file_does_not_make_the_next_one_unreadable(made, home, undisturbed):
    writes = (
        "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); c.execute('create table mine (i int)'); os._exit(1)"
    )
    ended(writes, home / "warehouse.duckdb")
    assert (home / "warehouse.duckdb.wal").exists()

    run_home([made / "in"], home, filters="all")

    assert standing(home) == undisturbed


def test_no_clock_is_asked(made, home, undisturbed, monkeypatch):
    with monkeypatch.context() as patched:
        patched.setattr(writer, "publish", _stopped)
        with pytest.raises(StoppedError):
            run_home([made / "in"], home, filters="all")
    os.utime(home / "warehouse.duckdb", (2**32, 2**32))
    os.utime(home / "build" / "warehouse.duckdb", (0, 0))

    run_home([made / "in"], shutil.copytree(home, home.with_name("copied")), filters="all")

    assert standing(home.with_name("copied")) == undisturbed


def test_a_manifest_that_was_restored_is_mirrored_whole(made, home):
    """A backup knows less than the warehouse mirrored, and marks nothing of it as changed."""
    backup = shutil.copy(home / "manifest.sqlite", home.with_name("backup.sqlite"))
    with Manifest(home / "manifest.sqlite") as manifest:
        [first, _] = manifest.replay_ids()
        manifest.record_verdicts([Verdict(replay_id=first, status="rejected", stage="validate", reason="long_enough")])
    publish_warehouse(Settings(home=home, workers=1))
    assert query(home, "select count(*) from ops.replays where status = 'rejected'") == [(1,)]
    for path in home.glob("manifest.sqlite-*"):
        path.unlink()
    shutil.copy(backup, home / "manifest.sqlite")

    publish_warehouse(Settings(home=home, workers=1))

    assert query(home, "select count(*) from ops.replays where status = 'rejected'") == [(0,)]


def test_what_the_writers_file_is_left_with_stands_in_the_manifest(home):
    settings = Settings(home=home, workers=1)
    load_replays(settings)
    left = written_warehouse(home / "manifest.sqlite")
    published = published_generation(home / "warehouse.duckdb")

    assert (left.generation_name, left.is_being_written) == (published.name, False)
    with pytest.raises(MachineError):
        write_until_the_disk_is_full(settings)
    assert written_warehouse(home / "manifest.sqlite").is_being_written


def write_until_the_disk_is_full(settings):
    with open_writer(settings, "load", lambda _: None) as open_one:
        assert open_one.open()
        raise OSError(28, "No space left on device")
