"""The judge: every set field of a message, found by the official protobuf classes, as the cell that must hold it.

Shares nothing with the decoding routes but the declared origins of columns.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pyarrow as pa
from google.protobuf.message import Message

from sc2_pipeline.tables.engine import OBSERVED_TABLES

UNITS = "observation.raw_data.units"

NOT_KEPT = (
    "observation.feature_layer_data",
    "observation.render_data",
    "observation.ui_data",
    "actions.action_feature_layer.",
    "actions.action_render.",
    "player_result",
)
"""Fields of interfaces that passes leave off, and the result, which becomes no row here."""

STATES_SEEN_ONCE = "observation.raw_data.player.upgrade_ids"

INDEX_COLUMNS = {
    "unit_snapshots": ((), UNITS),
    "unit_orders": (("order_index",), UNITS),
    "unit_buffs": (("buff_index",), UNITS),
    "unit_passengers": (("passenger_index",), UNITS),
    "unit_rally_targets": (("rally_index",), UNITS),
    "player_snapshots": ((), None),
    "alerts": (("alert_index",), None),
    "available_abilities": (("available_index",), None),
    "actions": (("action_index",), None),
    "action_errors": (("error_index",), None),
    "effects": (("effect_index", "position_index"), None),
    "power_sources": (("power_index",), None),
    "radar": (("ring_index",), None),
    "dead_units": (("death_index",), None),
    "map_layers": ((), None),
}
"""Table -> the columns that say which element of the lists a row is, and whether a unit comes before them."""

Cell = tuple[str, str, int, tuple[Any, ...]]
"""Table, column, game loop, element."""


def columns_by_path() -> dict[str, list[tuple[str, str, int]]]:
    """Path of a field -> the columns that hold its value as it came or as a word, with the path's rank among theirs."""
    found: dict[str, list[tuple[str, str, int]]] = {}
    for table in OBSERVED_TABLES:
        for column in table.columns if table.name in INDEX_COLUMNS else ():
            origin = (column.origin or "").removeprefix("sc2 ")
            if not origin or re.match(r"(index|name|low half|branch) of ", origin):
                continue
            if column.name == "game_loop" and table.name != "player_snapshots":
                continue
            for layer in ("visibility", "creep") if "{layer}" in origin else ("",):
                for rank, path in enumerate(origin.replace("{layer}", layer).split(" | ")):
                    found.setdefault(path, []).append((table.name, column.name, rank))
    return found


def leaves(
    message: Message, path: str = "", element: tuple[Any, ...] = ()
) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    """Path, element and value of every set field. A unit is its tag and how often the tag came before."""
    seen: dict[int, int] = {}
    for field, value in message.ListFields():
        below = f"{path}.{field.name}" if path else field.name
        if not field.is_repeated:
            yield from _one(field, value, below, element)
        elif field.name == "unit_tags" or below in ("actions.action_raw.unit_command.unit_tags",):
            yield below, element, list(value)
        else:
            for index, one in enumerate(value):
                place: Any = index
                if below == UNITS:
                    seen[one.tag] = seen.get(one.tag, -1) + 1
                    place = (one.tag, seen[one.tag])
                yield from _one(field, one, below, (*element, place))


def _one(field: Any, value: Any, path: str, element: tuple[Any, ...]) -> Iterator[tuple[str, tuple[Any, ...], Any]]:
    if field.message_type is not None:
        yield from leaves(value, path, element)
    elif field.enum_type is not None:
        yield path, element, (value, field.enum_type.values_by_number[value].name)
    else:
        yield path, element, value


def expected_cells(messages: Mapping[int, Message]) -> tuple[dict[Cell, Any], set[str]]:
    """Every cell that must be filled, by the messages at their game loops; and paths that no column holds."""
    columns = columns_by_path()
    ranks: dict[Cell, int] = {}
    cells: dict[Cell, Any] = {}
    unheld: set[str] = set()
    for game_loop, message in messages.items():
        for path, element, value in leaves(message):
            if path not in columns and not path.startswith((*NOT_KEPT, STATES_SEEN_ONCE)):
                unheld.add(path)
            for table, column, rank in columns.get(path, ()):
                # A unit's own columns stand in the rows of its orders too; those rows are looked at by themselves.
                if table != "unit_snapshots" and path.startswith(UNITS) and len(element) < 2:
                    continue
                cell = (table, column, game_loop, element)
                if ranks.setdefault(cell, rank) >= rank:
                    ranks[cell], cells[cell] = rank, value
    return cells, unheld


def found_cells(tables: Mapping[str, pa.Table]) -> dict[Cell, Any]:
    """Every filled cell of the tables that holds a field's value."""
    columns = {name for held in columns_by_path().values() for name in held}
    found: dict[Cell, Any] = {}
    for name, table in tables.items():
        if name not in INDEX_COLUMNS:
            continue
        indices, is_unit = INDEX_COLUMNS[name]
        wanted = sorted({column for held, column, _ in columns if held == name})
        for row in table.to_pylist():
            unit = ((row["api_tag"] or 0, row["repeat_index"]),) if is_unit else ()
            for column in wanted:
                if row[column] is not None and not _is_the_units(name, column):
                    element = (*unit, *(row[index] for index in indices if row[index] is not None))
                    found[_cell(name, column, row, element)] = row[column]
    return found


def _is_the_units(table: str, column: str) -> bool:
    return table.startswith("unit_") and table != "unit_snapshots" and column == "api_tag"


def _cell(table: str, column: str, row: dict[str, Any], element: tuple[Any, ...]) -> Cell:
    if table == "player_snapshots" or (table == "effects" and column not in ("x", "y")):
        element = element[: {"player_snapshots": 0, "effects": 1}[table]]
    return (table, column, row["game_loop"], element)


def differences(expected: Mapping[Cell, Any], found: Mapping[Cell, Any]) -> list[str]:
    """What is missing, too much or other than expected, in words."""
    missing = [f"missing {cell}: {value}" for cell, value in expected.items() if cell not in found]
    surplus = [f"surplus {cell}: {value}" for cell, value in found.items() if cell not in expected]
    wrong = [
        f"wrong {cell}: {found[cell]!r}, not {value!r}"
        for cell, value in expected.items()
        if cell in found and not same(value, found[cell])
    ]
    return missing + surplus + wrong


def same(official: Any, ours: Any) -> bool:
    """Whether a cell holds the official value; an enum's by number or by its name in our spelling."""
    if isinstance(official, tuple):
        number, name = official
        return ours == number if isinstance(ours, int) else ours == _spelt(name)
    return bool(official == ours)


def _spelt(name: str) -> str:
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()
