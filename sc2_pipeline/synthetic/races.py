"""What each race does in its own way: chrono and warp-ins, orbitals and MULEs, larvae and eggs."""

from sc2_pipeline.synthetic.macro_player import MacroPlayer
from sc2_pipeline.synthetic.making import appoint, chronoed_loops, occupy, train
from sc2_pipeline.synthetic.script import KnownChrono
from sc2_pipeline.synthetic.unit_data import (
    CALL_DOWN_MULE,
    CHRONO_BOOST,
    CHRONO_GAME_LOOPS,
    ENERGY_GAME_LOOPS,
    INJECT_GAME_LOOPS,
    LARVA_GAME_LOOPS,
    MULE_GAME_LOOPS,
    SPAWN_LARVA,
    THINGS,
    WARP_GATE_TRAIN_LINK,
    WARP_IN_GAME_LOOPS,
    Thing,
)
from sc2_pipeline.synthetic.world import Building

_MAX_LARVAE = 3
_INJECTED_LARVAE = 3
_MAX_QUEENS = 4
_WARP_GATE_MORPH_GAME_LOOPS = 157


class ProtossPlayer(MacroPlayer):
    """Chrono boosts production, and warps units in once Warp Gates are researched."""

    _has_warp_gates = False

    def use_energy(self, loop: int) -> None:
        """Chrono boost the busiest building, whenever a Nexus has the energy."""
        for nexus in self.buildings:
            if nexus.name == "Nexus" and nexus.is_done and nexus.energy_full_at <= loop:
                target = self._chrono_target(loop)
                if target is not None:
                    nexus.energy_full_at = loop + ENERGY_GAME_LOOPS
                    self._chrono(loop, target)

    def _chrono_target(self, loop: int) -> Building | None:
        busy = [building for building in self.buildings if building.job and building.chrono_until <= loop]
        return max(busy, key=lambda building: building.job.finish if building.job else 0, default=None)

    def _chrono(self, loop: int, target: Building) -> None:
        target.chrono_until = loop + CHRONO_GAME_LOOPS
        if target.job:
            left = target.job.finish - loop
            target.job.finish = loop + chronoed_loops(left, CHRONO_GAME_LOOPS)
            target.job.start["is_chrono_boosted"] = True
            appoint(self, target, target.job)
        self.world.truth.chronos.append(
            KnownChrono(game_loop=loop, player_id=self.seat.player_id, target_tag=target.tag)
        )
        user_id = self.seat.user_id
        self.world.commands.order_on(loop, user_id, CHRONO_BOOST, target.tag, target.name, target.place)

    def upgrade_done(self, loop: int, thing: Thing) -> None:
        """Gateways become Warp Gates."""
        self._has_warp_gates = self._has_warp_gates or thing.name == "WarpGateResearch"

    def make_army(self, loop: int, spare: int) -> None:
        """Train, or warp in where a Warp Gate is ready."""
        if self._has_warp_gates:
            for gateway in self.idle(loop, ("Gateway",)):
                self._become_warp_gate(loop, gateway)
        for name in self.race.army:
            thing = THINGS[name]
            for gate in self.idle(loop, ("WarpGate",) if thing.made_by == "Gateway" else ()):
                if self.score.can_pay(thing, spare=spare):
                    self._warp_in(loop, gate, thing)
        super().make_army(loop, spare)

    def _become_warp_gate(self, loop: int, gateway: Building) -> None:
        gateway.free_at = loop + _WARP_GATE_MORPH_GAME_LOOPS

        def morphed(at: int) -> None:
            gateway.name = "WarpGate"
            self.world.tracker.changed_type(at, gateway.tag, "WarpGate")

        self.world.schedule.at(gateway.free_at - 1, morphed)

    def _warp_in(self, loop: int, gate: Building, thing: Thing) -> None:
        gate.free_at = loop + thing.game_loops * 2 // 3
        place = self.site(THINGS["Pylon"])
        supply_halves = self.score.supply_halves
        self.world.commands.select(loop, self.seat.user_id, gate.tag, gate.name)
        self.world.commands.order_at(loop, self.seat.user_id, (WARP_GATE_TRAIN_LINK, thing.command[1]), place)
        self.score.begin(thing)
        tag = self.world.tracker.begun(loop, thing.name, self.seat.player_id, place)
        start = self.world.truth.started(
            loop,
            self.seat.player_id,
            thing,
            kind="warp_in",
            supply_halves=supply_halves,
            producer=gate.tag,
            tag=tag,
        )

        def done(at: int) -> None:
            self.world.tracker.done(at, tag)
            self.score.finish(thing)
            start["finished_game_loop"] = at
            self.take_in(tag, thing)

        self.world.schedule.at(loop + WARP_IN_GAME_LOOPS, done)


class TerranPlayer(MacroPlayer):
    """Turns Command Centers into Orbital Commands and calls down MULEs."""

    def start(self) -> None:
        """Count orbitals as town halls."""
        self.hall_names = ("CommandCenter", "OrbitalCommand")
        super().start()

    def make(self, loop: int, thing: Thing) -> bool:
        """Morph a Command Center where that is wanted."""
        if thing.name != "OrbitalCommand":
            return super().make(loop, thing)
        halls = self.idle(loop, ("CommandCenter",))
        if not halls or not self.stands(thing.needs) or not self.score.can_pay(thing):
            return False
        hall = halls[0]
        self.world.commands.select(loop, self.seat.user_id, hall.tag, hall.name)
        self.world.commands.order(loop, self.seat.user_id, thing.command)

        def done(at: int) -> None:
            self.score.finish(thing)
            job.start |= {"finished_game_loop": at, "unit_tag": hall.tag}
            hall.name = "OrbitalCommand"
            hall.energy_full_at = at
            self.world.tracker.changed_type(at, hall.tag, hall.name)

        job = occupy(self, loop, hall, thing, "morph", done)
        return True

    def use_energy(self, loop: int) -> None:
        """A MULE from every Orbital Command that has the energy; it leaves after 64 seconds."""
        for hall in self.buildings:
            if hall.name == "OrbitalCommand" and hall.energy_full_at <= loop:
                hall.energy_full_at = loop + ENERGY_GAME_LOOPS
                place = self.world.inside(hall.place[0] - 6, hall.place[1] + 5)
                self.world.commands.order_at(loop, self.seat.user_id, CALL_DOWN_MULE, place)
                tag = self.born(loop, "MULE", place, creator=hall.tag, ability="CalldownMULE")
                self.world.schedule.at(
                    loop + MULE_GAME_LOOPS, lambda at, tag=tag, place=place: self._expire(at, tag, place)
                )

    def _expire(self, loop: int, tag: int, place: tuple[int, int]) -> None:
        self.world.truth.expired.append(tag)
        self.world.tracker.died(loop, tag, place)


class ZergPlayer(MacroPlayer):
    """Hatches everything from larvae, builds by consuming Drones, and injects with Queens."""

    def start(self) -> None:
        """Three larvae and an Overlord besides."""
        super().start()
        self._grow_larvae(self.buildings[0], 0, _MAX_LARVAE)
        self.buildings[0].next_larva_at = LARVA_GAME_LOOPS
        self.born(0, "Overlord", (self.seat.home[0] - 4, self.seat.home[1] - 4))
        self.score.own(THINGS["Overlord"])

    def use_energy(self, loop: int) -> None:
        """Larvae come by themselves, and more where a Queen injects."""
        for hatchery in self.buildings:
            if hatchery.name == "Hatchery" and hatchery.is_done:
                if hatchery.next_larva_at <= loop:
                    hatchery.next_larva_at = loop + LARVA_GAME_LOOPS
                    self._grow_larvae(hatchery, loop, min(1, _MAX_LARVAE - len(hatchery.larvae)))
                if self._queens() and 0 < hatchery.next_inject_at <= loop:
                    self._inject(loop, hatchery)

    def make(self, loop: int, thing: Thing) -> bool:
        """From a larva or a Drone."""
        if thing.made_by != "Larva":
            return bool(self.workers) and super().make(loop, thing)
        if not self.score.can_pay(thing, self._pack(thing)):
            return False
        return self._hatch(loop, thing)

    def make_workers(self, loop: int, spare: int) -> None:
        """Queens from the Hatcheries, Drones from two larvae in three."""
        queen = THINGS["Queen"]
        for hatchery in self.idle(loop, ("Hatchery",)):
            if self._queens() < _MAX_QUEENS and self.stands(queen.needs) and self.score.can_pay(queen, spare=spare):
                hatchery.next_inject_at = loop + queen.game_loops
                train(self, loop, hatchery, queen)
        while len(self.workers) < self.wanted_workers() and self.score.can_pay(self.worker, spare=spare):
            if (self.army and self.world.dice.happens(35)) or not self._hatch(loop, self.worker):
                break

    def make_army(self, loop: int, spare: int) -> None:
        """As many as there are larvae for."""
        for name in self.race.army:
            thing = THINGS[name]
            while self.stands(thing.needs) and self.score.can_pay(thing, self._pack(thing), spare=spare):
                if not self._hatch(loop, thing):
                    return

    def send_builder(self) -> tuple[int, int]:
        """A Drone, which the structure costs."""
        worker = self.workers.pop()
        self.score.give_up(self.worker)
        self.assign_workers()
        return worker, self.worker.minerals

    def builder_returns(self, loop: int, worker: int, building: Building) -> None:
        """The Drone is consumed when the structure stands, and is back when it was cancelled."""
        if building.is_done:
            self.world.tracker.died(loop, worker, building.place)
            self.world.truth.consumed.append(worker)
            building.next_larva_at = loop
            building.next_inject_at = loop + INJECT_GAME_LOOPS
        else:
            self.workers.append(worker)
            self.score.own(self.worker)

    def _queens(self) -> int:
        return sum(thing.name == "Queen" for thing in self.army.values())

    def _pack(self, thing: Thing) -> int:
        return 2 if thing.name == "Zergling" else 1

    def _grow_larvae(self, hatchery: Building, loop: int, count: int) -> None:
        for _ in range(count):
            place = hatchery.place[0], hatchery.place[1] - 3
            hatchery.larvae.append(self.born(loop, "Larva", place, creator=hatchery.tag))

    def _inject(self, loop: int, hatchery: Building) -> None:
        hatchery.next_inject_at = loop + INJECT_GAME_LOOPS
        user_id = self.seat.user_id
        self.world.commands.order_on(loop, user_id, SPAWN_LARVA, hatchery.tag, hatchery.name, hatchery.place)
        grow = loop + INJECT_GAME_LOOPS - 1
        self.world.schedule.at(grow, lambda at: self._grow_larvae(hatchery, at, _INJECTED_LARVAE))

    def _hatch(self, loop: int, thing: Thing) -> bool:
        """A larva becomes an egg, and in time the unit, or two Zerglings; says whether there was a larva."""
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
                tag = self.born(at, thing.name, place, creator=larva, ability=thing.ability)
                start |= {"unit_tag": tag, "finished_game_loop": at}
                self.score.finish(thing)
                self.take_in(tag, thing)
            self.coming_supply_halves -= thing.supply_made_halves
            self.world.tracker.changed_type(at, larva, "Larva")
            self.world.tracker.died(at, larva, place)

        self.world.schedule.at(loop + thing.game_loops, hatched)
        return True
