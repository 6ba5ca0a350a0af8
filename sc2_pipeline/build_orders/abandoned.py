"""Upgrades that were started and never completed: cancelled, lost with their structure, or unfinished when the
recording ended.

The stream has no event for them. A research command is listed only if its fate is known: a cancel command that emptied
the structure's queue, the structure's death, or a recording that ends before the research time was up. Other commands
may never have been executed and are not listed.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sc2_pipeline.build_orders.context import PlayerContext, is_maker
from sc2_pipeline.build_orders.coop import upgrade_factor
from sc2_pipeline.build_orders.ordered import Order
from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.build_orders.units import Unit
from sc2_pipeline.build_orders.upgrades import is_lab
from sc2_pipeline.build_orders.work import finish

_NEVER = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt:
    """One research attempt that did not complete."""

    lab: Unit
    start: int
    end: int | None
    outcome: str


def abandoned_steps(context: PlayerContext, finished: Iterable[BuildStep], last_game_loop: int) -> Iterator[BuildStep]:
    """One step per attempt; ``finished`` are the upgrades that the player completed."""
    done = [step for step in finished if step.finished_game_loop is not None]
    labs = {unit.tag: unit for unit in context.units if unit.ready is not None and is_maker(unit, context.rules)}
    for item, orders in _research(context, labs).items():
        begun = min((_earliest(step) for step in done if step.item == item), default=_NEVER)
        free_again = 0
        for order in orders:
            if not free_again <= order.game_loop < begun:
                continue
            attempt = _attempt(
                context, order, [labs[tag] for tag in order.selected if tag in labs], done, last_game_loop
            )
            # If it ends after the completed research had started, it is that research.
            if attempt is None or (attempt.end or _NEVER) > begun:
                continue
            yield _step(context, item, attempt)
            free_again = _NEVER if attempt.end is None else attempt.end


def _research(context: PlayerContext, labs: dict[int, Unit]) -> dict[str, list[Order]]:
    """Research commands to the player's structures, by upgrade, in time order."""
    orders = {order for tag in labs for order in context.ordered.by_tag.get(tag, ())}
    found: dict[str, list[Order]] = {}
    for order in sorted(orders):
        item = context.rules.item(order.item)
        if item is not None and item.kind == "upgrade":
            found.setdefault(order.item, []).append(order)
    return found


def _earliest(step: BuildStep) -> int:
    """Earliest possible start of a completed upgrade; 0 if unknown."""
    start = step.started_game_loop if step.earliest_start_game_loop is None else step.earliest_start_game_loop
    return (start or 0) - (step.start_error_game_loops or 0)


def _attempt(
    context: PlayerContext, order: Order, selected: Sequence[Unit], done: Sequence[BuildStep], last_game_loop: int
) -> _Attempt | None:
    """What happened to the command; None if that is unknown, or if the structure that received it is."""
    item = context.rules.item(order.item)
    if item is None or item.game_loops is None:
        return None
    able = [unit for unit in selected if is_lab(unit, item.made_by, order.game_loop + 1)]
    idle = [unit for unit in able if not _is_busy(context, unit, order, done)]
    if len(idle) != 1:
        return None
    lab = idle[0]
    work = item.game_loops * upgrade_factor(context.factors, order.item)
    due = finish(order.game_loop, work, context.boosts_of(lab.tag))
    cancel = next((loop for loop in context.ordered.cancels.get(lab.tag, ()) if loop > order.game_loop), _NEVER)
    died = _NEVER if lab.died is None else lab.died
    end = min(cancel, died)
    until = min(end, due, last_game_loop)
    if _took_something_else(context, lab, order, until, done) or end >= due <= last_game_loop:
        return None
    if end > last_game_loop:
        return _Attempt(lab=lab, start=order.game_loop, end=None, outcome="unfinished")
    is_killed = end == died and lab.killer_player_id not in (None, lab.player_id)
    return _Attempt(lab=lab, start=order.game_loop, end=end, outcome="destroyed" if is_killed else "cancelled")


def _is_busy(context: PlayerContext, lab: Unit, order: Order, done: Sequence[BuildStep]) -> bool:
    """Whether the structure was working on something that completed, or morphing."""
    if any(
        step.producer_tag == lab.tag and _earliest(step) <= order.game_loop < (step.finished_game_loop or 0)
        for step in done
    ):
        return True
    return any(
        earlier.item != order.item
        for earlier in context.ordered.by_tag.get(lab.tag, ())
        if earlier.game_loop <= order.game_loop and _is_open(context, lab, earlier, order.game_loop, done)
    )


def _is_open(context: PlayerContext, lab: Unit, earlier: Order, game_loop: int, done: Sequence[BuildStep]) -> bool:
    """Whether an earlier command may still occupy the structure: its time is not up, it has not completed, and no
    cancel emptied the queue."""
    item = context.rules.item(earlier.item)
    if item is None or item.game_loops is None or earlier.game_loop + item.game_loops <= game_loop:
        return False
    if any(step.item == earlier.item and (step.finished_game_loop or 0) <= game_loop for step in done):
        return False
    return not any(earlier.game_loop < loop <= game_loop for loop in context.ordered.cancels.get(lab.tag, ()))


def _took_something_else(
    context: PlayerContext, lab: Unit, order: Order, until: int, done: Sequence[BuildStep]
) -> bool:
    """Whether the structure got another order meanwhile: a cancel may then refer to that one, or ours was never
    executed."""
    if any(step.producer_tag == lab.tag and order.game_loop <= (step.started_game_loop or 0) < until for step in done):
        return True
    return any(
        order.game_loop <= other.game_loop < until and other.item != order.item
        for other in context.ordered.by_tag.get(lab.tag, ())
    )


def _step(context: PlayerContext, item: str, attempt: _Attempt) -> BuildStep:
    return BuildStep(
        player_id=context.player.player_id,
        kind="upgrade",
        item=item,
        display_name=context.rules.display_name(item),
        outcome=attempt.outcome,
        start_method="command",
        started_game_loop=attempt.start,
        start_error_game_loops=0,
        finished_game_loop=None,
        ended_game_loop=attempt.end,
        producer_tag=attempt.lab.tag,
        producer_type=attempt.lab.type_at(attempt.start),
        x=attempt.lab.x,
        y=attempt.lab.y,
    )
