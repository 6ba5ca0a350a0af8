"""The command ``localise``: copies files from a remote lake, so that all queries can run locally."""

import dataclasses
import json
from collections.abc import Sequence
from typing import Annotated

import typer

from sc2_pipeline.cli.options import JsonOption
from sc2_pipeline.cli.progress import watching_stages
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_lines
from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import SettingsError


@takes_settings("home", "lake")
def localise(
    replays: Annotated[list[str] | None, typer.Argument(metavar="REPLAY", help="Ids or file names.")] = None,
    *,
    everything: Annotated[bool, typer.Option("--all", help="Every replay that is loaded.")] = False,
    settings: Settings,
    as_json: JsonOption = False,
) -> None:
    """Copy what stays in Parquet (units, orders ...) from the lake to the home, where views read it."""
    if bool(replays) == everything:
        raise SettingsError("give either REPLAYs or --all")
    from sc2_pipeline.pipeline.localisation import localise as bring  # noqa: PLC0415 - `--help` need not wait for it

    chosen = None if everything else _named(Home(settings.home), replays or [])
    with watching_stages(err()) as watch:
        report = bring(settings, chosen, watch=watch)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(report)))
        return
    done = f"{report.files:,} files of {report.replays:,} replays are here now"
    left = f"{report.left_elsewhere:,} files of other replays are in the lake alone"
    print_lines(out(), [done if report.files else "nothing to localise", *([left] if report.left_elsewhere else [])])


def _named(home: Home, names: Sequence[str]) -> list[str]:
    from sc2_pipeline.public.named_replay import loaded_replay  # noqa: PLC0415 - DuckDB
    from sc2_pipeline.public.published import opened_warehouse  # noqa: PLC0415

    with opened_warehouse(home) as connection:
        return [loaded_replay(connection, name) for name in names]
