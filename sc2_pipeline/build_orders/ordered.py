"""Commands whose ordered item is known: research, and larva morphs."""

from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field
from typing import NamedTuple

from sc2_pipeline.game_rules import GameRules
from sc2_pipeline.replay_format.game_events import Orders


class Order(NamedTuple):
    """One command to whichever of the selected units and structures executes it."""

    game_loop: int
    item: str
    selected: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ordered:
    """All such commands of a replay. Empty where ability numbers are unknown: in co-op, and before 2.0.4."""

    by_loop: dict[int, list[Order]] = field(default_factory=dict)
    by_tag: dict[int, list[Order]] = field(default_factory=dict)
    """By each selected unit, in time order."""
    cancels: dict[int, list[int]] = field(default_factory=dict)
    """Game loops of cancel commands, by each selected unit."""

    def item_of_egg(self, tag: int, game_loop: int) -> str | None:
        """What a larva that became an egg in that game loop was ordered to become; None if commands disagree."""
        items = {order.item for order in self.by_loop.get(game_loop, ()) if tag in order.selected}
        return items.pop() if len(items) == 1 else None


def ordered(orders: Orders, rules: GameRules, tags: Container[int]) -> Ordered:
    """Commands of all players to one of ``tags``."""
    items, queues = rules.ordered_items, rules.queue_links
    by_loop: dict[int, list[Order]] = defaultdict(list)
    by_tag: dict[int, list[Order]] = defaultdict(list)
    cancels: dict[int, list[int]] = defaultdict(list)
    for command in orders.commands:
        link = command.ability_link
        if link is None or command.selection is None:
            continue
        if link in queues:
            for tag in orders.selections[command.selection]:
                cancels[tag].append(command.game_loop)
        elif command.target_kind == "none" and (item := items.get((link, command.ability_index or 0))) is not None:
            selected = tuple(tag for tag in orders.selections[command.selection] if tag in tags)
            order = Order(command.game_loop, item, selected)
            by_loop[order.game_loop].append(order)
            for tag in selected:
                by_tag[tag].append(order)
    return Ordered(by_loop=by_loop, by_tag=by_tag, cancels=cancels)
