"""Starts and finishes units, structures and upgrades, with their events, commands, accounting and ground truth."""

from sc2_pipeline_demo.synthetic.script import StartKind
from sc2_pipeline_demo.synthetic.simulation.side import Side
from sc2_pipeline_demo.synthetic.simulation.unit_data import Thing
from sc2_pipeline_demo.synthetic.simulation.world import Action, Building, Job


def train(side: Side, loop: int, building: Building, thing: Thing) -> None:
    """Trains a unit in a building."""
    _order(side, loop, building, thing)

    def done(at: int) -> None:
        place = building.place[0] + 3, building.place[1] - 3
        tag = side.born(at, thing.name, place, creator=building.tag, ability=thing.command[0])
        job.start |= {"unit_tag": tag, "finished_game_loop": at}
        side.score.finish(thing)
        side.take_in(tag, thing)

    job = occupy(side, loop, building, thing, kind="unit", done=done)


def research(side: Side, loop: int, building: Building, thing: Thing) -> None:
    """Researches an upgrade in a building."""
    _order(side, loop, building, thing)

    def done(at: int) -> None:
        side.score.finish(thing)
        job.start["finished_game_loop"] = at
        side.world.tracker.upgraded(at, side.seat.player_id, thing.name)
        side.upgrade_done(at, thing)

    job = occupy(side, loop, building, thing, kind="upgrade", done=done)


def occupy(side: Side, loop: int, building: Building, thing: Thing, *, kind: StartKind, done: Action) -> Job:
    """Occupies a building with a job until it is done."""
    start = side.world.truth.started(
        loop,
        side.seat.player_id,
        thing,
        kind=kind,
        supply_halves=side.score.supply_halves,
        producer=building.tag,
        is_chrono_boosted=building.chrono_until > loop,
    )
    side.score.begin(thing)
    finish = loop + chronoed_loops(thing.game_loops, building.chrono_until - loop, building.chrono_rate)
    job = building.job = Job(finish=finish, done=done, start=start)
    appoint(side, building, job)
    return job


def appoint(side: Side, building: Building, job: Job) -> None:
    """Schedules the end of the job; an end scheduled before a chrono boost is void."""
    finish = job.finish

    def finished(at: int) -> None:
        if building.job is job and job.finish == finish:
            building.job = None
            side.score.gather(at)
            job.done(at)

    side.world.schedule.at(finish, finished)


def build(side: Side, loop: int, thing: Thing, *, cancel_after: int | None = None) -> Building:
    """Places a structure with a worker; it is completed, unless it is cancelled after that many loops."""
    supply_halves = side.score.supply_halves
    worker, already_paid = side.send_builder()
    place = side.site(thing)
    side.world.commands.select(loop, side.seat.user_id, worker, side.race.worker)
    side.world.commands.order_at(loop, side.seat.user_id, thing.command, place)
    side.score.begin(thing, already_paid=already_paid)
    tag = side.world.tracker.begun(loop, thing.name, side.seat.player_id, place)
    building = Building(tag=tag, name=thing.name, place=place, is_done=False)
    side.buildings.append(building)
    side.coming_supply_halves += thing.supply_made_halves
    start = side.world.truth.started(
        loop, side.seat.player_id, thing, kind="structure", supply_halves=supply_halves, producer=worker, tag=tag
    )
    start["is_cancelled"] = cancel_after is not None

    def done(at: int) -> None:
        side.score.gather(at)
        side.world.tracker.done(at, tag)
        side.score.finish(thing)
        building.is_done = True
        start["finished_game_loop"] = at
        end(at)

    def cancelled(at: int) -> None:
        side.score.gather(at)
        side.world.tracker.died(at, tag, place)
        side.world.truth.cancelled.append(tag)
        side.score.cancel(thing, already_paid=already_paid)
        side.buildings.remove(building)
        end(at)

    def end(at: int) -> None:
        side.coming_supply_halves -= thing.supply_made_halves
        side.builder_returns(at, worker, building)
        side.assign_workers()

    if cancel_after is None:
        side.world.schedule.at(loop + thing.game_loops, done)
    else:
        side.world.schedule.at(loop + cancel_after, cancelled)
    return building


def chronoed_loops(work: int, boosted: int, rate: float) -> int:
    """Duration of ``work`` if the first ``boosted`` loops count ``rate`` times.

    >>> chronoed_loops(272, 448, 1.5)
    181
    """
    if boosted <= 0:
        return work
    whole = int(work / rate)
    return whole if whole <= boosted else boosted + work - int(rate * boosted)


def _order(side: Side, loop: int, building: Building, thing: Thing) -> None:
    side.world.commands.select(loop, side.seat.user_id, building.tag, building.name)
    side.world.commands.order(loop, side.seat.user_id, thing.command)
