"""Supply used and supply cap at any game loop: the client's last sample plus later changes."""

from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate

from sc2_pipeline.build_orders.context import PlayerContext
from sc2_pipeline.build_orders.founding import MERGED
from sc2_pipeline.build_orders.record import SupplySamples
from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.game_rules import GameRules


class SupplyCurve:
    """One player's supply; exact at the samples, and between them as far as all starts and deaths are known."""

    def __init__(self, samples: SupplySamples, context: PlayerContext, steps: Sequence[BuildStep]) -> None:
        self._samples = samples
        self._used = _Changes(_used_changes(context, steps))
        self._cap = _Changes(_cap_changes(context))

    def before(self, game_loop: int) -> tuple[float, float] | None:
        """Supply used and cap just before ``game_loop``; None before the first sample."""
        samples = self._samples
        # A sample holds the values just before its game loop; the one at game loop 1 holds the starting supply.
        at = max(bisect_left(samples.game_loops, game_loop) - 1, 0)
        if not samples.game_loops:
            return None
        since = samples.game_loops[at]
        used = samples.used[at] + self._used.between(since - 1, game_loop)
        cap = samples.cap[at] + self._cap.between(since - 1, game_loop)
        return max(used, 0.0), max(cap, 0.0)


class _Changes:
    """A running sum over game loops."""

    def __init__(self, changes: Iterable[tuple[int, float]]) -> None:
        ordered = sorted(changes)
        self._loops = [loop for loop, _ in ordered]
        self._sums = [0.0, *accumulate(change for _, change in ordered)]

    def between(self, after: int, before: int) -> float:
        """Sum of the changes later than ``after`` and earlier than ``before``."""
        first, last = bisect_right(self._loops, after), bisect_left(self._loops, before)
        return self._sums[last] - self._sums[first] if last > first else 0.0


def _used_changes(context: PlayerContext, steps: Sequence[BuildStep]) -> Iterator[tuple[int, float]]:
    """Supply is used when a unit is started, and freed when it dies or is cancelled."""
    rules = context.rules
    spent: Counter[tuple[str, int]] = Counter()
    for step in steps:
        if step.started_game_loop is None or step.kind == "spawned":
            continue
        if step.item in MERGED:
            # Merging units die when the merge is finished, and free their supply only then.
            if step.finished_game_loop is not None:
                yield step.finished_game_loop, _supply(step.item, rules)
            continue
        made_of = _made_of(step, context.rules)
        taken = _supply(step.item, rules) * step.count - _supply(made_of, rules)
        if taken:
            yield step.started_game_loop, taken
            if step.outcome in ("cancelled", "destroyed") and step.ended_game_loop is not None:
                yield (
                    step.ended_game_loop,
                    -taken if step.outcome == "cancelled" else -_supply(step.item, rules) * step.count,
                )
        if made_of is not None and step.kind != "morph" and step.finished_game_loop is not None:
            spent[made_of, step.finished_game_loop] += 1
    yield from _deaths(context, steps, spent)


def _made_of(step: BuildStep, rules: GameRules) -> str | None:
    """The unit whose supply the step takes over."""
    if step.kind == "morph":
        return step.producer_type
    unit_type = rules.types.get(step.item) if step.item and step.kind == "structure" else None
    return unit_type.made_of if unit_type else None


def _deaths(
    context: PlayerContext, steps: Sequence[BuildStep], spent: Counter[tuple[str, int]]
) -> Iterator[tuple[int, float]]:
    """Supply freed by deaths. A Drone's supply is freed as soon as its structure starts; its death comes with the
    completion."""
    rules = context.rules
    cocoons = {step.producer_tag for step in steps if step.kind == "morph" and step.producer_tag != step.unit_tag}
    for unit in context.units:
        if unit.creator_tag in cocoons and unit.born is not None:
            # A cocoon that dies as its brood hatches frees its supply, which the brood takes over.
            yield unit.born, _supply(unit.first_type, rules)
        if unit.died is None or unit.ready is None:
            continue
        unit_type = unit.type_at(unit.died - 1)
        completed = next((loop for loop in (unit.died, unit.died - 1) if spent[unit_type, loop]), None)
        if completed is not None and unit.killer_player_id is None:
            spent[unit_type, completed] -= 1
        else:
            yield unit.died, -_supply(unit_type, rules)


def _cap_changes(context: PlayerContext) -> Iterator[tuple[int, float]]:
    for unit in context.units:
        if unit.ready is None:
            continue
        yield unit.ready, _provided(unit.type_at(unit.ready), context.rules)
        if unit.died is not None:
            yield unit.died, -_provided(unit.type_at(unit.died - 1), context.rules)


def _supply(name: str | None, rules: GameRules) -> float:
    unit_type = rules.types.get(name) if name else None
    return unit_type.supply if unit_type and not unit_type.is_structure else 0.0


def _provided(name: str, rules: GameRules) -> float:
    unit_type = rules.types.get(name)
    return unit_type.supply_provided if unit_type else 0.0
