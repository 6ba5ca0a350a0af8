import pytest
from typer.testing import CliRunner

from sc2_pipeline.cli import demo
from sc2_pipeline.cli.app import app
from sc2_pipeline.cli.examples import EXAMPLES
from sc2_pipeline_tests.app.served import served_app
from sc2_pipeline_tests.cli.programs import run_program
from sc2_pipeline_tests.conftest import PROJECT
from sc2_pipeline_tests.report.browser import WIDE, open_browser, visited

WORDS = ("demo", "--workers", "1")


@pytest.fixture(scope="module")
def demonstrated(tmp_path_factory):
    """A folder in which the demo was run, and what it printed."""
    folder = tmp_path_factory.mktemp("demo")
    return folder, run_program(*WORDS, cwd=folder, SC2_PIPELINE_HOME=str(folder / "mine"))


@pytest.mark.slow
def test_the_demo_goes_from_files_to_the_readmes_answers_and_can_be_run_again(demonstrated):
    folder, first = demonstrated
    readme = (PROJECT / "README.md").read_text(encoding="utf-8")

    second = run_program(*WORDS, cwd=folder)

    assert first.returncode == 0, first.stderr
    lines = [" ".join(line.split()) for line in first.stdout.splitlines()]
    assert "loaded 40" in lines
    for example in EXAMPLES:
        at = lines.index(" ".join(example.question.split()))
        answer = lines[at + 2 + len(example.sql.splitlines()) :]
        printed = readme.partition(example.sql)[2].split("```")[2].strip().removesuffix("\n...").splitlines()
        shown = [" ".join(line.split()) for line in printed]
        assert answer[: len(shown)] == shown, example.question
        assert len(shown) > 5
    assert "Next:" in lines
    assert "already loaded 40 by an earlier run" in [" ".join(line.split()) for line in second.stdout.splitlines()]
    assert not (folder / "mine").exists(), "made-up games must not mix with anybody's own"


@pytest.mark.slow
def test_a_student_learns_something_from_the_demo_by_what_can_be_clicked(demonstrated):
    folder, _ = demonstrated
    with (
        served_app(folder / demo.DEMO_HOME) as served,
        open_browser() as browser,
        visited(browser, served.address, size=WIDE) as visit,
    ):
        page = visit.page
        page.locator(".games a.open").first.click()
        page.locator(".fight-mark").first.click()
        page.locator(".map-place canvas").wait_for()
        page.locator(".steps .now").first.wait_for()
        page.get_by_role("link", name="Collection", exact=True).click()
        page.locator(".track .dot").first.wait_for()
        page.get_by_role("link", name="Questions", exact=True).click()
        page.get_by_role("link", name="Which openers and plans are played").click()
        page.locator(".plot canvas").wait_for()

        assert page.locator(".rows tbody tr").count() > 5
        assert visit.complaints == []


def test_a_demo_that_loads_nothing_fails_and_shows_no_empty_tables(tmp_path, monkeypatch):
    def write_broken_replays(folder, count):
        folder.mkdir(parents=True)
        for number in range(count):
            (folder / f"{number}.SC2Replay").write_bytes(b"no replay" + bytes([number]))

    monkeypatch.setattr(demo, "_write_replays", write_broken_replays)

    result = CliRunner().invoke(app, ["demo", "--home", str(tmp_path), "--replays", "3", "--workers", "1"])

    assert result.exit_code == 1
    assert "none of the demo's replays was loaded" in result.stderr
    assert not any(example.question in result.stdout for example in EXAMPLES)
