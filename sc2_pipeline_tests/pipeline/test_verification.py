"""``verify`` finds whatever is not sound in a home, and with ``--repair`` leaves nothing that the next run does not mend."""

import json
import os
import shutil
import sqlite3
from contextlib import closing

import duckdb
import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import HomeError
from sc2_pipeline.pipeline.compaction import compact_lake
from sc2_pipeline.pipeline.verification import KINDS, verify
from sc2_pipeline.pipeline.writer_lock import WriterLock
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.pipeline.homes import answers, run_home

pytestmark = pytest.mark.slow

GAMES = 4


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Replays and a home that holds them, half of its lake compacted."""
    work = tmp_path_factory.mktemp("made")
    for number in range(GAMES):
        write_replay(work / "in" / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    run_home([work / "in" / "0.SC2Replay", work / "in" / "1.SC2Replay"], work / "home")
    compact_lake(Settings(home=work / "home", workers=1))
    run_home([work / "in"], work / "home")
    return work


@pytest.fixture(scope="module")
def expected(made):
    return answers(made / "home")


@pytest.fixture
def home(made, tmp_path):
    return shutil.copytree(made / "home", tmp_path / "home")


def small(home, table="commands"):
    return sorted(home.glob(f"lake/streams/*/*/{table}.parquet"))


def part(home):
    return next(home.glob("lake/compact/streams/commands/part-*.parquet"))


def manifest_sql(home, statement):
    with closing(sqlite3.connect(home / "manifest.sqlite", isolation_level=None)) as connection:
        connection.execute(statement)


def flip(path, share=0.5):
    content = bytearray(path.read_bytes())
    content[int(len(content) * share)] ^= 0x10
    path.write_bytes(content)


def leave_partial(home):
    folder = home / "lake/streams/ab/.partial-abcd.0-00000000"
    folder.mkdir(parents=True)
    (folder / "commands.parquet").write_bytes(b"half")
    for path in (folder / "commands.parquet", folder):
        os.utime(path, (1, 1))


def flip_a_block(path):
    """Turns a bit of a block that is in use."""
    with duckdb.connect(str(path), read_only=True) as connection:
        [(block,)] = connection.execute(
            "select max(block_id) from pragma_storage_info('raw.player_stats') where block_id >= 0"
        ).fetchall()
    content = bytearray(path.read_bytes())
    content[3 * 4_096 + block * 262_144 + 1_000] ^= 0x10
    path.write_bytes(content)


def swap(home):
    one, other = small(home, "unit_events")[:2]
    shutil.copy(other, one)


def make_older(home):
    manifest_sql(home, "delete from extractions where replay_id = (select min(replay_id) from extractions)")


DAMAGES = {
    "no manifest": (lambda home: (home / "manifest.sqlite").unlink(), {"manifest_missing"}),
    "a manifest of other bytes": (
        lambda home: (home / "manifest.sqlite").write_bytes(b"x" * 9_000),
        {"manifest_damaged"},
    ),
    "an older manifest": (make_older, {"manifest_behind", "unknown_extraction"}),
    "a manifest that says less": (
        lambda home: manifest_sql(home, "update replays set status = 'extracted'"),
        {"manifest_contradicts"},
    ),
    "rows that name nothing": (
        lambda home: manifest_sql(home, "insert into lobby_facts values ('nobody', '1', '{}')"),
        {"stray_rows"},
    ),
    "no writer's file": (lambda home: shutil.rmtree(home / "build"), {"warehouse_missing"}),
    "a bit of the writer's file": (
        lambda home: flip_a_block(home / "build" / "warehouse.duckdb"),
        {"warehouse_damaged"},
    ),
    "no published file": (lambda home: (home / "warehouse.duckdb").unlink(), {"published_missing"}),
    "a bit of the published file": (lambda home: flip_a_block(home / "warehouse.duckdb"), {"published_damaged"}),
    "half of the published file": (
        lambda home: (home / "warehouse.duckdb").write_bytes((home / "warehouse.duckdb").read_bytes()[:300_000]),
        {"published_damaged"},
    ),
    "a file of no bytes": (lambda home: small(home)[0].write_bytes(b""), {"file_damaged"}),
    "a bit of a file": (lambda home: flip(small(home, "unit_events")[0], 0.3), {"file_damaged"}),
    "another replay's file": (swap, {"file_damaged"}),
    "a missing folder": (lambda home: shutil.rmtree(small(home)[0].parent), {"extraction_missing", "file_damaged"}),
    "a receipt of zeros": (
        lambda home: (small(home)[0].parent / "extract.json").write_bytes(b"\0" * 99),
        {"extraction_missing"},
    ),
    "a bit of a compacted file": (lambda home: flip(part(home), 0.3), {"compacted_file_damaged"}),
    "a missing compacted file": (lambda home: part(home).unlink(), {"compacted_file_damaged"}),
    "a leftover": (leave_partial, {"leftover"}),
    "a compacted file that nothing names": (
        lambda home: part(home).with_name("part-0000.parquet").write_bytes(b"of nobody knows what"),
        {"leftover"},
    ),
}


TOGETHER = (
    ("no manifest", "a bit of the published file", "a leftover"),
    ("a manifest of other bytes", "a file of no bytes"),
    ("an older manifest", "no published file", "rows that name nothing"),
    ("a manifest that says less", "a bit of a file", "a compacted file that nothing names"),
    ("no writer's file", "a missing folder"),
    ("a bit of the writer's file", "another replay's file"),
    ("half of the published file", "a bit of a compacted file"),
    ("a receipt of zeros", "a missing compacted file"),
)
"""Each of them once, several in one home for the sake of time."""


def kinds(found):
    return {finding.kind for finding in found.findings}


def test_a_sound_home_is_found_sound_and_left_as_it_is(home):
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file() and "lock" not in path.name}

    found = verify(Settings(home=home, workers=1))

    assert (found.findings, found.not_looked_at) == ((), ())
    assert found.looked_at["extractions"] == 2 * GAMES
    after = {path: path.stat().st_mtime_ns for path in home.rglob("*") if path.is_file() and "lock" not in path.name}
    assert {path for path in after if before.get(path) != after[path]} <= set(home.glob("manifest.sqlite-*"))


@pytest.mark.parametrize("damages", TOGETHER, ids=", ".join)
def test_what_is_not_sound_is_found_and_after_a_repair_and_a_run_nothing_is_missing(made, expected, home, damages):
    for damage in damages:
        DAMAGES[damage][0](home)

    found = verify(Settings(home=home, workers=1), is_to_repair=True)

    assert kinds(found) == set().union(*(DAMAGES[damage][1] for damage in damages))
    assert verify(Settings(home=home, workers=1)).findings == ()
    report = run_home([made / "in"], home)
    assert (report.loaded + report.already_loaded, report.failed) == (GAMES, 0)
    assert answers(home) == expected


def test_every_damage_is_tried():
    assert sorted(damage for damages in TOGETHER for damage in damages) == sorted(DAMAGES)


def test_a_manifest_and_a_warehouse_that_are_lost_both_come_again_from_the_lake(made, expected, home):
    for path in (home / "manifest.sqlite", home / "warehouse.duckdb"):
        path.write_bytes(b"lost" * 3_000)
    flip(home / "build" / "warehouse.duckdb", 0)  # in the header, of which DuckDB reads all

    found = verify(Settings(home=home, workers=1), is_to_repair=True)

    assert kinds(found) == {"manifest_damaged", "warehouse_damaged", "published_damaged"}
    assert len(list(home.glob("manifest.sqlite.damaged-*"))) == len(list(home.glob("warehouse.duckdb.damaged-*"))) == 1
    assert run_home([made / "in"], home).failed == 0
    assert answers(home) == expected


def test_beside_a_run_that_writes_verify_says_what_it_could_not_look_at(home):
    lock = WriterLock(Home(home), 0)
    lock.acquire()
    found = verify(Settings(home=home, workers=1))
    leave_partial(home)
    with pytest.raises(HomeError, match="is being written by process"):
        verify(Settings(home=home, workers=1, lock_timeout_seconds=0), is_to_repair=True)
    lock.release()

    assert found.findings == ()
    assert ["a run is writing it" in why for why in found.not_looked_at] == [True]


def test_the_command_prints_a_table_and_tells_by_its_exit_code(made, home):
    def command(*words):
        return CliRunner().invoke(app, ["verify", "--home", str(home), *words])

    sound = command()
    small(home)[0].write_bytes(b"")
    found, document = command(), command("--json")
    repaired = command("--repair")

    assert (sound.exit_code, sound.stdout.splitlines()[-1]) == (0, "everything is sound")
    assert (found.exit_code, document.exit_code, repaired.exit_code) == (1, 1, 0)
    assert "commands.parquet" in found.stdout
    assert "verify --home" in found.stdout
    [finding] = json.loads(document.stdout)["findings"]
    assert (finding["kind"], finding["repair"]) == ("file_damaged", KINDS["file_damaged"].repair)
    assert "1 replays wait to be extracted again" in repaired.stdout


def test_a_home_of_nothing_is_refused(tmp_path):
    with pytest.raises(HomeError, match="nothing to verify"):
        verify(Settings(home=tmp_path / "none", workers=1))
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_finding_is_described(kind):
    assert f"| `{kind}` | {KINDS[kind].means} | {KINDS[kind].repair} |" in (PROJECT / "docs" / "home.md").read_text()
