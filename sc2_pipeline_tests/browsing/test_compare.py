"""Games and players beside one another, in games written by hand."""

from statistics import quantiles

import pytest

from sc2_pipeline import browsing
from sc2_pipeline.browsing.peers import LEAST_PEERS
from sc2_pipeline.errors import HomeError
from sc2_pipeline.game import game_seconds
from sc2_pipeline.population import Population
from sc2_pipeline_tests.browsing.test_advice import OWN, played
from sc2_pipeline_tests.marts.scripted import built_marts, raw_tables

UNRATED = "e" * 16
BETWEEN = 160 * 2 + 81


def built(number, gateway, **more):
    """A game in which the protoss makes a Gateway at a game loop, two Pylons, one of them in every second game, and a Probe;
    half of the peers have a sample between two others."""
    game = played(number, banks=100 + number, **more)
    if LEAST_PEERS // 2 <= number < LEAST_PEERS:
        game.sample(BETWEEN, 1, minerals_current=100 + number, workers_active_count=12)
    game.step(1, "structure", "Pylon", 400).step(1, "structure", "Gateway", gateway).step(
        1, "unit", "Zealot", gateway + 900
    )
    return game if number % 2 else game.step(1, "structure", "Pylon", 5_000)


@pytest.fixture(scope="module")
def marts():
    peers = [built(number, 1_000 + 10 * number) for number in range(LEAST_PEERS)]
    return built_marts(
        raw_tables(*peers, built(901, 2_000, replay_id=OWN), built(903, 1_200, mmr=None, replay_id=UNRATED))
    )


def step(compared, name, number=1):
    [found] = [row for row in compared["steps"] if (row["name"], row["number"]) == (name, number)]
    return found


def test_the_nth_of_an_item_stands_beside_the_nth_in_the_order_of_the_first(marts):
    compared = browsing.compare_games(marts, OWN, f"{0:016x}", one_player=1, other_player=1)

    assert [(row["name"], row["number"]) for row in compared["steps"]] == [
        ("Pylon", 1),
        ("Gateway", 1),
        ("Zealot", 1),
        ("Pylon", 2),
    ]
    assert step(compared, "Gateway")["one_seconds"] == pytest.approx(game_seconds(2_000))
    assert step(compared, "Gateway")["other_seconds"] == pytest.approx(game_seconds(1_000))
    assert (step(compared, "Pylon", 2)["one_seconds"], step(compared, "Pylon", 2)["share"]) == (None, None)
    assert [side["name"] for side in compared["sides"]] == ["P901", "P0"]
    assert [len(curves["seconds"]) for curves in compared["curves"]] == [20, 20]


def test_the_typical_game_has_medians_of_peers_and_what_half_of_them_made(marts):
    compared = browsing.compare_games(marts, OWN, one_player=1)

    [bank] = [row for row in compared["figures"] if row["name"] == "average_unspent"]
    expected = quantiles([(100 + number) * 12 / 11 for number in range(LEAST_PEERS)], n=4, method="inclusive")
    assert compared["sides"][1]["peers"] == LEAST_PEERS
    assert "at most 300 higher or lower" in compared["sides"][1]["said"]
    assert [bank["first_quartile"], bank["other"], bank["third_quartile"]] == pytest.approx(expected, abs=0.51)
    assert bank["one"] == pytest.approx(1_001 * 12 / 11, abs=0.51)
    assert step(compared, "Gateway")["other_seconds"] == pytest.approx(game_seconds(1_095))
    assert step(compared, "Gateway")["share"] == 1
    assert step(compared, "Pylon", 2)["share"] == 0.5
    assert compared["curves"][1]["unspent"][3] == pytest.approx(109.5)
    assert compared["curves"][1]["unspent_first_quartile"][3] == pytest.approx(104.75)
    assert compared["curves"][1]["unspent"][2] == pytest.approx(109.5)


def test_without_a_rating_the_typical_game_is_that_of_all_ratings_and_says_so(marts):
    [_, typical] = browsing.compare_games(marts, UNRATED, one_player=1)["sides"]

    assert (typical["peers"], "whatever the rating" in typical["said"]) == (LEAST_PEERS + 1, True)


def test_players_are_those_of_the_same_account_or_race_unless_named(marts):
    compared = browsing.compare_games(marts, OWN, UNRATED, one_player=2)

    assert [side["race"] for side in compared["sides"]] == ["Zerg", "Zerg"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (("nobody",), "replay nobody is not in the warehouse"),
        ((OWN, "nobody"), "replay nobody is not in the warehouse"),
    ],
)
def test_games_that_are_not_there_are_said(marts, asked, said):
    with pytest.raises(HomeError, match=said):
        browsing.compare_games(marts, *asked)


def test_players_and_peers_that_are_not_there_are_said():
    few = built_marts(raw_tables(built(901, 2_000, replay_id=OWN)))

    with pytest.raises(HomeError, match="has no player 3; its players are 1, 2"):
        browsing.compare_games(few, OWN, one_player=3)

    compared = browsing.compare_games(few, OWN, one_player=1)
    assert compared["sides"][1]["silence"] == "0 games of Protoss in PvZ to compare with, which is less than 20"
    assert (compared["curves"][1]["seconds"], {row["other"] for row in compared["figures"]}) == ([], {None})


def test_two_players_have_means_of_their_games_and_their_meetings(marts):
    compared = browsing.compare_players(marts, "2-S2-1-902", "2-S2-1-1902", Population.read({}))

    [bank] = [row for row in compared["figures"] if row["name"] == "average_unspent"]
    assert [player["name"] for player in compared["players"]] == ["P901", "Z901"]
    assert [bank["one"], bank["other"]] == pytest.approx([1_001 * 12 / 11, 50], abs=0.51)
    assert compared["meetings"] == {"games": 1, "won_by_first": 0, "won_by_second": 0}
    assert [row["name"] for row in compared["players"][0]["matchups"]] == ["PvZ"]
    with pytest.raises(HomeError, match="no player nobody"):
        browsing.compare_players(marts, "nobody", "2-S2-1-902", Population.read({}))
