"""Which games an answer is about: the default, every option, and what is said of the games left out."""

import datetime

import pytest

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.population import Population, population_options
from sc2_pipeline.questions import asked_of, bound_values, find_question, read_questions, statement_of
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows

LONG, SHORT = 13_440, 1_343


def duel(number: int, *, handles: tuple[str | None, str | None] = ("2-S2-1-1", "2-S2-1-2"), **facts) -> Game:
    game = Game(f"{number:016x}", game=str(number), **{"duration_game_loops": LONG, **facts})
    game.player(1, "protoss", name="Ann", toon_handle=handles[0], mmr=4200, result="victory")
    return game.player(2, "zerg", name="Bob", toon_handle=handles[1], mmr=4000, result="defeat")


def teams(number: int) -> Game:
    game = Game(f"{number:016x}", game=str(number), game_mode="2v2", duration_game_loops=LONG)
    for player_id, team in ((1, 0), (2, 0), (3, 1), (4, 1)):
        game.player(player_id, "terran", team, name=f"P{player_id}", toon_handle=f"2-S2-1-{player_id}")
    return game


@pytest.fixture(scope="module")
def marts():
    games = [
        duel(0, game_version="5.0.14.93333", played_at=datetime.datetime(2024, 6, 1, 23, 59, tzinfo=datetime.UTC)),
        duel(1, game_version="5.0.1.80000", played_at=datetime.datetime(2024, 6, 2, tzinfo=datetime.UTC), map_name="Alcyone LE"),
        teams(2),
        duel(3, is_vs_ai=True),
        duel(4, handles=(None, None)),
        duel(5).taken_over(5_000),
        duel(6, duration_game_loops=SHORT),
        duel(7, game_mode="arcade"),
        Game(f"{8:016x}", game="8", game_mode="coop", is_coop=True, duration_game_loops=LONG)
        .player(1, "terran", commander="Raynor", toon_handle="2-S2-1-1", result="victory")
        .player(2, "zerg", is_computer=True),
    ]  # fmt: skip
    for worker in range(12):
        games[0].born(0, worker + 1, "Probe")
    for worker in range(6):
        games[1].born(0, worker + 1, "Probe")
    return marts_of(*games)


def asked(marts, **given: str) -> set[int]:
    population = Population.read(given)
    return {int(row[0], 16) for row in rows(marts, population.statement("select replay_id from asked_games"))}


def test_the_default_is_melee_between_people_not_resumed_of_at_least_a_minute(marts):
    assert asked(marts) == {0, 1, 2}


@pytest.mark.parametrize(
    ("given", "games"),
    [
        ({"mode": "1v1"}, {0, 1}),
        ({"mode": "2v2"}, {2}),
        ({"mode": "any"}, {0, 1, 2, 7, 8}),
        ({"mode": "arcade"}, {7}),
        ({"mode": "coop"}, {8}),
        ({"include_ai": "true"}, {0, 1, 2, 3, 4}),
        ({"include_resumed": "true"}, {0, 1, 2, 5}),
        ({"include_short": "true"}, {0, 1, 2, 6}),
        ({"patch": "5.0.1"}, {1}),
        ({"patch": "5.0", "mode": "1v1"}, {0, 1}),
        ({"era": "12"}, {0}),
        ({"era": "6"}, {1}),
        ({"since": "2024-06-02", "mode": "1v1"}, {1}),
        ({"until_date": "2024-06-01", "mode": "1v1"}, {0}),
        ({"mmr": "4100-4100"}, {0, 1}),
        ({"mmr": "4101-"}, set()),
        ({"mmr": "-4100"}, {0, 1}),
        ({"map": "alcyone"}, {1}),
        ({"matchup": "zvp"}, {0, 1}),
        ({"player": "ann"}, {0, 1}),
        ({"player": "2-S2-1-3"}, {2}),
    ],
)
def test_every_option_chooses_games(marts, given, games):
    if {"since", "until_date"} & given.keys():
        marts.execute("set timezone = 'Asia/Seoul'")
    assert asked(marts, **given) == games


def test_no_option_is_without_a_case():
    cases = next(mark for mark in test_every_option_chooses_games.pytestmark if mark.name == "parametrize").args[1]

    assert {name for given, _ in cases for name in given} == set(population_options())


def test_a_line_counts_each_game_left_out_once_by_its_first_reason(marts):
    line = Population.read({"matchup": "PvZ"}).line(marts)

    assert line == (
        "2 of 9 games: melee, people only, not resumed, at least a minute, PvZ; left out: 2 of other modes,"
        " 2 with computers or bots, 1 resumed, 1 under a minute, 1 of other matchups"
    )


def test_the_mart_says_by_the_same_words_what_is_left_out_by_default(marts):
    counted = {int(row[0], 16) for row in rows(marts, "select replay_id from marts.games where left_out_by is null")}
    reasons = dict(
        rows(marts, "select left_out_by, count(*) from marts.games where left_out_by is not null group by 1")
    )

    assert counted == asked(marts)
    assert reasons == {"mode": 2, "ai": 2, "resumed": 1, "short": 1}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"mode": "solo"}, "--mode is solo; give one of melee, 1v1"),
        ({"era": "six"}, "--era is six; give a number"),
        ({"since": "June"}, "--since is June; give a day such as 2024-06-01"),
        ({"until_date": "2024-13-01"}, "--until-date is 2024-13-01"),
        ({"mmr": "high"}, "--mmr is high; give a range such as 4000-4500"),
        ({"mmr": "-"}, "--mmr is -;"),
        ({"matchup": "PZ"}, "such as PvZ"),
        ({"include_ai": "perhaps"}, "true or false"),
    ],
)
def test_values_that_do_not_fit_are_refused(given, said):
    with pytest.raises(SettingsError, match=said):
        Population.read(given)


@pytest.mark.parametrize("question", read_questions(), ids=lambda question: question.name)
def test_every_question_is_asked_of_a_population_and_takes_all_its_options(question):
    values = bound_values(question, {"map": "x", "since": "2024-01-01", "include_ai": "true"})

    statement = statement_of(question, values)

    assert "from marts.games as games" in statement
    assert "marts.player_game_summary as" not in question.sql or question.is_about_one_game or question.name == "upsets"
    assert "not games.has_ai" not in statement
    assert "not games.is_resumed" in statement


def test_a_named_replay_is_asked_whatever_it_is(marts):
    question = find_question("unit_lifetimes")
    values = bound_values(question, {}) | {"replay": f"{3:016x}"}

    assert "whatever its kind" in asked_of(marts, question, values)
    assert f"'{3:016x}'" in statement_of(question, values)


def test_a_question_about_one_game_names_it_and_what_it_is_the_latest_of(marts):
    question = find_question("unit_counts")

    said = asked_of(marts, question, bound_values(question, {"until_date": "2024-06-01"}))

    assert said.startswith("2024-06-01, ")
    assert "Ann, Bob" in said
    assert "the latest of 1 of 9 games" in said


def test_a_question_about_one_game_says_when_none_fits(marts):
    question = find_question("unit_counts")

    assert asked_of(marts, question, bound_values(question, {"mode": "4v4"})).startswith("no game; 0 of 9 games: 4v4")
