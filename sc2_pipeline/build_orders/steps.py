"""Build-order steps, and the vocabulary for how their starts are known.

START_METHODS, best first:

* init: the replay has an event for it (structures, add-ons, warp-ins)
* egg, cocoon: a larva or unit became the egg or cocoon that the thing hatches from
* order: observed in the game (only with the sc2 source)
* command: a command to that very building, or its turn in the queue, plus the build time gives the finish to the game
  loop
* derived: the finish minus the build time, with speed-ups (Chrono Boost) taken into account
* bounded: only the limits ``earliest_start_game_loop`` and ``latest_start_game_loop`` are known
* unknown: only the finish is known
"""

from dataclasses import dataclass
from typing import Final

from sc2_pipeline.tables import build_orders as tables

START_METHODS: Final = tables.START_METHODS
KINDS: Final = tables.STEP_KINDS
"""``spawned`` is what nobody pays for: MULEs, larvae's tumours, interceptors, broodlings, hallucinations."""

OUTCOMES: Final = tables.STEP_OUTCOMES
"""destroyed: killed by a player before it was finished; unfinished: the recording ended first."""


@dataclass(slots=True, kw_only=True)
class BuildStep:
    """One thing that one player made, or started to make. All times are game loops; None is unknown.

    Not frozen: supply is known only when all steps are, and copying all of them took a tenth of the solver's time.
    """

    player_id: int
    kind: str
    """One of KINDS."""
    item: str | None
    """Name of the unit type or upgrade; None for an egg that never hatched and whose order is unknown."""
    display_name: str
    count: int = 1
    """Units made: two Zerglings are one step."""
    outcome: str = "done"
    """One of OUTCOMES."""
    start_method: str
    """One of START_METHODS."""
    started_game_loop: int | None
    """Best estimate; for a bounded start the earliest possible."""
    start_error_game_loops: int | None
    """Maximum error of the start in either direction; 0 is exact."""
    earliest_start_game_loop: int | None = None
    latest_start_game_loop: int | None = None
    finished_game_loop: int | None
    """When it was finished; None unless ``outcome`` is done."""
    ended_game_loop: int | None = None
    """When an unfinished step ended."""
    unit_tag: int | None = None
    producer_tag: int | None = None
    """The structure or unit that made it, if known."""
    producer_type: str | None = None
    is_chronoboosted: bool = False
    chrono_game_loops_saved: int = 0
    x: float | None = None
    y: float | None = None
    is_worker: bool = False
    supply_used: float | None = None
    """In use just before the start."""
    supply_cap: float | None = None

    @property
    def order_game_loop(self) -> int:
        """Sort key of the step in a build order: its start, or the best alternative known."""
        for loop in (self.started_game_loop, self.finished_game_loop, self.ended_game_loop):
            if loop is not None:
                return loop
        return 0
