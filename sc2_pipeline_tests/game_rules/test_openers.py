"""The rules of openers can be read, name things that exist, and say no name twice in a way that hides one."""

import csv
from collections import defaultdict

import pytest

from sc2_pipeline.errors import ContractError
from sc2_pipeline.game_rules import rows
from sc2_pipeline.game_rules.openers import LATER_SECONDS, opener_conditions
from sc2_pipeline.game_rules.shipped import shipped_tables


def test_every_rule_holds_for_the_starts_that_it_names():
    starts = defaultdict(set)
    for row in opener_conditions():
        starts[row["rank"]].add(row["start_workers"])
    with (rows.FOLDER / "openers.csv").open(encoding="utf-8") as file:
        written = [
            {int(row["start_workers"])} if row["start_workers"] else set(LATER_SECONDS) for row in csv.DictReader(file)
        ]

    assert list(starts.values()) == written


def test_rules_speak_of_unit_types_and_upgrades_that_there_are():
    types = set(shipped_tables()["known_unit_types"].column("unit_type").to_pylist())
    subjects = set(shipped_tables()["known_rules"].column("subject").to_pylist())
    items = {row[name] for row in opener_conditions() for name in ("item", "other_item")} - {None}

    assert items - types - subjects == set()


def test_a_rule_that_asks_less_does_not_stand_before_one_that_asks_more():
    rules = defaultdict(set)
    for row in opener_conditions():
        condition = tuple(
            row[name] for name in ("by_game_loop", "is_negative", "is_proxy", "item", "nth", "other_item", "other_nth")
        )
        rules[row["level"], row["race"], row["start_workers"], row["rank"], row["name"]].add(condition)
    hidden = [
        (later[-1], first[-1])
        for first, fewer in rules.items()
        for later, more in rules.items()
        if first[:3] == later[:3] and first[3] < later[3] and fewer <= more
    ]

    assert hidden == []


@pytest.mark.parametrize(
    "condition", ["Hatchery", "2 Hatchery", "Hatchery by 1:0", "Hatchery > Pool", "Hatchery by 90"]
)
def test_a_condition_of_no_known_form_is_refused(condition, monkeypatch, tmp_path):
    (tmp_path / "openers.csv").write_text(f"level,race,name,start_workers,conditions\nopener,zerg,x,,{condition}\n")
    monkeypatch.setattr(rows, "FOLDER", tmp_path)

    if condition.endswith("Hatchery"):
        assert len(list(opener_conditions())) == len(LATER_SECONDS)
    else:
        with pytest.raises(ContractError, match="not of a form"):
            list(opener_conditions())
