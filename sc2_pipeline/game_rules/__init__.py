"""The rules of the game as dated rows: what takes how long and costs what, and what else patches and modes change.

Every row of every CSV here is one fact, with the games it holds for and where it comes from:

* ``from_base_build``, ``to_base_build``: the first base build for which it holds, and the first for which it no longer
  does; empty is open. ``70154.70326`` is base build 70154 from data build 70326 on, ``60321@2017-12-18`` is base build
  60321 from that day (UTC) on: some patches came without a client of their own.
* ``mode``: ``ladder`` (all melee games of Legacy of the Void), ``hots`` (of Heart of the Swarm), ``coop`` or a co-op
  commander's name; empty for all of them. A commander builds by rows of their own, then by those of co-op, of the
  ladder and of all modes; an empty value says that nobody knows, or that there is none, and hides the rows below it.
* ``source``: where the fact comes from. ``game knowledge`` is written down by hand; ``ResponseData`` is an answer of the
  game's API (python-sc2's test data, MIT, LICENSE-python-sc2.txt); times of ``spawningtool`` (MIT,
  LICENSE-spawningtool.txt) are partly those of patch notes; ``sc2reader`` (MIT, LICENSE-sc2reader.txt) has numbers of
  abilities and unit types.

The tables:

* ``rules.csv``: every number: subject, fact, value. Build and research times at normal speed, prices without what a
  thing is made of, supply, numbers by which commands name abilities, Chrono Boost, warp gates, clocks, talents of co-op
* ``items.csv``: what can be made: kind, name that players see, makers
* ``unit_types.csv``: what a type is: race, category, what it is a mode of, made of, hatches into and needs
* ``ability_commands.csv``: which command of an ability orders what
* ``coop_names.csv``: masteries, prestiges and missions; ``salt_items.csv``: numbers by which SALT names what is built

:func:`rules_at` gives what holds for one game, :mod:`sc2_pipeline.game_rules.shipped` the tables that SQL reads.
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
]
