"""The game's clocks as functions of the warehouse: the same as in Python, made once, followed by those who call them."""

import io
import re
import tokenize
from datetime import date

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sc2_pipeline import game
from sc2_pipeline.game_rules.rows import Moment, Point
from sc2_pipeline.sql_models import MACROS, Macro, column_lineage, macros, read_models
from sc2_pipeline.sql_models.read import sql_folder
from sc2_pipeline.warehouse import macros as made_macros
from sc2_pipeline.warehouse.connect import open_warehouse
from sc2_pipeline.warehouse.generation import generation_of
from sc2_pipeline.warehouse.macros import make_macros
from sc2_pipeline.warehouse.publish import publish
from sc2_pipeline.warehouse.rebuild import rebuild, stale_models
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.warehouse.sql_folders import write_sql

CLOCKED = "-- Grain: one row per unit event.\nselect unit_tag, Clock(game_loop) as clock from raw.unit_events"
"""A view, so that whoever asks it calls the macro."""
CLOCKED_YML = """
models:
  - name: stg_clocks
    materialized: view
    description: Clocks.
    columns: [{name: unit_tag, description: The unit.}, {name: clock, description: When.}]
"""


@pytest.fixture
def asked():
    connection = duckdb.connect()
    make_macros(connection)
    yield lambda sql: connection.execute(f"select {sql}").fetchall()[0]
    connection.close()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "warehouse.duckdb"


@pytest.fixture
def defined_otherwise(monkeypatch):
    """A release whose macros are those of ours but for one."""

    def change(name: str, expression: str | None):
        kept = tuple(macro for macro in MACROS if macro.name != name)
        [old] = (macro for macro in MACROS if macro.name == name)
        new = (
            ()
            if expression is None
            else (Macro(name=name, parameters=old.parameters, expression=expression, description=old.description),)
        )
        for module in (macros, made_macros):
            monkeypatch.setattr(module, "MACROS", (*kept, *new))

    return change


@pytest.mark.parametrize(
    ("call", "value"),
    [
        ("game_seconds(1344)", 60.0),
        ("game_seconds(524288 * 1000)", 524288 * 1000 * 5 / 112),
        ("normal_seconds(24)", 1.5),
        ("game_minute(1343)", 0),
        ("game_minute(1344)", 1),
        ("game_minute(1343.5)", 0),
        ("clock(1343)", "0:59"),
        ("clock(1344)", "1:00"),
        ("clock(1343.9::double)", "0:59"),
        ("clock(80640)", "60:00"),
        ("clock(959, true)", "0:59"),
        ("clock(960, shows_normal_seconds := true)", "1:00"),
        ("clock(960, false)", "0:42"),
        ("clock(null)", None),
        ("game_loops(5)", 112),
        ("game_loops(10)", 224),
        ("game_loops(0.5)", 11),
        ("game_loop_at(3)", 4032),
        ("battle_link_game_loops()", 224),
        ("game_loop_at(0.5)", 672),
        ("sample_loop_at(1)", 1280),
        ("sample_loop_at(5)", 6720),
    ],
)
def test_a_call_has_its_value(asked, call, value):
    assert asked(call) == (value,)


def test_sql_and_python_tell_the_same_time(asked):
    loops = [*range(3000), 13_440, 99_999, game.MAX_GAME_LOOPS]

    told = asked(
        f"list(game_seconds(l) order by l), list(normal_seconds(l) order by l), list(clock(l) order by l),"
        f" list(clock(l, true) order by l) from unnest({loops}) as t(l)"
    )

    assert told == (
        [game.game_seconds(loop) for loop in loops],
        [game.normal_seconds(loop) for loop in loops],
        [game.clock(game.game_seconds(loop)) for loop in loops],
        [game.clock(game.normal_seconds(loop)) for loop in loops],
    )


def test_a_warehouse_describes_its_macros(path):
    with open_warehouse(path) as connection:
        found = connection.execute(
            "select function_name, comment from duckdb_functions() where schema_name = 'main' and not internal"
        ).fetchall()

    assert dict(found) == {macro.name: macro.description for macro in MACROS}


def test_macros_are_made_once_and_made_anew_where_a_release_defines_them_otherwise(path, defined_otherwise):
    with open_warehouse(path) as connection:
        first = generation_of(connection)
    with open_warehouse(path) as connection:
        assert generation_of(connection) == first

    defined_otherwise("clock", "'late'")
    with open_warehouse(path) as connection:
        assert connection.execute("select clock(1), game_minute(1344)").fetchall() == [("late", 1)]
        assert generation_of(connection) != first

    defined_otherwise("clock", None)
    with open_warehouse(path) as connection, pytest.raises(duckdb.CatalogException, match="clock"):
        connection.execute("select clock(1)")


def test_the_published_file_has_them_and_views_that_call_them_answer_under_any_name(path, tmp_path):
    models = read_models(write_sql(tmp_path / "sql", {"staging/stg_clocks.sql": CLOCKED, "staging/c.yml": CLOCKED_YML}))
    with open_warehouse(path) as connection:
        rebuild(connection, models)
        connection.execute("insert into raw.unit_events by name select 7 as unit_tag, 1344 as game_loop")
    publish(path, tmp_path / "people.duckdb")

    with duckdb.connect(str(tmp_path / "people.duckdb"), read_only=True) as people:
        assert people.execute("select clock(1344)").fetchall() == [("1:00",)]
    with duckdb.connect() as elsewhere:
        elsewhere.execute(f"attach '{tmp_path / 'people.duckdb'}' as theirs (read_only)")
        assert elsewhere.execute("from theirs.staging.stg_clocks").fetchall() == [(7, "1:00")]
        assert elsewhere.execute("select theirs.clock(1344)").fetchall() == [("1:00",)]


def test_a_model_is_stale_when_a_macro_that_it_calls_changes_and_no_other_is(path, tmp_path, defined_otherwise):
    folder = write_sql(tmp_path / "sql", {"staging/stg_clocks.sql": CLOCKED, "staging/c.yml": CLOCKED_YML})
    with open_warehouse(path) as connection:
        rebuild(connection, read_models(folder))

        defined_otherwise("game_minute", "0")
        assert stale_models(connection, read_models(folder)) == ()

        defined_otherwise("clock", "'late'")
        assert [model.relation for model in stale_models(connection, read_models(folder))] == ["staging.stg_clocks"]


def test_columns_are_followed_through_a_call():
    lineage = column_lineage(model for model in read_models() if model.relation == "marts.fct_unit_deaths")

    assert lineage["marts.fct_unit_deaths"]["clock"] == [
        ("intermediate.int_shown_clocks", "shows_normal_seconds"),
        ("intermediate.int_unit_losses", "game_loop"),
    ]


def test_no_macro_calls_another():
    names = "|".join(macro.name for macro in MACROS)

    assert [macro.name for macro in MACROS if re.search(rf"\b({names})\(", macro.expression)] == []


IN_SQL = re.compile(r"\b1_?344\b|\b22\.4\b|\b112\b|loops?\)*\s*//?\s*16\b")
IN_TEXT = re.compile(r"//?\s*(?:1344|112)\b|\*\s*1344\b|%\s*1344\b")
CLOCK_NUMBERS = ("1344", "1_344", "22.4")


def _sql_with_numbers():
    for file in sorted(sql_folder().rglob("*.sql")):
        code = "\n".join(line.partition("--")[0] for line in file.read_text(encoding="utf-8").splitlines())
        yield from (f"{file.name}: {found}" for found in IN_SQL.findall(code))


def _python_with_numbers():
    for folder in ("sc2_pipeline", "demo/sc2_pipeline_demo"):
        for file in sorted((PROJECT / folder).rglob("*.py")):
            if file != PROJECT / "sc2_pipeline" / "game.py":
                yield from (f"{file.name}: {found}" for found in _clock_numbers(file.read_text(encoding="utf-8")))


def _clock_numbers(code):
    before = ""
    for token in tokenize.generate_tokens(io.StringIO(code).readline):
        is_number = token.type == tokenize.NUMBER
        if (is_number and (token.string in CLOCK_NUMBERS or (token.string == "112" and before in ("/", "//")))) or (
            token.type == tokenize.STRING and IN_TEXT.search(token.string)
        ):
            yield token.line.strip()
        before = token.string


def test_the_numbers_of_the_clock_stand_in_one_place():
    assert [*_sql_with_numbers(), *_python_with_numbers()] == [], "use sc2_pipeline.game, and its macros in SQL"


def test_a_number_of_the_clock_elsewhere_is_found():
    assert list(_clock_numbers("minute = loop // 1344\n")) == ["minute = loop // 1344"]
    assert list(_clock_numbers("seconds = loop * 5 / 112\n")) == ["seconds = loop * 5 / 112"]
    assert list(_clock_numbers('sql = "select game_loop * 5 / 112"\n')) == ['sql = "select game_loop * 5 / 112"']
    assert list(_clock_numbers('kinds = {"SpawningPool": 112}\n')) == []
    assert IN_SQL.search("steps.started_game_loop / 16")
    assert not IN_SQL.search("floor(deaths.x / 16)")


MOMENTS = st.tuples(st.integers(1, 3), st.integers(0, 2), st.dates(date(2017, 12, 17), date(2017, 12, 19)))


@given(moment=MOMENTS, point=MOMENTS)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_eras_begin_in_sql_when_they_begin_in_python(asked, moment, point):
    sql = "is_reached({}, {}, '{}'::date, {}, {}, '{}'::date)".format(*moment, *point)

    assert asked(sql) == (Point(*point).is_reached(Moment(*moment)),)


def test_a_race_is_named_as_people_write_it(asked):
    named = asked("race_name('zerg'), race_name('PROTOSS'), race_name('Random'), race_name(null)")

    assert named == ("Zerg", "Protoss", "Random", None)
