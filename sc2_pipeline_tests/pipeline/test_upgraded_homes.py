"""Homes live for years: those made by earlier commits are upgraded by the next run, and answer as fresh ones."""

import shutil
import tarfile
from pathlib import Path

import duckdb
import pytest

from sc2_pipeline.config import Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.warehousing import load_replays
from sc2_pipeline_tests.pipeline.homes import answers, run_home

pytestmark = pytest.mark.slow

HOMES = sorted((Path(__file__).parent.parent / "homes").glob("*.tar.xz"))


@pytest.mark.parametrize("archive", HOMES, ids=lambda path: path.name.removesuffix(".tar.xz"))
def test_a_home_made_by_an_earlier_commit_answers_as_a_fresh_one(archive, tmp_path):
    with tarfile.open(archive) as content:
        content.extractall(tmp_path, filter="data")

    report = run_home([tmp_path / "replays"], tmp_path / "home")
    run_home([tmp_path / "replays"], tmp_path / "fresh")

    assert (report.loaded + report.already_loaded, report.failed) == (4, 1)
    assert answers(tmp_path / "home") == answers(tmp_path / "fresh")


def test_a_model_whose_sql_changed_is_built_anew_from_the_warehouse(synthetic_folder, tmp_path):
    run_home([synthetic_folder], tmp_path)
    before = answers(tmp_path)
    with duckdb.connect(str(tmp_path / "build" / "warehouse.duckdb")) as connection:
        connection.execute("update ops.model_versions set version = 'older' where relation = 'marts.fct_units'")
        connection.execute("delete from marts.fct_units")

    report = run_home([synthetic_folder], tmp_path)

    assert report.loaded == 0
    assert answers(tmp_path) == before


def test_what_an_earlier_release_extracted_and_never_loaded_is_left_to_be_extracted_again(synthetic_folder, tmp_path):
    run_home([synthetic_folder], tmp_path)
    shutil.rmtree(tmp_path / "build")
    (tmp_path / "warehouse.duckdb").unlink()
    receipt = next((tmp_path / "lake" / "tracker").rglob("extract.json"))
    receipt.write_text(receipt.read_text().replace('"schema": "', '"schema": "older'))

    report = load_replays(Settings(home=tmp_path, workers=1))

    with Manifest(tmp_path / "manifest.sqlite") as manifest:
        waiting = manifest.replay_ids("found")
    assert len(report.loaded) == 23
    assert waiting == [receipt.parent.name.partition(".")[0]]
