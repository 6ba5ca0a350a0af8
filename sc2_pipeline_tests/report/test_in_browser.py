"""Pages opened in a real browser: wide and on a phone, in light and dark."""

import pytest

from sc2_pipeline.report import collection_page, game_page
from sc2_pipeline_tests.marts.scripted import marts_of
from sc2_pipeline_tests.report.browser import PHONE, WIDE, open_browser, visited
from sc2_pipeline_tests.report.test_pages import HOSTILE, KOREAN, fought, with_ops


@pytest.fixture(scope="module")
def browser():
    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    marts = with_ops(marts_of(fought(names=(HOSTILE, KOREAN), map_name=HOSTILE)))
    (folder / "collection.html").write_text(collection_page(marts), encoding="utf-8")
    (folder / "game.html").write_text(game_page(marts, "a" * 16), encoding="utf-8")
    return folder


@pytest.mark.slow
@pytest.mark.parametrize("name", ["collection", "game"])
@pytest.mark.parametrize("size", [WIDE, PHONE], ids=["wide", "phone"])
@pytest.mark.parametrize("is_dark", [False, True], ids=["light", "dark"])
def test_a_page_opens_without_complaint_or_request_and_fits(browser, pages, name, size, is_dark):
    with visited(browser, pages / f"{name}.html", size=size, is_dark=is_dark, point_at="svg[data-chart]") as visit:
        background = visit.value("getComputedStyle(document.body).backgroundColor")
        width = visit.width

    assert (visit.complaints, visit.requests) == ([], [])
    assert width <= size[0]
    assert background == ("rgb(20, 24, 28)" if is_dark else "rgb(251, 251, 249)")


@pytest.mark.slow
def test_pointing_at_a_chart_reads_its_values_out(browser, pages):
    with visited(browser, pages / "game.html", size=WIDE, point_at="svg[data-chart]") as visit:
        said = visit.page.locator(".readout").first.text_content()

    assert KOREAN in said
    assert "resources" in said


@pytest.mark.slow
def test_a_page_that_complains_or_asks_for_something_is_seen(browser, tmp_path):
    page = tmp_path / "bad.html"
    page.write_text("<img src='http://127.0.0.1:9/x.png'><script>console.warn('odd'); throw Error('broken')</script>")

    with visited(browser, page, size=WIDE) as visit:
        pass

    assert visit.requests == ["http://127.0.0.1:9/x.png"]
    assert "odd" in visit.complaints
    assert any("broken" in complaint for complaint in visit.complaints)
