"""The command ``run``: processes replay files into the published warehouse."""

import json
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from sc2_pipeline.cli.funnel import print_funnel
from sc2_pipeline.cli.options import existing_paths
from sc2_pipeline.cli.progress import watching_stages
from sc2_pipeline.cli.run_options import CountsOption, RetryOption, retry_reasons
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_lines, shown
from sc2_pipeline.config import Settings
from sc2_pipeline.errors import PipelineError, SettingsError
from sc2_pipeline.stopping import stop_exit_code

if TYPE_CHECKING:
    from sc2_pipeline.pipeline import RunReport
    from sc2_pipeline.pipeline.report import MartTestFailure


@takes_settings()
def run(
    paths: Annotated[
        list[Path] | None,
        typer.Argument(
            callback=existing_paths,
            metavar="PATH",
            show_default=False,
            help="Replay files, ZIP files, or folders to search; with --watch, the client's own folders if not given.",
        ),
    ] = None,
    *,
    settings: Settings,
    retry_failed: RetryOption = None,
    as_json: CountsOption = False,
    watch: Annotated[
        bool,
        typer.Option("--watch", help="Keep running, and load replays as they appear in the folders. (default: no)"),
    ] = False,
) -> None:
    """Load replays into the warehouse; finished work is not repeated."""
    if watch:
        _watch(paths or _client_folders(), settings, retry_reasons(retry_failed), as_json=as_json)
    if not paths:
        raise typer.BadParameter("give replay files or folders, or --watch", param_hint="PATH")
    report = _reported(paths, settings, retry_reasons(retry_failed), as_json)
    if as_json:
        typer.echo(json.dumps(report.to_json()))
    else:
        print_funnel(out(), report, settings.home)
    leave_as(report, paths)


def _client_folders() -> list[Path]:
    from sc2_pipeline.sc2_client.account_folders import account_folders  # noqa: PLC0415 - `--help` need not wait for it

    found = account_folders()
    if not found:
        raise SettingsError(f"no folder of the game's accounts was found below {Path.home()}; give the folder to watch")
    return found


def _watch(folders: Sequence[Path], settings: Settings, retried: Collection[str], *, as_json: bool) -> NoReturn:
    """Loads what is and comes to be in the folders until interrupted, and exits with the signal's code."""
    from sc2_pipeline.pipeline.watching import watch_folders  # noqa: PLC0415 - `--help` need not wait for it

    if files := [path for path in folders if not path.is_dir()]:
        raise SettingsError(f"{files[0]} is no folder; --watch takes folders")

    def tell(new: list[Path], report: "RunReport") -> None:
        if as_json:
            typer.echo(json.dumps(report.to_json()))
        else:
            print_lines(out(), [_news(new, report)])
        _print_broken_tests(report)

    print_lines(err(), [f"watching {', '.join(shown(folder) for folder in folders)} (Ctrl-C ends it)"])
    with suppress(KeyboardInterrupt):
        watch_folders(folders, settings, retry_reasons=retried, on_report=tell)
    raise typer.Exit(stop_exit_code())


def _news(new: list[Path], report: "RunReport") -> str:
    """A run of the watch in one line."""
    files = shown(new[0].name) + (f" and {len(new) - 1} more" if len(new) > 1 else "")
    counts = {
        "loaded": report.loaded,
        "already loaded": report.already_loaded,
        "rejected": report.rejected,
        "failed": report.failed,
        "pending": report.pending,
    }
    said = ", ".join(f"{count} {status}" for status, count in counts.items() if count) or "no replay"
    return f"{files}: {said}, in {report.seconds:.1f} s"


def _reported(paths: Sequence[Path], settings: Settings, retried: Collection[str], as_json: bool) -> "RunReport":
    try:
        return run_watched(paths, settings, retried=retried, command="run")
    except PipelineError as error:
        if as_json:
            typer.echo(json.dumps({"error": str(error)}))
        raise


def run_watched(
    paths: Sequence[Path], settings: Settings, *, retried: Collection[str] = (), command: str
) -> "RunReport":
    """Runs the pipeline with its progress on standard error."""
    from sc2_pipeline import pipeline  # noqa: PLC0415 - `--help` need not wait for it

    with watching_stages(err()) as watch:
        return pipeline.run(paths, settings, retry_reasons=retried, watch=watch, command=command)


def _said(failure: "MartTestFailure") -> str:
    others = failure.replays - len(failure.examples)
    whose = ", ".join(failure.examples) + (f" and {others} more" if others else "")
    return (
        f"rows of {whose} break {failure.test}; this is a fault of sc2_pipeline, not of the replays, which are loaded all the "
        "same; please report it (see ops.mart_test_failures)"
    )


def _print_broken_tests(report: "RunReport") -> None:
    print_lines(err(), [f"sc2-pipeline: {shown(_said(failure))}" for failure in report.mart_test_failures])


def leave_as(report: "RunReport", paths: Sequence[Path]) -> None:
    """Prints the report's warnings; exits with code 1 if nothing was done, or with the signal's code."""
    _print_broken_tests(report)
    if report.is_cancelled:
        print_lines(
            err(), ["sc2-pipeline: stopped; what is loaded is published, run the same command again for the rest"]
        )
        raise typer.Exit(stop_exit_code())
    if report.files == 0:
        print_lines(err(), [f"sc2-pipeline: no replay found ({_looked_for(paths)}); give another PATH"])
        raise typer.Exit(1)


def _looked_for(paths: Sequence[Path]) -> str:
    from sc2_pipeline.steps.discover import UNREAD_ARCHIVE, unread_archives  # noqa: PLC0415 - as above

    looked = f"looked for *.SC2Replay, also in *.zip, in {', '.join(shown(path) for path in paths)}"
    unread = [shown(path.name) for path in unread_archives(paths)]
    return f"{looked}; found {', '.join(unread)}: {UNREAD_ARCHIVE}" if unread else looked
