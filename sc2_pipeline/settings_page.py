"""Generates ``docs/settings.md`` from the declared settings."""

from collections.abc import Iterable, Iterator

from sc2_pipeline.config import SETTINGS, SETTINGS_FILE, environment_variable
from sc2_pipeline.setting_fields import Setting

_HEADINGS = ("setting", "default", "allowed", "flag of `run`", "meaning")


def settings_markdown(made_by: str) -> str:
    """A table of every setting, with settings of a single source apart; ``made_by`` is the command that writes the
    page."""
    variable = environment_variable("workers")
    sources = dict.fromkeys(one.only_for for one in SETTINGS.values() if one.only_for)
    launched = ", ".join(f"`{one.name}`" for one in SETTINGS.values() if one.only_at_launch)
    lines = [
        "# Settings",
        "",
        f"Made by `{made_by}`; do not edit.",
        "",
        f"From the home's `{SETTINGS_FILE}` (`workers = 2`), then environment variables (`{variable}=2`), then flags",
        "(`--workers 2`); the later wins. The home cannot be set in its own file. Dagster's run configuration, under",
        f"`resources: home: config:`, wins over file and environment; it has every setting but {launched}.",
        "",
        *_table(one for one in SETTINGS.values() if one.only_for is None),
    ]
    for source in sources:
        lines += [f"## Only for the source {source}", ""]
        lines += _table(one for one in SETTINGS.values() if one.only_for == source)
    return "\n".join(lines).rstrip() + "\n"


def _table(settings: Iterable[Setting]) -> Iterator[str]:
    yield from (_row(_HEADINGS), _row(["---"] * len(_HEADINGS)))
    for one in settings:
        flag = f"`{one.flag}`" if one.flag else ""
        yield _row((one.name, one.default_words, one.allowed, flag, one.description))
    yield ""


def _row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
