"""Computes all steps of every player, by start."""

from collections.abc import Iterator
from dataclasses import dataclass

from sc2_pipeline.build_orders.abandoned import abandoned_steps
from sc2_pipeline.build_orders.context import PlayerContext, player_contexts
from sc2_pipeline.build_orders.founding import founding_steps
from sc2_pipeline.build_orders.hatching import adopt_broods, adopt_from_first_tag, broods, hatching_steps
from sc2_pipeline.build_orders.makers import making_steps
from sc2_pipeline.build_orders.record import GameRecord
from sc2_pipeline.build_orders.spawning import spawned_steps, unattributed_steps
from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.build_orders.supply import SupplyCurve
from sc2_pipeline.build_orders.upgrades import upgrade_steps


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildOrder:
    """One player's build order."""

    context: PlayerContext
    steps: list[BuildStep]
    """By start, without spawned units."""
    spawned: list[BuildStep]
    """Units that nobody paid for, by appearance."""


def build_orders(record: GameRecord) -> list[BuildOrder]:
    """Build orders by player_id, of every player who built something."""
    adopt_broods(record.units.values(), record.rules)
    if record.has_creators:
        adopt_from_first_tag(record.units.values())
    return [_build_order(record, context) for context in player_contexts(record)]


def _build_order(record: GameRecord, context: PlayerContext) -> BuildOrder:
    found = list(_steps(record, context))
    samples = record.supply.get(context.player.player_id)
    if samples is not None:
        curve = SupplyCurve(samples, context, found)
        for step in found:
            if (at := curve.before(step.order_game_loop)) is not None:
                step.supply_used, step.supply_cap = at
    found.sort(
        key=lambda step: (step.order_game_loop, step.finished_game_loop or step.order_game_loop, step.item or "")
    )
    return BuildOrder(
        context=context,
        steps=[step for step in found if step.kind != "spawned"],
        spawned=[step for step in found if step.kind == "spawned"],
    )


def _steps(record: GameRecord, context: PlayerContext) -> Iterator[BuildStep]:
    yield from founding_steps(context)
    yield from hatching_steps(context, broods(context.units), with_eggs=record.has_creators)
    yield from making_steps(context, record.units)
    upgrades = list(upgrade_steps(context))
    yield from upgrades
    yield from abandoned_steps(context, upgrades, record.last_game_loop)
    if record.has_creators:
        yield from spawned_steps(context, record.units)
    else:
        yield from unattributed_steps(context)
