"""The pages without a server: of each kind of game, in a folder and in one file, with hostile names, in a real browser."""

import base64
import hashlib
import json
import re
from html.parser import HTMLParser

import pytest

from sc2_pipeline.app import shapes
from sc2_pipeline.app.charts import ChartLibrary
from sc2_pipeline.config import Home
from sc2_pipeline.errors import HomeError
from sc2_pipeline.population import Population
from sc2_pipeline.report import game_file, write_folder
from sc2_pipeline.report.script import app_script
from sc2_pipeline_demo.synthetic import archon_game, coop_game, ladder_game, team_game, write_replay
from sc2_pipeline_tests.pipeline.homes import opened, query, run_home
from sc2_pipeline_tests.report.browser import PHONE, WIDE, open_browser, visited

pytestmark = pytest.mark.slow

HOSTILE = "</script><img src=x onerror=alert(1)>"
KOREAN = "마루"
LONG_WORD = "W" * 60

GAMES = {
    "hostile": ladder_game(1, names=(HOSTILE, KOREAN), map_name=HOSTILE, game_loops=6_000),
    "short": ladder_game(2, names=("Short", "Game"), game_loops=19),
    "teams": team_game(3, team_size=4, game_loops=3_000),
    "archon": archon_game(4, game_loops=2_000),
    "coop": coop_game(5, game_loops=2_000),
    "wide": ladder_game(6, names=(LONG_WORD, "Bob"), game_loops=2_000),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, game in GAMES.items():
        write_replay(folder / "games" / f"{name}.SC2Replay", game)
    run_home([folder / "games"], folder / "home", filters="all")
    return folder / "home"


@pytest.fixture(scope="module")
def ids(home):
    return dict(query(home, "select file_name[:-11], replay_id from marts.dim_replays"))


@pytest.fixture(scope="module")
def folder(home, tmp_path_factory):
    """Pages of all games but the oldest, with the charts' library."""
    folder = tmp_path_factory.mktemp("folder")
    with opened(home) as marts:
        library = ChartLibrary(Home(home)).text().decode()
        assert write_folder(marts, folder, Population.read({}), library, games=len(GAMES) - 1) == len(GAMES) - 1
    return folder


@pytest.fixture(scope="module")
def file(home, ids, tmp_path_factory):
    """The page of the game of hostile names, without the charts' library."""
    path = tmp_path_factory.mktemp("file") / "game.html"
    with opened(home) as marts:
        path.write_text(game_file(marts, ids["hostile"], None), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


class Tags(HTMLParser):
    """The elements of a page, as a parser finds them."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))


def test_a_file_holds_names_as_data_and_runs_only_what_came_with_it(file):
    text = file.read_text(encoding="utf-8")
    found = Tags(text).found

    tags = [tag for tag, _ in found]
    [policy] = [attributes["content"] for _, attributes in found if "http-equiv" in attributes]
    hashes = re.findall("sha256-[^']*", policy)
    assert tags.count("script") == 2
    assert "img" not in tags
    assert [key for _, attributes in found for key in attributes if key.startswith("on")] == []
    assert "default-src 'none'" in policy
    own = [hashlib.sha256(script.encode()) for _, script in re.findall("<(script|style)>(.*?)</", text, re.DOTALL)]
    assert sorted(hashes) == sorted(f"sha256-{base64.b64encode(each.digest()).decode()}" for each in own)


def answers_of(folder):
    """The answers in a folder, by the API's path, and the files that its index names."""
    shelf = json.loads((folder / "shelf.js").read_text("utf-8").removeprefix("globalThis.sc2Shelf = ").strip("; \n"))
    found = {}
    for file in (folder / "data").iterdir():
        for line in file.read_text("utf-8").splitlines():
            path, answer = re.fullmatch(r"sc2Shelf\.answers\[(.*?)\] = (.*);", line).groups()
            found[json.loads(path)] = json.loads(answer)
    return found, shelf["files"]


def test_a_folder_has_the_answers_of_the_api_for_all_its_pages(folder, ids):
    found, files = answers_of(folder)

    kinds = {"games": shapes.WholeGame, "players": shapes.WholePlayer, "maps": shapes.WholeMap}
    assert found.keys() == files.keys()
    assert all((folder / file).is_file() for file in files.values())
    shapes.Collection.model_validate(found["collection"])
    for path, answer in found.items():
        kind, _, rest = path.partition("/")
        if rest and not rest.endswith(("/advice", "/playback")):
            kinds[kind].model_validate(answer)
    listed = [game["replay_id"] for game in found["games"]["games"]]
    assert sorted(listed) == sorted(ids.values())
    assert [game for game in listed if f"games/{game}" in found] == listed[:-1]
    assert f"Of {len(GAMES)} games, the newest {len(GAMES) - 1} have pages" in (folder / "index.html").read_text(
        "utf-8"
    )


def test_a_folder_is_about_the_games_that_were_asked_for(home, tmp_path):
    with opened(home) as marts:
        count = write_folder(marts, tmp_path, Population.read({"mode": "4v4"}), None, games=0)

    found, _ = answers_of(tmp_path)
    assert (count, [game["game_mode"] for game in found["games"]["games"]]) == (1, ["4v4"])
    assert "app" in (tmp_path / "index.html").read_text("utf-8").partition("without Vega-Lite")[2]


def test_a_replay_that_is_not_there_has_no_page(home):
    with opened(home) as marts, pytest.raises(HomeError, match="is not in the warehouse"):
        game_file(marts, "b" * 16, None)


def test_every_module_is_in_the_script_once_and_after_what_it_needs():
    script = app_script()

    modules = re.findall(r"^const module_(\w+) =", script, re.MULTILINE)
    assert len(set(modules)) == len(modules) > 15
    assert modules[-1] == "main"
    assert not re.search(r"^(?:import|export) ", script, re.MULTILINE)


NARROW = """
[...document.querySelectorAll("main td, main th, main .what, main .chart-title, main bdi")].filter((each) => {
    const text = each.textContent.trim(), box = each.getBoundingClientRect();
    return box.width && text.length > 3 && box.width < 22;
}).map((each) => each.textContent)
"""
SPLIT = r"""
[...document.querySelectorAll("main *")].filter((each) => !each.children.length && /^\d+:\d\d$/.test(each.textContent.trim())
    && each.getBoundingClientRect().height > 1.9 * parseFloat(getComputedStyle(each).fontSize) && each.getClientRects().length > 1)
    .map((each) => each.textContent)
"""


MISSING = """
[...document.querySelectorAll("main *")].flatMap((each) => [...each.childNodes])
    .filter((each) => each.nodeType === Node.TEXT_NODE && /null|undefined|NaN/.test(each.data)).map((each) => each.data)
"""


def shown(visit):
    visit.page.locator("main:not([aria-busy]) .page").wait_for()


def abroad(visit):
    """What a page asked of anybody but its own folder."""
    return [url for url in visit.requests if not url.startswith(("file:", "data:", "blob:"))]


@pytest.mark.parametrize("is_dark", [False, True], ids=["wide and light", "phone and dark"])
def test_every_page_opens_by_itself_complains_of_nothing_and_fits(browser, folder, is_dark):
    size = PHONE if is_dark else WIDE
    found, _ = answers_of(folder)
    paths = {"players": "player", "maps": "map"}
    alone = [next(path for path in found if path.startswith(f"{kind}/")) for kind in paths]
    games = [f"#/game/{path.partition('/')[2]}" for path in found if re.fullmatch("games/[0-9a-f]+", path)]
    others = [f"#/{paths[path.partition('/')[0]]}/{path.partition('/')[2]}" for path in alone]
    with visited(browser, folder / "index.html", size=size, is_dark=is_dark) as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
        for address in ["#/collection", "#/games", "#/players", "#/maps", *games, *others]:
            visit.page.goto(f"{(folder / 'index.html').as_uri()}{address}")
            shown(visit)
            heading = visit.page.locator("h1").first.text_content()
            assert heading != "This cannot be shown", (address, visit.page.locator("main").text_content())
            assert visit.width <= size[0], address
            assert (visit.value(NARROW), visit.value(SPLIT), visit.value(MISSING)) == ([], [], []), address
            if address.startswith("#/game/"):
                visit.page.locator(".chart canvas, .nothing").first.wait_for()
                assert visit.page.locator(".chart").count() == visit.page.get_by_text("clock at speed").count()
        assert (visit.complaints, abroad(visit)) == ([], [])
        assert visit.value("document.querySelectorAll('main img, main script').length") == 0


def test_pages_lead_to_one_another_and_back(browser, folder):
    with visited(browser, folder / "index.html", size=WIDE) as visit:
        page = visit.page
        shown(visit)
        page.get_by_role("link", name="Games").click()
        page.get_by_label("Search games").fill(KOREAN)
        page.get_by_text("1 game", exact=True).wait_for()
        page.locator("a.open").click()
        page.locator(".time-bar").wait_for()
        assert HOSTILE in page.locator("h1").text_content()
        page.locator(".player a", has_text=KOREAN).click()
        page.get_by_text("By matchup").wait_for()
        page.locator(".col-map a", has_text=HOSTILE).click()
        page.get_by_text("Where units died").wait_for()
        page.go_back()
        page.get_by_text("By matchup").wait_for()
        page.locator("tr", has_text=HOSTILE).locator("a.open").click()
        page.locator(".time-bar").wait_for()
        page.locator("h1 a").click()
        page.get_by_text("Games on this map").click()
        page.get_by_text("1 game", exact=True).wait_for()

        assert (visit.complaints, abroad(visit)) == ([], [])


def test_a_file_has_values_at_the_cursor_tables_behind_its_charts_and_whole_builds_in_print(browser, file):
    with visited(browser, file, size=WIDE) as visit:
        page = visit.page
        shown(visit)
        page.locator(".chart svg.sketch").first.wait_for()
        before = page.locator(".chart .value b").all_text_contents()
        page.locator(".holder").first.hover(position={"x": 60, "y": 40})
        page.wait_for_function(
            "before => [...document.querySelectorAll('.chart .value b')].some((each, i) => each.textContent !== before[i])",
            arg=before,
        )
        page.get_by_text("as a table").first.click()
        page.locator(".chart .numbers tbody tr").nth(3).wait_for()
        is_folded = visit.value(
            "[...document.querySelectorAll('.steps')].some((each) => each.scrollHeight > each.clientHeight)"
        )
        page.emulate_media(media="print")
        is_whole = visit.value(
            "[...document.querySelectorAll('.steps')].every((each) => each.scrollHeight <= each.clientHeight + 1)"
        )
        linked = page.locator("main a[href^='#/']").count()

        assert (is_folded, is_whole) == (True, True)
        assert linked == 0
        assert (visit.complaints, abroad(visit)) == ([], [])


def test_a_page_that_complains_or_asks_for_something_is_seen(browser, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<img src='http://127.0.0.1:9/x.png'><script>console.warn('odd'); throw Error('broken')</script>")

    with visited(browser, page, size=WIDE) as visit:
        pass

    assert visit.requests == ["http://127.0.0.1:9/x.png"]
    assert "odd" in visit.complaints
    assert any("broken" in complaint for complaint in visit.complaints)
