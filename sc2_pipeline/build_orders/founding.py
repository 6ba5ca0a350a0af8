"""Starts with an event of their own in the replay: structures, add-ons, warp-ins, and merges."""

from collections.abc import Iterator
from typing import Final

from sc2_pipeline.build_orders.context import PlayerContext
from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.build_orders.units import Unit
from sc2_pipeline.game_rules import GameRules

_SPAWNED = ("CreepTumor", "OracleStasisTrap", "ForceField", "AutoTurret", "NydusNetworkAlly")
_ADDONS = ("TechLab", "Reactor")

MERGED: Final = ("Archon",)
"""Units that start by merging two others."""


def founding_steps(context: PlayerContext) -> Iterator[BuildStep]:
    """One step for each of the player's units with a start event."""
    for unit in context.units:
        if unit.init is not None:
            yield _step(context, unit, unit.init)


def _step(context: PlayerContext, unit: Unit, start: int) -> BuildStep:
    outcome = _outcome(unit)
    item = unit.first_type
    return BuildStep(
        player_id=context.player.player_id,
        kind=_kind(item, context.rules),
        item=item,
        display_name=context.rules.display_name(item),
        outcome=outcome,
        start_method="init",
        started_game_loop=start,
        start_error_game_loops=0,
        finished_game_loop=unit.done,
        ended_game_loop=None if outcome == "done" else unit.died,
        unit_tag=unit.tag,
        x=unit.x,
        y=unit.y,
    )


def _kind(item: str, rules: GameRules) -> str:
    if item.startswith(_SPAWNED):
        return "spawned"
    if item in MERGED:
        return "morph"
    if item.endswith(_ADDONS):
        return "addon"
    if (unit_type := rules.types.get(item)) is not None:
        return "structure" if unit_type.is_structure else "warp_in"
    known = rules.item(item)
    return "warp_in" if known is not None and known.kind == "unit" else "structure"


def _outcome(unit: Unit) -> str:
    if unit.done is not None:
        return "done"
    if unit.died is None:
        return "unfinished"
    # The stream names the owner as the killer of cancelled things.
    return "cancelled" if unit.killer_player_id in (None, unit.player_id) else "destroyed"
