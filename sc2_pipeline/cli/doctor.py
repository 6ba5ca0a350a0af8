"""The command ``doctor``: checks whether this machine and home can run the pipeline."""

import dataclasses
import json

import typer

from sc2_pipeline.cli.doctor_checks import findings
from sc2_pipeline.cli.options import JsonOption
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import out, print_lines, print_rows
from sc2_pipeline.config import Settings


@takes_settings("home")
def doctor(*, settings: Settings, as_json: JsonOption = False) -> None:
    """Look over Python, packages, machine, home and game; exit code 1 when something will not work."""
    found = list(findings(settings))
    if as_json:
        typer.echo(json.dumps([dataclasses.asdict(finding) for finding in found]))
    else:
        print_rows(out(), ("", "state", "finding"), [(f.name, f.state, f.said) for f in found])
        _print_verdict([f.name for f in found if f.state == "bad"])
    if any(finding.state == "bad" for finding in found):
        raise typer.Exit(1)


def _print_verdict(bad: list[str]) -> None:
    said = f"to be mended: {', '.join(bad)}" if bad else "replays can be loaded here"
    print_lines(out(), ["", said])
