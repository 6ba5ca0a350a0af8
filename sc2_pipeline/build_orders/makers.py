"""Production of each structure in sequence: starts of trained units and of structure morphs."""

from collections import defaultdict, deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sc2_pipeline.build_orders.context import PlayerContext, is_maker
from sc2_pipeline.build_orders.hatching import is_shell
from sc2_pipeline.build_orders.production import Start, Work, start_of
from sc2_pipeline.build_orders.steps import START_METHODS, BuildStep
from sc2_pipeline.build_orders.units import Unit

STRUCTURE_MORPHS: Final = frozenset({"OrbitalCommand", "PlanetaryFortress", "Lair", "Hive", "GreaterSpire"})
"""Morphs of standing structures, each a step the first time. Lifting, lowering and gate changes are none."""

REACTOR_HOSTS: Final = ("Barracks", "Factory", "Starport")
"""Structures that make two units at a time with a reactor."""

QUEUE_GAME_LOOPS: Final = 5 * 1440
"""Five of the slowest items: no older order is still in the queue."""

PAYING_WORDS: Final = ("Train", "ArmSilo")
"""Words in the name of every ability that makes a unit for minerals. Other abilities (hangars, calldowns, spells) spawn
units."""


@dataclass(frozen=True, slots=True)
class _Output:
    """Something a structure finished: a unit, or its own morph."""

    loop: int
    item: str
    unit: Unit
    is_morph: bool


@dataclass(slots=True)
class _Line:
    """One production slot of a structure; a reactor gives it two."""

    free_since: int
    was_busy: bool


def making_steps(context: PlayerContext, units: Mapping[int, Unit]) -> Iterator[BuildStep]:
    """Steps for units trained by structures, and for structure morphs."""
    outputs: dict[int, list[_Output]] = defaultdict(list)
    for unit in context.units:
        for output in _morphs(context, unit):
            outputs[unit.tag].append(output)
        maker = _maker(context, unit, units)
        if maker is not None and unit.born is not None:
            outputs[maker.tag].append(_Output(unit.born, unit.first_type, unit, is_morph=False))
    for tag, made in outputs.items():
        made.sort(key=lambda output: (output.loop, output.unit.first_event_index))
        yield from _steps_of_maker(context, units[tag], made)


def is_trained(unit: Unit) -> bool:
    """Whether a unit was paid for at its maker, judging by the ability named in its birth."""
    return unit.creator_ability is not None and any(word in unit.creator_ability for word in PAYING_WORDS)


def _maker(context: PlayerContext, unit: Unit, units: Mapping[int, Unit]) -> Unit | None:
    """The structure that trained the unit; None for hatched, spawned and initial units."""
    if not unit.born or unit.creator_tag is None or not is_trained(unit):
        return None
    maker = units.get(unit.creator_tag)
    return None if maker is None or is_shell(maker.type_at(unit.born - 1), context.rules) else maker


def _morphs(context: PlayerContext, unit: Unit) -> Iterator[_Output]:
    seen = {unit.first_type}
    for before, name, loop in zip(unit.type_names, unit.type_names[1:], unit.type_loops[1:], strict=False):
        if name in seen or is_shell(before, context.rules) or is_shell(name, context.rules):
            continue
        seen.add(name)
        item = context.rules.item(name)
        is_known_morph = item is not None and item.item == name and item.is_morph
        if name in STRUCTURE_MORPHS or (is_known_morph and is_maker(unit, context.rules)):
            yield _Output(loop, name, unit, is_morph=True)


def _steps_of_maker(context: PlayerContext, maker: Unit, made: list[_Output]) -> Iterator[BuildStep]:
    lines = [_Line(maker.ready or 0, was_busy=False)]
    changes = deque(maker.type_loops[1:])
    for output in made:
        while changes and changes[0] < output.loop:
            # It moved or changed its type: nothing made since then can have started before.
            for line in lines:
                if line.free_since < changes[0]:
                    line.free_since, line.was_busy = changes[0], False
            changes.popleft()
        line, start = _best_line(context, maker, output, lines)
        line.free_since, line.was_busy = output.loop, True
        yield _step(context, maker, output, start)


def _best_line(context: PlayerContext, maker: Unit, output: _Output, lines: list[_Line]) -> tuple[_Line, Start]:
    """The slot that can have made ``output``, and the start in it; adds a second slot if one is not enough."""
    tried = [(line, _start(context, maker, output, line)) for line in lines]
    if all(start.method == "bounded" for _, start in tried) and len(lines) < 2:
        host = maker.type_at(output.loop)
        if host.startswith(REACTOR_HOSTS) and _game_loops(context, output) is not None:
            lines.append(_Line(maker.ready or 0, was_busy=False))
            tried.append((lines[-1], _start(context, maker, output, lines[-1])))
    return max(tried, key=lambda pair: (-START_METHODS.index(pair[1].method), pair[0].free_since))


def _start(context: PlayerContext, maker: Unit, output: _Output, line: _Line) -> Start:
    work = Work(
        end=output.loop,
        game_loops=_game_loops(context, output),
        free_since=line.free_since,
        was_busy=line.was_busy,
        boosts=() if output.is_morph else context.speeds_of(maker, output.loop),
        chrono=() if output.is_morph else context.boosts_of(maker.tag),
        fastest_rate=context.fastest_rate,
        knows_boosts=context.knows_boosts,
        can_pause=context.player.race_actual == "protoss" and maker.first_type != "Nexus",
        was_told_before=context.commands.any_between(maker.tag, line.free_since - QUEUE_GAME_LOOPS, line.free_since),
    )
    return start_of(work, context.commands.between(maker.tag, line.free_since - 1, output.loop))


def _game_loops(context: PlayerContext, output: _Output) -> float | None:
    item = context.rules.item(output.item)
    if item is None or item.game_loops is None:
        return None
    if output.is_morph:
        # The type changes in the last game loop of the work, a birth comes one later.
        return item.game_loops * context.factors.structure_morphs - 1
    return item.game_loops * (1.0 if context.rules.is_worker(output.item) else context.factors.units)


def _step(context: PlayerContext, maker: Unit, output: _Output, start: Start) -> BuildStep:
    return BuildStep(
        player_id=context.player.player_id,
        kind="morph" if output.is_morph else "unit",
        item=output.item,
        display_name=context.rules.display_name(output.item),
        start_method=start.method,
        started_game_loop=start.game_loop,
        start_error_game_loops=start.error_game_loops,
        earliest_start_game_loop=start.earliest,
        latest_start_game_loop=start.latest,
        finished_game_loop=output.loop,
        unit_tag=output.unit.tag,
        producer_tag=maker.tag,
        producer_type=maker.type_at(output.loop - 1),
        is_chronoboosted=start.is_boosted,
        chrono_game_loops_saved=start.game_loops_saved,
        x=output.unit.x,
        y=output.unit.y,
        is_worker=context.rules.is_worker(output.item),
    )
