"""A player who follows a standard opening, keeps making workers, supply and army, and expands."""

from sc2_pipeline_demo.synthetic.simulation.making import build, research, train
from sc2_pipeline_demo.synthetic.simulation.side import WORKERS_PER_BASE, WORKERS_PER_GAS, Side
from sc2_pipeline_demo.synthetic.simulation.unit_data import Thing
from sc2_pipeline_demo.synthetic.simulation.world import Seat, World

_MAX_WORKERS = 60
_MAX_BASES = 4
_MAX_SUPPLY_HALVES = 400
_BUILDERS = ("Probe", "SCV", "Drone")
_CANCEL_AFTER = 90


class MacroPlayer(Side):
    """Decides what to make. Subclasses per race differ in unit production and use of energy."""

    def __init__(self, seat: Seat, world: World) -> None:
        super().__init__(seat, world)
        self._opening = list(self.race.opening)
        self._upgrades = list(self.race.upgrades)
        self._is_extra_due = world.dice.happens(70)

    def act(self, loop: int) -> None:
        """Spends the income."""
        self.score.gather(loop)
        self.use_energy(loop)
        self._make_supply(loop)
        spare = self._follow_opening(loop)
        self.make_workers(loop, spare)
        self._research(loop, spare)
        self.make_army(loop, spare)
        if not self._opening:
            self._expand(loop)
        if self._is_extra_due and loop > self.world.game_loops // 3:
            self._begin_and_cancel(loop)

    def use_energy(self, loop: int) -> None:
        """Casts the race's macro spells, as far as there is energy."""

    def make(self, loop: int, thing: Thing) -> bool:
        """Starts the next item of the opening if possible; returns whether it did."""
        if thing.made_by not in _BUILDERS or not self.stands(thing.needs) or not self.score.can_pay(thing):
            return False
        build(self, loop, thing)
        return True

    def make_workers(self, loop: int, spare: int) -> None:
        """Trains a worker at each idle town hall, until there are enough."""
        for hall in self.idle(loop, self.hall_names):
            if len(self.workers) < self.wanted_workers() and self.score.can_pay(self.worker, spare=spare):
                train(self, loop, hall, self.worker)

    def make_army(self, loop: int, spare: int) -> None:
        """Trains the best unit available at each idle production building."""
        for name in self.race.army:
            thing = self.world.things[name]
            for building in self.idle(loop, (thing.made_by,)):
                if self.stands(thing.needs) and self.score.can_pay(thing, spare=spare):
                    train(self, loop, building, thing)

    def wanted_workers(self) -> int:
        """The number of workers that its bases and gas can use."""
        gases = sum(building.name == self.race.gas for building in self.buildings)
        return min(_MAX_WORKERS, WORKERS_PER_BASE * self.bases() + WORKERS_PER_GAS * gases)

    def _make_supply(self, loop: int) -> None:
        thing = self.world.things[self.race.supply]
        made = self.score.supply_made_halves + self.coming_supply_halves
        is_in_opening = any(name == thing.name for _, name in self._opening)
        margin = 8 + self.score.supply_halves // 8
        if not is_in_opening and made - self.score.supply_halves < margin and made < _MAX_SUPPLY_HALVES:
            self.make(loop, thing)

    def _follow_opening(self, loop: int) -> int:
        """Starts the next item of the opening when its supply is reached; returns the minerals to reserve for it."""
        if not self._opening:
            return 0
        at, name = self._opening[0]
        # In some games the starting supply cap is below the supply at which the opening wants the first item.
        is_full = name == self.race.supply and self.score.supply_free_halves < self.worker.supply_halves
        if self.score.supply_halves < 2 * at and not is_full:
            return 0
        thing = self.world.things[name]
        if self.make(loop, thing):
            self._opening.pop(0)
            return 0
        return thing.minerals if self.stands(thing.needs) else 0

    def _research(self, loop: int, spare: int) -> None:
        for name in self._upgrades[:1]:
            thing = self.world.things[name]
            for building in self.idle(loop, (thing.made_by,))[:1]:
                if self.score.can_pay(thing, spare=spare):
                    self._upgrades.remove(name)
                    research(self, loop, building, thing)

    def _expand(self, loop: int) -> None:
        hall, production = self.world.things[self.race.town_hall], self.world.things[self.race.production]
        if self.bases() < _MAX_BASES and self.score.can_pay(hall, spare=150):
            build(self, loop, hall)
        count = sum(building.name in {production.name, "WarpGate"} for building in self.buildings)
        if production is not hall and count < 3 * self.bases() and self.score.can_pay(production, spare=200):
            build(self, loop, production)

    def _begin_and_cancel(self, loop: int) -> None:
        """Starts and then cancels a structure."""
        thing = self.world.things[self.race.extra]
        if self.score.can_pay(thing, spare=100):
            self._is_extra_due = False
            build(self, loop, thing, cancel_after=_CANCEL_AFTER)
