"""Every question runs on the real replays, narrowed or not, and some of its numbers are those counted elsewhere."""

import pytest

from sc2_pipeline.questions import bound_values, find_question, read_questions, statement_of, why_empty
from sc2_pipeline_tests.marts.scripted import rows

NARROWED = {
    "matchup": "PvZ",
    "player": "Reynor",
    "map": "LE",
    "unit": "Marine",
    "commander": "Raynor",
    "dimension": "patch",
    "minute": "4",
    "min_games": "1",
}
ENGINE_ONLY = {question.name for question in read_questions() if question.answered_from == "engine"}


def asked(marts, name: str, **given: str) -> list[dict]:
    question = find_question(name)
    columns = [column for column, _ in question.columns]
    return [
        dict(zip(columns, row, strict=True))
        for row in rows(marts, statement_of(question, bound_values(question, given)))
    ]


def replay_id(marts, file_name: str) -> str:
    [(found,)] = rows(marts, f"select replay_id from marts.dim_replays where file_name = '{file_name}'")
    return found


@pytest.mark.parametrize("question", read_questions(), ids=lambda question: question.name)
def test_every_question_answers_with_the_columns_it_describes(real_marts, question):
    statement = statement_of(question, bound_values(question, {}))
    columns = [name for name, *_ in real_marts.execute(f"describe {statement}").fetchall()]

    found = rows(real_marts, statement)

    assert columns == [name for name, _ in question.columns]
    assert bool(found) == (question.name not in ENGINE_ONLY)


@pytest.mark.parametrize("question", [q for q in read_questions() if q.parameters], ids=lambda question: question.name)
def test_every_question_can_be_narrowed_by_all_it_takes(real_marts, question):
    game = replay_id(real_marts, "Deathaura.SC2Replay")
    given = {
        parameter.name: game if parameter.type == "replay" else NARROWED[parameter.name]
        for parameter in question.parameters
        if parameter.type == "replay" or parameter.name in NARROWED
    }
    values = bound_values(question, given)

    narrowed = rows(real_marts, f"select count(*) from ({statement_of(question, values)})")

    assert narrowed[0][0] > 0 or why_empty(real_marts, question, values)


@pytest.mark.parametrize("name", sorted(ENGINE_ONLY))
def test_what_only_the_game_knows_says_so(real_marts, name):
    question = find_question(name)

    assert "--source sc2" in why_empty(real_marts, question, bound_values(question, {}))


def test_units_at_five_minutes_are_those_sc2reader_counts(real_marts):
    counts = asked(real_marts, "unit_counts", replay=replay_id(real_marts, "2018_05_17_Z_Raphtor_VS_T_Tocon.SC2Replay"))

    assert {row["unit_type"]: row["alive_count"] for row in counts}["SCV"] == 38


def test_kills_of_a_game_are_as_many_as_its_summary_says(real_marts):
    game = replay_id(real_marts, "Equilibrium LE (84).SC2Replay")

    killed = asked(real_marts, "kills", replay=game)

    [(lost,)] = rows(real_marts, f"select sum(units_lost) from marts.player_game_summary where replay_id = '{game}'")
    assert len([row for row in killed if not row["is_summoned"]]) == lost > 100


def test_win_rates_add_up_to_the_games(real_marts):
    rates = asked(real_marts, "win_rates")

    [(games,)] = rows(
        real_marts,
        "select count(distinct summaries.game_key) from marts.player_game_summary as summaries"
        " inner join marts.games using (replay_id)"
        " where summaries.game_mode = '1v1' and games.left_out_by is null and is_winner and race_actual != opponent_race_actual",
    )
    assert sum(row["wins"] for row in rates) == games
    assert all(row["low"] <= row["win_rate"] <= row["high"] for row in rates)
