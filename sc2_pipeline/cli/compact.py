"""The command ``compact``: merges the lake's small files into large ones."""

import dataclasses
import json

import typer

from sc2_pipeline.cli.options import JsonOption
from sc2_pipeline.cli.progress import watching_stages
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_lines
from sc2_pipeline.config import Settings


@takes_settings("home")
def compact(*, settings: Settings, as_json: JsonOption = False) -> None:
    """Merge the lake's many small files into a few sorted ones; query results do not change."""
    from sc2_pipeline.pipeline.compaction import compact_lake  # noqa: PLC0415 - `--help` need not wait for it

    with watching_stages(err()) as watch:
        report = compact_lake(settings, watch=watch)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report)))
        return
    done = (
        f"{report.replaced_files:,} files of {report.replays:,} replays are {report.parts:,} now:"
        f" {report.rows:,} rows, {report.bytes / 1e6:,.1f} MB ({report.seconds:.1f} s)"
    )
    print_lines(out(), [done if report.parts else "nothing to compact", f"{report.removed_files:,} files removed"])
