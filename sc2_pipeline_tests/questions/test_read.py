"""The questions as values, and what may be typed after their names."""

import re
import shutil
import textwrap

import pytest
import yaml

from sc2_pipeline.errors import ContractError, SettingsError
from sc2_pipeline.population.options import normal_matchup
from sc2_pipeline.questions import bound_values, find_question, read_questions, statement_of
from sc2_pipeline.questions.cookbook import cookbook_pages
from sc2_pipeline.sql_models.read import sql_folder


def test_every_question_tells_its_columns_and_traps():
    assert all(question.traps and question.columns for question in read_questions())


def test_every_clock_of_an_answer_says_its_speed():
    """Tables of several games have one clock, of speed Faster, of co-op Normal; of one game its own, and a column says which."""
    clocks = {}
    for question in read_questions():
        shown = re.findall(r"clock\(.+\) as (\w+)|\w+\.(clock),", question.sql)
        clocks |= {(question.name, named or passed_on): question for named, passed_on in shown}
    described = {key: dict(question.columns)[key[1]] for key, question in clocks.items()}
    unnamed = [
        key for key, text in described.items() if not re.search("speed (Faster|Normal)|same clock|own clock", text)
    ]
    own = {question for (question, column), text in described.items() if "own clock" in text}

    assert len(clocks) > 25
    assert unnamed == []
    assert own == {"build_order", "kills", "producers"}
    assert own == {question.name for question in read_questions() if "clock_speed" in dict(question.columns)}


def test_another_question_is_its_sql_and_its_yml_and_costs_no_page(tmp_path):
    folder = shutil.copytree(sql_folder() / "questions", tmp_path / "questions")
    (folder / "longest_game.sql").write_text("select max(duration_game_loops) as loops from marts.dim_replays\n")
    entry = {
        "name": "longest_game",
        "question": "How long is the longest game?",
        "answered_from": "tracker",
        "columns": {"loops": "Its game loops."},
        "traps": ["Its recording may be longer."],
    }
    with (folder / "units.yml").open("a", encoding="utf-8") as units:
        units.write(textwrap.indent(yaml.safe_dump([entry], sort_keys=False), "  "))

    questions = read_questions(folder)
    pages = cookbook_pages(questions)

    assert {q.name for q in questions} - {q.name for q in read_questions()} == {"longest_game"}
    assert pages.keys() == cookbook_pages().keys()
    assert all(f"ask {q.name}`" in "".join(pages.values()) for q in questions)


@pytest.mark.parametrize("typed", ["openings", "opening", "OPENINGS"])
def test_a_question_is_found_by_name_and_beginning(typed):
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
