"""Every question over warehouses that have little to say: it answers, or says why not."""

import pytest

from sc2_pipeline.questions import bound_values, read_questions, statement_of, why_empty
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows
from sc2_pipeline_tests.questions.test_numbers import pvz

ODD = {
    "empty": list,
    "only co-op": lambda: [
        Game(game_mode="coop", is_coop=True)
        .player(1, "terran", commander="Raynor", result="victory")
        .player(2, "zerg", is_computer=True)
    ],
    "only two against two": lambda: [
        Game(game_mode="2v2").player(1, "terran", 0).player(2, "zerg", 0).player(3, "zerg", 1).player(4, "protoss", 1)
    ],
    "nineteen game loops": lambda: [pvz(duration_game_loops=19)],
    "no rating, race or day": lambda: [Game().player(1, None, result="victory").player(2, None, result="defeat")],
}


@pytest.mark.parametrize("name", ODD)
def test_every_question_answers_or_says_why_not(name):
    marts = marts_of(*ODD[name]())

    silent = []
    for question in read_questions():
        values = bound_values(question, {})
        if not rows(marts, statement_of(question, values)) and not why_empty(marts, question, values):
            silent.append(question.name)

    assert silent == []


def test_an_empty_warehouse_says_that_it_is_empty():
    [question, *_] = read_questions()

    assert "holds no replay" in why_empty(marts_of(), question, bound_values(question, {}))
