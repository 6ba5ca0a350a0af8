"""The command ``prune``: removes superseded extractions from the lake."""

import dataclasses
import json
from typing import Annotated

import typer

from sc2_pipeline.cli.options import JsonOption
from sc2_pipeline.cli.progress import watching_stages
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_lines
from sc2_pipeline.config import Settings

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Say what would be removed, and remove nothing.")]


@takes_settings("home")
def prune(*, settings: Settings, dry_run: DryRunOption = False, as_json: JsonOption = False) -> None:
    """Remove extractions from the lake that newer ones have replaced in the warehouse; every run does so after publishing."""
    from sc2_pipeline.pipeline.pruning import prune_lake  # noqa: PLC0415 - `--help` need not wait for it

    with watching_stages(err()) as watch:
        report = prune_lake(settings, is_dry_run=dry_run, watch=watch)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report)))
        return
    if dry_run:
        print_lines(out(), report.folders)
    verb = "would be removed" if dry_run else "removed"
    print_lines(out(), [f"{len(report.folders):,} extractions {verb}, {report.bytes / 1e6:,.1f} MB"])
