"""The command ``probe``: checks assumptions about the game against the installed one."""

import dataclasses
import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from sc2_pipeline.cli.options import JsonOption
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_facts, print_lines, print_rows
from sc2_pipeline.config import Settings
from sc2_pipeline.errors import PipelineError

if TYPE_CHECKING:
    from sc2_pipeline.sc2_client.probe import ProbeReport
    from sc2_pipeline.sc2_client.probe_checks import Verdict

_COLUMNS = ("assumption", "verdict", "observed", "wanted", "what is done")


@takes_settings("home")
def probe(
    replay: Annotated[
        Path,
        typer.Argument(
            exists=True,
            dir_okay=False,
            metavar="REPLAY",
            help="A game of ten minutes or more between two people, of a build that is installed.",
        ),
    ],
    *,
    settings: Settings,
    record: Annotated[
        Path | None,
        typer.Option(
            "--record",
            metavar="FOLDER",
            help="Also write a few of the game's messages there, without names, to send with a report.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check in two minutes what is assumed of the game on this machine; later runs use the results."""
    report = _reported(replay, settings, record, as_json)
    if as_json:
        typer.echo(json.dumps(_document(report, settings)))
    else:
        _print(report, settings)


def _reported(replay: Path, settings: Settings, record: Path | None, as_json: bool) -> "ProbeReport":
    from sc2_pipeline.sources.probing import probe_game  # noqa: PLC0415 - `--help` need not wait for it

    try:
        return probe_game(replay, settings, lambda sentence: print_lines(err(), [f"probe: {sentence}"]), record)
    except PipelineError as error:
        if as_json:
            typer.echo(json.dumps({"error": str(error)}))
        raise


def _document(report: "ProbeReport", settings: Settings) -> dict[str, Any]:
    return {
        "game_version": report.game_version,
        "all_hold": report.all_hold,
        "verdicts": [dataclasses.asdict(verdict) for verdict in report.verdicts],
        "traits": dataclasses.asdict(report.traits),
        "settings": _followed(report, settings),
        "saved": str(_saved(settings)),
    }


def _print(report: "ProbeReport", settings: Settings) -> None:
    print_rows(out(), _COLUMNS, [_row(verdict) for verdict in report.verdicts])
    traits = report.traits
    print_lines(out(), [""])
    print_facts(
        out(),
        [
            ("game", report.game_version),
            ("start", f"{traits.start_seconds:.1f} s"),
            ("speed", f"{traits.game_loops_per_second:,.0f} game loops/s"),
            ("observations", f"{traits.observations_per_second:,.0f}/s"),
            ("processor", f"{traits.processor_seconds_per_1000_loops:.2f} s for 1,000 game loops"),
            ("memory", f"{traits.instance_bytes / 2**20:,.0f} MB an instance"),
            ("settings", ", ".join(f"{name} {value}" for name, value in _followed(report, settings).items())),
            ("saved", _saved(settings)),
        ],
    )
    print_lines(out(), ["", _conclusion(report)])


def _row(verdict: "Verdict") -> tuple[str, str, str, str, str]:
    state = "holds" if verdict.holds else "broken"
    return verdict.name, state, verdict.observed, verdict.wanted, "" if verdict.holds else verdict.fallback


def _conclusion(report: "ProbeReport") -> str:
    broken = sum(1 for verdict in report.verdicts if not verdict.holds)
    if not broken:
        return f"all {len(report.verdicts)} assumptions hold: nothing is done otherwise"
    return f"{broken} of {len(report.verdicts)} assumptions do not hold: later runs over this home do as said above"


def _followed(report: "ProbeReport", settings: Settings) -> dict[str, int | bool]:
    from sc2_pipeline.sources.probing import followed_settings  # noqa: PLC0415

    followed = followed_settings(settings, report)
    return {
        "pipeline_depth": followed.pipeline_depth,
        "restart_every": followed.restart_every,
        "checks_data_version": followed.checks_data_version,
    }


def _saved(settings: Settings) -> Path:
    from sc2_pipeline.sc2_client.traits import TRAITS_FILE  # noqa: PLC0415

    return settings.home / TRAITS_FILE
