"""The command ``verify``: checks and repairs a home."""

import json
from typing import TYPE_CHECKING, Annotated

import typer

from sc2_pipeline.cli.options import JsonOption, command_line
from sc2_pipeline.cli.progress import watching_stages
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_lines, print_rows
from sc2_pipeline.config import Settings

if TYPE_CHECKING:
    from sc2_pipeline.pipeline.verification import Verified


@takes_settings("home", "lake")
def verify(
    *,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is found; damaged files are kept aside.")] = False,
    settings: Settings,
    as_json: JsonOption = False,
) -> None:
    """Read everything a home keeps and compare it: manifest, warehouse, lake; exit code 1 when something is not sound."""
    from sc2_pipeline.pipeline.verification import verify as look_through  # noqa: PLC0415 - `--help` need not wait

    with watching_stages(err()) as watch:
        found = look_through(settings, is_to_repair=repair, watch=watch)
    if as_json:
        typer.echo(json.dumps(_document(found)))
    else:
        _print(found, command_line("verify", "--repair", home=settings.home))
    if not (found.is_sound or found.done):
        raise typer.Exit(1)


def _document(found: "Verified") -> dict[str, object]:
    return {
        "is_sound": found.is_sound,
        "findings": [
            {"kind": f.kind, "where": f.where, "said": f.said, "means": f.means, "repair": f.repair}
            for f in found.findings
        ],
        "looked_at": dict(found.looked_at),
        "not_looked_at": list(found.not_looked_at),
        "done": list(found.done),
        "waiting": found.waiting,
    }


def _print(found: "Verified", repair: str) -> None:
    if found.findings:
        rows = [(f.where, f.said, f.means, f.repair) for f in found.findings]
        print_rows(out(), ("where", "found", "meaning", "--repair"), rows)
        print_lines(out(), [""])
    looked_at = ", ".join(f"{count:,} {what}" for what, count in found.looked_at.items())
    print_lines(
        out(), [f"looked at {looked_at or 'nothing'}", *(f"not looked at: {why}" for why in found.not_looked_at)]
    )
    if found.done:
        print_lines(out(), ["", "repaired:", *(f"  {done}" for done in found.done)])
        if found.waiting:
            print_lines(
                out(),
                [f"{found.waiting:,} replays wait to be extracted again: `sc2-pipeline run` over their folder does it"],
            )
    elif found.findings:
        print_lines(out(), [f"{len(found.findings):,} things are not sound; `{repair}` mends them"])
    else:
        print_lines(out(), ["everything is sound"])
