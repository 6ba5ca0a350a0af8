"""Exact starts from type changes: eggs, and cocoons in which a unit morphs.

A larva becomes an Egg when the player orders, and what hatches names that egg as its maker; in that game loop the egg's
tag changes back and dies. A cocoon either does the same or becomes the new unit itself.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sc2_pipeline.build_orders.context import PlayerContext
from sc2_pipeline.build_orders.steps import BuildStep
from sc2_pipeline.build_orders.units import Unit
from sc2_pipeline.game_rules import GameRules

_PAIRS: Final[Mapping[str | None, int]] = {"Zergling": 2}
"""Units that hatch in pairs from one egg, for eggs that never hatched."""

_SECOND_TAG: Final = 1 << 18
"""The least tag whose index is 1; below it a tag counts how often index 0 was used."""


@dataclass(frozen=True, slots=True)
class _Spell:
    """A period in which a unit was an egg or a cocoon."""

    unit: Unit
    shell: str
    before: str
    start: int
    after: str | None
    end: int | None
    """When it hatched or died; None if the recording ended first."""
    was_killed: bool


def is_shell(unit_type: str, rules: GameRules) -> bool:
    """Whether a type is an egg or a cocoon, commanders' types included."""
    if unit_type.startswith("Egg") or unit_type in rules.cocoons:
        return True
    return "Cocoon" in unit_type and not unit_type.startswith("Kerrigan")


def hatching_steps(
    context: PlayerContext, broods: Mapping[tuple[int, int], list[Unit]], *, with_eggs: bool
) -> Iterator[BuildStep]:
    """One step for each egg (if wanted) and cocoon of the player; ``broods`` are births by maker and game loop."""
    for unit in context.units:
        for spell in _spells(unit, context.rules):
            if spell.shell.startswith("Egg") and not with_eggs:
                continue
            yield _step(context, spell, broods.get((unit.tag, spell.end or -1), []))


def adopt_broods(units: Collection[Unit], rules: GameRules) -> None:
    """Sets the cocoon as the maker of what hatched from it if the birth names none: always before base build 55505.

    A Baneling is born in the game loop and at the position in which its cocoon becomes a Zergling again and dies.
    """
    left: dict[tuple[object, ...], list[int]] = defaultdict(list)
    for unit in units:
        if unit.died is not None and unit.killer_player_id is None:
            result = rules.cocoons.get(unit.type_at(unit.died - 1))
            left[unit.player_id, unit.died, unit.died_at, result].append(unit.tag)
    for unit in units:
        if unit.creator_tag is None and unit.born:
            cocoons = left.get((unit.player_id, unit.born, (unit.x, unit.y), unit.first_type))
            unit.creator_tag = cocoons.pop() if cocoons else None


def adopt_from_first_tag(units: Collection[Unit]) -> None:
    """Sets the egg as the maker of what hatched from it, where its tag's index is 0: births take that for no maker.

    A birth within a cell of the egg, in the game loop in which it ends. Only for builds whose births name makers.
    """
    eggs = {
        (unit.player_id, unit.died): unit
        for unit in units
        if unit.tag < _SECOND_TAG and unit.died is not None and unit.type_at(unit.died - 1).startswith("Egg")
    }
    for unit in units:
        if unit.creator_tag is not None or unit.born is None:
            continue
        egg = eggs.get((unit.player_id, unit.born))
        if egg is not None and egg.died_at is not None and _is_near(unit, egg.died_at):
            unit.creator_tag = egg.tag


def _is_near(unit: Unit, place: tuple[float, float]) -> bool:
    return max(abs(unit.x - place[0]), abs(unit.y - place[1])) <= 1


def broods(units: Iterable[Unit]) -> dict[tuple[int, int], list[Unit]]:
    """Units by maker's tag and game loop of birth."""
    found: dict[tuple[int, int], list[Unit]] = defaultdict(list)
    for unit in units:
        if unit.creator_tag is not None and unit.born is not None:
            found[unit.creator_tag, unit.born].append(unit)
    return found


def _spells(unit: Unit, rules: GameRules) -> Iterator[_Spell]:
    for at, shell in enumerate(unit.type_names):
        if not at or not is_shell(shell, rules):
            continue
        has_next = at + 1 < len(unit.type_names)
        end = unit.type_loops[at + 1] if has_next else unit.died
        yield _Spell(
            unit=unit,
            shell=shell,
            before=unit.type_names[at - 1],
            start=unit.type_loops[at],
            after=unit.type_names[at + 1] if has_next else None,
            end=end,
            was_killed=not has_next and unit.killer_player_id not in (None, unit.player_id),
        )


def _step(context: PlayerContext, spell: _Spell, brood: list[Unit]) -> BuildStep:
    is_egg = spell.shell.startswith("Egg")
    item = brood[0].first_type if brood else _unhatched(context, spell)
    outcome = _outcome(spell, brood)
    is_done = outcome == "done"
    return BuildStep(
        player_id=context.player.player_id,
        kind="unit" if is_egg else "morph",
        item=item,
        display_name=context.rules.display_name(item) if item else "Egg",
        count=len(brood) or _PAIRS.get(item, 1),
        outcome=outcome,
        start_method="egg" if is_egg else "cocoon",
        started_game_loop=spell.start,
        start_error_game_loops=0,
        finished_game_loop=spell.end if is_done else None,
        ended_game_loop=None if is_done else spell.end,
        unit_tag=brood[0].tag if brood else spell.unit.tag,
        producer_tag=spell.unit.tag,
        producer_type=spell.before,
        x=brood[0].x if brood else None,
        y=brood[0].y if brood else None,
        is_worker=context.rules.is_worker(item),
    )


def _outcome(spell: _Spell, brood: list[Unit]) -> str:
    if spell.end is None:
        return "unfinished"
    if brood or (spell.after is not None and spell.after != spell.before):
        return "done"
    return "destroyed" if spell.was_killed else "cancelled"


def _unhatched(context: PlayerContext, spell: _Spell) -> str | None:
    """What a cocoon without a brood became or would have become; for an egg, only the larva's orders tell."""
    if spell.after is not None and spell.after != spell.before:
        return spell.after
    if spell.shell == "Egg":
        return context.ordered.item_of_egg(spell.unit.tag, spell.start)
    return context.rules.cocoons.get(spell.shell)
