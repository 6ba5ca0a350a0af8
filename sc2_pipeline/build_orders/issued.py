"""Commands by the structure they were given to, as evidence for starts."""

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Container
from dataclasses import dataclass, field

from sc2_pipeline.build_orders.chrono import Cast
from sc2_pipeline.replay_format.game_events import Orders


@dataclass(slots=True)
class Issued:
    """Commands without a target (train, research, morph), by selected structure."""

    loops: dict[int, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Game loops by tag, ascending."""

    def between(self, tag: int, after: int, until: int) -> list[int]:
        """Game loops of commands to ``tag`` later than ``after``, up to and including ``until``."""
        loops = self.loops.get(tag, [])
        return loops[bisect_right(loops, after) : bisect_right(loops, until)]

    def any_between(self, tag: int, since: int, until: int) -> bool:
        """Whether ``tag`` got a command from ``since`` to ``until``, both included."""
        loops = self.loops.get(tag, [])
        at = bisect_left(loops, since)
        return at < len(loops) and loops[at] <= until


def issued(orders: Orders, tags: Container[int]) -> Issued:
    """The commands that could have started something in one of ``tags``."""
    found = Issued()
    chosen: dict[int, list[int]] = {}
    for command in orders.commands:
        if command.ability_link is None or command.target_kind != "none" or command.selection is None:
            continue
        if command.selection not in chosen:
            chosen[command.selection] = [tag for tag in orders.selections[command.selection] if tag in tags]
        for tag in chosen[command.selection]:
            loops = found.loops[tag]
            if not loops or loops[-1] != command.game_loop:
                loops.append(command.game_loop)
    return found


def chrono_casts(orders: Orders, nexuses: Container[int], targets: Container[int]) -> list[Cast]:
    """Commands that boosted one of ``targets``, with the Nexuses selected for each.

    Ability numbers change between builds, and no list covers all builds: Chrono Boost is taken to be the ability most
    often used with a Nexus selected and one of its owner's structures as the target.
    """
    found: dict[int, list[Cast]] = defaultdict(list)
    for command in orders.commands:
        target = command.target_tag
        if command.ability_link is None or command.selection is None or target is None or target not in targets:
            continue
        casters = tuple(tag for tag in orders.selections[command.selection] if tag in nexuses)
        if casters:
            found[command.ability_link].append(Cast(command.game_loop, target, casters))
    return max(found.values(), key=len, default=[])
