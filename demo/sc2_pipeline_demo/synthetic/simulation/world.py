"""What the players of one simulated game share: its clock, its logs, its chances and its ground."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeAlias

from sc2_pipeline.game_rules import GameRules
from sc2_pipeline_demo.synthetic.script import KnownChrono, KnownStart, StartKind
from sc2_pipeline_demo.synthetic.simulation.command_log import CommandLog
from sc2_pipeline_demo.synthetic.simulation.dice import Dice
from sc2_pipeline_demo.synthetic.simulation.tracker_log import TrackerLog
from sc2_pipeline_demo.synthetic.simulation.unit_data import Thing, things

Place: TypeAlias = tuple[int, int]
Action: TypeAlias = Callable[[int], None]

_EDGE = 10


class Schedule:
    """Things that will happen, in the order of their game loops, then in the order they were decided."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Action]] = []
        self._order = count()

    def at(self, game_loop: int, action: Action) -> None:
        """Do ``action`` at that loop."""
        heapq.heappush(self._heap, (game_loop, next(self._order), action))

    def run(self, last_game_loop: int) -> None:
        """Let everything up to that loop happen."""
        while self._heap and self._heap[0][0] <= last_game_loop:
            game_loop, _, action = heapq.heappop(self._heap)
            action(game_loop)


class TruthLog:
    """What is true of the game, as it happens."""

    def __init__(self) -> None:
        self.chronos: list[KnownChrono] = []
        self.cancelled: list[int] = []
        self.consumed: list[int] = []
        self.expired: list[int] = []
        self._starts: list[dict[str, Any]] = []

    def started(
        self,
        loop: int,
        player_id: int,
        thing: Thing,
        *,
        kind: StartKind,
        supply_halves: int,
        producer: int | None,
        tag: int | None = None,
        is_chrono_boosted: bool = False,
    ) -> dict[str, Any]:
        """A start; what becomes of it is filled in later."""
        start = {
            "game_loop": loop,
            "player_id": player_id,
            "name": thing.name,
            "kind": kind,
            "supply_used": supply_halves / 2,
            "producer_tag": producer,
            "unit_tag": tag,
            "is_chrono_boosted": is_chrono_boosted,
        }
        self._starts.append(start)
        return start

    def starts(self) -> tuple[KnownStart, ...]:
        """All starts, in order."""
        return tuple(KnownStart(**start) for start in self._starts)


@dataclass(slots=True, kw_only=True)
class Job:
    """What a building is making. A chrono boost brings the finish forward, which makes the old appointment void."""

    finish: int
    done: Action
    start: dict[str, Any]


@dataclass(slots=True, kw_only=True, eq=False)
class Building:
    """A structure that stands or is being built."""

    tag: int
    name: str
    place: Place
    is_done: bool = True
    job: Job | None = None
    free_at: int = 0
    """Warp gates cool down."""
    chrono_until: int = 0
    chrono_rate: float = 1.0
    energy_full_at: int = 0
    """When it next has the energy for its spell."""
    larvae: list[int] = field(default_factory=list)
    next_larva_at: int = 0
    next_inject_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A player's place in the game."""

    player_id: int
    user_id: int | None
    race: str
    team: int
    home: Place
    toward: Place
    """Direction of the map's middle: -1, 0 or 1 each way."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """The game around its players."""

    rules: GameRules
    tracker: TrackerLog
    commands: CommandLog
    dice: Dice
    game_loops: int
    width: int
    height: int
    schedule: Schedule = field(default_factory=Schedule)
    truth: TruthLog = field(default_factory=TruthLog)

    @property
    def things(self) -> dict[str, Thing]:
        """Everything that the races make, by name."""
        return things(self.rules)

    def number(self, subject: str, fact: str) -> int:
        """A number of the rules, as whole as the game's loops."""
        return int(self.rules.number(subject, fact))

    def energy_game_loops(self, ability: str) -> int:
        """How long it takes to gather the energy that an ability costs."""
        return int(self.rules.number(ability, "energy_cost") / self.rules.number("game", "energy_per_game_loop"))

    def inside(self, x: int, y: int) -> Place:
        """The nearest place that is on the map."""
        return min(max(x, _EDGE), self.width - _EDGE), min(max(y, _EDGE), self.height - _EDGE)
