"""What is looked up in the real replays, through `open_home`."""

import pytest

import sc2_pipeline

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def home(real_run):
    with sc2_pipeline.open_home(real_run.home) as home:
        yield home


def test_every_game_of_the_list_opens_and_plays_back_within_its_box_and_length(home):
    chosen = home.sql("from marts.games order by hash(replay_id) limit 25").polars()["replay_id"].to_list()

    for replay_id in chosen:
        game, played = home.game(replay_id), home.playback(replay_id)
        length, box = game["game"]["length_seconds"], played["box"]
        for curve in game["curves"]:
            assert len({len(curve[name]) for name in curve if name != "player_id"}) == 1
            assert curve["seconds"][-1] <= length
        assert game["builds"] == sorted(game["builds"], key=lambda step: (step["player_id"], step["step_number"]))
        for unit in played["units"]:
            assert unit["points"] == sorted(unit["points"], key=lambda point: point[0])
            assert unit["points"][0][3] == 1
            for at, x, y, _ in unit["points"]:
                assert at <= length + 0.1
                assert box["left"] - 0.1 <= x <= box["right"] + 0.1
                assert box["bottom"] - 0.1 <= y <= box["top"] + 0.1


def test_games_are_those_of_the_mart_and_filters_only_take_away(home):
    everything = {row["replay_id"] for row in home.games()}
    protoss = {row["replay_id"] for row in home.games(matchup="PvZ", opponents="people")}

    assert everything == {row["replay_id"] for row in home.sql("select replay_id from marts.games")}
    assert protoss == {
        row["replay_id"] for row in home.sql("select replay_id from marts.games where matchup = 'PvZ' and not has_ai")
    }
    assert protoss


def test_every_file_has_a_fate_and_who_is_not_loaded_is_told_why_and_what_to_do(home, real_run):
    files = home.files(limit=1000)

    assert files["total"] == len(files["files"]) == real_run.counts["found"]
    for file in files["files"]:
        assert file["what_to_do"]
        assert file["status"] == "loaded" or (file["detail"] and (file["meaning"] or file["reason"]))


def test_nothing_is_lost_on_the_way_from_deaths_to_a_maps_squares(home):
    [map_key] = home.sql("select map_key from marts.games group by all order by count(*) desc, 1 limit 1").polars()[
        "map_key"
    ]
    deaths = home.sql(
        "select count(*) as n from marts.fct_unit_deaths inner join marts.games using (replay_id)"
        " where map_key = ? and x is not null and not is_summoned",
        [map_key],
    )

    from sc2_pipeline.browsing import map_family

    with home._asking() as connection:
        family = map_family(connection, map_key)
    assert sum(square["deaths"] for square in family["deaths"]) == next(iter(deaths))["n"]
