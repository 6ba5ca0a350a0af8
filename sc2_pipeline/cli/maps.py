"""The command ``maps``: lists the maps and dependencies that replays need, and which of them are missing here."""

import dataclasses
import json
from typing import TYPE_CHECKING

import typer

from sc2_pipeline.cli.options import JsonOption, PathsArgument
from sc2_pipeline.cli.progress import watching_stages
from sc2_pipeline.cli.setting_options import takes_settings
from sc2_pipeline.cli.terminal import err, out, print_lines, print_rows
from sc2_pipeline.config import GAME_SOURCE, Settings

if TYPE_CHECKING:
    from sc2_pipeline.pipeline.map_needs import MapNeeds, NeededFile


@takes_settings("home", "filters", "pack_password", "workers", source=GAME_SOURCE)
def maps(
    paths: PathsArgument,
    *,
    settings: Settings,
    as_json: JsonOption = False,
) -> None:
    """List the maps that replays need in the game, by file, and which are here; runs nothing."""
    from sc2_pipeline.pipeline.map_needs import needed_maps  # noqa: PLC0415 - `--help` need not wait for it

    with watching_stages(err()) as watch:
        needs = needed_maps(paths, settings, watch=watch)
    if as_json:
        typer.echo(json.dumps(dataclasses.asdict(needs)))
    else:
        _print(needs)


def _print(needs: "MapNeeds") -> None:
    print_rows(out(), ("state", "kind", "replays", "map", "file"), [_row(file) for file in needs.files])
    print_lines(
        out(),
        [
            "",
            f"{needs.replays:,} replays need {len(needs.files):,} files besides the client; {len(needs.missing):,} are"
            f" missing, for want of which {needs.lacking:,} replays will not start; {needs.unknown:,} name no file",
            f"looked for in {', '.join(needs.folders)}",
        ],
    )
    if needs.missing:
        print_lines(
            out(),
            [
                "watch one replay on each missing map once in the game, which downloads its files, or copy them to:",
                *(f"  {file.place}" for file in needs.missing),
            ],
        )


def _row(file: "NeededFile") -> tuple[str, str, str, str, str]:
    state = "here" if file.is_here else "missing"
    return state, file.kind, str(file.replays), ", ".join(file.map_names), file.file
