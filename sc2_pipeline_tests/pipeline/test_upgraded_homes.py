"""Homes live for years: those made by earlier commits are upgraded by the next run, and answer as fresh ones."""

import os
import shutil
import tarfile
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.verification import verify
from sc2_pipeline.pipeline.warehouse_stages import load_replays
from sc2_pipeline.sources.sc2 import Sc2Source
from sc2_pipeline.tables import tables_of
from sc2_pipeline_demo import stand_in
from sc2_pipeline_tests.pipeline.homes import answers, query, run_home

pytestmark = pytest.mark.slow

HOMES = Path(__file__).parent.parent / "homes"


def unpack(name, folder):
    with tarfile.open(HOMES / f"{name}.tar.xz") as content:
        content.extractall(folder, filter="data")


def test_a_home_made_by_an_earlier_commit_answers_as_a_fresh_one(tmp_path):
    unpack("home_of_087fcd6", tmp_path)
    kind = "select table_type from information_schema.tables where table_name = 'fct_unit_counts'"
    assert query(tmp_path / "home", kind) == [("BASE TABLE",)], "a table that has become a view since"

    report = run_home([tmp_path / "replays"], tmp_path / "home")
    run_home([tmp_path / "replays"], tmp_path / "fresh")

    assert (report.loaded + report.already_loaded, report.failed) == (4, 1)
    assert answers(tmp_path / "home") == answers(tmp_path / "fresh")
    assert query(tmp_path / "home", kind) == [("VIEW",)]


def test_what_a_home_that_no_run_has_brought_up_cannot_answer_is_said_in_a_sentence(tmp_path):
    unpack("home_of_ad07bdf_with_the_game", tmp_path)
    home = ["--home", str(tmp_path / "home")]
    asked = CliRunner().invoke(app, ["ask", "openings", *home])
    told = CliRunner().invoke(app, ["status", *home])
    [replay_id] = query(tmp_path / "home", "select min(replay_id) from raw.replays")[0]
    card = CliRunner().invoke(app, ["status", replay_id, *home])

    assert asked.exit_code == 1
    assert "was published by another release" in asked.output
    assert "`sc2-pipeline run` over its replays brings it up" in asked.output
    assert (told.exit_code, card.exit_code) == (0, 0)
    assert f"sc2/{replay_id[:2]}/{replay_id}" in card.output


def _of(parts, home):
    """Rows of the raw tables that those parts fill."""
    names = {f"raw.{table.name}" for part in parts for table in tables_of(part) if table.name != "chat_messages"}
    return {name: rows for name, rows in answers(home).items() if name in names}


@pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script, which Windows does not run as a program")
def test_games_that_an_earlier_commit_ran_are_not_run_again(tmp_path, monkeypatch):
    unpack("home_of_ad07bdf_with_the_game", tmp_path)
    monkeypatch.setenv("SC2PATH", str(stand_in.install(tmp_path / "StarCraftII", [92440])))
    settings = {"source": "sc2", "filters": "all", "step_mul": 40}
    run_home([tmp_path / "replays"], tmp_path / "fresh", **settings)
    observed = _of(("observation",), tmp_path / "home")
    games = list(tmp_path.glob("home/lake/sc2/*/*/unit_snapshots.parquet"))

    def refused(*_):
        raise AssertionError("the game is not to be started")

    monkeypatch.setattr(Sc2Source, "extract", refused)

    assert run_home([tmp_path / "replays"], tmp_path / "home", **settings).loaded == 2

    assert _of(("streams", "solved"), tmp_path / "home") == _of(("streams", "solved"), tmp_path / "fresh")
    # Columns that came later are the last ones.
    now = _of(("observation",), tmp_path / "home")
    assert {name: [row[: len(old[0])] for row in now[name]] for name, old in observed.items() if old} == {
        name: old for name, old in observed.items() if old
    }
    assert len(games) == 2
    assert all(path.is_file() for path in games)
    assert not list(tmp_path.glob("home/lake/tracker/*/*/*"))
    assert verify(Settings(home=tmp_path / "home", workers=1)).findings == ()
    # With other settings the game shows something else.
    monkeypatch.undo()
    monkeypatch.setenv("SC2PATH", str(tmp_path / "StarCraftII"))
    assert run_home([tmp_path / "replays"], tmp_path / "home", **settings | {"step_mul": 80}).loaded == 2
    assert not list(tmp_path.glob("home/lake/sc2/*/*/*"))


def test_a_model_whose_sql_changed_is_built_anew_from_the_warehouse(synthetic_folder, synthetic_home, tmp_path):
    shutil.copytree(synthetic_home, tmp_path, dirs_exist_ok=True)
    before = answers(tmp_path)
    with duckdb.connect(str(tmp_path / "build" / "warehouse.duckdb")) as connection:
        connection.execute("update ops.model_versions set version = 'older' where relation = 'marts.fct_units'")
        connection.execute("delete from marts.fct_units")

    report = run_home([synthetic_folder], tmp_path)

    assert report.loaded == 0
    assert answers(tmp_path) == before


def test_what_an_earlier_release_extracted_and_never_loaded_is_left_to_be_extracted_again(synthetic_home, tmp_path):
    shutil.copytree(synthetic_home, tmp_path, dirs_exist_ok=True)
    shutil.rmtree(tmp_path / "build")
    (tmp_path / "warehouse.duckdb").unlink()
    receipt = next((tmp_path / "lake" / "streams").rglob("extract.json"))
    receipt.write_text(receipt.read_text().replace('"schema": "', '"schema": "older'))

    report = load_replays(Settings(home=tmp_path, workers=1))

    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        waiting = manifest.replay_ids("found")
    assert len(report.loaded) == 23
    assert waiting == [receipt.parent.name.partition(".")[0]]
