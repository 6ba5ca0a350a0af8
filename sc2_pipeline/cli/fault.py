"""The command ``fault``: shows what the game left of the last failed try of a replay."""

import json
from typing import Annotated, Any

import typer

from sc2_pipeline.cli.options import HomeOption, JsonOption, home_of
from sc2_pipeline.cli.replay_card import named_replay_id
from sc2_pipeline.cli.terminal import out, print_facts, print_lines, shown
from sc2_pipeline.errors import REASONS, HomeError

_LINES = 20
"""Lines of the game's output that are printed; the file has all."""


def fault(
    replay: Annotated[str, typer.Argument(metavar="REPLAY", help="A replay's id or file name, or how it begins.")],
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the game left of the last try of REPLAY that failed: its words, output, memory and messages."""
    from sc2_pipeline.sc2_client.traces import fault_folders, read_fault  # noqa: PLC0415 - only here

    place = home_of(home)
    replay_id = named_replay_id(place.manifest, replay)
    folders = fault_folders(place.faults, replay_id)
    if not folders:
        raise HomeError(
            f"no failed try of {replay_id} is kept in {place.faults} (fault_folders are, of the game alone); "
            f"see `sc2-pipeline status {replay_id}`"
        )
    try:
        found = read_fault(folders[-1])
    except (OSError, ValueError) as error:
        raise HomeError(f"{folders[-1]} cannot be read ({error}); remove it") from error
    if as_json:
        typer.echo(json.dumps(found))
    else:
        _print(found)


def _print(found: dict[str, Any]) -> None:
    memory = [f"{used >> 20} MB at {seconds:g} s" for seconds, used in found["memory"]]
    lines = found["output"].splitlines()
    print_facts(
        out(),
        [
            ("replay", found["replay_id"]),
            ("reason", f"{found['reason']}: {REASONS.get(found['reason'], '')}"),
            ("detail", found["detail"]),
            ("at", found["at"]),
            ("game", f"{found['version']} {found['game_version']}".strip()),
            ("arguments", " ".join(found["arguments"])),
            ("ended", found["exit_words"] or "it still ran"),
            ("processor", f"{found['processor_seconds']:g} s"),
            ("memory", ", ".join(memory[-5:])),
            ("messages", ", ".join(f"{name} ({size} bytes)" for name, size in found["messages"].items()) or "none"),
            ("folder", found["folder"]),
        ],
    )
    print_lines(out(), ["", f"the last of {len(lines)} lines that the game printed:", *map(shown, lines[-_LINES:])])
