"""The clock of a game: the same for its page and its screen, and the game's own."""

import pytest

from sc2_pipeline import browsing
from sc2_pipeline.cli.game_screen import print_game
from sc2_pipeline.game import clock
from sc2_pipeline_tests.browsing.fought import fought
from sc2_pipeline_tests.marts.scripted import marts_of, rows

pytestmark = pytest.mark.slow

LENGTH = 4_641
"""Game loops: the recording goes on for 39 more."""

CLOCKS = {
    "a": ({"base_build": 38215}, "faster", 112 / 5, ["3:27", "3:28", "1:33", "0:22", "workers at 5:00"]),
    "b": ({"base_build": 38214}, "normal", 16, ["4:50", "4:52", "2:11", "0:31", "workers at 7:00"]),
    "c": (
        {"is_coop": True, "game_mode": "coop"},
        "normal",
        16,
        ["4:50", "4:52", "2:11", "0:31", "workers at 7:00"],
    ),
}


@pytest.fixture(scope="module")
def marts():
    games = []
    for letter, (replay, *_) in CLOCKS.items():
        game = fought(letter * 16, duration_game_loops=4_680, **replay)
        game.step(1, "structure", "Forge", 500, finished_game_loop=900, supply_used=12.0)
        game.sample(4_500, 1, supply_used=15.0, supply_cap=15.0)
        if not replay.get("is_coop"):
            # The winner stays; in co-op the last of all tells.
            game.sample(4_659, 1)
        games.append(game)
    return marts_of(*games)


@pytest.mark.parametrize("letter", CLOCKS)
def test_a_games_page_and_screen_have_one_clock_and_end_with_the_game(capsys, marts, letter):
    _, speed, loops_per_second, (length, recording, fight, built, workers) = CLOCKS[letter]

    found = browsing.game(marts, letter * 16)
    print_game(marts, letter * 16)

    game, screen = found["game"], capsys.readouterr().out
    assert game["clock_speed"] == speed
    assert game["length_seconds"] == pytest.approx(LENGTH / loops_per_second)
    assert (clock(game["length_seconds"]), clock(game["recorded_seconds"])) == (length, recording)
    assert clock(game["duration_seconds"]) == "3:27"
    assert [clock(each["started_seconds"]) for each in found["fights"]] == [fight]
    assert [each["clock"] for each in found["fights"]] == [fight]
    assert [clock(step["started_seconds"]) for step in found["builds"]] == [built]
    assert max(max(curve["seconds"]) for curve in found["curves"]) <= game["length_seconds"]
    assert f"{length} at speed {speed.capitalize()} (recording {recording})" in screen
    for said in (fight, workers):
        assert said in screen
    chosen = f"where replay_id = '{letter * 16}'"
    assert rows(marts, f"select distinct clock, lower(clock_speed) from marts.fct_build_orders {chosen}") == [
        (built, speed)
    ]
    assert rows(
        marts, f"select min(clock), min(clock_speed) from marts.fct_unit_deaths {chosen} and unit_tag = 10"
    ) == [(fight, speed)]


def test_a_replay_without_commands_has_the_births_of_its_units_for_a_build_order(marts):
    game = fought("d" * 16, duration_game_loops=4_680)

    steps = browsing.game(marts_of(game), "d" * 16)["builds"]

    begun = [(step["name"], step["is_cancelled"], clock(step["started_seconds"])) for step in steps]
    assert [each for each in begun if each[0] != "Zealot"] == [("Gateway", False, "0:22"), ("Pylon", True, "0:40")]
    assert [step["step_number"] for step in steps] == list(range(1, len(steps) + 1))
