"""The rules of the game as dated rows: times, prices, and other facts that patches and modes change.

Every row of every CSV here is one fact, with the games it holds for and its source:

* ``from_base_build``, ``to_base_build``: the first base build for which it holds, and the first for which it no longer
  does; empty is open. ``70154.70326`` is base build 70154 from data build 70326 on, ``60321@2017-12-18`` is base build
  60321 from that day (UTC) on: some patches came without a client of their own.
* ``mode``: ``ladder`` (all melee games of Legacy of the Void), ``hots`` (of Heart of the Swarm), ``coop`` or a co-op
  commander's name; empty for all of them. For a commander, the commander's own rows come first, then those of co-op, of
  the ladder and of all modes; an empty value means unknown or none, and hides rows of later modes.
* ``source``: where the fact comes from. ``game knowledge`` is written down by hand; ``ResponseData`` is an answer of
  the game's API (python-sc2's test data, MIT, LICENSE-python-sc2.txt); times of ``spawningtool`` (MIT,
  LICENSE-spawningtool.txt) are partly those of patch notes; ``sc2reader`` (MIT, LICENSE-sc2reader.txt) has numbers of
  abilities and unit types.

The tables:

* ``rules.csv``: every number: subject, fact, value. Build and research times at normal speed, prices without those of
  the unit it is made of, supply, ability numbers in commands, Chrono Boost, warp gates, clocks, talents of co-op
* ``items.csv``: what can be made: kind, displayed name, makers
* ``unit_types.csv``: unit types: race, category, and the types it is a mode of, is made of, hatches into and needs
* ``ability_commands.csv``: what each command of an ability orders
* ``coop_names.csv``: masteries, prestiges and missions; ``salt_items.csv``: SALT's numbers of what is built

:func:`rules_at` returns the rules of one game, :mod:`sc2_pipeline.game_rules.shipped` the tables that SQL reads.
"""

from sc2_pipeline.game_rules.rows import Moment, digest
from sc2_pipeline.game_rules.rules import (
    HOTS,
    LADDER,
    GameRules,
    Item,
    UnitType,
    commanders,
    coop_modes,
    melee_modes,
    rules_at,
    salt_items,
    shown_names,
    start_workers,
)

__all__ = [
    "HOTS",
    "LADDER",
    "GameRules",
    "Item",
    "Moment",
    "UnitType",
    "commanders",
    "coop_modes",
    "digest",
    "melee_modes",
    "rules_at",
    "salt_items",
    "shown_names",
    "start_workers",
]
