"""Formats build orders: as lines, side by side, as JSON or CSV, and compared."""

import csv
import io
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby, zip_longest
from typing import TYPE_CHECKING, Any

from sc2_pipeline.cli.terminal import shown
from sc2_pipeline.game import GAME_LOOPS_PER_NORMAL_SECOND, clock, game_seconds, normal_seconds, shown_seconds

if TYPE_CHECKING:
    from sc2_pipeline.build_orders import BuildOrder, BuildStep, GameRecord

MARKS = {"bounded": "?", "unknown": "?", "derived": "~"}
"""Marks beside a clock that is not exact to the game loop."""

COLUMNS = ("supply", "clock", "what")
COMPARED_COLUMNS = ("what", "here", "there", "difference")


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownOrder:
    """One player's steps, with the clock to show them by."""

    name: str
    race: str
    player_id: int
    steps: Sequence["BuildStep"]
    clock_speed: str
    """Which seconds that clock counts: normal or faster."""

    def second(self, step: "BuildStep") -> int:
        """The step's second on that clock: its start, or its finish if the start is unknown."""
        return int(shown_seconds(step.order_game_loop, self.clock_speed))


def shown_orders(
    record: "GameRecord",
    orders: Iterable["BuildOrder"],
    *,
    until: int | None,
    workers: bool,
    clock_speed: str | None = None,
) -> list[ShownOrder]:
    """Orders to show: steps up to second ``until`` of the clock, by default the game's own, with or without workers."""
    speed = clock_speed or _own_clock_speed(record)
    orders = list(orders)
    whole_orders = [_shown(order, order.steps, speed) for order in orders]
    return [
        _shown(order, [step for step in order.steps if _is_wanted(whole, step, until, workers)], speed)
        for order, whole in zip(orders, whole_orders, strict=True)
    ]


def _own_clock_speed(record: "GameRecord") -> str:
    is_normal = record.rules.number("game", "clock_game_loops_per_second") == GAME_LOOPS_PER_NORMAL_SECOND
    return "normal" if is_normal else "faster"


def _shown(order: "BuildOrder", steps: Sequence["BuildStep"], clock_speed: str) -> ShownOrder:
    player = order.context.player
    return ShownOrder(
        name=player.name,
        race=player.commander or (player.race_actual.capitalize() if player.race_actual else "unknown race"),
        player_id=player.player_id,
        steps=steps,
        clock_speed=clock_speed,
    )


def _is_wanted(order: ShownOrder, step: "BuildStep", until: int | None, workers: bool) -> bool:
    return (workers or not step.is_worker) and (until is None or order.second(step) <= until)


def lines(order: ShownOrder) -> list[tuple[str, str, str]]:
    """Supply, clock and item of each line; equal items in the same second share a line, with their number."""
    return [
        (supply, f"{clock(second)}{mark}", f"{what} x{count}" if (count := sum(s.count for s in alike)) > 1 else what)
        for (second, supply, mark, what), alike in groupby(order.steps, key=lambda step: _line(order, step))
    ]


def _line(order: ShownOrder, step: "BuildStep") -> tuple[int, str, str, str]:
    supply = "" if step.supply_used is None or step.supply_cap is None else f"{step.supply_used:g}/{step.supply_cap:g}"
    boosted = " (chrono)" if step.is_chronoboosted else ""
    ended = "" if step.outcome == "done" else f" ({step.outcome})"
    return order.second(step), supply, MARKS.get(step.start_method, ""), f"{step.display_name}{boosted}{ended}"


def side_by_side(orders: Sequence[ShownOrder]) -> tuple[list[str], list[list[str]]]:
    """Column names and rows of all players side by side, each starting at the first row."""
    supply, at, _ = COLUMNS
    names = [
        name for order in orders for name in (supply, f"{at}, {order.clock_speed}", f"{order.name} ({order.race})")
    ]
    columns = [lines(order) for order in orders]
    return names, [[cell for part in row for cell in part] for row in zip_longest(*columns, fillvalue=("", "", ""))]


def as_rows(record: "GameRecord", orders: Iterable[ShownOrder]) -> Iterator[dict[str, Any]]:
    """Every field of every step, with the player's name and both clocks."""
    for order in orders:
        for number, step in enumerate(order.steps, 1):
            loop = step.started_game_loop
            yield {
                "player": order.name,
                "race": order.race,
                "step_number": number,
                **asdict(step),
                "clock": clock(order.second(step)),
                "started_seconds": None if loop is None else game_seconds(loop),
                "started_normal_seconds": None if loop is None else normal_seconds(loop),
                "game_version": record.lobby.game_version,
                "clock_speed": order.clock_speed,
            }


def as_json(record: "GameRecord", orders: Sequence[ShownOrder]) -> str:
    """One JSON document; non-ASCII text is escaped, so that names cannot affect a terminal."""
    return json.dumps(list(as_rows(record, orders)), indent=1)


def as_csv(record: "GameRecord", orders: Sequence[ShownOrder], *, is_raw: bool) -> str:
    """One line per step, with a header; empty without steps. Formulas are escaped for spreadsheets unless
    ``is_raw``."""
    from sc2_pipeline.warehouse.reading.csv_cells import defused  # noqa: PLC0415 - DuckDB, which other formats need not wait for

    rows = list(as_rows(record, orders))
    cell = shown if is_raw else lambda text: defused(shown(text))
    text = io.StringIO()
    if rows:
        writer = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(
            {name: cell(value) if isinstance(value, str) else value for name, value in row.items()} for row in rows
        )
    return text.getvalue().rstrip("\n")


def compared(here: ShownOrder, there: ShownOrder) -> list[tuple[str, str, str, str]]:
    """Pairs the n-th of each item here with the n-th there, in our order; an item that only one side has gets a gap."""
    ours, theirs = _numbered(here), _numbered(there)
    rows = [
        (what, clock(second), clock(theirs[what]), f"{second - theirs[what]:+d} s")
        if what in theirs
        else (what, clock(second), "", "")
        for what, second in ours.items()
    ]
    return rows + [(what, "", clock(second), "") for what, second in theirs.items() if what not in ours]


def _numbered(order: ShownOrder) -> dict[str, int]:
    """Second by numbered name (the second Barracks is ``Barracks 2``), without cancelled steps."""
    seen: Counter[str] = Counter()
    found = {}
    for step in order.steps:
        if step.outcome == "cancelled":
            continue
        seen[step.display_name] += 1
        number = seen[step.display_name]
        found[step.display_name if number == 1 else f"{step.display_name} {number}"] = order.second(step)
    return found
