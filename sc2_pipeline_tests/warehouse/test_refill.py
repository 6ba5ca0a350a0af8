"""A release's models made in batches are those made whole."""

from dataclasses import replace

import duckdb
import pytest

from sc2_pipeline.errors import ContractError
from sc2_pipeline.sql_models import read_models
from sc2_pipeline.tables import RAW_TABLES, Column
from sc2_pipeline.warehouse import refill
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.declared import insert_rows
from sc2_pipeline.warehouse.rebuild import rebuild, stale_models
from sc2_pipeline.warehouse.relations import make_empty_relation
from sc2_pipeline_tests.warehouse.rows import everything, load_all, replay
from sc2_pipeline_tests.warehouse.sql_folders import MODELS, write_sql


@pytest.fixture
def loaded(warehouse, models, monkeypatch):
    """Seven replays of four games, with room for two replays in a batch."""
    monkeypatch.setattr(refill, "BATCH_REPLAYS", 2)
    keys = ["g", "h", "g", "i", "g", "h", "j"]
    replays = [replay(f"{i:016x}", game=key, deaths=tuple(range(i))) for i, key in enumerate(keys)]
    load_all(warehouse, models, *replays)
    return warehouse


def spoilt(connection):
    """As if every model were of an earlier release, with other rows."""
    connection.execute("update ops.model_versions set version = 'old' where relation like 'marts.%'")
    for relation in ("marts.fct_deaths", "marts.dim_replays", "marts.dim_games"):
        connection.execute(f"delete from {relation}")


def test_models_made_in_batches_equal_those_made_whole(loaded, models):
    before = everything(loaded)
    spoilt(loaded)

    made = rebuild(loaded, models)

    assert set(made) == {"marts.fct_deaths", "marts.dim_replays", "marts.dim_games"}
    assert everything(loaded) == before
    assert stale_models(loaded, models) == ()


def test_files_of_one_game_are_built_together_whatever_the_batch_holds(loaded):
    batches = list(refill.batches_of_games(loaded))

    assert sorted(len(batch) for batch in batches) == [2, 2, 3]
    assert sorted(i for batch in batches for i in batch) == [f"{i:016x}" for i in range(7)]
    assert {f"{i:016x}" for i in (0, 2, 4)} in [set(batch) for batch in batches]


def test_a_release_that_fails_in_a_batch_changes_nothing(loaded, tmp_path):
    before = everything(loaded)
    text = MODELS["marts/fct_deaths.sql"].replace("100 - game_loop", "1 - game_loop")
    later = read_models(write_sql(tmp_path / "later", {"marts/fct_deaths.sql": text}))

    with pytest.raises(ContractError, match=r"marts/fct_deaths\.sql cannot compute"):
        rebuild(loaded, later)

    assert everything(loaded) == before


def test_models_of_an_empty_warehouse_stand_empty(build, models):
    connection = open_warehouse(build)

    rebuild(connection, models)

    assert connection.execute("select count(*) from marts.fct_deaths").fetchall() == [(0,)]
    connection.close()


def test_columns_that_an_earlier_release_declared_are_no_hindrance(loaded, models, build, monkeypatch):
    """They stay in the raw table; a batch has the columns of today."""
    before = everything(loaded)
    loaded.execute("alter table raw.replays add column of_old varchar")
    spoilt(loaded)

    rebuild(loaded, models)
    load_all(loaded, models, replay(f"{9:016x}", game="g"), replay(f"{0:016x}", game="g"))

    assert loaded.execute("select count(*) from marts.dim_replays").fetchall() == [(8,)]
    assert everything(loaded)["marts.fct_deaths"] == before["marts.fct_deaths"]


def test_a_column_that_a_release_adds_is_null_until_a_replay_is_loaded_again(loaded, models, build, monkeypatch):
    loaded.close()
    table = RAW_TABLES["unit_events"]
    fields = {name: getattr(table, name) for name in table.__dataclass_fields__}
    columns = (*table.columns, Column("added", table.column("x").type, "New."))
    monkeypatch.setitem(RAW_TABLES, "unit_events", type(table)(**{**fields, "columns": columns}))
    connection = open_warehouse(build)
    later = read_models(build.parents[2] / "sql")

    made = rebuild(connection, later)
    load_all(connection, later, replay(f"{1:016x}", deaths=(3,)))

    assert "marts.fct_deaths" in made
    assert connection.execute("select count(*) from raw.unit_events where added is not null").fetchall() == [(0,)]
    assert connection.execute("select count(*) from marts.fct_deaths").fetchall() == [(sum(range(7)),)]
    connection.close()


def test_rows_of_a_model_made_empty_and_filled_are_found_before_the_next_checkpoint(tmp_path):
    """More rows than a row group of DuckDB has: of a table made by ``create table as ... limit 0`` it found none."""
    [model] = [model for model in read_models() if model.relation == "marts.fct_units"]
    rows = "select md5((i // 1250)::varchar) as replay_id, i as unit_tag, 'x' || (i % 7) as source from range(195715) as r(i)"
    model = replace(model, sql=rows)
    with duckdb.connect(str(tmp_path / "warehouse.duckdb")) as connection:
        connection.execute(f"create schema marts; create table marts.fct_units as {rows}; checkpoint; begin")

        make_empty_relation(connection, model)
        insert_rows(connection, model.relation, connection.sql(rows).to_arrow_table())
        connection.commit()

        assert connection.execute(f"delete from {model.relation} where replay_id is not null").fetchall() == [(195715,)]
