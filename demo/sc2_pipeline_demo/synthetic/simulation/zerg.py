"""A Zerg player: larvae, eggs, injects, and Drones that become structures."""

from sc2_pipeline_demo.synthetic.simulation.macro_player import MacroPlayer
from sc2_pipeline_demo.synthetic.simulation.making import train
from sc2_pipeline_demo.synthetic.simulation.unit_data import SPAWN_LARVA, Thing
from sc2_pipeline_demo.synthetic.simulation.world import Building, Seat, World

_MAX_QUEENS = 4


class ZergPlayer(MacroPlayer):
    """Hatches everything from larvae, builds by consuming Drones, and injects with Queens."""

    _queens = 0

    def __init__(self, seat: Seat, world: World) -> None:
        super().__init__(seat, world)
        self._larva_limit = world.number("Hatchery", "larva_limit")
        self._larva_game_loops = world.number("Larva", "spawn_game_loops")
        self._inject_game_loops = world.number("SpawnLarva", "duration")

    def start(self) -> None:
        """Adds the starting larvae of a Hatchery, and an Overlord."""
        super().start()
        self._grow_larvae(self.buildings[0], 0, self._larva_limit)
        self.buildings[0].next_larva_at = self._larva_game_loops
        self.born(0, "Overlord", (self.seat.home[0] - 4, self.seat.home[1] - 4))
        self.score.own(self.world.things["Overlord"])

    def use_energy(self, loop: int) -> None:
        """Spawns larvae over time, and more where a Queen injects."""
        for hatchery in self.buildings:
            if hatchery.name == "Hatchery" and hatchery.is_done:
                if hatchery.next_larva_at <= loop:
                    hatchery.next_larva_at = loop + self._larva_game_loops
                    self._grow_larvae(hatchery, loop, min(1, self._larva_limit - len(hatchery.larvae)))
                if self._queens and 0 < hatchery.next_inject_at <= loop:
                    self._inject(loop, hatchery)

    def make(self, loop: int, thing: Thing) -> bool:
        """Starts the item from a larva or a Drone."""
        if thing.made_by != "Larva":
            return bool(self.workers) and super().make(loop, thing)
        if not self.score.can_pay(thing, self._pack(thing)):
            return False
        return self._hatch(loop, thing)

    def make_workers(self, loop: int, spare: int) -> None:
        """Queens from the Hatcheries, Drones from two larvae in three."""
        queen = self.world.things["Queen"]
        for hatchery in self.idle(loop, ("Hatchery",)):
            if self._queens < _MAX_QUEENS and self.stands(queen.needs) and self.score.can_pay(queen, spare=spare):
                hatchery.next_inject_at = loop + queen.game_loops
                train(self, loop, hatchery, queen)
        while len(self.workers) < self.wanted_workers() and self.score.can_pay(self.worker, spare=spare):
            if (self.army and self.world.dice.happens(35)) or not self._hatch(loop, self.worker):
                break

    def make_army(self, loop: int, spare: int) -> None:
        """One unit for each larva left."""
        for name in self.race.army:
            thing = self.world.things[name]
            while self.stands(thing.needs) and self.score.can_pay(thing, self._pack(thing), spare=spare):
                if not self._hatch(loop, thing):
                    return

    def send_builder(self) -> tuple[int, int]:
        """A Drone, which the structure consumes."""
        worker = self.workers.pop()
        self.score.give_up(self.worker)
        self.assign_workers()
        return worker, self.worker.minerals

    def builder_returns(self, loop: int, worker: int, building: Building) -> None:
        """The Drone is consumed when the structure is finished, and returns if it was cancelled."""
        if building.is_done:
            self.world.tracker.died(loop, worker, building.place)
            self.world.truth.consumed.append(worker)
            building.next_larva_at = loop
            building.next_inject_at = loop + self._inject_game_loops
        else:
            self.workers.append(worker)
            self.score.own(self.worker)

    def take_in(self, tag: int, thing: Thing) -> None:
        """Also counts Queens."""
        super().take_in(tag, thing)
        self._queens += thing.name == "Queen"

    def lose(self, tag: int) -> Thing:
        """Also counts Queens."""
        thing = super().lose(tag)
        self._queens -= thing.name == "Queen"
        return thing

    def _pack(self, thing: Thing) -> int:
        return 2 if thing.name == "Zergling" else 1

    def _grow_larvae(self, hatchery: Building, loop: int, count: int) -> None:
        for _ in range(count):
            place = hatchery.place[0], hatchery.place[1] - 3
            hatchery.larvae.append(self.born(loop, "Larva", place, creator=hatchery.tag))

    def _inject(self, loop: int, hatchery: Building) -> None:
        hatchery.next_inject_at = loop + self._inject_game_loops
        user_id = self.seat.user_id
        self.world.commands.order_on(loop, user_id, SPAWN_LARVA, hatchery.tag, hatchery.name, hatchery.place)
        larvae = self.world.number("SpawnLarva", "larvae")
        grow = loop + self._inject_game_loops - 1
        self.world.schedule.at(grow, lambda at: self._grow_larvae(hatchery, at, larvae))

    def _hatch(self, loop: int, thing: Thing) -> bool:
        """Turns a larva into an egg, which later hatches into the unit or two Zerglings; returns whether there was a
        larva."""
        hatchery = max(self.buildings, key=lambda building: len(building.larvae))
        if not hatchery.larvae:
            return False
        larva = hatchery.larvae.pop()
        place = self.world.inside(hatchery.place[0], hatchery.place[1] - 3)
        self.world.commands.select(loop, self.seat.user_id, larva, "Larva")
        self.world.commands.order(loop, self.seat.user_id, thing.command)
        starts = []
        for _ in range(self._pack(thing)):
            starts.append(
                self.world.truth.started(
                    loop,
                    self.seat.player_id,
                    thing,
                    kind="unit",
                    supply_halves=self.score.supply_halves,
                    producer=larva,
                )
            )
            self.score.begin(thing)
        self.coming_supply_halves += thing.supply_made_halves
        self.world.tracker.changed_type(loop, larva, "Egg")

        def hatched(at: int) -> None:
            self.score.gather(at)
            for start in starts:
                tag = self.born(at, thing.name, place, creator=larva, ability=thing.command[0])
                start |= {"unit_tag": tag, "finished_game_loop": at}
                self.score.finish(thing)
                self.take_in(tag, thing)
            self.coming_supply_halves -= thing.supply_made_halves
            self.world.tracker.changed_type(at, larva, "Larva")
            self.world.tracker.died(at, larva, place)

        self.world.schedule.at(loop + thing.game_loops, hatched)
        return True
