"""One side of a simulated game: a player's units and buildings, and the effects of changes to them."""

from collections.abc import Iterable

from sc2_pipeline_demo.synthetic.simulation.score import Score
from sc2_pipeline_demo.synthetic.simulation.unit_data import RACE_DATA, Thing
from sc2_pipeline_demo.synthetic.simulation.world import Building, Place, Seat, World

WORKERS_PER_BASE = 16
WORKERS_PER_GAS = 3


class Side:
    """Units, buildings and accounting of one player. Subclasses override what differs by race: see ``protoss``,
    ``terran``, ``zerg``."""

    def __init__(self, seat: Seat, world: World) -> None:
        self.seat = seat
        self.world = world
        self.race = RACE_DATA[seat.race]
        self.worker = world.things[self.race.worker]
        self.score = Score(world.rules)
        self.workers: list[int] = []
        self.army: dict[int, Thing] = {}
        self.buildings: list[Building] = []
        self.coming_supply_halves = 0
        self.hall_names: tuple[str, ...] = (self.race.town_hall,)
        self._sites = 0
        self._geysers = 0

    def start(self) -> None:
        """Creates town hall and workers, at loop 0."""
        x, y = self.seat.home
        hall = Building(tag=self.born(0, self.race.town_hall, (x, y)), name=self.race.town_hall, place=(x, y))
        self.buildings.append(hall)
        self.score.own(self.world.things[hall.name])
        for place in range(self.world.number("game", "start_workers")):
            self.workers.append(self.born(0, self.race.worker, (x - 3 + place % 6, y + 3 + place // 6)))
            self.score.own(self.worker)
        self.assign_workers()

    # What it has

    def stands(self, name: str) -> bool:
        """Whether a building of that type is finished; True if none is required."""
        return not name or any(building.name == name and building.is_done for building in self.buildings)

    def idle(self, loop: int, names: Iterable[str]) -> list[Building]:
        """Finished buildings of those types without a job."""
        wanted = tuple(names)
        return [
            building
            for building in self.buildings
            if building.name in wanted and building.is_done and building.job is None and building.free_at <= loop
        ]

    def bases(self) -> int:
        """Town halls, including unfinished ones."""
        return sum(building.name in self.hall_names for building in self.buildings)

    # What follows from a change

    def born(self, loop: int, name: str, place: Place, *, creator: int | None = None, ability: str = "") -> int:
        """Records the birth of a unit of this player; returns its tag."""
        return self.world.tracker.born(
            loop, name, self.seat.player_id, self.world.inside(*place), creator=creator, ability=ability
        )

    def take_in(self, tag: int, thing: Thing) -> None:
        """Adds a new unit to the workers or the army."""
        if thing is self.worker:
            self.workers.append(tag)
            self.assign_workers()
        elif thing.category == "Army":
            self.army[tag] = thing

    def lose(self, tag: int) -> Thing:
        """Removes a killed unit; returns what it was."""
        if tag in self.army:
            thing = self.army.pop(tag)
        else:
            self.workers.remove(tag)
            thing = self.worker
        self.score.lose(thing)
        self.assign_workers()
        return thing

    def assign_workers(self) -> None:
        """Assigns three workers to each finished gas building, the rest to minerals, as far as there is room."""
        gases = sum(building.name == self.race.gas and building.is_done for building in self.buildings)
        halls = sum(building.name in self.hall_names and building.is_done for building in self.buildings)
        score = self.score
        score.workers = len(self.workers)
        score.gas_workers = min(WORKERS_PER_GAS * gases, score.workers // 3)
        score.mineral_workers = min(score.workers - score.gas_workers, WORKERS_PER_BASE * halls)

    def send_builder(self) -> tuple[int, int]:
        """The building worker, and the minerals it contributes: Zerg consume the worker, other races get it back."""
        return self.workers[0], 0

    def builder_returns(self, loop: int, worker: int, building: Building) -> None:
        """The building is finished, or was cancelled (then it is not done)."""

    def upgrade_done(self, loop: int, thing: Thing) -> None:
        """An upgrade is finished."""

    def site(self, thing: Thing) -> Place:
        """Position of the next structure of that kind: bases toward the middle, gas beside them, the rest in rows."""
        (x, y), (right, up) = self.seat.home, self.seat.toward
        if thing.name == self.race.town_hall:
            step = self.bases()
            return self.world.inside(x + right * 26 * (step % 2), y + up * 26 * (step // 2))
        if thing.name == self.race.gas:
            self._geysers += 1
            return self.world.inside(x - right * 7, y + up * (self._geysers * 5 - 8))
        self._sites += 1
        return self.world.inside(x + right * (6 + 4 * (self._sites % 4)), y + up * (4 * (self._sites // 4) - 6))
