"""Pages of real, made-up, odd and hostile games."""

import json
import re
from html.parser import HTMLParser

import pytest

from sc2_pipeline.browsing.ground import Ground, ground_of
from sc2_pipeline.cli.game_screen import print_game
from sc2_pipeline.errors import HomeError
from sc2_pipeline.report import collection_page, game_page
from sc2_pipeline.report.text import escaped
from sc2_pipeline_tests.marts.scripted import Game, marts_of, rows

HOSTILE = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>\u202e${evil}&amp;"
KOREAN, CHINESE, HEBREW = "마루", "黑暗圣堂", "שלום"


class Read(HTMLParser):
    """The elements and the text of a page."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


def with_ops(connection):
    """The tables in which a home's own warehouse says what became of every replay, empty."""
    connection.execute("create schema if not exists ops")
    for table, columns in {
        "replays": "replay_id text, status text, reason text",
        "replay_files": "replay_id text, path text",
        "check_outcomes": "replay_id text, check_name text, severity text, failed_rows bigint",
        "quarantined_rows": "replay_id text",
    }.items():
        connection.execute(f"create table ops.{table} ({columns})")
    return connection


def fought(replay_id: str = "a" * 16, names: tuple[str, str] = ("Ann", "Bob"), **replay) -> Game:
    game = Game(replay_id, **replay)
    game.player(1, "protoss", name=names[0], toon_handle="2-S2-1-1", result="victory")
    game.player(2, "zerg", name=names[1], toon_handle="2-S2-1-2", result="defeat")
    game.born(0, 1, "Nexus", x=20.0, y=20.0).born(0, 2, "Hatchery", 2, x=90.0, y=90.0)
    for player_id in (1, 2):
        for number in range(30):
            game.sample(
                160 * number + 1, player_id, minerals_used_current_army=100 * number, workers_active_count=number
            )
    for tag in range(10, 20):
        game.born(1000 + tag, tag, "Zealot").died(2000 + 10 * tag, tag, 2)
    return game.init(500, 30, "Gateway").init(900, 31, "Pylon").died(1000, 31)


def test_names_and_maps_are_shown_and_never_obeyed():
    marts = with_ops(marts_of(fought(names=(HOSTILE, KOREAN), map_name=HOSTILE, file_name=HOSTILE)))

    for page in (collection_page(marts), game_page(marts, "a" * 16)):
        read = Read(page)
        assert [tag for tag, _ in read.tags].count("script") == 1
        assert "img" not in [tag for tag, _ in read.tags]
        assert [key for _, attributes in read.tags for key in attributes if key.startswith("on")] == []
        assert "<script>alert('x')</script>" in read.text
        assert "\u202e" not in page


@pytest.mark.parametrize("name", [KOREAN, CHINESE, HEBREW, "", " ", "\x00\x1b[31m", "a" * 300])
def test_names_of_any_script_stand_in_the_page(name):
    page = game_page(marts_of(fought(names=(name, "Bob"))), "a" * 16)

    assert f"<bdi>{escaped(name)}</bdi>" in page
    assert "\x00" not in page
    assert "\x1b" not in page


def test_a_page_asks_nobody_for_anything():
    marts = with_ops(marts_of(fought()))

    for page in (collection_page(marts), game_page(marts, "a" * 16)):
        addresses = [
            value
            for _, attributes in Read(page).tags
            for key, value in attributes.items()
            if key in ("src", "href", "srcset", "action") and value is not None
        ]
        assert [address for address in addresses if not address.startswith(("#", "data:"))] == []
        assert "default-src 'none'" in page
        assert not re.search(r"url\(|@import|fetch\(|XMLHttpRequest", page)


def test_every_drawing_has_a_text_in_its_stead():
    marts = with_ops(marts_of(fought()))

    for page in (collection_page(marts), game_page(marts, "a" * 16)):
        drawings = [attributes for tag, attributes in Read(page).tags if tag == "svg"]
        assert len(drawings) > 5
        assert all(drawing.get("aria-hidden") == "true" or drawing.get("aria-label") for drawing in drawings)


def test_a_games_page_says_what_happened():
    text = Read(game_page(marts_of(fought()), "a" * 16)).text

    for said in ("Ann", "Bob", "Army value", "0:22", "Gateway", "Never blocked", "Where they fought"):
        assert said in text


CLOCKS = [
    ({"base_build": 38215}, "Faster", 112 / 5, ["3:27", "3:28", "1:33", "0:22", "workers at 5:00", "known to 7 s"]),
    ({"base_build": 38214}, "Normal", 16, ["4:50", "4:52", "2:11", "0:31", "workers at 7:00", "known to 10 s"]),
    (
        {"is_coop": True, "game_mode": "coop"},
        "Normal",
        16,
        ["4:50", "4:52", "2:11", "0:31", "workers at 7:00", "known to 10 s"],
    ),
]


@pytest.mark.parametrize(("replay", "speed", "loops_per_second", "said"), CLOCKS)
def test_a_games_page_and_screen_have_one_clock_and_end_with_the_game(capsys, replay, speed, loops_per_second, said):
    game = fought(duration_game_loops=4_680, **replay)
    game.step(1, "structure", "Forge", 500, finished_game_loop=900, supply_used=12.0)
    game.sample(4_500, 1, supply_used=15.0, supply_cap=15.0)
    if not replay.get("is_coop"):
        # The winner stays; in co-op the last of all tells.
        game.sample(4_659, 1)
    marts = marts_of(game)

    page = game_page(marts, "a" * 16)
    print_game(marts, "a" * 16)

    read, screen = Read(page), capsys.readouterr().out
    length, recording, fight, built, workers, known_to = said
    assert f"{length}length" in read.text
    assert f"{recording}recording" in read.text
    assert f"Times are at speed {speed}" in read.text
    assert ("3:27length at speed Faster" in read.text) == (speed == "Normal")
    assert f"{length} at speed {speed} (recording {recording})" in screen
    for shown in (fight, workers):
        assert shown in read.text
        assert shown in screen
    assert built in read.text
    assert known_to in read.text
    charts = [json.loads(attributes["data-chart"]) for tag, attributes in read.tags if "data-chart" in attributes]
    assert len(charts) == 7
    assert {round(chart["max"], 3) for chart in charts} == {round(4_641 / loops_per_second, 3)}
    assert (
        max(point[0] for chart in charts for line in chart["lines"] for point in line["points"])
        <= charts[0]["max"] + 0.1
    )
    assert rows(marts, "select distinct clock, lower(clock_speed) from marts.fct_build_orders") == [
        (built, speed.lower())
    ]
    assert rows(marts, "select min(clock), min(clock_speed) from marts.fct_unit_deaths where unit_tag = 10") == [
        (fight, speed.lower())
    ]
    assert rows(marts, "select clock, clock_speed from marts.fct_battles") == [(fight, speed.lower())]
    assert rows(marts, "select clock_speed from marts.dim_replays") == [(speed.lower(),)]


ODD = {
    "empty": [],
    "one player": [Game().player(1, "terran", result="undecided")],
    "nineteen game loops": [fought(duration_game_loops=19)],
    "two against two": [Game().player(1, "terran", 0).player(2, "zerg", 0).player(3, "zerg", 1).player(4, None, 1)],
    "co-op": [
        Game(game_mode="coop", is_coop=True).player(1, "terran", commander="Raynor").player(2, "zerg", is_computer=True)
    ],
    "no players": [Game()],
}


@pytest.mark.parametrize("name", ODD)
def test_odd_games_have_pages_too(name):
    marts = with_ops(marts_of(*ODD[name]) if ODD[name] else marts_of())

    assert "StarCraft II replays" in Read(collection_page(marts)).text
    for game in ODD[name]:
        assert Read(game_page(marts, game.rows["replays"][0]["replay_id"])).text


def test_the_largest_fight_stands_first_and_what_is_cut_is_said():
    game = fought(game_events_complete=False, game_events_fault="event 7")
    game.born(0, 50, "Marine", x=110.0).died(200, 50, 2, x=110.0).born(0, 51, "MULE").died(210, 51, 2, x=110.0)

    page = Read(game_page(marts_of(game), "a" * 16)).text

    fights = page[page.index("The largest") :]
    assert fights.index("1:33") < fights.index("0:08")
    assert "– of 0 s" not in page
    assert "0 of 0 s" in page
    assert "summoned units lost" in page
    assert "Commands are known only to a fault: event 7" in page


def test_a_replay_that_is_not_there_has_no_page():
    with pytest.raises(HomeError, match="is not in the warehouse"):
        game_page(marts_of(fought()), "b" * 16)


def test_a_map_is_shown_as_large_as_the_game_says_it_is():
    def heights(page: str) -> list[str]:
        return [
            str(attributes["viewbox"]) for _, attributes in Read(page).tags if attributes.get("class") == "chart map"
        ]

    played = fought(map_hash="ab")
    edges = {"playable_x_min": 0, "playable_y_min": 10, "playable_x_max": 200, "playable_y_max": 110}
    played.rows["game_info"].append({"replay_id": "a" * 16, "source": "tracker", **edges})
    marts, unknown = with_ops(marts_of(played)), with_ops(marts_of(fought(map_hash="ab")))

    # 480 pixels for 200 cells: 100 cells are 240.
    for page in (collection_page, lambda marts: game_page(marts, "a" * 16)):
        assert heights(page(marts)) == ["0 0 480 240"]
        assert heights(page(unknown)) != ["0 0 480 240"]


@pytest.mark.parametrize(
    ("extent", "ground"),
    [
        ((0, 0, 100, 80), Ground(left=0, bottom=0, right=100, top=90)),
        ((None, 0, 100, 80), Ground(left=4, bottom=4, right=26, top=96)),
        ((50, 50, 50, 50), Ground(left=4, bottom=4, right=26, top=96)),
    ],
)
def test_what_lies_beyond_a_map_is_shown_and_a_map_of_no_size_is_not(extent, ground):
    assert ground_of([(10, 10), (20, 90)], extent) == ground
