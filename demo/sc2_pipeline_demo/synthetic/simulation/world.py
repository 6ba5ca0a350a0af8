"""State shared by the players of a simulated game: clock, logs, random numbers and map."""

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
    """Scheduled actions, by game loop, then by the order in which they were added."""

    def __init__(self) -> None:
        self._heap: list[tuple[int, int, Action]] = []
        self._order = count()

    def at(self, game_loop: int, action: Action) -> None:
        """Schedules ``action`` for that loop."""
        heapq.heappush(self._heap, (game_loop, next(self._order), action))

    def run(self, last_game_loop: int) -> None:
        """Runs all actions up to that loop."""
        while self._heap and self._heap[0][0] <= last_game_loop:
            game_loop, _, action = heapq.heappop(self._heap)
            action(game_loop)


class TruthLog:
    """Collects the ground truth during the game."""

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
        """Records a start; its outcome is filled in later."""
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
    """Current work of a building. A chrono boost brings the finish forward, which voids the previously scheduled
    end."""

    finish: int
    done: Action
    start: dict[str, Any]


@dataclass(slots=True, kw_only=True, eq=False)
class Building:
    """A structure, finished or under construction."""

    tag: int
    name: str
    place: Place
    is_done: bool = True
    job: Job | None = None
    free_at: int = 0
    """End of a Warp Gate's cooldown."""
    chrono_until: int = 0
    chrono_rate: float = 1.0
    energy_full_at: int = 0
    """When it next has the energy for its spell."""
    larvae: list[int] = field(default_factory=list)
    next_larva_at: int = 0
    next_inject_at: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """A player's ids, race, team and start location."""

    player_id: int
    user_id: int | None
    race: str
    team: int
    home: Place
    toward: Place
    """Direction of the map's middle: -1, 0 or 1 on each axis."""


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
        """A number of the rules, truncated to an integer."""
        return int(self.rules.number(subject, fact))

    def energy_game_loops(self, ability: str) -> int:
        """Game loops to regenerate the energy that an ability costs."""
        return int(self.rules.number(ability, "energy_cost") / self.rules.number("game", "energy_per_game_loop"))

    def inside(self, x: int, y: int) -> Place:
        """The nearest position on the map."""
        return min(max(x, _EDGE), self.width - _EDGE), min(max(y, _EDGE), self.height - _EDGE)
