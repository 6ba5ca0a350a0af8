"""What was worse than with peers, in games written by hand."""

import sys

import pytest

from sc2_pipeline import browsing
from sc2_pipeline.browsing.advice import MEASURES
from sc2_pipeline.browsing.peers import LEAST_PEERS
from sc2_pipeline.errors import HomeError
from sc2_pipeline_tests.marts.scripted import Game, built_marts, raw_tables

OWN = "f" * 16
PEAK = 160 * 12 + 1


def played(number: int, *, banks: int, workers_lost: int = 0, mmr: int | None = 4000, replay_id: str = "") -> Game:
    """A game of a protoss whose bank is ``banks`` all the time, and twice that once, against a zerg who is never rated."""
    replay_id = replay_id or f"{number:016x}"
    game = Game(replay_id, game=replay_id)
    game.player(1, "protoss", name=f"P{number}", toon_handle=f"2-S2-1-{number + 1}", mmr=mmr, mmr_status="present")
    game.player(2, "zerg", name=f"Z{number}", toon_handle=f"2-S2-1-{number + 1001}")
    for tag in range(12):
        game.born(0, 100 + tag, "Probe", 1, x=20.0, y=20.0)
        game.born(0, 200 + tag, "Drone", 2, x=90.0, y=90.0)
    for sample in range(20):
        loop = 160 * sample + 1
        game.sample(loop, 1, minerals_current=banks * (2 if loop == PEAK else 1), workers_active_count=12)
        game.sample(loop, 2, minerals_current=50, workers_active_count=12)
    for lost in range(workers_lost):
        game.died(2_000 + lost, 100 + lost, 2, x=20.0, y=20.0)
    return game


def advised(*games: Game) -> dict:
    [protoss, zerg] = browsing.advice(built_marts(raw_tables(*games)), OWN)["players"]
    assert zerg["silence"] == "the rating is unknown"
    return protoss


def peers(count: int, **more) -> list[Game]:
    return [played(number, banks=100 + number, **more) for number in range(count)]


def test_what_is_worse_than_the_worse_quartile_is_named_with_its_place():
    told = advised(*peers(LEAST_PEERS), played(900, banks=1_000, workers_lost=3, replay_id=OWN))

    assert (told["peers"], told["silence"]) == (LEAST_PEERS, None)
    by_name = {thing["name"]: thing for thing in told["things"]}
    assert {"unspent", "workers_lost"} <= by_name.keys()
    bank = by_name["unspent"]
    assert bank["value"] == pytest.approx(1_000 * 12 / 11)
    assert bank["first_quartile"] < bank["median"] < bank["third_quartile"] < 200
    assert bank["place_seconds"] == PEAK * 5 / 112
    assert by_name["workers_lost"]["place_seconds"] == 2_000 * 5 / 112


def test_who_does_as_peers_do_is_told_nothing():
    told = advised(*peers(LEAST_PEERS), played(900, banks=109, replay_id=OWN))

    assert (told["things"], told["silence"]) == ([], None)


@pytest.mark.parametrize(
    ("others", "own", "silence"),
    [
        (peers(LEAST_PEERS - 1), {}, "19 players to compare with, which is less than 20"),
        (peers(LEAST_PEERS, mmr=4_301), {}, "0 players to compare with, which is less than 20"),
        (peers(LEAST_PEERS), {"mmr": None}, "the rating is unknown"),
    ],
)
def test_too_little_to_compare_with_is_said_and_nothing_else(others, own, silence):
    told = advised(*others, played(900, banks=1_000, replay_id=OWN, **own))

    assert (told["things"], told["silence"]) == ([], silence)


def test_a_race_of_which_nothing_is_measured_is_said(monkeypatch):
    """As in a home that no run of this release has brought up, where races are written otherwise."""
    monkeypatch.setattr(sys.modules["sc2_pipeline.browsing.advice"], "MEASURES", ())

    told = advised(played(900, banks=1_000, replay_id=OWN))

    assert (told["things"], told["silence"]) == ([], "nothing is measured of this race")


def test_only_games_between_people_are_compared():
    game = Game(OWN, is_vs_ai=True)
    game.player(1, "protoss", name="Ann", mmr=4_000, mmr_status="present").player(
        2, "zerg", name="A.I.", is_computer=True
    )

    told = browsing.advice(built_marts(raw_tables(game)), OWN)

    assert {player["silence"] for player in told["players"]} == {
        "only 1v1s between people, of a minute or more, are compared"
    }


def test_every_measure_runs_and_a_replay_that_is_not_there_is_said():
    marts = built_marts(raw_tables(played(1, banks=100, replay_id=OWN)))

    for measure in MEASURES:
        marts.execute(measure.place, {"replay": OWN} | ({"player": 1} if "$player" in measure.place else {})).fetchall()
    with pytest.raises(HomeError, match="replay nobody is not in the warehouse"):
        browsing.advice(marts, "nobody")
