"""Writes the data file of this package from the protocol modules of Blizzard's s2protocol.

Run after a new release of s2protocol: ``python -m sc2_pipeline.replay_format.protocols.generate``.
The modules are parsed, never imported: s2protocol cannot be imported on Python 3.12 and later.
"""

import ast
import gzip
import json
import re
from collections.abc import Iterable
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from sc2_pipeline.replay_format.protocols import DATA_FILE

SCALARS = (
    "game_eventid_typeid",
    "message_eventid_typeid",
    "tracker_eventid_typeid",
    "svaruint32_typeid",
    "replay_userid_typeid",
    "replay_header_typeid",
    "game_details_typeid",
    "replay_initdata_typeid",
)
EVENT_TYPES = ("game_event_types", "message_event_types", "tracker_event_types")


def protocol_modules() -> list[Path]:
    """The installed package's ``protocolNNNNN.py`` files, oldest build first."""
    spec = find_spec("s2protocol")
    if spec is None or spec.submodule_search_locations is None:
        raise ModuleNotFoundError("s2protocol is not installed (it is in the dev group); run uv sync first")
    versions = Path(spec.submodule_search_locations[0]) / "versions"
    return sorted(versions.glob("protocol*.py"), key=base_build)


def base_build(module: Path) -> int:
    """The build a protocol module is named after."""
    return int(re.sub(r"\D", "", module.stem))


def assignments(module: Path) -> dict[str, Any]:
    """The module's literal top-level assignments by name."""
    return {
        statement.targets[0].id: ast.literal_eval(statement.value)
        for statement in ast.parse(module.read_text(encoding="utf-8")).body
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name)
    }


class Pool:
    """Numbers values in the order in which they are first seen, equal ones once."""

    def __init__(self) -> None:
        self.values: list[Any] = []
        self._number_of: dict[str, int] = {}

    def number(self, value: Any) -> int:
        """The number of ``value`` in this pool."""
        key = json.dumps(value)
        if key not in self._number_of:
            self._number_of[key] = len(self.values)
            self.values.append(value)
        return self._number_of[key]


def deduplicated(modules: Iterable[Path]) -> dict[str, Any]:
    """Every build's protocol, each distinct type, table and scalar set written once."""
    types, tables = Pool(), Pool()
    builds = {}
    for module in modules:
        names = assignments(module)
        table = {"typeinfos": [types.number(info) for info in names["typeinfos"]]}
        table |= {name: list(names[name].items()) for name in EVENT_TYPES}
        table |= {name: names[name] for name in SCALARS}
        builds[base_build(module)] = tables.number(table)
    return {"s2protocol": version("s2protocol"), "types": types.values, "tables": tables.values, "builds": builds}


def write(path: Path = DATA_FILE) -> None:
    """Replaces the data file; the same release of s2protocol gives the same bytes."""
    text = json.dumps(deduplicated(protocol_modules()), separators=(",", ":"))
    path.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))


if __name__ == "__main__":
    write()
