"""Columns are followed through CTEs, stars, joins and unions to the relations that are read."""

import pytest
import sqlglot
from sqlglot import exp

from sc2_pipeline.sql_models import column_lineage, input_tables, read_models
from sc2_pipeline_tests.warehouse.sql_folders import MODELS, write_sql

PAIRS = """-- Grain: one row per death and replay.
with

deaths as (select * from marts.fct_deaths),
renamed as (select replay_id, unit_tag as tag, game_loop + loops_left as sum_of_two from deaths)

select r.replay_id, r.tag, r.sum_of_two, g.is_canonical, 1 as one, count(*) over () as pairs
from renamed as r join marts.dim_replays as g using (replay_id)
"""
YML = """
models:
  - name: fct_pairs
    materialized: view
    description: Pairs.
    columns:
      - {name: replay_id, description: x.}
      - {name: tag, description: x.}
      - {name: sum_of_two, description: x.}
      - {name: is_canonical, description: x.}
      - {name: one, description: x.}
      - {name: pairs, description: x.}
"""


@pytest.fixture
def lineage(tmp_path):
    return column_lineage(read_models(write_sql(tmp_path, {"marts/fct_pairs.sql": PAIRS, "marts/pairs.yml": YML})))


def test_columns_are_followed_through_ctes_stars_and_expressions(lineage):
    assert lineage["marts.fct_pairs"] == {
        "replay_id": [("marts.fct_deaths", "replay_id")],
        "tag": [("marts.fct_deaths", "unit_tag")],
        "sum_of_two": [("marts.fct_deaths", "game_loop"), ("marts.fct_deaths", "loops_left")],
        "is_canonical": [("marts.dim_replays", "is_canonical")],
        "one": [],
        "pairs": [],
    }


def test_staging_comes_from_raw(lineage):
    assert lineage["staging.stg_unit_events"]["unit_tag"] == [("raw.unit_events", "unit_tag")]


def test_every_column_of_our_models_comes_from_columns_that_exist():
    models = read_models()
    known = {(relation, c.name) for relation, table in input_tables().items() for c in table.columns}
    known |= {(model.relation, column.name) for model in models for column in model.columns}

    lineage = column_lineage(models)

    assert {model.relation: {column.name for column in model.columns} for model in models} == {
        relation: set(columns) for relation, columns in lineage.items()
    }
    origins = {origin for columns in lineage.values() for found in columns.values() for origin in found}
    assert origins - known == set()
    traced = [bool(found) for columns in lineage.values() for found in columns.values()]
    assert sum(traced) / len(traced) > 0.9


def repetitions(models) -> list[str]:
    """Relations that say only what another one says: the same select, or columns of one relation and all its rows."""
    first_with: dict[str, str] = {}
    found = []
    for model in models:
        select = sqlglot.parse_one(model.sql, dialect="duckdb")
        text = select.sql(dialect="duckdb", comments=False)
        if first_with.setdefault(text, model.relation) != model.relation or adds_nothing(select):
            found.append(model.relation)
    return found


def adds_nothing(select: exp.Expression) -> bool:
    """A select of columns under their own names, without any other clause."""
    clauses = {name for name, value in select.args.items() if value}
    columns = select.expressions if clauses in ({"expressions", "from_"}, {"expressions", "from"}) else []
    return bool(columns) and all(isinstance(column, exp.Column | exp.Star) for column in columns)


@pytest.mark.parametrize(
    ("select", "is_found"),
    [
        ("select replay_id, unit_tag from marts.fct_deaths", True),
        ("select deaths.* from marts.fct_deaths as deaths", True),
        ("select replay_id, unit_tag from marts.fct_deaths where game_loop > 5", False),
        ("select replay_id, unit_tag as tag from marts.fct_deaths", False),
        ("select replay_id, count(*) as deaths from marts.fct_deaths group by replay_id", False),
        (MODELS["marts/dim_games.sql"].replace("select game_key", "select /* the same */ game_key"), True),
    ],
)
def test_a_relation_that_says_what_another_says_is_found(tmp_path, select, is_found):
    folder = write_sql(tmp_path, {"marts/fct_pairs.sql": f"-- Grain: one row.\n{select}", "marts/pairs.yml": YML})

    assert ("marts.fct_pairs" in repetitions(read_models(folder))) == is_found


def test_no_two_relations_of_ours_say_the_same():
    assert repetitions(read_models()) == []
