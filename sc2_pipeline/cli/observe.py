"""The command ``observe``: runs the game over replays that only the tracker has extracted."""

from typing import Annotated

import typer

from sc2_pipeline.cli.funnel import print_funnel
from sc2_pipeline.cli.plan import print_plan
from sc2_pipeline.cli.progress import watching_stages
from sc2_pipeline.cli.run import leave_as, run_watched
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_lines
from sc2_pipeline.config import SETTINGS, Settings
from sc2_pipeline.errors import REASONS

_TAKEN = tuple(name for name, declared in SETTINGS.items() if declared.flag and name != "source")


@takes_settings(*_TAKEN, source="auto")
def observe(
    replays: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REPLAY]...", help="Ids, file names or batches of replays; left out: all that are in the home."
        ),
    ] = None,
    *,
    settings: Settings,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only print what would be run and its cost.")] = False,
) -> None:
    """Run the game over replays of the home that it has not observed with these settings; the others keep what they have."""
    from sc2_pipeline.pipeline.game_backfill import ALL, game_backfill  # noqa: PLC0415 - `--help` need not wait for it

    with watching_stages(err()) as watch:
        chosen = game_backfill(settings, replays or [ALL], watch=watch)
    print_lines(
        out(),
        [
            f"{len(chosen.replay_ids):,} replays to run through the game; {chosen.observed:,} were run with these"
            f" settings, {chosen.without_client:,} need a client that is not installed here,"
            f" {chosen.unwanted:,} are not wanted by the filters or cannot be read"
        ],
    )
    if chosen.plan is None:
        return
    print_plan(chosen.plan)
    if not dry_run:
        report = run_watched(
            chosen.paths, chosen.settings, retried=tuple(REASONS) if replays else (), command="observe"
        )
        print_funnel(out(), report, settings.home)
        leave_as(report, chosen.paths)
