"""Starts of completed upgrades, from their command or their research time."""

from collections.abc import Iterator
from typing import Final

from sc2_pipeline.build_orders.context import PlayerContext, is_maker
from sc2_pipeline.build_orders.coop import upgrade_factor
from sc2_pipeline.build_orders.production import Start, Work, start_of
from sc2_pipeline.build_orders.record import UpgradeDone
from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.build_orders.units import Unit

COSMETICS: Final = ("Spray", "Reward", "SkinPack", "Emote", "Dance", "GameTimeGreater")
"""Name prefixes of upgrades that only change appearance, or are marks that scripts set."""


def upgrade_steps(context: PlayerContext) -> Iterator[BuildStep]:
    """One step for each completed level of each upgrade of the player."""
    busy_until: dict[int, int] = {}
    structures = [unit for unit in context.units if unit.ready is not None and is_maker(unit, context.rules)]
    for done in context.upgrades:
        if not done.game_loop or _is_mark(context, done.upgrade):
            continue
        lab, start = _best_lab(context, done, structures, busy_until)
        if lab is not None:
            busy_until[lab.tag] = done.game_loop
        yield _step(context, done, lab, start)


def _is_mark(context: PlayerContext, upgrade: str) -> bool:
    """Whether nobody researches it: a skin, or what co-op's scripts use to mark levels, masteries and calldowns."""
    return upgrade.startswith(COSMETICS) or bool(context.player.commander and context.rules.item(upgrade) is None)


def _best_lab(
    context: PlayerContext, done: UpgradeDone, structures: list[Unit], busy_until: dict[int, int]
) -> tuple[Unit | None, Start]:
    """The structure that researched it, if known, and the start there."""
    item = context.rules.item(done.upgrade)
    game_loops = item.game_loops if item else None
    if game_loops is not None:
        game_loops *= upgrade_factor(context.factors, done.upgrade)
    labs = [unit for unit in structures if item and is_lab(unit, item.made_by, done.game_loop)]
    tried = [(lab, _start(context, lab, done, game_loops, busy_until)) for lab in labs]
    commanded = [pair for pair in tried if pair[1].method == "command"]
    if commanded:
        return commanded[0]
    derived = [pair for pair in tried if pair[1].method == "derived"]
    if derived:
        return _one_of(derived)
    if tried:
        return tried[0][0] if len(tried) == 1 else None, _widest([start for _, start in tried])
    if game_loops is None:
        return None, Start(method="unknown", game_loop=None, error_game_loops=None)
    return None, start_of(Work(end=done.game_loop, game_loops=game_loops, free_since=0, was_busy=False))


def _start(
    context: PlayerContext, lab: Unit, done: UpgradeDone, game_loops: float | None, busy_until: dict[int, int]
) -> Start:
    free_since = max(lab.ready or 0, busy_until.get(lab.tag, 0))
    work = Work(
        end=done.game_loop,
        game_loops=game_loops,
        free_since=free_since,
        was_busy=lab.tag in busy_until,
        boosts=context.boosts_of(lab.tag),
        chrono=context.boosts_of(lab.tag),
        fastest_rate=context.fastest_rate,
        knows_boosts=context.knows_boosts,
    )
    return start_of(work, context.commands.between(lab.tag, free_since - 1, done.game_loop))


def is_lab(unit: Unit, made_by: tuple[str, ...], game_loop: int) -> bool:
    """Whether a structure existed at that time and is of a type that researches it."""
    if unit.ready is None or unit.ready >= game_loop or (unit.died is not None and unit.died < game_loop):
        return False
    unit_type = unit.type_at(game_loop - 1)
    return unit_type in made_by or ("TechLab" in made_by and unit_type.endswith("TechLab"))


def _one_of(derived: list[tuple[Unit, Start]]) -> tuple[Unit | None, Start]:
    """The derived start; only its limits if structures with different rates give different starts."""
    starts = [start for _, start in derived]
    loops = [start.game_loop for start in starts if start.game_loop is not None]
    if min(loops) == max(loops):
        return (derived[0][0] if len(derived) == 1 else None), starts[0]
    return None, _bounded(min(loops), max(loops))


def _widest(starts: list[Start]) -> Start:
    """The combined limits of several starts, as a bounded start."""
    earliest = [start.earliest for start in starts if start.earliest is not None]
    latest = [start.latest for start in starts if start.latest is not None]
    return _bounded(min(earliest), max(latest))


def _bounded(earliest: int, latest: int) -> Start:
    return Start(
        method="bounded",
        game_loop=earliest,
        error_game_loops=latest - earliest,
        earliest=earliest,
        latest=latest,
    )


def _step(context: PlayerContext, done: UpgradeDone, lab: Unit | None, start: Start) -> BuildStep:
    return BuildStep(
        player_id=context.player.player_id,
        kind="upgrade",
        item=done.upgrade,
        display_name=context.rules.display_name(done.upgrade),
        start_method=start.method,
        started_game_loop=start.game_loop,
        start_error_game_loops=start.error_game_loops,
        earliest_start_game_loop=start.earliest,
        latest_start_game_loop=start.latest,
        finished_game_loop=done.game_loop,
        producer_tag=lab.tag if lab else None,
        producer_type=lab.type_at(done.game_loop - 1) if lab else None,
        is_chronoboosted=start.is_boosted,
        chrono_game_loops_saved=start.game_loops_saved,
        x=lab.x if lab else None,
        y=lab.y if lab else None,
    )
