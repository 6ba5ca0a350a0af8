"""The tables of rules hold together: one fact at a time, everything named is there, every row says where it is from."""

from collections import defaultdict
from datetime import date
from itertools import pairwise

import pytest

from sc2_pipeline.game_rules import rows
from sc2_pipeline.game_rules.rows import FIRST, NEVER, Moment, Point, Row, digest, point, rows_of

KEYS = {
    "rules": ("subject", "fact"),
    "items": ("item",),
    "unit_types": ("unit_type",),
    "ability_commands": ("ability", "command_index"),
    "coop_names": ("kind", "place"),
    "salt_items": ("item",),
}


def facts(name: str) -> dict[tuple[str, ...], list[Row]]:
    """Rows of a table by what they are about and mode, in the order of their eras."""
    found = defaultdict(list)
    for row in rows_of(name):
        found[*(row.fields[column] for column in KEYS[name]), row.mode].append(row)
    return {key: sorted(alike, key=lambda row: row.since) for key, alike in found.items()}


def test_every_table_is_looked_at():
    # The openers' rules are read by a module of their own: see test_openers.py.
    assert {path.stem for path in rows.FOLDER.glob("*.csv")} == {*KEYS, "openers"}


@pytest.mark.parametrize("name", KEYS)
def test_a_fact_is_said_once_for_every_game(name):
    for key, alike in facts(name).items():
        for row in alike:
            assert row.since < row.until, key
        for earlier, later in pairwise(alike):
            assert earlier.until <= later.since, key


@pytest.mark.parametrize("name", KEYS)
def test_every_row_says_where_it_is_from(name):
    assert [row for row in rows_of(name) if not row.source.strip()] == []


def test_what_the_ladder_changed_is_written_down_for_co_op_too():
    """Co-op falls back on the ladder's rows, and balance updates of the ladder are none of co-op's."""
    known = facts("rules")
    changed = {
        key[:-1]
        for key, alike in known.items()
        if key[-1] == "ladder" and any((row.since, row.until) != (FIRST, NEVER) for row in alike)
    }

    assert sorted(key for key in changed if (*key, "coop") not in known) == []


def test_numbers_are_numbers_and_have_a_unit_where_they_count_something():
    for row in rows_of("rules"):
        assert row.fields["value"] == "" or float(row.fields["value"]) is not None
        if row.fields["fact"] in ("build_time", "minerals", "vespene", "supply", "supply_provided"):
            assert row.fields["unit"], row.fields


def test_whatever_types_name_is_a_type():
    types = {row.fields["unit_type"] for row in rows_of("unit_types")}

    for row in rows_of("unit_types"):
        named = {row.fields[name] for name in ("base_unit_type", "made_of", "hatches_into")} | set(
            row.fields["needs"].split()
        )
        assert named - {""} <= types, row.fields


def test_everything_that_a_command_orders_can_be_made():
    made = {row.fields["item"] for row in rows_of("items")} | {row.fields["unit_type"] for row in rows_of("unit_types")}

    assert {row.fields["item"] for row in rows_of("ability_commands")} <= made


@pytest.mark.parametrize(
    ("moment", "text", "is_reached"),
    [
        (Moment(59587), "59587", True),
        (Moment(59586), "59587", False),
        (Moment(70154, data_build=70154), "70154.70326", False),
        (Moment(70154, data_build=70326), "70154.70326", True),
        (Moment(71061, data_build=70000), "70154.70326", True),
        (Moment(60321, day=date(2017, 12, 17)), "60321@2017-12-18", False),
        (Moment(60321, data_build=60604, day=date(2017, 12, 18)), "60321@2017-12-18", True),
        (Moment(60321), "60321@2017-12-18", True),
        (Moment(62347, day=date(2001, 1, 1)), "60321@2017-12-18", True),
    ],
)
def test_a_point_is_reached_by_its_base_build_and_what_is_finer_than_that(moment, text, is_reached):
    assert point(text).is_reached(moment) is is_reached


@pytest.mark.parametrize("text", ["", "5.0.14", "2017-12-18", "60321@yesterday", "1.2.3"])
def test_an_era_spelt_otherwise_is_refused(text):
    with pytest.raises(ValueError, match="begins no era"):
        point(text)


def test_the_first_point_is_reached_by_all_and_the_last_by_none():
    assert FIRST.is_reached(Moment(0, data_build=0, day=date.min))
    assert not NEVER.is_reached(Moment((1 << 31) - 1))
    assert FIRST < Point(1) < NEVER


def test_the_digest_changes_with_a_row_and_not_with_line_endings(rule_book):
    before = digest()
    rules = rule_book.folder / "rules.csv"

    rules.write_bytes(rules.read_bytes().replace(b"\n", b"\r\n"))
    rule_book.forget()
    with_other_endings = digest()
    rule_book.add("rules", subject="Roach", fact="build_time", value="400", mode="ladder", source="a test")

    assert with_other_endings == before
    assert digest() != before
    assert len(before) == 16
    assert int(before, 16)
