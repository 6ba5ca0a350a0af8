"""Columns inherit what is said of the columns that they pass on; yml says only what is new."""

import pytest

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models import column_texts, input_tables, read_models
from sc2_pipeline.sql_models.column_texts import inherited_texts
from sc2_pipeline_tests.warehouse.sql_folders import write_sql

SQL = """-- Grain: one row per death.
with

deaths as (select * from marts.fct_deaths),
ranked as (select *, row_number() over (partition by replay_id order by game_loop) as place from deaths)

select
    r.replay_id,
    r.unit_tag::bigint as unit_tag,
    r.game_loop,
    r.game_loop as died_game_loop,
    r.game_loop + 1 as loops_left,
    r.place,
    g.is_canonical,
    event

from ranked as r

join marts.dim_replays as g using (replay_id)

left join staging.stg_unit_events using (replay_id, unit_tag)
"""
UNION = """-- Grain: one row per event.
select replay_id, game_loop, event from staging.stg_unit_events
union all
select replay_id, game_loop, 'death' as event from marts.fct_deaths
"""


def yml(name, *columns):
    lines = "".join(f"\n      - {column}" for column in columns)
    return f"models:\n  - name: {name}\n    materialized: view\n    description: Rows.\n    columns:{lines}\n"


COLUMNS = (
    "replay_id",
    "unit_tag",
    "{name: game_loop, description: At which loop.}",
    "{name: died_game_loop, description: When it died.}",
    "{name: loops_left, description: One later.}",
    "{name: place, description: Its place.}",
    "is_canonical",
    "event",
)


@pytest.fixture
def texts(tmp_path):
    """Texts of the small folder's models and of one more, made of that SQL and those columns."""

    def made(sql, columns, changes=None):
        files = {"marts/fct_more.sql": sql, "marts/more.yml": yml("fct_more", *columns)} | (changes or {})
        return column_texts(read_models(write_sql(tmp_path, files)))

    return made


def said(texts):
    return {
        name: (text.description, text.unit, text.origin) if text.unit or text.origin else text.description
        for name, text in texts.items()
    }


def test_columns_inherit_through_ctes_stars_joins_casts_and_using(texts):
    assert said(texts(SQL, COLUMNS)["marts.fct_more"]) == {
        "replay_id": "The replay.",
        # Staging describes it and leaves its origin to the raw table.
        "unit_tag": ("The unit.", None, "tracker unitTagIndex, unitTagRecycle"),
        "game_loop": ("At which loop.", "game loops", "tracker"),
        "died_game_loop": "When it died.",
        "loops_left": "One later.",
        "place": "Its place.",
        "is_canonical": "It stands for its game.",
        "event": "What.",
    }


def test_staging_inherits_from_the_raw_table_and_a_mart_from_staging(texts):
    changes = {
        "staging/staging.yml": yml("stg_unit_events", "replay_id", "unit_tag", "game_loop", "event"),
    }

    found = texts(SQL, COLUMNS, changes)

    raw = {column.name: column for column in input_tables()["raw.unit_events"].columns}
    for name, text in found["staging.stg_unit_events"].items():
        assert (text.description, text.unit, text.origin) == (
            raw[name].description,
            raw[name].unit,
            raw[name].origin,
        )
    assert found["marts.fct_more"]["event"].description == raw["event"].description


def test_of_several_columns_what_they_all_say_is_inherited(texts):
    found = texts(UNION, ("replay_id", "game_loop", "{name: event, description: Which.}"))["marts.fct_more"]

    # One of the two says that it is from the tracker.
    assert said(found) == {"replay_id": "The replay.", "game_loop": ("When.", "game loops", None), "event": "Which."}


@pytest.mark.parametrize("bare", ["died_game_loop", "loops_left", "place"])
def test_a_column_that_is_renamed_or_worked_out_has_to_be_described(texts, bare):
    columns = [bare if f"name: {bare}," in column else column for column in COLUMNS]

    with pytest.raises(ContractError, match=rf"marts/fct_more\.sql gives {bare}, of which its yml says nothing"):
        texts(SQL, columns)


def test_columns_that_say_different_things_are_no_one_to_inherit_from(texts):
    changes = {
        "staging/staging.yml": yml(
            "stg_unit_events", "{name: replay_id, description: Which replay.}", "unit_tag", "game_loop", "event"
        )
    }

    with pytest.raises(ContractError, match="gives replay_id"):
        texts(UNION, ("replay_id", "{name: game_loop, description: When.}", "event"), changes)


def test_words_of_a_model_are_of_another_version_when_what_it_may_inherit_is(tmp_path):
    files = {"marts/fct_more.sql": SQL, "marts/more.yml": yml("fct_more", *COLUMNS)}
    before = {model.relation: model for model in read_models(write_sql(tmp_path, files))}
    staging = tmp_path / "staging" / "staging.yml"
    staging.write_text(staging.read_text().replace("What.", "What happened."))

    after = {model.relation: model for model in read_models(tmp_path)}

    changed = {name for name, model in after.items() if model.words_version != before[name].words_version}
    assert changed == {"staging.stg_unit_events", "marts.fct_deaths", "marts.fct_more"}
    assert {name: model.version for name, model in after.items()} == {
        name: model.version for name, model in before.items()
    }


def test_every_column_of_ours_is_described_and_yml_says_nothing_again():
    models = read_models()
    texts, inherited = column_texts(models), inherited_texts(models)

    again = [
        f"{model.relation}.{column.name}: {field}"
        for model in models
        for column in model.columns
        for field in ("description", "unit", "origin")
        if getattr(column, field) and getattr(column, field) == getattr(inherited[model.relation][column.name], field)
    ]

    assert all(text.description for columns in texts.values() for text in columns.values())
    assert again == [], "these are inherited: take them out of the yml, and write - NAME where nothing is left"
