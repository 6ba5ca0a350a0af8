"""Models are built, brought to a new release, and tested."""

import pytest

from sc2_pipeline.errors import ContractError, ModelRowsError
from sc2_pipeline.sql_models import batch_models, read_models, read_tests
from sc2_pipeline.warehouse.batch.build import build_batch
from sc2_pipeline.warehouse.batch.contents import new_batch
from sc2_pipeline.warehouse.data_tests import run_tests
from sc2_pipeline.warehouse.rebuild import rebuild, stale_models
from sc2_pipeline_tests.warehouse.rows import FIRST, SECOND, everything, load_all, raw_rows, replay, together
from sc2_pipeline_tests.warehouse.sql_folders import MODELS, write_sql

ALL = ("staging.stg_unit_events", "marts.dim_replays", "marts.dim_games", "marts.fct_deaths")


def comment(connection, relation: str, column: str) -> str | None:
    schema, name = relation.split(".")
    [(said,)] = connection.execute(
        "select comment from duckdb_columns() where schema_name = ? and table_name = ? and column_name = ?"
        " and database_name = current_database()",
        [schema, name, column],
    ).fetchall()
    return said


def changed(tmp_path, changes):
    return read_models(write_sql(tmp_path / "changed", changes))


def test_every_model_of_an_empty_warehouse_is_stale_until_it_is_built(tmp_path, build, models):
    from sc2_pipeline.warehouse.connect import open_warehouse

    connection = open_warehouse(build)

    assert {model.relation for model in stale_models(connection, models)} == set(ALL)
    assert set(rebuild(connection, models)) == set(ALL)
    assert stale_models(connection, models) == ()
    assert rebuild(connection, models) == ()
    connection.close()


def test_a_changed_model_is_rebuilt_with_all_that_reads_it_and_nothing_else(warehouse, models, tmp_path):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)))
    text = MODELS["staging/stg_unit_events.sql"].replace("game_loop, event", "game_loop + 1 as game_loop, event")

    made = rebuild(warehouse, changed(tmp_path, {"staging/stg_unit_events.sql": text}))

    assert made == ("staging.stg_unit_events", "marts.fct_deaths")
    assert warehouse.execute("select game_loop from marts.fct_deaths").fetchall() == [(8,)]


def test_a_changed_description_becomes_a_comment_without_a_rebuild(warehouse, models, tmp_path):
    text = MODELS["marts/marts.yml"].replace("description: When.", "description: At which loop.")

    made = rebuild(warehouse, changed(tmp_path, {"marts/marts.yml": text}))

    assert made == ()
    assert comment(warehouse, "marts.fct_deaths", "game_loop") == "At which loop. Unit: game loops. Origin: tracker."


def test_a_column_that_passes_another_on_is_described_anew_with_it(warehouse, tmp_path):
    folder = write_sql(
        tmp_path / "sql",
        {"marts/marts.yml": MODELS["marts/marts.yml"].replace("unit_tag, description: The unit.", "unit_tag")},
    )
    rebuild(warehouse, read_models(folder))
    assert comment(warehouse, "marts.fct_deaths", "unit_tag").startswith("The unit.")
    staging = folder / "staging" / "staging.yml"
    staging.write_text(staging.read_text().replace("The unit.", "Which unit."))

    rebuilt = rebuild(warehouse, read_models(folder))

    assert rebuilt == ()
    assert comment(warehouse, "marts.fct_deaths", "unit_tag").startswith("Which unit.")


def test_comments_outlast_loads_and_rebuilds(warehouse, models, tmp_path):
    load_all(warehouse, models, replay(FIRST))
    text = MODELS["marts/dim_games.sql"].replace("count(*)", "count(replay_id)")
    rebuild(warehouse, changed(tmp_path, {"marts/dim_games.sql": text}))

    assert comment(warehouse, "marts.dim_games", "replays") == "Files of it."
    assert comment(warehouse, "staging.stg_unit_events", "event") == "What."
    assert comment(warehouse, "raw.replays", "file_bytes").startswith("The file's size.")
    assert comment(warehouse, "ops.loads", "settings_digest") is not None


def test_a_model_that_no_file_makes_any_more_is_dropped(warehouse, models, tmp_path):
    yml = MODELS["marts/marts.yml"].split("  - name: dim_games")[0]

    made = rebuild(warehouse, changed(tmp_path, {"marts/dim_games.sql": None, "marts/marts.yml": yml}))

    assert made == ("marts.dim_games",)
    assert "marts.dim_games" not in everything(warehouse)


def test_a_table_may_become_a_view_and_a_view_a_table(warehouse, models, tmp_path):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)))
    before = everything(warehouse)
    marts = MODELS["marts/marts.yml"].replace("materialized: table", "materialized: view")
    staging = MODELS["staging/staging.yml"].replace("materialized: view", "materialized: incremental")

    made = rebuild(warehouse, changed(tmp_path, {"marts/marts.yml": marts, "staging/staging.yml": staging}))

    assert set(made) == {"marts.dim_games", "staging.stg_unit_events", "marts.fct_deaths"}
    assert everything(warehouse) == before


def test_a_release_whose_model_fails_changes_nothing(warehouse, models, tmp_path):
    load_all(warehouse, models, replay(FIRST, deaths=(7,)))
    before = everything(warehouse)
    text = MODELS["marts/dim_replays.sql"].replace("replay_id,\n", "replay_id, cast('x' as integer) as y,\n", 1)

    with pytest.raises(ModelRowsError, match=r"marts/dim_replays\.sql"):
        rebuild(warehouse, changed(tmp_path, {"marts/dim_replays.sql": text}))

    assert everything(warehouse) == before
    assert stale_models(warehouse, models) == ()


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        ("marts/dim_replays.sql", "game_key,\n", "game_key, 1 as one,\n", r"dim_replays\.sql gives one, which its yml"),
        (
            "marts/marts.yml",
            "name: game_key, description: The game.}",
            "name: gone, description: x.}",
            "gives game_key",
        ),
        (
            "staging/staging.yml",
            "- {name: event,",
            "- {name: a, description: x.}\n      - {name: event,",
            "describes a ",
        ),
        ("marts/dim_replays.sql", "game_key,\n", "game_kee,\n", r"marts/dim_replays\.sql does not run"),
    ],
)
def test_sql_and_yml_that_disagree_are_named(warehouse, tmp_path, file, old, new, said):
    text = MODELS[file].replace(old, new, 1)
    assert text != MODELS[file]

    with pytest.raises(ContractError, match=said):
        rebuild(warehouse, changed(tmp_path, {file: text}))


def outcomes(connection, models, tmp_path, *replays):
    tables = together(*replays)
    pairs = [(row["replay_id"], "streams") for row in tables["replays"].to_pylist()]
    built = batch_models(models)
    batch = new_batch(connection, built, tables, dict.fromkeys(pairs, "s"))
    return {o.name: o for o in build_batch(connection, batch, built, read_tests(tmp_path / "sql"))}


def test_rows_that_keep_every_claim_fail_no_test(warehouse, models, tmp_path):
    found = outcomes(warehouse, models, tmp_path, replay(FIRST, deaths=(5, 50)), replay(SECOND))

    assert {name: outcome.failed_rows for name, outcome in found.items()} == {
        "not_null_replay_id": 0,
        "unique_replay_id": 0,
        "unique_replay_id_unit_tag": 0,
        "relationships_replay_id": 0,
        "not_null_unit_tag": 0,
        "range_game_loop": 0,
        "deaths_come_late": 0,
    }
    assert not any(outcome.is_broken for outcome in found.values())


def test_a_row_out_of_range_names_its_replay(warehouse, models, tmp_path):
    found = outcomes(warehouse, models, tmp_path, replay(FIRST, deaths=(5, 51, 60)), replay(SECOND, deaths=(5,)))

    late = found["range_game_loop"]
    assert (late.failed_rows, late.replay_ids, late.is_broken) == (2, (FIRST,), True)
    assert late.description == "range of game_loop in marts.fct_deaths"


def test_a_repeated_key_names_its_replay(warehouse, models, tmp_path):
    twice = replay(SECOND, deaths=(7,))
    row = {"replay_id": SECOND, "source": "tracker", "event": "died", "unit_tag": 0, "game_loop": 9, "event_index": 5}
    twice["unit_events"] = raw_rows("unit_events", *twice["unit_events"].to_pylist(), row)

    found = outcomes(warehouse, models, tmp_path, replay(FIRST, deaths=(5,)), twice)

    assert found["unique_replay_id_unit_tag"].failed_rows == 1
    assert [outcome.replay_ids for outcome in found.values() if outcome.is_broken] == [(SECOND,)]


def test_a_warning_is_counted_and_breaks_nothing(warehouse, models, tmp_path):
    found = outcomes(warehouse, models, tmp_path, replay(FIRST, deaths=(4,)))

    late = found["deaths_come_late"]
    assert (late.failed_rows, late.replay_ids, late.severity) == (1, (FIRST,), "warn")
    assert not any(outcome.is_broken for outcome in found.values())


def test_values_outside_a_vocabulary_nulls_and_orphans_are_found(warehouse, models, tmp_path):
    yml = (
        MODELS["staging/staging.yml"]
        .replace("description: What.", 'description: What., tests: [{accepted_values: [died, "it\'s"]}]')
        .replace("description: When.", "description: When., tests: [not_null]")
        .replace(
            "description: The unit.",
            "description: The unit., tests: [{relationships: {to: marts.dim_replays, column: game_key}}]",
        )
    )
    models = changed(
        tmp_path,
        {
            "staging/staging.yml": yml,
            "staging/stg_unit_events.sql": "-- Grain: one row per unit event.\n"
            "select replay_id, nullif(unit_tag, 0)::varchar as unit_tag, nullif(game_loop, 9) as game_loop, event from raw.unit_events",
        },
    )
    rows = raw_rows(
        "unit_events",
        {"replay_id": FIRST, "event": "born", "unit_tag": 0, "event_index": 0},
        {"replay_id": SECOND, "event": "died", "unit_tag": 1, "event_index": 0, "game_loop": 9},
    )
    given = together(replay(FIRST), replay(SECOND)) | {"unit_events": rows}

    found = outcomes(warehouse, models, tmp_path, given)

    assert found["accepted_values_event"].replay_ids == (FIRST,)
    assert found["not_null_game_loop"].replay_ids == (SECOND,)
    assert found["relationships_unit_tag"].replay_ids == (SECOND,)


def test_whole_table_tests_cover_what_a_batch_leaves_out(warehouse, models, tmp_path):
    load_all(warehouse, models, replay(FIRST))

    names = [(o.relation, o.name) for o in run_tests(warehouse, models, read_tests(tmp_path / "sql"))]

    assert ("marts.dim_games", "unique_game_key") in names
    assert ("marts.dim_games", "relationships_canonical_replay_id") in names


def test_rows_of_no_replay_break_a_test_and_name_nobody(warehouse, models):
    load_all(warehouse, models, replay(FIRST))
    warehouse.execute("insert into marts.dim_games select * from marts.dim_games")

    [broken] = [outcome for outcome in run_tests(warehouse, models) if outcome.is_broken]

    assert (broken.description, broken.replay_ids) == ("unique of game_key in marts.dim_games", None)


def test_what_tests_found_is_forgotten_when_the_mart_is_made_anew(warehouse, models):
    warehouse.execute(
        "insert into ops.mart_test_failures by name select unnest(['marts.fct_deaths', 'marts.dim_replays', null]) as relation,"
        " 'a' as replay_id, 't' as test_name, 'd' as detail, now() as tested_at"
    )

    rebuild(warehouse, models, whole=["marts.fct_deaths"])

    assert warehouse.execute("select relation from ops.mart_test_failures").fetchall() == [("marts.dim_replays",)]
