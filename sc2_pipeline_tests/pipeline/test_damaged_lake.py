"""Files of the lake that are missing or damaged: the next run sees it, extracts their replays again, and loads the rest."""

import json
import shutil

import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Settings
from sc2_pipeline.lake import damage_of
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.compaction import compact_lake
from sc2_pipeline.pipeline.warehouse_stages import load_replays, publish_warehouse
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = pytest.mark.slow

DAMAGES = {
    "a file of no bytes": lambda one, other: (one / "commands.parquet").write_bytes(b""),
    "half a file": lambda one, other: _halve(one / "commands.parquet"),
    "another replay's file": lambda one, other: shutil.copy(other / "commands.parquet", one / "commands.parquet"),
    "a missing file": lambda one, other: (one / "commands.parquet").unlink(),
    "a missing folder": lambda one, other: shutil.rmtree(one),
    "no receipt": lambda one, other: (one / "extract.json").unlink(),
    "a receipt of no bytes": lambda one, other: (one / "extract.json").write_bytes(b""),
    "a receipt of zeros": lambda one, other: (one / "extract.json").write_bytes(b"\0" * 400),
    "a receipt of another shape": lambda one, other: (one / "extract.json").write_text("[1]"),
    "another replay's receipt": lambda one, other: shutil.copy(other / "extract.json", one / "extract.json"),
}
"""What is done to one replay's folder, beside another's that stays sound."""

GAMES = len(DAMAGES) + 2


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Replays, a home that holds them, and the same whose warehouse is to be loaded anew."""
    folder = tmp_path_factory.mktemp("made")
    for number in range(GAMES):
        write_replay(folder / "in" / f"{number:02}.SC2Replay", ladder_game(number, game_loops=1_400))
    run_home([folder / "in"], folder / "loaded")
    _forget_the_warehouse(shutil.copytree(folder / "loaded", folder / "waiting"))
    return folder


@pytest.fixture(scope="module")
def expected(made):
    return answers(made / "loaded")


@pytest.fixture(scope="module")
def compacted(made, tmp_path_factory):
    """The home of ``made`` whose lake is compacted."""
    home = shutil.copytree(made / "loaded", tmp_path_factory.mktemp("compacted") / "home")
    compact_lake(Settings(home=home, workers=1))
    return home


def _forget_the_warehouse(home):
    shutil.rmtree(home / "build")
    (home / "warehouse.duckdb").unlink()


def _folders(home):
    return sorted(path.parent for path in home.glob("lake/streams/*/*/extract.json"))


def _halve(path):
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


def _garble(path):
    """Other bytes of the same number, so that only who reads them sees it."""
    path.write_bytes(b"PAR1" + bytes(path.stat().st_size - 8) + b"PAR1")


def _sql(home, statement):
    return CliRunner().invoke(app, ["sql", statement, "--home", str(home)])


def _tries(home):
    with Manifest(home / "manifest.sqlite") as manifest:
        return {row["replay_id"]: row["attempts"] for row in manifest.table("replays")}


@pytest.mark.parametrize("state", ["waiting", "loaded"])
def test_every_kind_of_damage_is_seen_by_the_next_run_and_costs_its_own_replay_a_new_extraction(
    made, expected, tmp_path, state
):
    home = shutil.copytree(made / state, tmp_path / "home")
    *damaged, sound, _ = _folders(home)
    for folder, damage in zip(damaged, DAMAGES.values(), strict=True):
        damage(folder, sound)

    report = run_home([made / "in"], home)

    assert (report.loaded + report.already_loaded, report.failed, report.pending) == (GAMES, 0, 0)
    assert answers(home) == expected
    tries = _tries(home)
    assert {name: tries[f.name[:16]] for name, f in zip(DAMAGES, damaged, strict=True)} == dict.fromkeys(DAMAGES, 2)
    assert sum(tries.values()) == GAMES + len(DAMAGES)
    assert not [path for path in home.glob("lake/streams/*/*/*.parquet") if damage_of(path)]
    assert run_home([made / "in"], home).already_loaded == GAMES


def test_what_does_not_read_though_it_looks_sound_costs_its_own_replay_alone(made, expected, tmp_path):
    """As an earlier release extracted it, without marks: nothing but reading tells."""
    home = shutil.copytree(made / "waiting", tmp_path / "home")
    for folder, table in zip(_folders(home), ("unit_events", "commands"), strict=False):
        receipt = folder / "extract.json"
        content = json.loads(receipt.read_text())
        del content["files"]
        receipt.write_text(json.dumps(content))
        _garble(folder / f"{table}.parquet")

    report = run_home([made / "in"], home)

    assert (report.loaded, report.failed, report.mart_test_failures) == (GAMES, 0, ())
    assert answers(home) == expected
    assert sorted(_tries(home).values()) == [1] * (GAMES - 2) + [2, 2]


def test_a_new_replay_is_loaded_though_a_view_names_a_file_of_another_that_does_not_read(made, expected, tmp_path):
    home = shutil.copytree(made / "loaded", tmp_path / "home")
    _garble(_folders(home)[0] / "commands.parquet")
    write_replay(tmp_path / "more" / "new.SC2Replay", ladder_game(99, game_loops=1_400))

    report = run_home([tmp_path / "more"], home)

    assert (report.loaded, report.failed) == (1, 0)
    assert query(home, "select count(distinct replay_id) from raw.commands") == [(GAMES + 1,)]
    assert max(_tries(home).values()) == 2


@pytest.mark.parametrize(("state", "damage"), [("loaded", _halve), ("waiting", lambda path: path.unlink())])
def test_a_damaged_compacted_file_has_all_its_replays_extracted_again(
    made, compacted, expected, tmp_path, state, damage
):
    home = shutil.copytree(compacted, tmp_path / "home")
    if state == "waiting":
        _forget_the_warehouse(home)
    [part] = home.glob("lake/compact/streams/commands/part-*.parquet")
    damage(part)

    report = run_home([made / "in"], home)

    assert (report.loaded, report.failed) == (GAMES, 0)
    assert answers(home) == expected
    compact_lake(Settings(home=home, workers=1))
    assert answers(home) == expected


def test_a_replay_that_is_gone_keeps_its_other_rows_and_that_is_said(made, expected, tmp_path):
    home, replays = (shutil.copytree(made / name, tmp_path / name) for name in ("loaded", "in"))
    [folder, *_] = _folders(home)
    replay_id = folder.name[:16]
    (folder / "commands.parquet").unlink()
    [path] = query(home, f"select path from ops.replays where replay_id = '{replay_id}'")[0]
    with Manifest(home / "manifest.sqlite") as manifest:
        manifest._connection.execute("update replays set path = ? where replay_id = ?", (path + ".gone", replay_id))
        manifest._connection.execute("update replay_files set path = path || '.gone' where replay_id = ?", (replay_id,))

    broken = _sql(home, "select count(*) from raw.commands")
    load_replays(Settings(home=home, workers=1))
    publish_warehouse(Settings(home=home, workers=1))
    mended = _sql(home, "select count(distinct replay_id) from raw.commands")

    assert (broken.exit_code, broken.stderr.count("\n")) == (1, 1)
    assert "commands.parquet is missing or damaged" in broken.stderr
    assert "`sc2-pipeline verify` says what is not sound" in broken.stderr
    assert (mended.exit_code, mended.stdout.split()[-1]) == (0, str(GAMES - 1))
    assert f"mind: rows of commands of 1 of {GAMES} replays were in files that are damaged" in mended.stderr
    with Manifest(home / "manifest.sqlite") as manifest:
        row = manifest.replays([replay_id])[replay_id]
    assert (row["status"], row["reason"], row["is_retryable"]) == ("failed", "damaged_extraction", 1)
    assert "commands.parquet is missing, and the replay is not at" in row["detail"]
    assert run_home([replays], home).loaded == 1
    assert answers(home) == expected
