"""Starts for which the replay has an event: structures, add-ons, warp-ins, and units that merge."""

from collections.abc import Iterator
from typing import Final

from sc2_pipeline.build_orders.context import PlayerContext
from sc2_pipeline.build_orders.rules import display_name, type_facts
from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.build_orders.units import Unit

_SPAWNED = ("CreepTumor", "OracleStasisTrap", "ForceField", "AutoTurret", "NydusNetworkAlly")
_ADDONS = ("TechLab", "Reactor")

MERGED: Final = ("Archon",)
"""Units that begin where two others merge."""


def founding_steps(context: PlayerContext) -> Iterator[BuildStep]:
    """One step for everything of the player that had a beginning of its own."""
    for unit in context.units:
        if unit.init is not None:
            yield _step(context, unit, unit.init)


def _step(context: PlayerContext, unit: Unit, start: int) -> BuildStep:
    outcome = _outcome(unit)
    item = unit.first_type
    known = context.rules.item(item)
    return BuildStep(
        player_id=context.player.player_id,
        kind=_kind(item, known.kind if known else None),
        item=item,
        display_name=display_name(item, known),
        outcome=outcome,
        start_method="init",
        start_game_loop=start,
        start_error_game_loops=0,
        finish_game_loop=unit.done,
        end_game_loop=None if outcome == "done" else unit.died,
        unit_tag=unit.tag,
        x=unit.x,
        y=unit.y,
    )


def _kind(item: str, known_kind: str | None) -> str:
    if item.startswith(_SPAWNED):
        return "spawned"
    if item in MERGED:
        return "morph"
    if item.endswith(_ADDONS):
        return "addon"
    facts = type_facts().get(item)
    is_structure = facts.is_structure if facts else known_kind != "unit"
    return "structure" if is_structure else "warp_in"


def _outcome(unit: Unit) -> str:
    if unit.done is not None:
        return "done"
    if unit.died is None:
        return "unfinished"
    # The stream names the owner as the killer of what was cancelled.
    return "cancelled" if unit.killer_player_id in (None, unit.player_id) else "destroyed"
