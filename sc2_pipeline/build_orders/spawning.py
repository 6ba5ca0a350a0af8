"""Units that appeared without an order at a structure, and births in replays that do not name makers."""

from collections import Counter
from collections.abc import Iterator, Mapping
from math import ceil, floor

from sc2_pipeline.build_orders.context import PlayerContext
from sc2_pipeline.build_orders.hatching import is_shell
from sc2_pipeline.build_orders.makers import is_trained
from sc2_pipeline.build_orders.production import DERIVED_ERROR, Start
from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.build_orders.units import Unit
from sc2_pipeline.game_rules import Item

_NOT_STEPS = ("Larva", "InvisibleTargetDummy", "Beacon", "Dummy")
"""Name prefixes of types that are neither built nor units of their own."""

_CASTER = "Sentry"

_BESIDE = 8
"""Map cells from a structure's middle within which its units appear: at most 4 in 6,000 births, hallucinations 23 and more."""


def spawned_steps(context: PlayerContext, units: Mapping[int, Unit]) -> Iterator[BuildStep]:
    """Births that were not paid for at a structure, larva or cocoon: MULEs, broodlings, interceptors,
    hallucinations."""
    for unit in context.units:
        if not unit.born or unit.first_type.startswith(_NOT_STEPS) or is_trained(unit):
            continue
        maker = units.get(unit.creator_tag) if unit.creator_tag is not None else None
        if maker is not None and is_shell(maker.type_at(unit.born - 1), context.rules):
            continue
        start = Start(method="derived", game_loop=unit.born, error_game_loops=0)
        yield _step(context, unit, "spawned", start, maker)


def _step(context: PlayerContext, unit: Unit, kind: str, start: Start, maker: Unit | None) -> BuildStep:
    born = unit.born or 0
    return BuildStep(
        player_id=context.player.player_id,
        kind=kind,
        item=unit.first_type,
        display_name=context.rules.display_name(unit.first_type),
        start_method=start.method,
        started_game_loop=start.game_loop,
        start_error_game_loops=start.error_game_loops,
        earliest_start_game_loop=start.earliest,
        latest_start_game_loop=start.latest,
        finished_game_loop=born,
        unit_tag=unit.tag,
        producer_tag=maker.tag if maker else None,
        producer_type=maker.type_at(born - 1) if maker else None,
        x=unit.x,
        y=unit.y,
        is_worker=context.rules.is_worker(unit.first_type),
    )


def unattributed_steps(context: PlayerContext) -> Iterator[BuildStep]:
    """Births of replays before base build 55505: the type is known, the maker is not.

    A Protoss unit is a hallucination where a Sentry can have cast it, and it is born away from all that can make it, or
    without the technology that it needs. A hatched unit is exact if an egg of the player began exactly its build time earlier. Other starts are derived from
    the build time; if a structure that can have made the unit was boosted meanwhile, they are only bounded.
    """
    eggs = Counter((end - start, end) for start, end in _eggs(context))
    for unit in context.units:
        is_of_a_cocoon = unit.creator_tag is not None  # No birth names a maker here: a cocoon adopted it.
        if not unit.born or is_of_a_cocoon or unit.first_type.startswith(_NOT_STEPS):
            continue
        item = context.rules.item(unit.first_type)
        known = context.rules.types.get(unit.first_type)
        is_unpaid = known.category in ("summoned", "larva") if known is not None else item is None
        if is_unpaid or _is_hallucination(context, unit, item):
            yield _step(
                context, unit, "spawned", Start(method="derived", game_loop=unit.born, error_game_loops=0), None
            )
        else:
            yield _step(context, unit, "unit", _unattributed_start(context, unit.born, item, eggs), None)


def _is_hallucination(context: PlayerContext, unit: Unit, item: Item | None) -> bool:
    is_whole = any(other.born == 0 for other in context.units)  # A resumed game's stream lacks what stood before.
    if item is None or item.race != "protoss" or context.player.commander or not is_whole:
        return False
    born = unit.born or 0
    ready = [other for other in context.units if other.ready is not None and other.ready <= born]
    standing = [other for other in ready if born <= (other.died or born)]
    if not any(other.first_type == _CASTER for other in standing):
        return False
    known = context.rules.types.get(unit.first_type)
    has_technology = {other.first_type for other in ready}.issuperset(known.needs if known else ())
    # What no structure makes (an Archon) is merged, and merging is no birth.
    return not has_technology or not any(
        other.first_type in item.made_by and max(abs(other.x - unit.x), abs(other.y - unit.y)) <= _BESIDE
        for other in standing
    )


def _eggs(context: PlayerContext) -> Iterator[tuple[int, int]]:
    """Start and end of every egg of the player that ended."""
    for unit in context.units:
        ends = [*unit.type_loops[1:], unit.died]
        for at, name in enumerate(unit.type_names):
            if name.startswith("Egg") and (end := ends[at]) is not None:
                yield unit.type_loops[at], end


def _unattributed_start(context: PlayerContext, born: int, item: Item | None, eggs: Counter[tuple[int, int]]) -> Start:
    if item is None or item.game_loops is None:
        return Start(method="unknown", game_loop=None, error_game_loops=None)
    start = max(floor(born - item.game_loops), 0)
    if (born - start, born) in eggs:
        return Start(method="egg", game_loop=start, error_game_loops=0)
    if not _may_be_boosted(context, item, start, born):
        return Start(method="derived", game_loop=start, error_game_loops=DERIVED_ERROR)
    latest = born - ceil(item.game_loops / context.fastest_rate)
    # Born sooner than possible at the fastest known rate: an older release of the game was faster.
    latest = latest if latest >= start else born
    return Start(method="bounded", game_loop=start, error_game_loops=latest - start, earliest=start, latest=latest)


def _may_be_boosted(context: PlayerContext, item: Item, start: int, end: int) -> bool:
    """Whether a structure that makes the item was, or may have been, boosted between two game loops."""
    if context.fastest_rate <= 1.0:
        return False
    if not context.knows_boosts:
        return True
    return any(
        boost.start < end and boost.end > start
        for unit in context.units
        if unit.type_at(end) in item.made_by
        for boost in context.boosts_of(unit.tag)
    )
