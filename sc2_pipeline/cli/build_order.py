"""The command ``build-order``: build orders read directly from a replay file."""

from collections.abc import Callable, Sequence
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from sc2_pipeline.cli.build_order_view import (
    COMPARED_COLUMNS,
    ShownOrder,
    as_csv,
    as_json,
    compared,
    shown_orders,
    side_by_side,
)
from sc2_pipeline.cli.row_files import RawCsvOption
from sc2_pipeline.cli.terminal import err, out, print_lines, print_rows, shown
from sc2_pipeline.errors import SettingsError

_WIDE = 2
"""Maximum number of players shown side by side."""


class Format(StrEnum):
    """Output formats of build orders."""

    text = "text"
    json = "json"
    csv = "csv"
    salt = "salt"


ReplayArgument = Annotated[
    Path, typer.Argument(exists=True, dir_okay=False, readable=False, metavar="REPLAY", help="A replay file.")
]
PlayerOption = Annotated[
    int | None, typer.Option("--player", help="Only this player, by number: 1, 2, ... (default: all)")
]
UntilOption = Annotated[
    str | None, typer.Option("--until", help="Last minute and second of the game's clock: 8:00. (default: the end)")
]
WorkersOption = Annotated[
    bool, typer.Option("--workers/--no-workers", help="With SCVs, Probes and Drones, or without.")
]
FormatOption = Annotated[Format, typer.Option("--format", help="text, json, csv, or salt (one line a player).")]
CompareOption = Annotated[
    Path | None,
    typer.Option(
        "--compare",
        exists=True,
        dir_okay=False,
        readable=False,
        help="Another replay: one player's steps beside those of its player of the same race.",
    ),
]


def build_order(
    replay: ReplayArgument,
    *,
    player: PlayerOption = None,
    until: UntilOption = None,
    workers: WorkersOption = True,
    format_: FormatOption = Format.text,
    compare: CompareOption = None,
    raw_csv: RawCsvOption = False,
) -> None:
    """Show what players built and when they began it, straight from a replay file; no warehouse is needed.

    The clock is the game's own, normal before 3.0 and in co-op, else faster; --compare shows both games by the first one's. A ~ marks a start that is computed from build time, a ? one of which only limits are known.
    """
    last = None if until is None else _second(until)
    orders, printed = _read(replay, player, last, workers, is_raw_csv=raw_csv)
    if compare is not None:
        _print_compared(orders, _read(compare, None, last, workers, clock_speed=orders[0].clock_speed)[0])
        return
    printed[format_]()


def _second(text: str) -> int:
    minutes, colon, seconds = text.partition(":")
    if not (minutes.isdecimal() and (not colon or seconds.isdecimal())):
        raise SettingsError(f"--until is {shown(text)}; give minutes and seconds, as in 8:00")
    return int(minutes) * 60 + int(seconds or 0)


def _read(
    path: Path,
    player: int | None,
    until: int | None,
    workers: bool,
    *,
    is_raw_csv: bool = False,
    clock_speed: str | None = None,
) -> tuple[list[ShownOrder], dict[Format, Callable[[], None]]]:
    """The selected players' orders, by default on the game's own clock, and a printing function for each format."""
    from sc2_pipeline.build_orders import build_orders, read_game  # noqa: PLC0415 - `--help` need not wait for it
    from sc2_pipeline.replay_format.mpq import open_archive  # noqa: PLC0415

    record = read_game(open_archive(path))
    orders = shown_orders(record, build_orders(record), until=until, workers=workers, clock_speed=clock_speed)
    wanted = [order for order in orders if player in (None, order.player_id)]
    if player is not None and not wanted:
        known = ", ".join(f"{order.player_id} {shown(order.name)}" for order in orders)
        raise SettingsError(
            f"player {player} built nothing in {shown(path.name)} (players: {known}); give one of these"
        )
    return wanted, {
        Format.text: lambda: _print_text(wanted),
        Format.json: lambda: typer.echo(as_json(record, wanted)),
        Format.csv: lambda: typer.echo(as_csv(record, wanted, is_raw=is_raw_csv)),
        Format.salt: lambda: _print_salt(path, wanted),
    }


def _print_text(orders: Sequence[ShownOrder]) -> None:
    for at in range(0, len(orders), _WIDE):
        columns, rows = side_by_side(orders[at : at + _WIDE])
        print_rows(out(), columns, rows)


def _print_salt(path: Path, orders: Sequence[ShownOrder]) -> None:
    from sc2_pipeline.build_orders.salt import salt  # noqa: PLC0415

    for order in orders:
        build = salt(
            [(step, order.second(step)) for step in order.steps], title=path.stem, author=f"{order.name} ({order.race})"
        )
        print_lines(out(), [build.text])
        if build.left_out:
            names = ", ".join(sorted({shown(name) for name in build.left_out}))
            print_lines(err(), [f"SALT has no number for: {names} (left out)"])


def _print_compared(ours: Sequence[ShownOrder], theirs: Sequence[ShownOrder]) -> None:
    here = ours[0]
    there = next((order for order in theirs if order.race == here.race), None)
    if there is None:
        races = ", ".join(f"{shown(order.name)} {shown(order.race)}" for order in theirs)
        raise SettingsError(
            f"nobody there plays {shown(here.race)} as {shown(here.name)} does ({races}); give another --player or replay"
        )
    what, first, second, difference = COMPARED_COLUMNS
    columns = (f"{what}, clock {here.clock_speed}", f"{first}: {here.name}", f"{second}: {there.name}", difference)
    print_rows(out(), columns, compared(here, there))
