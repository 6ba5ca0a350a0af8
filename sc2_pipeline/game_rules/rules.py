"""The rules of one game: rows of its modes and moment, looked up by name."""

import re
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Final

from sc2_pipeline.game_rules import rows
from sc2_pipeline.game_rules.rows import LATEST, Moment, Row

Modes = tuple[str, ...]
"""Modes by precedence: the first that has a fact wins."""

LADDER: Final[Modes] = ("ladder", "")
"""Melee games of Legacy of the Void, ladder or not."""

HOTS: Final[Modes] = ("hots", "")
"""Melee games of Heart of the Swarm."""

_TESTS: Final[frozenset[Modes]] = frozenset({("alpha", ""), ("beta", "")})
"""Tests of Legacy of the Void before its release; of their rules only the workers at the start are known."""

WORD_BORDER: Final = "([a-z0-9])([A-Z])"
"""Where a type's name is split into words; SQL's display_name has the same."""

EXPANSION_MARK: Final = "MP([A-Z]|$)"
"""What multiplayer's own types have in their names, and nobody says: LurkerMP, LocustMPFlying."""

_NO_COMMANDERS: Final = frozenset({"", "ladder", "hots", "alpha", "beta", "coop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """A unit, structure or upgrade that can be made. ``item`` is its name in tracker events."""

    item: str
    kind: str
    """unit, structure or upgrade."""
    race: str
    display_name: str
    made_by: tuple[str, ...]
    """Types of the structures that make it; empty for larvae, workers and unknown makers."""
    is_morph: bool
    game_loops: float | None
    """Time to make it, in game loops at normal speed; None if unknown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitType:
    """Facts of a unit type of the melee game."""

    unit_type: str
    base_type: str
    """The type of which it is a mode or skin; otherwise itself."""
    race: str
    category: str
    is_structure: bool
    is_timed: bool
    """Whether the game removes it when its time is up."""
    made_of: str | None
    """The type that turns into it: a Drone for a Zerg structure that is not itself a morph of another."""
    hatches_into: str | None
    """For a cocoon, the type that hatches from it."""
    needs: tuple[str, ...]
    """Structures of which the owner must have at least one, as far as recorded."""
    supply: float
    supply_provided: float


class GameRules:
    """The facts of one moment under one game's modes. Created by :func:`rules_at`."""

    def __init__(self, modes: Modes, moment: Moment) -> None:
        self.modes = modes
        """Modes by precedence, highest first."""
        self._moment = moment
        facts = [((row.fields["subject"], row.fields["fact"]), row) for row in self._rows("rules")]
        self._facts = dict(facts)
        self._common = {key: row for key, row in facts if not row.mode}

    def value(self, subject: str, fact: str) -> float | None:
        """The value of a fact; None if there is none or it is unknown."""
        row = self._facts.get((subject, fact))
        return float(row.fields["value"]) if row is not None and row.fields["value"] else None

    def number(self, subject: str, fact: str) -> float:
        """The value of a fact that must be known; raises LookupError if it is not."""
        value = self.value(subject, fact)
        if value is None:
            raise LookupError(f"no {fact} of {subject} is known for {self.modes[0]}; add a row to rules.csv")
        return value

    def item(self, name: str) -> Item | None:
        """The item of that name, or of the type of which ``name`` is a skin or mode."""
        found = self.items.get(name)
        if found is None and (unit_type := self.types.get(name)) is not None:
            found = self.items.get(unit_type.base_type)
        return found

    def build_time(self, name: str) -> tuple[float | None, str | None]:
        """Time to make something, in game loops, and the source of the fact."""
        item = self.item(name)
        if item is not None and item.game_loops is not None:
            return item.game_loops, self._facts[item.item, "build_time"].source
        unit_type = self.types.get(name)
        row = self._facts.get((name, "build_time"))
        if row is None or not row.fields["value"]:
            row = self._common.get((name, "build_time"))
        if unit_type is None or not unit_type.is_structure or row is None:
            return None, None
        return float(row.fields["value"]), row.source

    def price(self, name: str) -> tuple[int, int]:
        """Minerals and vespene to make a unit type or upgrade, without the unit it is made of."""
        unit_type = self.types.get(name)
        if unit_type is not None:
            base = self.types.get(unit_type.base_type, unit_type)
            name = base.hatches_into or base.unit_type
        return int(self.value(name, "minerals") or 0), int(self.value(name, "vespene") or 0)

    def worth(self, name: str) -> tuple[int, int]:
        """Total minerals and vespene of a unit: its price plus those of all it is made of."""
        minerals, vespene = self.price(name)
        unit_type = self.types.get(name)
        if unit_type is None or unit_type.made_of is None:
            return minerals, vespene
        below = self.worth(unit_type.made_of)
        return minerals + below[0], vespene + below[1]

    def display_name(self, name: str) -> str:
        """The displayed name; the type's name split into words if unknown."""
        item = self.item(name)
        if item is not None:
            return item.display_name
        known = self.types.get(name)
        return words(known.base_type if known is not None else name)

    def ability_link(self, ability: str) -> int | None:
        """The number by which commands name an ability; None if it is unknown or the ability did not exist yet."""
        link = self.value(ability, "ability_link")
        return None if link is None else int(link)

    def is_worker(self, name: str | None) -> bool:
        """Whether it is a worker of the melee game."""
        return name in self._workers

    @cached_property
    def _workers(self) -> frozenset[str]:
        return frozenset(name for name, one in self.types.items() if one.category == "worker" and name == one.base_type)

    @cached_property
    def types(self) -> dict[str, UnitType]:
        """Unit types of the melee game by name."""
        return {row.fields["unit_type"]: self._type(row.fields) for row in self._rows("unit_types")}

    @cached_property
    def cocoons(self) -> dict[str, str]:
        """The type that hatches from each melee cocoon; a commander's cocoon is named by its hatching."""
        return {name: one.hatches_into for name, one in self.types.items() if one.hatches_into is not None}

    @cached_property
    def items(self) -> dict[str, Item]:
        """Everything that can be made, by name."""
        return {row.fields["item"]: self._item(row.fields) for row in self._rows("items")}

    @cached_property
    def commands(self) -> dict[str, tuple[str, int]]:
        """Ability and command index, by the item that the command orders."""
        commands = (row.fields for row in self._rows("ability_commands"))
        return {fields["item"]: (fields["ability"], int(fields["command_index"])) for fields in commands}

    @cached_property
    def ordered_items(self) -> dict[tuple[int, int], str]:
        """Upgrades and larva morphs, by ability number and command index."""
        links = {ability: self.ability_link(ability) for ability, _ in self.commands.values()}
        return {
            (link, index): item
            for item, (ability, index) in self.commands.items()
            if ability.endswith(("Research", "LarvaTrain")) and (link := links[ability]) is not None
        }

    @cached_property
    def queue_links(self) -> frozenset[int]:
        """Numbers of the abilities that remove an item from a queue."""
        queues = [subject for subject, fact in self._facts if fact == "ability_link" and subject.startswith("que")]
        return frozenset(link for queue in queues if (link := self.ability_link(queue)) is not None)

    def _rows(self, table: str) -> list[Row]:
        return rows.rows_at(table, self.modes, self._moment)

    def _type(self, fields: dict[str, str]) -> UnitType:
        name, base_type = fields["unit_type"], fields["base_unit_type"]
        return UnitType(
            unit_type=name,
            base_type=base_type,
            race=fields["race"],
            category=fields["category"],
            is_structure=fields["is_structure"] == "true",
            is_timed=fields["is_timed"] == "true",
            made_of=fields["made_of"] or None,
            hatches_into=fields["hatches_into"] or None,
            needs=tuple(fields["needs"].split()),
            supply=self._of_type(name, base_type, "supply"),
            supply_provided=self._of_type(name, base_type, "supply_provided"),
        )

    def _of_type(self, name: str, base_type: str, fact: str) -> float:
        own = self.value(name, fact)
        return own if own is not None else self.value(base_type, fact) or 0.0

    def _item(self, fields: dict[str, str]) -> Item:
        return Item(
            item=fields["item"],
            kind=fields["kind"],
            race=fields["race"],
            display_name=fields["display_name"],
            made_by=tuple(fields["made_by"].split()),
            is_morph=fields["is_morph"] == "true",
            game_loops=self.value(fields["item"], "build_time"),
        )


def rules_at(modes: Modes, moment: Moment) -> GameRules:
    """Rules for games of those modes at that moment. Moments of the same era share a result."""
    return _rules_at(rows.FOLDER, modes, rows.era_of(moment))


def start_workers(moment: Moment) -> dict[Modes, float]:
    """How many workers a melee player begins with, by the modes that were played at that moment, tests included."""
    return {
        modes: value
        for modes in (HOTS, LADDER, *_TESTS)
        if (value := rules_at(modes[:1], moment).value("game", "start_workers")) is not None
    }


def melee_modes(moment: Moment, supply_at_start: float | None) -> Modes:
    """Modes of the expansion played at that moment whose starting supply is ``supply_at_start``, or the closest below.

    From 3.0 until 4.0 clients played both expansions, and only the game itself tells which.
    """
    workers = start_workers(moment)
    by_workers = sorted(workers.keys() - _TESTS, key=lambda modes: workers[modes])
    fitting = [modes for modes in by_workers if supply_at_start is not None and workers[modes] <= supply_at_start]
    return fitting[-1] if fitting else by_workers[0]


def coop_modes(commander: str | None) -> Modes:
    """Modes of a co-op player, by precedence."""
    shared = ("coop", *LADDER)
    return shared if commander is None else (commander, *shared)


def commanders() -> tuple[str, ...]:
    """Names of commanders with any known fact."""
    return tuple(sorted({row.mode for row in rows.rows_of("rules")} - _NO_COMMANDERS))


@cache
def salt_items() -> dict[str, tuple[str, int]]:
    """SALT's kind and number of each item, by name in tracker events without upgrade levels."""
    found = (row.fields for row in rows.rows_of("salt_items"))
    return {fields["item"]: (fields["kind"], int(fields["number"])) for fields in found}


def words(name: str) -> str:
    """A type's name split into words, without the mark of its expansion.

    >>> words("NydusCanalAttacker"), words("SwarmHostBurrowedMP")
    ('Nydus Canal Attacker', 'Swarm Host Burrowed')
    """
    return re.sub(WORD_BORDER, r"\1 \2", re.sub(EXPANSION_MARK, r"\1", name))


@cache
def shown_names() -> dict[str, str]:
    """Displayed name of every type and item that is not its name split into words, as SQL has it: for want of a game,
    that of the ladder, else of Heart of the Swarm, else of the first commander who has it."""
    latest = Moment(LATEST)
    found = {row.fields["item"]: row.fields["display_name"] for row in reversed(rows.rows_of("items"))}
    for modes in (HOTS, LADDER):
        rules = rules_at(modes, latest)
        found |= {name: rules.display_name(name) for name in (*rules.types, *rules.items)}
        found |= {name: words(name) for name in rules.cocoons}
    return {name: shown for name, shown in sorted(found.items()) if shown != words(name)}


@cache
def _rules_at(_folder: Path, modes: Modes, moment: Moment) -> GameRules:
    return GameRules(modes, moment)
