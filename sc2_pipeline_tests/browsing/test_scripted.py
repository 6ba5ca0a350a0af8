"""What is looked up in games written by hand."""

from datetime import UTC, datetime

import pytest

from sc2_pipeline import browsing
from sc2_pipeline.browsing.players import form
from sc2_pipeline.errors import HomeError, SettingsError
from sc2_pipeline_tests.browsing.fought import fought
from sc2_pipeline_tests.marts.scripted import Game, built_marts, raw_tables

MARINE, FLYING, STILL = 500, 501, 502

PLACES = {
    MARINE: [(at, min(20.0 + max(0, at - 224) / 10, 40.0), 20.0) for at in range(0, 560, 8)] + [(900, 80.0, 20.0)],
    FLYING: [(at, 30.0 + (at > 500), 30.0) for at in range(0, 1_344, 100)],
    STILL: [(at, 40.0, 40.0) for at in range(0, 1_344, 100)],
}
"""Where the game is observed to show units of the game of the computers: game loop, x, y."""


def computers(replay_id: str) -> Game:
    game = Game(replay_id, game=replay_id, is_vs_ai=True, map_name="Other LE", duration_game_loops=1344)
    game.player(1, "terran", name="Ann", toon_handle="2-S2-1-1", result="defeat")
    game.player(2, "zerg", name="A.I. 1", is_computer=True, result="victory")
    game.born(0, MARINE, "Marine", 1, x=20.0, y=20.0).born(0, FLYING, "Barracks", 1, x=30.0, y=30.0)
    return game.born(0, STILL, "Bunker", 1, x=40.0, y=40.0).died(1_000, MARINE, 2, x=90.0, y=20.0)


@pytest.fixture(scope="module")
def marts():
    fight = fought(map_name="Scripted LE").step(1, "structure", "Pylon", 300).step(1, "structure", "Gateway", 500)
    return built_marts(raw_tables(fight, computers("b" * 16)))


def listed(marts, **asked):
    found = browsing.games(marts, browsing.GamesAsked(**asked))
    assert found["total"] == len(found["games"])
    return [game["replay_id"][0] for game in found["games"]]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, ["a", "b"]),
        ({"sort": "length", "is_ascending": True}, ["b", "a"]),
        ({"search": "ann other"}, ["b"]),
        ({"search": "ANN nobody"}, []),
        ({"search": "%"}, []),
        ({"opponents": "people"}, ["a"]),
        ({"options": {"matchup": "zvp"}}, ["a"]),
        ({"options": {"player": "Ann"}, "result": "defeat"}, ["b"]),
        ({"options": {"player": "2-S2-1-1"}, "result": "victory"}, ["a"]),
        ({"min_minutes": 1.1}, ["a"]),
        ({"max_minutes": 1.0}, ["b"]),
    ],
)
def test_games_are_filtered_and_sorted(marts, asked, found):
    assert listed(marts, **asked) == found


def test_a_page_of_games_says_how_many_there_are(marts):
    second = browsing.games(marts, browsing.GamesAsked(), limit=1, offset=1)

    assert (second["total"], [game["replay_id"] for game in second["games"]]) == (2, ["b" * 16])
    assert [player["name"] for player in second["games"][0]["players"]] == ["Ann", "A.I. 1"]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"sort": "replay_id; drop table x"}, "sort is replay_id; drop table x; give one of played"),
        ({"result": "victory"}, "give the player too"),
        ({"result": "won", "options": {"player": "Ann"}}, "result is won"),
        ({"options": {"colour": "red"}}, "there is no option colour"),
        ({"options": {"matchup": "red"}}, "--matchup is red"),
    ],
)
def test_what_cannot_be_asked_is_said(marts, asked, said):
    with pytest.raises(SettingsError, match=said):
        browsing.games_statement(browsing.GamesAsked(**asked))


def test_a_game_has_its_curves_fights_and_builds_by_player(marts):
    game = browsing.game(marts, "a" * 16)

    assert [(player["name"], player["player_key"]) for player in game["players"]] == [
        ("Ann", "2-S2-1-1"),
        ("Bob", "2-S2-1-2"),
    ]
    [first, _] = game["curves"]
    assert (first["seconds"][0], first["army_value"][:3], first["workers"][:3]) == (
        1 * 5 / 112,
        [0, 100, 200],
        [0, 1, 2],
    )
    assert {side["player_id"] for side in game["fights"][0]["sides"]} == {1, 2}
    assert [(step["name"], step["started_seconds"]) for step in game["builds"]] == [
        ("Pylon", 300 * 5 / 112),
        ("Gateway", 500 * 5 / 112),
    ]
    zealots = [run for run in game["units"] if run["name"] == "Zealot"]
    assert max(run["alive"] for run in zealots) == 10


def test_a_player_has_games_and_records_and_a_map_its_deaths(marts):
    ann = browsing.player(marts, "2-S2-1-1")
    [scripted] = browsing.maps(marts, "scripted")["maps"]
    family = browsing.map_family(marts, scripted["map_key"])

    assert [tally | {"name": None} for tally in ann["maps"]] == [
        {"name": None, "games": 1, "won": 0, "lost": 1},
        {"name": None, "games": 1, "won": 1, "lost": 0},
    ]
    assert [game["replay_id"][0] for game in ann["games"]] == ["a", "b"]
    assert [(row["race"], row["won"], row["lost"]) for row in family["balance"]] == [("Protoss", 1, 0), ("Zerg", 0, 1)]
    assert [(start["x"], start["y"]) for start in family["starts"]] == [(20, 20), (90, 90)]


def test_a_session_ends_with_a_pause_and_a_streak_with_another_result():
    moments = [datetime(2026, 1, 2, hour, tzinfo=UTC) for hour in (22, 20, 19)] + [
        datetime(2026, 1, 1, hour, tzinfo=UTC) for hour in (9, 8, 7)
    ]
    results = ("undecided", "defeat", "defeat", "victory", "tie", "victory")
    games = [
        {"played_at": at, "players": [{"player_key": "me", "result": won}, {"player_key": "you", "result": "victory"}]}
        for at, won in zip([*moments, None], [*results, "victory"], strict=True)
    ]

    assert form(games, "me") == {
        "session_started_at": moments[2],
        "session_games": 3,
        "session_won": 0,
        "session_lost": 2,
        "streak_result": "defeat",
        "streak_games": 2,
        "most_won_in_a_row": 2,
    }
    assert form([], "me")["streak_result"] is None


def test_units_that_the_game_itself_showed_are_where_it_showed_them(marts, tmp_path):
    file = tmp_path / "unit_snapshots.parquet"
    rows = ", ".join(
        f"('{'b' * 16}', {tag}, {at}, {x}::double, {y}::double, 1, '{shown}')"
        for tag, places in PLACES.items()
        for at, x, y in places
        for shown in ("visible", "snapshot")
        if shown == "visible" or at < 100
    )
    columns = "replay_id, unit_tag, game_loop, x, y, player_id, display_type"
    marts.execute(f"copy (select * from (values {rows}) as places({columns})) to '{file}'")
    before = browsing.playback(marts, "b" * 16)
    marts.execute(
        "insert into ops.parquet_files (replay_id, part, table_name, path, is_here) values (?, 'p', 'unit_snapshots', ?, true)",
        ["b" * 16, str(file)],
    )
    played = browsing.playback(marts, "b" * 16)
    marine, barracks, bunker = played["units"]

    assert (before["is_observed"], played["is_observed"]) == (False, True)
    # It stands for 10 seconds, walks for 9, stands, is not seen from loop 552 on but at 900, and dies at 1000.
    assert marine["points"][0][:3] == [0, 20, 20]
    assert {point[3] for point in marine["points"][:-3]} == {2}
    assert [point[2] for point in marine["points"]] == [20] * len(marine["points"])
    assert marine["points"][1][:2] == [pytest.approx(220 * 5 / 112, abs=1), 20]
    assert marine["points"][-3:] == [[24.6, 40, 20, 1], [40.2, 80, 20, 1], [44.6, 90, 20, 1]]
    assert len(marine["points"]) == len({point[0] for point in marine["points"]}) < 20
    assert barracks["points"][-1][1:] == [31, 30, 1]
    assert bunker["points"] == [[0, 40, 40, 1]]


@pytest.mark.parametrize(
    ("look_up", "said"),
    [
        (browsing.game, "replay nobody is not in the warehouse"),
        (browsing.playback, "replay nobody is not in the warehouse"),
        (browsing.player, "no player nobody"),
        (browsing.map_family, "no map nobody"),
    ],
)
def test_what_is_not_there_is_said(marts, look_up, said):
    with pytest.raises(HomeError, match=said):
        look_up(marts, "nobody")
