"""The command ``plan``: estimates the cost of running replays through the game."""

import dataclasses
import json
from typing import TYPE_CHECKING

import typer

from sc2_pipeline.cli.options import JsonOption, PathsArgument
from sc2_pipeline.cli.progress import watching_stages
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_lines, print_rows
from sc2_pipeline.config import GAME_SOURCE, SETTINGS, Settings
from sc2_pipeline.game import clock

if TYPE_CHECKING:
    from sc2_pipeline.pipeline.planning import Plan

USUAL_STEP_MUL = SETTINGS["step_mul"].default_words


@takes_settings(
    "home",
    "filters",
    "pack_password",
    "workers",
    "step_mul",
    "sample",
    "until",
    "fog",
    "detail",
    "commands",
    source=GAME_SOURCE,
)
def plan(
    paths: PathsArgument,
    *,
    settings: Settings,
    as_json: JsonOption = False,
) -> None:
    """Estimate time, memory and disk space for running replays through the game; runs nothing."""
    from sc2_pipeline.pipeline import planning  # noqa: PLC0415 - `--help` need not wait for it

    with watching_stages(err()) as watch:
        planned = planning.plan(paths, settings, watch=watch)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(planned)))
    else:
        print_plan(planned)


def print_plan(planned: "Plan") -> None:
    """Prints a plan for people."""
    print_lines(
        out(),
        [
            f"{planned.replays:,} of {planned.files:,} files to run, {planned.loops:,} game loops with every pass,"
            f" observed {planned.observations:,} times{_by_replay(planned)}",
            f"sampled {planned.sample}: {planned.cost:.2f} times the game's time for every:{USUAL_STEP_MUL}",
            f"{planned.unreadable:,} unreadable, {planned.unwanted:,} not wanted by the filters;"
            f" {planned.missing:,} of those to run need a client that is not installed here",
            f"{planned.lacking_maps:,} of them lack a map or what it depends on, {planned.missing_map_files:,} files in all;"
            " `sc2-pipeline maps` lists them",
            f"{planned.pace.loops_per_second:,.0f} loops a second and worker, by {planned.pace.known_from}",
            f"disk: about {_size(planned.disk_bytes)}",
            "",
        ],
    )
    rows = [(str(run.workers), _time(run.seconds), f"{run.memory_bytes / 10**9:.1f} GB") for run in planned.runs]
    print_rows(out(), ("workers", "time", "memory"), rows)


def _by_replay(planned: "Plan") -> str:
    counts = planned.observations_by_replay.values()
    return f" ({min(counts):,} to {max(counts):,} a replay)" if counts else ""


def _size(size: int) -> str:
    return f"{size / 10**9:,.1f} GB" if size >= 10**9 else f"{size / 10**6:,.1f} MB"


def _time(seconds: float) -> str:
    return clock(seconds) if seconds < 3600 else f"{seconds / 3600:.1f} h"
