"""What can be built, from what and how long it takes; and the numbers of a few abilities.

Each row says where it comes from; ``generate.py`` makes both files. Ladder times change with patches, co-op times with
the commander.

* ``build_items.csv``: names, makers and times after spawningtool 3.0.0 (MIT, LICENSE-spawningtool.txt); ladder times
  of a recorded ResponseData where it names the item
* ``ability_links.csv``: after sc2reader 1.9.0 (MIT, LICENSE-sc2reader.txt)
* ``ability_commands.csv``: which command of an ability orders what; read off commands in replays that end, to the game
  loop, in the finish of an upgrade or turn a larva into what hatches (all builds agree); level 3 of air armours
  after the two before it
* ``salt_items.csv``: numbers by which the SALT format names what is built, as its reader SC2 Scrapbook (SALT.cs) has them
"""

import csv
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

LADDER: Final = "ladder"
HOTS: Final = "hots"
COOP: Final = "coop"
"""Rules that are not a commander's: games of Legacy of the Void, of Heart of the Swarm, and what co-op changes."""

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildItem:
    """A unit, structure or upgrade that can be made. ``item`` is its name in tracker events."""

    item: str
    kind: str
    """unit, structure or upgrade."""
    race: str
    display_name: str
    made_by: tuple[str, ...]
    """Types of the structures that make it; empty where that is larva, a worker or unknown."""
    is_morph: bool
    game_loops: float | None
    """How long it takes, at normal speed; None where nobody has found out."""
    origin: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Row:
    item: BuildItem
    since_version: tuple[int, ...]
    since_date: date | None


def build_items(
    rules: Sequence[str], version: tuple[int, ...] = (99,), played_on: date | None = None
) -> dict[str, BuildItem]:
    """Items by name under the first of ``rules`` that has them, as of a version (5, 0, 14) and a day.

    ``rules`` are a commander's name, COOP, LADDER or HOTS. Without a day, changes made without a version are in.
    """
    items: dict[str, BuildItem] = {}
    for name in reversed(rules):
        items |= {row.item.item: row.item for row in _rows().get(name, ()) if _applies(row, version, played_on)}
    return items


def commanders() -> tuple[str, ...]:
    """Commanders whose items are known."""
    return tuple(sorted(set(_rows()) - {LADDER, HOTS, COOP}))


def ability_link(ability: str, base_build: int) -> int | None:
    """The number of an ability in commands of that build, as far as is known; None before it existed."""
    links = [link for since, link in _ability_links().get(ability, ()) if since <= base_build]
    return links[-1] if links else None


@cache
def ordered_items(base_build: int) -> dict[tuple[int, int], str]:
    """What a command orders, by number and index of its ability: upgrades, and what larvae turn into, outside co-op."""
    items: dict[tuple[int, int], str] = {}
    for fields in _records("ability_commands.csv"):
        if (link := ability_link(fields["ability"], base_build)) is not None:
            items[link, int(fields["command_index"])] = fields["item"]
    return items


def queue_links(base_build: int) -> frozenset[int]:
    """Numbers of the abilities that take something out of a queue."""
    links = (ability_link(ability, base_build) for ability in _ability_links() if ability.startswith("que"))
    return frozenset(link for link in links if link is not None)


def _applies(row: _Row, version: tuple[int, ...], played_on: date | None) -> bool:
    if version[: len(row.since_version)] > row.since_version:
        return True
    if version < row.since_version:
        return False
    return row.since_date is None or played_on is None or played_on >= row.since_date


@cache
def _rows() -> dict[str, list[_Row]]:
    """Every row by its rules, a later change after an earlier one."""
    rows: dict[str, list[_Row]] = {}
    for fields in _records("build_items.csv"):
        rows.setdefault(fields["rules"], []).append(
            _Row(
                item=_item(fields),
                since_version=tuple(int(part) for part in fields["since_version"].split(".") if part),
                since_date=date.fromisoformat(fields["since_date"]) if fields["since_date"] else None,
            )
        )
    return rows


def _item(fields: dict[str, str]) -> BuildItem:
    return BuildItem(
        item=fields["item"],
        kind=fields["kind"],
        race=fields["race"],
        display_name=fields["display_name"],
        made_by=tuple(fields["made_by"].split()),
        is_morph=fields["is_morph"] == "true",
        game_loops=float(fields["game_loops"]) if fields["game_loops"] else None,
        origin=fields["origin"],
    )


@cache
def salt_items() -> dict[str, tuple[str, int]]:
    """By name in tracker events, levels of upgrades left out: the kind and the number that SALT has for it."""
    return {fields["item"]: (fields["kind"], int(fields["number"])) for fields in _records("salt_items.csv")}


@cache
def _ability_links() -> dict[str, list[tuple[int, int]]]:
    links: dict[str, list[tuple[int, int]]] = {}
    for fields in _records("ability_links.csv"):
        links.setdefault(fields["ability"], []).append((int(fields["since_build"]), int(fields["link"])))
    return links


def _records(name: str) -> Iterator[dict[str, str]]:
    with (_FOLDER / name).open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines)


@cache
def rules_digest() -> str:
    """Eight hex digits that change when any of these tables does."""
    digest = hashlib.sha256()
    for file in sorted(files(__name__).iterdir(), key=lambda file: file.name):
        if file.name.endswith(".csv"):
            digest.update(file.read_bytes().replace(b"\r\n", b"\n"))
    return digest.hexdigest()[:8]
