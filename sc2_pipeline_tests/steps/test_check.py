import json

import pyarrow as pa
import pytest

from sc2_pipeline.errors import ContractError
from sc2_pipeline.steps.check import check_batch, pandera_schema, unfit_outcomes
from sc2_pipeline.tables import RAW_TABLES
from sc2_pipeline_tests.warehouse.rows import FIRST, raw_rows

UNIT_EVENTS = RAW_TABLES["unit_events"].schema


def _born(index, **changes):
    row = {
        "replay_id": "aa",
        "source": "tracker",
        "event_index": index,
        "game_loop": index,
        "event": "born",
        "unit_tag": 262_144 * (index + 1),
        "unit_type": "Drone",
        "player_id": 1,
        "upkeep_player_id": 1,
        "x": 10.0,
        "y": 20.0,
    }
    return {**row, **changes}


def _table(rows):
    return pa.Table.from_pylist(rows, schema=UNIT_EVENTS)


def _checked(rows, share=0.05):
    return check_batch({"unit_events": _table(rows)}, max_bad_row_share=share)


@pytest.mark.parametrize("name", sorted(RAW_TABLES))
def test_every_raw_table_has_a_pandera_schema_that_takes_no_rows(name):
    table = RAW_TABLES[name]

    checked = check_batch({name: table.schema.empty_table()}, max_bad_row_share=0)

    assert list(pandera_schema(name).columns) == table.schema.names
    assert checked.tables[name].schema == table.schema


def test_good_rows_pass_untouched():
    checked = _checked([_born(0), _born(1)])

    assert (checked.tables["unit_events"].num_rows, checked.quarantined, checked.outcomes) == (2, (), ())


@pytest.mark.parametrize(
    ("change", "column", "check"),
    [
        ({"game_loop": -1}, "game_loop", "greater_than_or_equal_to(0)"),
        ({"player_id": 17}, "player_id", "less_than_or_equal_to(16)"),
        ({"event": "flew"}, "event", "isin("),
        ({"unit_tag": -5}, "unit_tag", "greater_than_or_equal_to(0)"),
    ],
)
def test_a_bad_row_is_set_aside_with_check_column_and_row(change, column, check):
    rows = [_born(index) for index in range(40)]
    rows[7] |= change

    checked = _checked(rows)

    [bad] = checked.quarantined
    assert (bad.replay_id, bad.table_name, bad.column_name) == ("aa", "unit_events", column)
    assert bad.check_name.startswith(check)
    assert json.loads(bad.row_json)[column] == change[column]
    assert checked.tables["unit_events"].to_pylist() == _table(rows[:7] + rows[8:]).to_pylist()
    assert [(o.severity, o.failed_rows) for o in checked.outcomes] == [("error", 1)]
    assert checked.broken == {}


def test_a_missing_required_value_is_set_aside():
    rows = [_born(index) for index in range(40)]
    rows[3]["event"] = None

    [bad] = _checked(rows).quarantined

    assert (bad.column_name, bad.check_name) == ("event", "not_nullable")


def test_the_second_row_of_a_key_is_set_aside():
    rows = [*(_born(index) for index in range(40)), _born(5)]

    checked = _checked(rows)

    assert [(bad.column_name, bad.check_name) for bad in checked.quarantined] == [("event_index", "unique")]
    assert checked.tables["unit_events"].num_rows == 40


def test_the_same_key_in_two_replays_is_no_repetition():
    assert _checked([_born(0), _born(0, replay_id="bb")]).quarantined == ()


@pytest.mark.parametrize(("bad_rows", "is_broken"), [(5, False), (6, True)])
def test_more_than_the_share_of_bad_rows_fails_the_replay_and_no_other(bad_rows, is_broken):
    rows = [_born(index, event="flew" if index < bad_rows else "born") for index in range(100)]
    rows += [_born(0, replay_id="bb")]

    checked = _checked(rows)

    assert ("aa" in checked.broken) == is_broken
    assert set(checked.tables["unit_events"]["replay_id"].to_pylist()) == ({"bb"} if is_broken else {"aa", "bb"})


def test_a_table_with_other_columns_is_our_own_fault():
    rows = _table([_born(0)]).drop_columns(["x"])

    with pytest.raises(ContractError, match="table unit_events has column y float where x float is declared"):
        check_batch({"unit_events": rows}, max_bad_row_share=0.05)


def test_a_unit_that_dies_unborn_is_counted_and_kept():
    rows = [_born(0), _born(1, event="died", unit_tag=999)]

    checked = _checked(rows)

    assert [(o.check_name, o.severity, o.failed_rows) for o in checked.outcomes] == [
        ("unit_tags_were_born", "warning", 1)
    ]
    assert checked.tables["unit_events"].num_rows == 2


def test_a_clock_that_falls_is_counted_and_kept():
    checked = _checked([_born(0, game_loop=10), _born(1, game_loop=9)])

    assert [(o.check_name, o.failed_rows) for o in checked.outcomes] == [("game_loops_never_fall", 1)]


def test_rows_that_we_worked_out_ourselves_are_set_aside_and_cost_no_replay():
    same = {"replay_id": FIRST, "source": "tracker"}
    step = {**same, "step_index": 0, "start_error_game_loops": -1}
    rows = raw_rows("build_steps", step)

    checked = check_batch({"build_steps": rows}, max_bad_row_share=0.0)

    assert [bad.column_name for bad in checked.quarantined] == ["start_error_game_loops"]
    assert (checked.broken, checked.tables["build_steps"].num_rows) == ({}, 0)


def test_numbers_that_no_column_holds_are_warnings_by_table_and_column():
    content = {"receipt": {}, "unfit_numbers": {"replay_players": {"team": 2, "apm": 1}}}

    found = [
        (outcome.table_name, outcome.check_name, outcome.severity, outcome.failed_rows)
        for outcome in unfit_outcomes(FIRST, "tracker", content)
    ]

    assert found == [("replay_players", "team_fits", "warning", 2), ("replay_players", "apm_fits", "warning", 1)]
    # What an earlier release extracted says nothing of it.
    assert list(unfit_outcomes(FIRST, "tracker", {"receipt": {}})) == []


def test_texts_with_a_replaced_character_are_counted():
    names = ("Serral", "a\ufffdb", "\ufffd")
    rows = [{"replay_id": FIRST, "player_id": at, "name": name} for at, name in enumerate(names, start=1)]

    checked = check_batch({"replay_players": raw_rows("replay_players", *rows)}, max_bad_row_share=0.0)

    [warning] = checked.outcomes
    assert (warning.check_name, warning.severity, warning.failed_rows) == ("texts_were_readable", "warning", 2)


def _broken_values(column):
    """A value for each declared rule of the column, which breaks it."""
    if column.minimum is not None:
        yield column.minimum - 1
    if column.maximum is not None:
        yield column.maximum + 1
    if column.vocabulary is not None:
        yield "in no vocabulary"
    if column.required:
        yield None
        if pa.types.is_floating(column.type):
            yield float("nan")


@pytest.mark.parametrize("table", [table for table in RAW_TABLES.values() if not table.once_per], ids=lambda t: t.name)
def test_a_row_that_breaks_any_one_rule_of_its_table_is_set_aside(table):
    for column in table.columns:
        for value in _broken_values(column):
            rows = raw_rows(table.name, {column.name: value})
            quarantined = check_batch({table.name: rows}, max_bad_row_share=1.0).quarantined
            assert [bad.column_name for bad in quarantined] == [column.name], value
