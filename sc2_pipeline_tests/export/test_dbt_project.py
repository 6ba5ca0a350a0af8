"""The dbt project, without dbt: its Jinja gives our statements, and every test of ours is one of its own. `.ci/dbt` builds it."""

from collections import Counter
from pathlib import Path

import jinja2
import pytest
import yaml
from typer.testing import CliRunner

from sc2_pipeline.cli.app import app
from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.export.dbt_project import export_dbt, project_files, with_references
from sc2_pipeline.sql_models import MACROS, read_models, read_tests

MODELS = {model.name: model for model in read_models()}
SAME = {"range": "in_range", "unique": "unique", "not_null": "not_null"}


def rendered(text: str) -> str:
    return (
        jinja2.Environment(keep_trailing_newline=True)
        .from_string(text)
        .render(
            ref=lambda name: MODELS[name].relation,
            source=lambda schema, name: f"{schema}.{name}",
            config=lambda severity: f"-- {severity}",
        )
    )


@pytest.fixture(scope="module")
def project():
    files = project_files(read_models(), read_tests(), home=Path("/home"), warehouse=Path("/home/warehouse.duckdb"))
    return dict(files)


def test_every_model_and_test_is_our_statement_with_references(project):
    models = {name: project[f"models/{model.schema}/{name}.sql"] for name, model in MODELS.items()}
    tests = {test.name: project[f"tests/{test.name}.sql"] for test in read_tests()}

    assert {name: rendered(text) for name, text in models.items()} == {
        name: f"{model.sql}\n" for name, model in MODELS.items()
    }
    assert {name: rendered(text) for name, text in tests.items()} == {
        test.name: f"-- {test.severity}\n{test.sql}\n" for test in read_tests()
    }
    assert all(
        text.count("ref(") + text.count("source(") >= len(MODELS[name].depends_on) for name, text in models.items()
    )


def test_what_jinja_would_take_for_its_own_stays_text():
    sql = "select '{{ a }} {% b %} {# c #}' as words from raw.replays as raw -- {{ marts.games }}"

    assert rendered(with_references(sql, "x.sql")) == sql


def test_functions_are_ours(project):
    text = project["macros/functions.sql"] + "{{ create_functions() }}"

    statements = rendered(text).strip().split(";\n")

    assert statements == [f"create or replace macro {macro.signature} as {macro.expression}" for macro in MACROS]


def test_tests_columns_and_how_a_model_is_kept_are_translated(project):
    described = {
        model["name"]: model
        for layer in ("staging", "intermediate", "marts")
        for model in yaml.safe_load(project[f"models/{layer}/{layer}.yml"])["models"]
    }

    for name, model in MODELS.items():
        columns = described[name]["columns"]
        entries = [*described[name].get("data_tests", []), *(t for c in columns for t in c.get("data_tests", []))]
        kinds = Counter(kind for entry in entries for kind in entry)
        warning = sum(entry[kind].get("config") == {"severity": "warn"} for entry in entries for kind in entry)
        assert [column["name"] for column in columns] == [column.name for column in model.columns]
        assert all(column["description"] for column in columns)
        assert sum(kinds.values()) == len(model.tests)
        assert warning == sum(test.severity == "warn" for test in model.tests)
        for ours, theirs in SAME.items():
            expected = sum(test.kind == ours and (ours != "unique" or len(test.columns) == 1) for test in model.tests)
            assert kinds[theirs] == expected, (name, ours)
        assert described[name]["config"]["materialized"] == ("view" if model.materialized == "view" else "table")


def test_the_project_reads_what_is_published(tmp_path):
    with pytest.raises(HomeError, match="no warehouse at "):
        export_dbt(Home(tmp_path), tmp_path / "project")
    (tmp_path / "warehouse.duckdb").touch()

    export_dbt(Home(tmp_path), tmp_path / "project")

    [profile] = yaml.safe_load((tmp_path / "project/profiles.yml").read_text("utf-8")).values()
    assert profile["outputs"]["local"]["attach"][0]["path"] == str(tmp_path.resolve() / "warehouse.duckdb")
    [source] = yaml.safe_load((tmp_path / "project/models/sources.yml").read_text("utf-8"))["sources"]
    assert (source["name"], source["database"]) == ("raw", "home")
    with pytest.raises(HomeError, match="not empty"):
        export_dbt(Home(tmp_path), tmp_path / "project")


@pytest.mark.parametrize("option", [["--anonymise"], ["--mode", "2v2"], ["--table", "games"], ["--split-by", "player"]])
def test_options_that_a_project_has_no_use_for_are_refused(option, tmp_path):
    result = CliRunner().invoke(app, ["export", "dbt", str(tmp_path / "project"), *option])

    assert result.exit_code == 2
    assert "export dbt has no use for " in result.stderr
