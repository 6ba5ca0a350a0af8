"""A manifest that is lost, damaged, locked or older than its home: a run heals it, or one sentence says the way out."""

import json
import shutil
import sqlite3
from contextlib import closing

import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Settings
from sc2_pipeline.errors import HomeError
from sc2_pipeline.manifest import Manifest, database, read_only
from sc2_pipeline.manifest.faults import unusable
from sc2_pipeline.pipeline.batches import batches_of
from sc2_pipeline.pipeline.compaction import compact_lake
from sc2_pipeline.pipeline.planning import plan
from sc2_pipeline.pipeline.stages import chosen_replays, extract_replays, find_replays, judge_replays
from sc2_pipeline.pipeline.warehouse_stages import load_replays, publish_warehouse, refresh_models, waiting_replays
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

GAMES = 3


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Replays in two folders, a home that holds them compacted, and its manifest as it was after the first folder."""
    work = tmp_path_factory.mktemp("made")
    for number in range(GAMES):
        folder = "first" if number == 0 else "second"
        write_replay(work / "in" / folder / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400))
    (work / "in" / "second" / "broken.SC2Replay").write_bytes(b"MPQ\x1b no replay")
    run_home([work / "in" / "first"], work / "home")
    shutil.copy(work / "home" / "manifest.sqlite", work / "older.sqlite")
    run_home([work / "in" / "second"], work / "home")
    compact_lake(Settings(home=work / "home", workers=1))
    return work


@pytest.fixture(scope="module")
def expected(made):
    return answers(made / "home")


@pytest.fixture
def home(made, tmp_path):
    return shutil.copytree(made / "home", tmp_path / "home")


@pytest.fixture(scope="module")
def shared_home(made, tmp_path_factory):
    """A home that tests may damage in the same way, for nothing there is written."""
    return shutil.copytree(made / "home", tmp_path_factory.mktemp("shared") / "home")


def _delete(home, made):
    (home / "manifest.sqlite").unlink()


def _empty(home, made):
    (home / "manifest.sqlite").write_bytes(b"")


def _restore(home, made):
    shutil.copy(made / "older.sqlite", home / "manifest.sqlite")


def _delete_after_a_kill_before_publishing(home, made):
    """The writer's file alone holds the last batch, and its mirror of the manifest knows nothing of it."""
    _delete(home, made)
    (home / "warehouse.duckdb").unlink()
    with database_of(home / "build" / "warehouse.duckdb") as connection:
        for table in ("replays", "replay_files", "attempts", "extractions", "rule_outcomes"):
            connection.execute(f"delete from ops.{table}")


def database_of(path):
    import duckdb

    return duckdb.connect(str(path))


@pytest.mark.slow
@pytest.mark.parametrize("loss", [_delete, _empty, _restore, _delete_after_a_kill_before_publishing])
def test_a_run_with_a_lost_or_older_manifest_learns_what_is_done_and_extracts_nothing_again(
    made, expected, home, loss, monkeypatch
):
    files = {path: path.stat().st_mtime_ns for path in home.glob("lake/**/*.parquet")}
    loss(home, made)

    report = run_home([made / "in" / "first"], home)

    assert (report.loaded, report.already_loaded, report.failed, report.pending) == (0, 1, 0, 0)
    assert answers(home) == expected
    again = run_home([made / "in"], home)
    assert (again.loaded, again.already_loaded, again.failed) == (0, GAMES, 1)
    assert answers(home) == expected
    assert {path: path.stat().st_mtime_ns for path in home.glob("lake/**/*.parquet")} == files
    compact_lake(Settings(home=home, workers=1))
    assert answers(home) == expected


@pytest.mark.slow
def test_a_lost_manifest_keeps_the_history_that_the_warehouse_mirrors(made, home):
    tables = ("replays", "attempts", "extractions", "compacted_files", "rule_outcomes")
    with Manifest(home / "manifest.sqlite") as manifest:
        before = {name: manifest.table(name) for name in tables}
    runs = {run_id for (run_id,) in query(home, "select run_id from ops.runs")}
    _delete(home, made)

    compact_lake(Settings(home=home, workers=1))

    with Manifest(home / "manifest.sqlite") as manifest:
        after = {name: manifest.table(name) for name in tables}
        assert len(runs) >= 2
        assert runs < manifest.run_ids()
    for name in tables:
        assert sorted(map(_without_numbers, after[name])) == sorted(map(_without_numbers, before[name])), name


def _without_numbers(row):
    return json.dumps({name: value for name, value in row.items() if name not in ("attempt_id", "batch")}, default=str)


def _garble_pages(home):
    path = home / "manifest.sqlite"
    content = path.read_bytes()
    path.write_bytes(content[:4096] + b"\xee" * (len(content) - 4096))


def _cut(home):
    path = home / "manifest.sqlite"
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2 // 4096 * 4096 + 100])


def _replace(home):
    (home / "manifest.sqlite").write_bytes(b"this was a manifest once" * 500)


def _upgrade(home):
    with closing(sqlite3.connect(home / "manifest.sqlite")) as connection:
        connection.execute("pragma user_version = 99")


HARMS = {
    "pages of other bytes": (_garble_pages, r"is damaged \(.+\); `sc2-pipeline verify --repair` makes it anew"),
    "half of it": (_cut, r"is damaged \(.+\); `sc2-pipeline verify --repair` makes it anew"),
    "another file": (_replace, r"is damaged \(.+\); `sc2-pipeline verify --repair` makes it anew"),
    "a later release's": (_upgrade, r"later version of sc2_pipeline .*; upgrade sc2_pipeline"),
    "locked": (None, r"cannot be used \(database is locked\): another process keeps it .* let that one end"),
}

USES = {
    "run": lambda folder, s: run_home([folder], s.home),
    "plan": lambda folder, s: plan([folder], s),
    "compact": lambda folder, s: compact_lake(s),
    "discover": lambda folder, s: find_replays(s, [folder]),
    "validate": lambda folder, s: judge_replays(s),
    "chosen": lambda folder, s: chosen_replays(s, ["failed"]),
    "extract": lambda folder, s: list(extract_replays(s, ["0" * 16])),
    "waiting": lambda folder, s: waiting_replays(s),
    "load": lambda folder, s: load_replays(s),
    "models": lambda folder, s: refresh_models(s),
    "publish": lambda folder, s: publish_warehouse(s),
    "batches": lambda folder, s: batches_of(s, ["0" * 16], size=1),
    "reading": lambda folder, s: read_only(s.home / "manifest.sqlite", "select * from replays join extractions"),
}


@pytest.fixture(params=HARMS)
def harmed(request, shared_home, tmp_path, monkeypatch):
    """A home whose manifest nobody can use, and what is to be said of it."""
    harm, said = HARMS[request.param]
    home = shared_home
    sound = (home / "manifest.sqlite").read_bytes()
    monkeypatch.setattr(database, "SECONDS_TO_WAIT", 0.02)
    with closing(sqlite3.connect(home / "manifest.sqlite", isolation_level=None)) as other:
        if harm is None:
            other.execute("pragma locking_mode = exclusive")
            other.execute("begin exclusive")
            other.execute("update runs set counts = counts")
        else:
            other.close()
            harm(home)
        yield home, said
    for beside in home.glob("manifest.sqlite*"):
        beside.unlink()
    (home / "manifest.sqlite").write_bytes(sound)


def test_a_manifest_that_cannot_be_used_is_one_sentence_with_the_way_out_wherever_it_is_used(made, harmed):
    home, said = harmed
    before = {path.name for path in home.iterdir()}

    for name, use in USES.items():
        with pytest.raises(HomeError, match=said) as caught:
            use(made / "in", Settings(home=home, workers=1))
        assert "\n" not in str(caught.value), name

    assert {path.name for path in home.iterdir()} - before <= {"manifest.sqlite-wal", "manifest.sqlite-shm"}


def test_commands_say_it_in_one_line_and_what_needs_no_manifest_answers(made, harmed):
    home, _ = harmed

    for words in (["status"], ["rejects"], ["run", str(made / "in"), "--workers", "1"], ["compact"]):
        result = CliRunner().invoke(app, [*words, "--home", str(home)])
        assert (result.exit_code, result.stderr.count("\n")) == (1, 1), (words, result.output)
    assert CliRunner().invoke(app, ["doctor", "--home", str(home)]).exit_code == 1
    told = CliRunner().invoke(app, ["sql", "select count(*) from marts.dim_replays", "--home", str(home)])
    assert (told.exit_code, told.stdout.split()[-1]) == (0, str(GAMES))


def test_what_was_left_beside_a_manifest_does_no_harm(home):
    for suffix in ("-wal", "-shm"):
        (home / f"manifest.sqlite{suffix}").write_bytes(b"\x07" * 40_000)

    assert len(read_only(home / "manifest.sqlite", "select * from replays")) == GAMES + 1
    with Manifest(home / "manifest.sqlite") as manifest:
        assert len(manifest.loaded_replays()) == GAMES


def test_a_manifest_that_may_not_be_written_says_so(home):
    place = f"{(home / 'manifest.sqlite').as_uri()}?mode=ro"
    with (
        closing(sqlite3.connect(place, uri=True)) as reading,
        pytest.raises(sqlite3.OperationalError) as caught,
    ):
        reading.execute("delete from runs")

    assert "give the right to write to the file" in str(unusable(home / "manifest.sqlite", caught.value))
