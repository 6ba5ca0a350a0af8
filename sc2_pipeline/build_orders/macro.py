"""Macro actions: injects, larvae, creep tumours, Chrono Boost, MULEs, scans and supply drops."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from sc2_pipeline.build_orders.context import PlayerContext
from sc2_pipeline.build_orders.record import GameRecord
from sc2_pipeline.build_orders.units import Unit
from sc2_pipeline.replay_format.game_events import POINT_SCALE, Command, Orders

REPEATED_WITHIN: Final = 22
"""Repeated commands for the same target within a second count once."""

_HATCHERIES = ("Hatchery", "Lair", "Hive")
_EVENTS = {"MULE": "mule", "Larva": "larva"}
_ABILITIES = {"SpawnLarva": ("inject", "Queen"), "ScannerSweep": ("scan", "Orbital"),
              "SupplyDrop": ("supply_drop", "Orbital")}  # fmt: skip
"""Ability -> the action, and the prefix of its caster's type name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MacroAction:
    """One action of one player."""

    player_id: int
    game_loop: int
    kind: str
    """One of tables.build_orders.MACRO_KINDS."""
    known_by: str
    """event: it happened. command: it was ordered."""
    caster_tag: int | None = None
    target_tag: int | None = None
    target_type: str | None = None
    x: float | None = None
    y: float | None = None


def macro_actions(record: GameRecord, context: PlayerContext) -> list[MacroAction]:
    """The player's actions by time; those known by command are missing if the record has no commands."""
    found = [*_events(context), *_chrono_boosts(record, context), *_commanded(record, context)]
    return sorted(found, key=lambda action: (action.game_loop, action.kind, action.target_tag or 0))


def _events(context: PlayerContext) -> Iterator[MacroAction]:
    for unit in context.units:
        is_tumor = unit.first_type.startswith("CreepTumor")
        begun = unit.init if is_tumor and unit.init is not None else unit.born
        if begun and (is_tumor or unit.first_type in _EVENTS):
            yield MacroAction(
                player_id=context.player.player_id,
                game_loop=begun,
                kind="creep_tumor" if is_tumor else _EVENTS[unit.first_type],
                known_by="event",
                caster_tag=unit.creator_tag,
                target_tag=unit.tag,
                target_type=unit.first_type,
                x=unit.x,
                y=unit.y,
            )


def _chrono_boosts(record: GameRecord, context: PlayerContext) -> Iterator[MacroAction]:
    for tag, boosts in context.boosts.items():
        target = record.units.get(tag)
        for boost in boosts:
            # A boost without an order: where boosts are permanent, each Nexus starts by boosting itself.
            if target is not None and not (target.first_type == "Nexus" and boost.start == target.ready):
                yield _aimed(context, boost.start, "chrono", None, target)


def _commanded(record: GameRecord, context: PlayerContext) -> Iterator[MacroAction]:
    if record.events is None:
        return
    orders = record.events.orders
    users = {user for user, player in record.player_of_user.items() if player == context.player.player_id}
    wanted = {
        link: action
        for ability, action in _ABILITIES.items()
        if (link := context.rules.ability_link(ability)) is not None
    }
    last: dict[tuple[object, ...], int] = {}
    for command in orders.commands:
        if command.user_id not in users or command.ability_link not in wanted or command.selection is None:
            continue
        kind, caster = wanted[command.ability_link]
        casters = _casters(record, orders, command, context, caster)
        aim = kind, command.target_tag, command.x, command.y
        is_again = command.game_loop - last.get(aim, -REPEATED_WITHIN) < REPEATED_WITHIN
        if casters and not is_again and (action := _action(record, context, kind, command, casters)):
            last[aim] = command.game_loop
            yield action


def _casters(record: GameRecord, orders: Orders, command: Command, context: PlayerContext, caster: str) -> list[int]:
    """The player's selected units whose type name starts with ``caster``."""
    selected = (record.units.get(tag) for tag in orders.selections[command.selection or 0])
    return [
        unit.tag
        for unit in selected
        if unit is not None
        and unit.player_id == context.player.player_id
        and unit.type_at(command.game_loop).startswith(caster)
    ]


def _action(
    record: GameRecord, context: PlayerContext, kind: str, command: Command, casters: list[int]
) -> MacroAction | None:
    caster = casters[0] if len(casters) == 1 else None
    if kind == "scan":
        if command.x is None or command.y is None:
            return None
        return MacroAction(
            player_id=context.player.player_id,
            game_loop=command.game_loop,
            kind=kind,
            known_by="command",
            caster_tag=caster,
            x=command.x / POINT_SCALE,
            y=command.y / POINT_SCALE,
        )
    target = record.units.get(command.target_tag or 0)
    if target is None or (kind == "inject" and target.type_at(command.game_loop) not in _HATCHERIES):
        return None
    return _aimed(context, command.game_loop, kind, caster, target)


def _aimed(context: PlayerContext, game_loop: int, kind: str, caster: int | None, target: Unit) -> MacroAction:
    return MacroAction(
        player_id=context.player.player_id,
        game_loop=game_loop,
        kind=kind,
        known_by="command",
        caster_tag=caster,
        target_tag=target.tag,
        target_type=target.type_at(game_loop),
        x=target.x,
        y=target.y,
    )
