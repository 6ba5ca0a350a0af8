"""A Terran player: Orbital Commands and MULEs."""

from sc2_pipeline_demo.synthetic.simulation.macro_player import MacroPlayer
from sc2_pipeline_demo.synthetic.simulation.making import occupy
from sc2_pipeline_demo.synthetic.simulation.unit_data import CALL_DOWN_MULE, Thing
from sc2_pipeline_demo.synthetic.simulation.world import Building, Place


class TerranPlayer(MacroPlayer):
    """Morphs Command Centers into Orbital Commands and calls down MULEs."""

    def start(self) -> None:
        """Also counts Orbital Commands as town halls."""
        self.hall_names = ("CommandCenter", "OrbitalCommand")
        super().start()

    def make(self, loop: int, thing: Thing) -> bool:
        """Also morphs Command Centers."""
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

        job = occupy(self, loop, hall, thing, kind="morph", done=done)
        return True

    def use_energy(self, loop: int) -> None:
        """Calls down a MULE from every Orbital Command that has the energy; it leaves when its time is up."""
        for hall in self.buildings:
            if hall.name == "OrbitalCommand" and hall.energy_full_at <= loop:
                hall.energy_full_at = loop + self.world.energy_game_loops("CalldownMULE")
                place = self.world.inside(hall.place[0] - 6, hall.place[1] + 5)
                self.world.commands.order_at(loop, self.seat.user_id, CALL_DOWN_MULE, place)
                self._call_down(loop, hall, place)

    def _call_down(self, loop: int, hall: Building, place: Place) -> None:
        tag = self.born(loop, "MULE", place, creator=hall.tag, ability="CalldownMULE")

        def expired(at: int) -> None:
            self.world.truth.expired.append(tag)
            self.world.tracker.died(at, tag, place)

        self.world.schedule.at(loop + self.world.number("MULE", "lifetime"), expired)
