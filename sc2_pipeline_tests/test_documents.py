"""What README and docs say of names that the code defines."""

import re

import pytest
from typer.main import get_command

from sc2_pipeline.cli.app import app
from sc2_pipeline.cli.examples import EXAMPLES
from sc2_pipeline.config import Settings
from sc2_pipeline.errors import REASONS
from sc2_pipeline.filters import FILTER_SETS, FilterSet
from sc2_pipeline.manifest import STATUSES
from sc2_pipeline.pipeline import RunReport
from sc2_pipeline.steps.validate import RULES, has_tracker_stream
from sc2_pipeline_tests.conftest import PROJECT

PAGES = [
    PROJECT / "README.md",
    PROJECT / "CONTRIBUTING.md",
    PROJECT / "CHANGELOG.md",
    *(PROJECT / "docs").rglob("*.md"),
]


def text(name: str) -> str:
    return (PROJECT / name).read_text(encoding="utf-8")


def test_the_readme_asks_what_the_demo_asks():
    for example in EXAMPLES:
        assert example.sql in text("README.md"), example.question


@pytest.mark.parametrize("reason", sorted(REASONS))
def test_every_reason_code_is_explained(reason):
    assert f"| `{reason}` | {REASONS[reason]} |" in text("docs/bad_input.md")


@pytest.mark.parametrize("rule", [*RULES, has_tracker_stream])
def test_every_rule_is_explained_in_its_own_words(rule):
    name = "no_tracker_stream" if rule is has_tracker_stream else rule.__name__

    assert f"| `{name}` | {' '.join(rule.__doc__.split())} |" in text("docs/filters.md")


def test_every_filter_set_and_threshold_is_named():
    page = text("docs/filters.md")

    assert [name for name in FILTER_SETS if f"| `{name}` |" not in page] == []
    assert [name for name in FilterSet.__dataclass_fields__ if name != "name" and f"`{name}`" not in page] == []


def test_every_setting_status_and_command_is_named():
    home, settings, commands = text("docs/home.md"), text("docs/settings.md"), text("docs/commands.md")

    assert [name for name in Settings.__dataclass_fields__ if f"| {name} |" not in settings] == []
    assert [name for name in STATUSES if f"| {name} |" not in home] == []
    assert [name for name in get_command(app).commands if f"| `{name}" not in commands] == []  # type: ignore[attr-defined]


def test_every_public_count_is_named():
    public = list(RunReport.__dataclass_fields__)[:12]

    assert [name for name in public if f"`{name}`" not in text("docs/commands.md")] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(PROJECT).as_posix())
def test_links_lead_to_files(page):
    links = re.findall(r"\]\(([^)#:]+)\)", page.read_text(encoding="utf-8"))

    assert [link for link in links if not (page.parent / link).exists()] == []
