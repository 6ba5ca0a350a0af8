"""The pages in a real browser: a coach's way through them, hostile names, strangers, every page in every size and light."""

import re
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import axe_playwright_python
import pytest

from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.app.conftest import HOSTILE
from sc2_pipeline_tests.app.served import served_app
from sc2_pipeline_tests.cli.programs import environment, program
from sc2_pipeline_tests.report.browser import PHONE, WIDE, visited

pytestmark = pytest.mark.slow

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js")

ADDRESSES = (
    "collection",
    "games",
    "game",
    "compare",
    "players",
    "player",
    "maps",
    "map",
    "questions",
    "question/openings",
    "sql",
    "files",
    "api",
)


@pytest.fixture(scope="module")
def addresses(app):
    """The addresses of pages, by their first part; those of one thing lead to the game of hostile names."""
    [game] = app.get("games?search=onerror")["games"]
    [other] = app.get("games?search=gnp")["games"]
    own = {
        "game": f"game/{game['replay_id']}",
        "compare": f"compare/games?one={game['replay_id']}&other={other['replay_id']}",
        "player": f"player/{game['players'][0]['player_key']}",
        "map": f"map/{game['map_key']}",
    }
    return {name: f"{app.address}{own.get(name, name)}" for name in ADDRESSES}


def shown(visit):
    """Waits until a page is shown, its charts and its map too."""
    visit.page.locator("main:not([aria-busy])").wait_for()
    visit.page.wait_for_load_state("networkidle")


def hindrances(visit):
    """What axe calls serious or worse of the page for people who do not see or point well."""
    visit.value(AXE.read_text(encoding="utf-8"))
    found = visit.value("axe.run({resultTypes: ['violations']}).then(({violations}) => violations)")
    return [(each["id"], each["nodes"][0]["html"]) for each in found if each["impact"] in ("serious", "critical")]


def strange(visit, app):
    """What the page asked of anybody else."""
    return [url for url in visit.requests if not url.startswith((app.address, "blob:"))]


@pytest.mark.parametrize("name", ADDRESSES)
@pytest.mark.parametrize(("size", "is_dark"), [(WIDE, True), (PHONE, False)], ids=["wide-dark", "phone-light"])
def test_every_page_fits_hinders_nobody_asks_only_its_server_and_complains_of_nothing(
    app, browser, addresses, name, size, is_dark
):
    with visited(browser, addresses[name], size=size, is_dark=is_dark) as visit:
        shown(visit)
        heading = visit.page.locator("h1").first.text_content()
        background = visit.value("getComputedStyle(document.body).backgroundColor")

        assert heading != "This cannot be shown"
        assert visit.complaints == []
        assert strange(visit, app) == []
        assert visit.width <= size[0]
        assert hindrances(visit) == []
        assert background == ("rgb(18, 22, 26)" if is_dark else "rgb(246, 247, 245)")


def test_what_hinders_people_is_found(app, browser):
    with visited(browser, f"{app.address}api", size=WIDE) as visit:
        shown(visit)
        visit.value("document.querySelector('main').append(document.createElement('input'))")

        assert [name for name, _ in hindrances(visit)] == ["label"]


@pytest.mark.parametrize("name", ADDRESSES)
def test_hostile_names_stay_text(app, browser, addresses, name):
    with visited(browser, f"{addresses[name]}{'?search=onerror' if name == 'games' else ''}", size=WIDE) as visit:
        visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
        shown(visit)
        said = visit.page.locator("main").text_content()
        made = visit.value("document.querySelectorAll('main img, main script, main b > b, main i').length")

        assert made == 0
        assert visit.complaints == []
        if name in ("games", "game", "compare", "players", "player"):
            assert HOSTILE in said


def test_signs_that_are_not_seen_or_turn_the_writing_around_are_named(app, browser):
    with visited(browser, f"{app.address}games?search=gnp", size=WIDE) as visit:
        shown(visit)
        said = visit.page.locator(".col-players").last.text_content()

    assert "ann⟨202e⟩gnp⟨e0020⟩.exe" in said
    assert not {*"\u202e\U000e0020"} & {*said}


def test_a_name_that_looks_like_an_address_leads_to_its_page(app, browser):
    with visited(browser, f"{app.address}players?search=b%3Fc", size=WIDE) as visit:
        shown(visit)
        visit.page.get_by_role("link", name="a/../b?c#d").click()
        visit.page.get_by_role("button", name="This is me").wait_for()
        heading = visit.page.locator("h1").text_content()
        visit.page.reload()
        visit.page.get_by_role("button", name="This is me").wait_for()

        assert (heading, visit.complaints) == ("a/../b?c#d", [])


def test_the_browser_itself_refuses_markup_and_code_out_of_text(app, browser):
    with visited(browser, f"{app.address}games", size=WIDE) as visit:
        shown(visit)
        refused = visit.value(
            """["<b>x</b>", "<img src=x>"].every((text) => {
                try { document.querySelector("main").innerHTML = text; return false; } catch { return true; }
            })"""
        )
        inline = visit.value(
            """(() => {
                const script = document.createElement("script");
                script.append("window.wasRun = true");
                try { document.body.append(script); } catch { return false; }
                return Boolean(window.wasRun);
            })()"""
        )

    assert (refused, inline) == (True, False)


def test_a_coach_finds_a_loss_sees_why_and_asks_on(app, browser):
    games = app.get("games?mode=1v1&opponents=people&limit=1000")["games"]
    game = next(each for each in games if each["players"][1]["result"] == "defeat")
    loser = game["players"][1]
    with visited(browser, app.address, size=WIDE) as visit:
        page = visit.page
        shown(visit)
        page.keyboard.press("/")
        page.keyboard.type(loser["name"])
        page.get_by_text("Filters", exact=True).click()
        page.get_by_label("player", exact=True).fill(loser["name"])
        page.get_by_label("player's result").select_option("defeat")
        page.locator(f"a[href='/game/{game['replay_id']}']").wait_for()
        page.wait_for_url(re.compile("result=defeat"))
        filtered = page.url
        page.locator(f"a[href='/game/{game['replay_id']}']").click()
        page.locator(".time-bar").wait_for()
        page.locator(".chart canvas").first.wait_for()
        page.locator(".map-place canvas").wait_for()
        before = page.locator(".moment").text_content()
        page.locator(".holder").first.click(position={"x": 200, "y": 60})
        page.wait_for_function("before => document.querySelector('.moment').textContent !== before", arg=before)
        values = page.locator(".chart .value b").all_text_contents()
        page.locator(".steps li:not(.worker) .step").nth(1).click()
        marked = page.locator(".now").count()
        page.locator("main").focus()
        page.keyboard.press(" ")
        page.get_by_role("button", name="Pause").wait_for()
        page.keyboard.press(" ")
        page.get_by_role("button", name="Play").wait_for()
        page.locator(".player a", has_text=loser["name"]).click()
        page.get_by_role("button", name="This is me").click()
        page.get_by_role("link", name="Me", exact=True).wait_for()
        page.go_back()
        page.locator(".time-bar").wait_for()
        page.get_by_role("link", name="Compare with another game").click()
        page.locator(".page-compare .links a").first.click()
        page.locator(".page-compare .chart canvas").first.wait_for()
        page.get_by_label("player", exact=True).first.select_option(label=loser["name"])
        page.locator(".player a", has_text=loser["name"]).first.wait_for()
        page.locator(".page-compare table .link").first.wait_for()
        for _ in range(3):
            page.go_back()
        page.locator(".time-bar").wait_for()
        page.go_back()
        page.locator(".games a.open").first.wait_for()

        assert page.url == filtered
        assert [value for value in values if value != "–"]
        assert marked == 2
        assert visit.complaints == []
        assert strange(visit, app) == []


def test_charts_are_not_drawn_again_while_the_moment_moves(app, browser, addresses):
    with visited(browser, addresses["game"], size=WIDE) as visit:
        shown(visit)
        visit.page.locator(".chart canvas").nth(3).wait_for()
        visit.value("document.querySelectorAll('.chart canvas').forEach((canvas) => { canvas.isFirst = true; })")
        visit.value(
            """void (CanvasRenderingContext2D.prototype.clearRect = function () {
                window.wasCleared = window.wasCleared || Boolean(this.canvas.closest(".chart"));
            })"""
        )
        for x in range(80, 400, 40):
            visit.page.locator(".holder").first.hover(position={"x": x, "y": 50})

        assert visit.value("[...document.querySelectorAll('.chart canvas')].every((canvas) => canvas.isFirst)")
        assert not visit.value("Boolean(window.wasCleared)")


def test_an_answer_is_drawn_and_what_is_drawn_can_be_chosen(app, browser):
    with visited(browser, f"{app.address}question/openings?min_games=1", size=WIDE) as visit:
        canvas, measure = visit.page.locator(".plot canvas"), visit.page.get_by_label("What is drawn")
        canvas.wait_for()
        first, drawn = canvas.screenshot(), canvas.element_handle()
        chosen = measure.locator("option:checked").text_content()
        measure.select_option(label="games")
        visit.page.wait_for_function("drawn => !drawn.isConnected", arg=drawn)
        canvas.wait_for()
        options = measure.locator("option").all_text_contents()

        assert (options, chosen) == (["games", "wins", "win rate"], "win rate")
        assert canvas.screenshot() != first
        assert visit.complaints == []


def test_a_game_that_was_just_played_is_on_the_open_page(app_home, browser, tmp_path):
    home = shutil.copytree(app_home, tmp_path / "home")
    new = ladder_game(99, names=(HOSTILE, "Newcomer"), game_loops=2_000, played_at=datetime(2031, 1, 1, tzinfo=UTC))
    (tmp_path / "played").mkdir()
    watch = program("run", "--watch", tmp_path / "played", "--home", home, "--filters", "all")
    with (
        served_app(home, "--watch") as app,
        visited(browser, f"{app.address}games", size=WIDE) as visit,
        subprocess.Popen(watch, env=environment(), stdout=subprocess.DEVNULL) as watching,
    ):
        visit.page.on("dialog", lambda dialog: visit.complaints.append(dialog.message))
        visit.page.set_default_timeout(120_000)
        try:
            with visit.page.expect_response("**/api/v1/news"):
                visit.page.reload()
            write_replay(tmp_path / "played" / "new.SC2Replay", new)
            first = visit.page.locator(".games a.open").first
            visit.page.locator(".news a").wait_for()
            visit.page.locator(".games", has_text="Newcomer").wait_for()
        finally:
            watching.terminate()

        assert first.text_content() == "2031-01-01"
        assert HOSTILE in visit.page.locator(".news").text_content()
        assert visit.complaints == []


def test_sql_is_run_by_the_keyboard_and_its_mistakes_are_said(app, browser):
    with visited(browser, f"{app.address}sql", size=WIDE) as visit:
        shown(visit)
        text = visit.page.get_by_label("SQL", exact=True)
        text.fill("select 6 * 7 as answer")
        text.press("Control+Enter")
        visit.page.locator("td", has_text="42").wait_for()
        text.fill("drop table marts.games")
        text.press("Control+Enter")
        said = visit.page.get_by_role("alert").text_content()

    assert "DROP is refused" in said
