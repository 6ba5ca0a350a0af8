"""A Protoss player: chrono boosts and warp-ins."""

from sc2_pipeline_demo.synthetic.script import KnownChrono
from sc2_pipeline_demo.synthetic.simulation.macro_player import MacroPlayer
from sc2_pipeline_demo.synthetic.simulation.making import appoint, chronoed_loops
from sc2_pipeline_demo.synthetic.simulation.unit_data import CHRONO_BOOST, WARP_IN, Thing
from sc2_pipeline_demo.synthetic.simulation.world import Building


class ProtossPlayer(MacroPlayer):
    """Chrono boosts production, and warps in units once Warp Gates are researched."""

    _has_warp_gates = False

    def use_energy(self, loop: int) -> None:
        """Chrono boosts the busiest building whenever a Nexus has the energy, in builds where boosts cost energy and
        are timed."""
        duration, cost = (self.world.rules.value("ChronoBoost", fact) for fact in ("duration", "energy_cost"))
        if duration is None or cost is None:
            return
        for nexus in self.buildings:
            if nexus.name == "Nexus" and nexus.is_done and nexus.energy_full_at <= loop:
                target = self._chrono_target(loop)
                if target is not None:
                    nexus.energy_full_at = loop + self.world.energy_game_loops("ChronoBoost")
                    self._chrono(loop, nexus, target, int(duration))

    def _chrono_target(self, loop: int) -> Building | None:
        busy = [building for building in self.buildings if building.job and building.chrono_until <= loop]
        return max(busy, key=lambda building: building.job.finish if building.job else 0, default=None)

    def _chrono(self, loop: int, nexus: Building, target: Building, duration: int) -> None:
        target.chrono_until = loop + duration
        target.chrono_rate = self.world.rules.number("ChronoBoost", "rate")
        if target.job:
            left = target.job.finish - loop
            target.job.finish = loop + chronoed_loops(left, duration, target.chrono_rate)
            target.job.start["is_chrono_boosted"] = True
            appoint(self, target, target.job)
        self.world.truth.chronos.append(
            KnownChrono(game_loop=loop, player_id=self.seat.player_id, target_tag=target.tag)
        )
        user_id = self.seat.user_id
        self.world.commands.select(loop, user_id, nexus.tag, nexus.name)
        self.world.commands.order_on(loop, user_id, CHRONO_BOOST, target.tag, target.name, target.place)

    def upgrade_done(self, loop: int, thing: Thing) -> None:
        """Gateways become Warp Gates; their current work is sped up where the rules say so."""
        self._has_warp_gates = self._has_warp_gates or thing.name == "WarpGateResearch"
        rate = self.world.rules.value(thing.name, "gateway_rate")
        for gateway in self.buildings if rate is not None else ():
            if gateway.name == "Gateway" and gateway.job is not None:
                gateway.job.finish = loop + chronoed_loops(gateway.job.finish - loop, gateway.job.finish, rate or 1.0)
                appoint(self, gateway, gateway.job)

    def make_army(self, loop: int, spare: int) -> None:
        """Trains units, or warps them in if a Warp Gate is ready."""
        if self._has_warp_gates:
            for gateway in self.idle(loop, ("Gateway",)):
                self._become_warp_gate(loop, gateway)
        for name in self.race.army:
            thing = self.world.things[name]
            for gate in self.idle(loop, ("WarpGate",) if thing.made_by == "Gateway" else ()):
                if self.score.can_pay(thing, spare=spare):
                    self._warp_in(loop, gate, thing)
        super().make_army(loop, spare)

    def _become_warp_gate(self, loop: int, gateway: Building) -> None:
        gateway.free_at = loop + self.world.number("WarpGate", "build_time")

        def morphed(at: int) -> None:
            gateway.name = "WarpGate"
            self.world.tracker.changed_type(at, gateway.tag, "WarpGate")

        self.world.schedule.at(gateway.free_at - 1, morphed)

    def _warp_in(self, loop: int, gate: Building, thing: Thing) -> None:
        gate.free_at = loop + int(thing.game_loops / self.world.rules.number("WarpGate", "cooldown_rate"))
        place = self.site(self.world.things["Pylon"])
        supply_halves = self.score.supply_halves
        self.world.commands.select(loop, self.seat.user_id, gate.tag, gate.name)
        self.world.commands.order_at(loop, self.seat.user_id, (WARP_IN, thing.command[1]), place)
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

        self.world.schedule.at(loop + self.world.number("WarpGate", "warp_in_game_loops"), done)
