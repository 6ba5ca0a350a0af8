"""A folder of SQL and yml becomes models in build order; what is wrong with it is named."""

import shutil

import pytest

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models import batch_models, read_models, read_tests, sql_folder
from sc2_pipeline.tables import RAW_TABLES, Column
from sc2_pipeline_tests.warehouse.sql_folders import MODELS, write_sql

REPLAYS = MODELS["marts/dim_replays.sql"]
YML = MODELS["marts/marts.yml"]


@pytest.fixture
def read(tmp_path):
    """Models of a folder with some files changed; None leaves one out."""

    def models(changes=None):
        folder = tmp_path / "sql"
        shutil.rmtree(folder, ignore_errors=True)
        return {model.relation: model for model in read_models(write_sql(folder, changes))}

    return models


def test_every_model_comes_after_all_that_it_reads(read):
    seen: set[str] = set()
    for relation, model in read().items():
        assert {name for name in model.depends_on if not name.startswith("raw.")} <= seen
        seen.add(relation)

    assert seen == {"staging.stg_unit_events", "marts.dim_replays", "marts.fct_deaths", "marts.dim_games"}


def test_a_model_knows_its_grain_its_columns_and_its_tests(read):
    model = read()["marts.fct_deaths"]

    assert (model.grain, model.materialized) == ("one row per replay and unit that died.", "incremental")
    assert model.depends_on == ("staging.stg_unit_events",)
    assert [column.name for column in model.columns] == ["replay_id", "unit_tag", "game_loop", "loops_left"]
    assert {test.name for test in model.tests} == {
        "unique_replay_id_unit_tag",
        "relationships_replay_id",
        "not_null_unit_tag",
        "range_game_loop",
    }


def test_a_version_is_the_same_in_every_process_and_whatever_the_line_ends(read):
    versions = {relation: model.version for relation, model in read().items()}

    windows = read({name: text.replace("\n", "\r\n") for name, text in MODELS.items()})

    assert {relation: model.version for relation, model in windows.items()} == versions


@pytest.mark.parametrize(
    ("changes", "changed"),
    [
        ({"marts/dim_replays.sql": REPLAYS + "-- a word"}, {"marts.dim_replays", "marts.dim_games"}),
        (
            {"staging/stg_unit_events.sql": MODELS["staging/stg_unit_events.sql"] + " where true"},
            {"staging.stg_unit_events", "marts.fct_deaths"},
        ),
        ({"marts/marts.yml": YML.replace("materialized: table", "materialized: view")}, {"marts.dim_games"}),
        ({"marts/marts.yml": YML.replace("It stands", "It alone stands")}, set()),
    ],
)
def test_a_version_changes_with_the_text_and_with_what_is_read_not_with_words(read, changes, changed):
    before = read()

    after = read(changes)

    assert {name for name, model in after.items() if model.version != before[name].version} == changed


def test_a_version_changes_with_the_raw_table_that_is_read(read, monkeypatch):
    before = read()
    table = RAW_TABLES["unit_events"]
    added = Column("added", table.columns[0].type, "New.")
    monkeypatch.setitem(
        RAW_TABLES, "unit_events", type(table)(**{**_fields(table), "columns": (*table.columns, added)})
    )

    after = read()

    changed = {name for name, model in after.items() if model.version != before[name].version}
    assert changed == {"staging.stg_unit_events", "marts.fct_deaths"}


def _fields(table):
    return {name: getattr(table, name) for name in table.__dataclass_fields__}


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"marts/dim_replays.sql": REPLAYS.replace("from raw", "from (raw")}, r"dim_replays\.sql is not one select"),
        ({"marts/dim_replays.sql": "-- Grain: x.\nselect 1; select 2"}, "is not one select"),
        ({"marts/dim_replays.sql": "-- Grain: x.\ndrop table raw.replays"}, "is not a select"),
        ({"marts/dim_replays.sql": REPLAYS.removeprefix("-- Grain")}, "is not one select|does not begin with -- Grain"),
        ({"marts/dim_replays.sql": REPLAYS.replace("-- Grain: ", "-- ")}, "does not begin with -- Grain"),
        ({"marts/dim_replays.sql": REPLAYS.replace("raw.replays", "replays")}, "name a relation as schema.name"),
        ({"marts/dim_replays.sql": REPLAYS.replace("raw.replays", "a.raw.replays")}, "name a relation as schema.name"),
        (
            {"marts/dim_replays.sql": REPLAYS.replace("raw.replays", "read_csv('x.csv')")},
            "read_csv; a model reads relations",
        ),
        ({"marts/dim_replays.sql": REPLAYS.replace("raw.replays", "'x.parquet'")}, "name a relation as schema.name"),
        (
            {"marts/dim_replays.sql": REPLAYS.replace("raw.replays", "raw.replais")},
            r"raw\.replais, which is no raw table",
        ),
        (
            {"marts/dim_replays.sql": REPLAYS.replace("raw.replays", "marts.dim_games")},
            "in a circle: .*marts.dim_games",
        ),
        ({"marts/dim_games.sql": None}, r"marts/dim_games\.sql is not there"),
        ({"marts/marts.yml": YML.split("  - name: dim_games")[0]}, r"dim_games\.sql has no yml"),
        ({"marts/more.yml": YML}, "is described twice"),
        ({"marts/marts.yml": YML.replace("materialized: table", "materialised: table")}, "unknown word materialised"),
        (
            {"marts/marts.yml": YML.replace("materialized: table", "materialized: tables")},
            "is tables; give one of view",
        ),
        ({"marts/marts.yml": YML.replace("description: Games. One row per game.", "")}, "dim_games has no description"),
        (
            {"marts/marts.yml": YML.replace("description: The game., tests", "description: '', tests")},
            "game_key has no description",
        ),
        (
            {"marts/marts.yml": YML.replace("[not_null, unique]", "[not_nul]")},
            "a test not_nul; give one of|a test .*not_nul",
        ),
        ({"marts/marts.yml": YML.replace("[{unique: [replay_id, unit_tag]}]", "[{unique: replay_id}]")}, "give a list"),
        ({"marts/marts.yml": YML.replace("{to: marts.dim_replays}", "{to: dim_replays}")}, "give to: schema.name"),
        ({"marts/marts.yml": YML.replace("{min: 0, max: 50}", "{min: 0, mux: 50}")}, "unknown word mux"),
        ({"marts/marts.yml": YML + "  : ["}, r"marts\.yml is not readable yml"),
        ({"marts/marts.yml": "models: 3"}, "does not hold one list called models"),
        (
            {
                "marts/fct_deaths.sql": "-- Grain: x.\nselect d.* from staging.stg_unit_events as d join marts.dim_games using (game_key)"
            },
            r"fct_deaths\.sql is incremental and reads marts\.dim_games",
        ),
    ],
)
def test_what_is_wrong_is_named_with_its_file(read, changes, said):
    assert all(text is None or text != MODELS.get(name) for name, text in changes.items())

    with pytest.raises(ContractError, match=said):
        read(changes)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("-- Severity: bad\n-- A sentence.\nselect 1 as a", "Severity: error or warn"),
        ("-- Severity: warn\nselect 1 as a", "and a sentence"),
        ("-- A sentence.\nselect 1 as a", "Severity: error or warn"),
    ],
)
def test_a_test_says_its_severity_and_its_claim(tmp_path, text, said):
    folder = write_sql(tmp_path, {"tests/deaths_come_late.sql": text})

    with pytest.raises(ContractError, match=said):
        read_tests(folder)


def test_a_test_reads_its_head(tmp_path):
    [test] = read_tests(write_sql(tmp_path))

    assert (test.name, test.severity, test.description) == (
        "deaths_come_late",
        "warn",
        "Nobody dies before game loop 5.",
    )


def test_a_batch_builds_what_needs_no_other_replays(read):
    assert {model.relation for model in batch_models(read().values())} == {
        "staging.stg_unit_events",
        "marts.dim_replays",
        "marts.fct_deaths",
    }


def test_our_own_models_and_tests_are_read_without_complaint():
    models = read_models()

    assert (sql_folder() / models[0].path).is_file()
    assert {model.schema for model in models} == {"staging", "intermediate", "marts"}
    assert len({test.name for test in read_tests()}) > 0
