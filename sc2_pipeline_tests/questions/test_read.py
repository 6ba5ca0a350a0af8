"""The 66 questions as values, and what may be typed after their names."""

import pytest

from sc2_pipeline.errors import ContractError, SettingsError
from sc2_pipeline.questions import bound_values, find_question, read_questions, statement_of
from sc2_pipeline.questions.answer import normal_matchup


def test_the_66_questions_of_the_field_are_all_there():
    assert [question.number for question in read_questions()] == list(range(1, 67))
    assert all(question.traps and question.columns for question in read_questions())


@pytest.mark.parametrize("typed", ["openings", "32", "opening", "OPENINGS"])
def test_a_question_is_found_by_name_number_and_beginning(typed):
    assert find_question(typed).name == "openings"


@pytest.mark.parametrize(
    ("typed", "said"), [("openngs", "near: openings"), ("build_", "it fits: build_order, build_dev")]
)
def test_a_name_that_fits_none_or_several_is_refused_with_names(typed, said):
    with pytest.raises(SettingsError, match=said):
        find_question(typed)


@pytest.mark.parametrize(("typed", "meant"), [("zvp", "PvZ"), ("PvZ", "PvZ"), ("ztVpp", "PPvTZ")])
def test_a_matchup_is_spelt_as_the_warehouse_does(typed, meant):
    assert normal_matchup(typed) == meant


@pytest.mark.parametrize(
    ("given", "said"),
    [({"foo": "1"}, "no option --foo"), ({"minute": "five"}, "give a number"), ({"matchup": "PZ"}, "such as PvZ")],
)
def test_options_that_do_not_fit_are_refused(given, said):
    question = find_question("army_composition")

    with pytest.raises(SettingsError, match=said):
        bound_values(question, given)


def test_hostile_values_stay_text_in_the_statement():
    question = find_question("openings")

    statement = statement_of(question, bound_values(question, {"player": "x'; drop table t; --"}))

    assert "lower('x''; drop table t; --')" in statement
    assert "$" not in statement


def test_sql_that_no_yml_describes_is_refused(tmp_path):
    for group in ("units", "economy", "combat", "builds", "macro", "scouting", "learning", "meta", "coop"):
        (tmp_path / f"{group}.yml").write_text("questions: []\n")
    (tmp_path / "lonely.sql").write_text("-- Grain: one row.\nselect 1 as one\n")

    with pytest.raises(ContractError, match=r"lonely\.sql is described in no yml"):
        read_questions(tmp_path)
