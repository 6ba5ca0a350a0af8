"""Location of each column of the declared tables in a ResponseObservation.

A column's origin is parsed, not only displayed. ``sc2 PATH`` is a path of fields from the ResponseObservation; ``A |
B`` takes the first path that is set; ``index of PATH`` is the position in that list, ``name of PATH`` the name of an id
in the game's data, ``low half of PATH`` a tag as in tracker events, ``branch of PATH`` the kind of an action. A text
column with the origin of an enum holds the enum value's name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import cache

import pyarrow as pa
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from sc2_pipeline.game_messages import sc2api_pb2
from sc2_pipeline.sc2_client.observation.names import Lexicon
from sc2_pipeline.tables.declaration import Column, Table
from sc2_pipeline.tables.engine_columns import UNITS
from sc2_pipeline.tables.engine_world import MAP_LAYER_NAMES

OBSERVATION = sc2api_pb2.ResponseObservation.DESCRIPTOR

Path = tuple[str, ...]

_MARK = "sc2 "
_LAYER = "{layer}"

ROWS_OF: dict[str, str] = {
    "unit_snapshots": UNITS,
    "unit_sightings": UNITS,
    "unit_orders": f"{UNITS}.orders",
    "unit_buffs": f"{UNITS}.buff_ids",
    "unit_passengers": f"{UNITS}.passengers",
    "unit_rally_targets": f"{UNITS}.rally_targets",
    "player_snapshots": "",
    "upgrades_seen": "observation.raw_data.player.upgrade_ids",
    "alerts": "observation.alerts",
    "available_abilities": "observation.abilities",
    "actions": "actions",
    "action_errors": "action_errors",
    "chat_messages": "chat",
    "effects": "observation.raw_data.effects.pos",
    "power_sources": "observation.raw_data.player.power_sources",
    "radar": "observation.raw_data.radar",
    "dead_units": "observation.raw_data.event.dead_units",
    "map_layers": "",
}
"""Table -> the list with one element per row; empty for one row per observation."""

KEEPS_EMPTY = frozenset({"effects"})
"""Tables that get a row even if their innermost list is empty."""

_ACTION_BRANCHES = {
    "raw": "action_raw",
    "ui": "action_ui",
    "feature_layer": "action_feature_layer",
    "render": "action_render",
}


class Verb(Enum):
    """How a column's value is derived from the message."""

    VALUE = "value"
    TEXT = "text"
    WORD = "word"
    NAME = "name"
    LOW_HALF = "low half"
    INDEX = "index"
    BRANCH = "branch"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How one column is read. ``paths`` are tried in order; ``words`` are the texts of a WORD.

    ``depth`` is the number of the table's lists on the way to the values, and ``below`` what remains of each path.
    """

    column: str
    type: pa.DataType
    verb: Verb
    paths: tuple[Path, ...]
    depth: int
    below: tuple[Path, ...]
    words: Lexicon | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TableLayout:
    """Rows and readings of one table. ``lists`` are the repeated fields from the outermost to the one that gives the
    rows.

    ``layer`` names the variant of a table that is read once per map layer.
    """

    table: Table
    lists: tuple[Path, ...]
    keeps_empty: bool
    readings: tuple[Reading, ...]
    layer: str | None = None

    def keeps_empty_at(self, path: Path) -> bool:
        """Whether an empty list at ``path`` still gives a row."""
        return self.keeps_empty and path == self.lists[-1]


def below_lists(lists: Sequence[Path], path: Path) -> tuple[int, Path]:
    """Number of ``lists`` on the way to ``path``, including itself, and its remainder below the innermost of them."""
    depth = sum(path[: len(at)] == at for at in lists)
    return depth, path[len(lists[depth - 1]) :] if depth else path


def layouts(table: Table) -> tuple[TableLayout, ...]:
    """Layouts of a table: one, or one per map layer."""
    if table.name == "map_layers":
        return tuple(_layout(table, layer) for layer in MAP_LAYER_NAMES)
    return (_layout(table, None),)


@cache
def _layout(table: Table, layer: str | None) -> TableLayout:
    rows = as_path(ROWS_OF[table.name])
    lists = tuple(rows[: at + 1] for at in range(len(rows)) if field_at(rows[: at + 1]).is_repeated)
    return TableLayout(
        table=table,
        lists=lists,
        keeps_empty=table.name in KEEPS_EMPTY,
        readings=tuple(_readings(table, layer, lists)),
        layer=layer,
    )


def _readings(table: Table, layer: str | None, lists: Sequence[Path]) -> Iterator[Reading]:
    for column in table.columns:
        for origin in (column.origin or "").split("; "):
            if origin.startswith(_MARK):
                yield _reading(column, origin.removeprefix(_MARK).replace(_LAYER, layer or ""), lists)


def _reading(column: Column, origin: str, lists: Sequence[Path]) -> Reading:
    verb = next((v for v in Verb if origin.startswith(f"{v.value} of ")), Verb.VALUE)
    origin = origin.removeprefix(f"{verb.value} of ")
    paths = tuple(branches()) if verb is Verb.BRANCH else tuple(as_path(path) for path in origin.split(" | "))
    enum = field_at(paths[0]).enum_type
    if verb is Verb.VALUE and column.type == pa.string():
        verb = Verb.TEXT if enum is None else Verb.WORD
    return Reading(
        column=column.name,
        type=column.type,
        verb=verb,
        paths=paths,
        depth=below_lists(lists, paths[0])[0],
        below=tuple(below_lists(lists, path)[1] for path in paths),
        words=_words(enum) if verb is Verb.WORD and enum is not None else None,
    )


def branches() -> dict[Path, str]:
    """Path of each kind of action, with its name; the first that is set names the action.

    A command on the map is present as raw and, if a screen is rendered, also as a click: raw comes first.
    """
    found: dict[Path, str] = {}
    for interface, name in _ACTION_BRANCHES.items():
        message = message_at(("actions", name))
        found |= {("actions", name, field.name): f"{interface}.{field.name}" for field in message.fields}
    return found | {("actions", "action_chat"): "chat"}


def field_at(path: Path) -> FieldDescriptor:
    """Field of the official protocol at a path; raises KeyError if there is none."""
    return message_at(path[:-1]).fields_by_name[path[-1]]


def message_at(path: Path) -> Descriptor:
    """Message type of the official protocol at a path; raises KeyError if there is none."""
    message = OBSERVATION
    for name in path:
        inner = message.fields_by_name[name].message_type
        if inner is None:
            raise KeyError(name)
        message = inner
    return message


def layer_path(layer: str) -> Path:
    """Path of a map layer's image."""
    return ("observation", "raw_data", "map_state", layer)


def as_path(dotted: str) -> Path:
    """Parses a dotted path."""
    return tuple(dotted.split(".")) if dotted else ()


def needed_paths(of: tuple[TableLayout, ...]) -> frozenset[str]:
    """Dotted paths of every field that the layouts read, and of those that identify an observation."""
    paths = {path for layout in of for reading in layout.readings for path in reading.paths}
    always = {("observation", "game_loop"), ("player_result", "player_id"), ("player_result", "result")}
    return frozenset(".".join(path) for path in paths | always)


def _words(enum: EnumDescriptor) -> Lexicon:
    return Lexicon({value.number: snake_case(value.name) for value in enum.values}, spells_unknown=True)


def snake_case(name: str) -> str:
    """Converts a name of the protocol: NotCloaked is not_cloaked, MULEExpired is mule_expired."""
    letters = []
    for at, letter in enumerate(name):
        ends_capitals = name[at + 1 : at + 2].islower() and name[at - 1 : at].isupper()
        if letter.isupper() and at and (not name[at - 1].isupper() or ends_capitals):
            letters.append("_")
        letters.append(letter.lower())
    return "".join(letters)
