"""Homes live for years: those made by earlier commits are upgraded by the next run, and answer as fresh ones."""

import tarfile
from pathlib import Path

import duckdb
import pytest

from sc2_pipeline_tests.pipeline.homes import answers, run_home

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
