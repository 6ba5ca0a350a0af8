"""Simulates a plausible game: players who expand and fight, and the resulting events."""

from collections.abc import Sequence
from dataclasses import dataclass

from sc2_pipeline.game import GAME_LOOPS_PER_SAMPLE
from sc2_pipeline.game_rules import Moment
from sc2_pipeline_demo.synthetic.encoding.event_streams import Event
from sc2_pipeline_demo.synthetic.script import GameTruth
from sc2_pipeline_demo.synthetic.simulation.command_log import CommandLog
from sc2_pipeline_demo.synthetic.simulation.dice import Dice
from sc2_pipeline_demo.synthetic.simulation.fights import Fights
from sc2_pipeline_demo.synthetic.simulation.macro_player import MacroPlayer
from sc2_pipeline_demo.synthetic.simulation.protoss import ProtossPlayer
from sc2_pipeline_demo.synthetic.simulation.terran import TerranPlayer
from sc2_pipeline_demo.synthetic.simulation.tracker_log import POSITIONS_GAME_LOOPS, TrackerLog
from sc2_pipeline_demo.synthetic.simulation.unit_data import game_rules
from sc2_pipeline_demo.synthetic.simulation.world import Place, Seat, World
from sc2_pipeline_demo.synthetic.simulation.zerg import ZergPlayer

ACT_GAME_LOOPS = 24

_PLAYERS: dict[str, type[MacroPlayer]] = {"protoss": ProtossPlayer, "terran": TerranPlayer, "zerg": ZergPlayer}
_HOME_MARGIN = 32
_SPRAYS = {"protoss": "SprayProtoss", "terran": "SprayTerran", "zerg": "SprayZerg"}
_COOP_UPGRADES = ("CommanderLevel", "CommanderMastery", "CoopGlobalCaster")
_RESOURCES = (*["MineralField"] * 8, "VespeneGeyser", "VespeneGeyser")


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayedGame:
    """A simulated game's event streams and ground truth."""

    tracker_events: tuple[Event, ...]
    game_events: tuple[Event, ...]
    truth: GameTruth


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A player: race and team, and the people (user id, lobby slot) behind it; a computer has no user id."""

    race: str
    team: int
    people: tuple[tuple[int | None, int], ...]
    has_commander: bool = False


def play(
    participants: Sequence[Participant],
    *,
    seed: int,
    game_loops: int,
    moment: Moment,
    map_size: Place = (176, 176),
    winning_team: int | None = None,
) -> PlayedGame:
    """Simulates a game of that length, by the rules of that moment. The same arguments give the same events."""
    rules = game_rules(moment, is_coop=any(participant.has_commander for participant in participants))
    world = World(
        rules=rules,
        tracker=TrackerLog(moment.base_build),
        commands=CommandLog(moment.base_build, rules),
        dice=Dice(seed),
        game_loops=game_loops,
        width=map_size[0],
        height=map_size[1],
    )
    sides = [_side(world, player_id, participant) for player_id, participant in enumerate(participants, start=1)]
    _set_up(world, sides, participants)
    fights = Fights(world, sides, winning_team)
    fights.plan()
    _schedule(world, sides, fights)
    world.schedule.run(game_loops)
    if game_loops != 1 and game_loops % GAME_LOOPS_PER_SAMPLE:
        _take_stats(world, sides, game_loops)
    for user_id, team in sorted(_users(participants)):
        if team != winning_team:
            world.commands.leave(game_loops, user_id)
    return PlayedGame(
        tracker_events=tuple(world.tracker.events),
        game_events=tuple(world.commands.events),
        truth=_truth(world, fights),
    )


def start_place(place: int, width: int, height: int) -> Place:
    """The nth start location: opposite corners first, then the middles of the edges.

    >>> start_place(0, 176, 176), start_place(1, 176, 176)
    ((32, 144), (144, 32))
    """
    left, right, middle = _HOME_MARGIN, width - _HOME_MARGIN, width // 2
    low, high, centre = _HOME_MARGIN, height - _HOME_MARGIN, height // 2
    places = [(left, high), (right, low), (right, high), (left, low)]
    places += [(left, centre), (right, centre), (middle, high), (middle, low)]
    x, y = places[place % len(places)]
    return x + 12 * (place // len(places)), y


def _side(world: World, player_id: int, participant: Participant) -> MacroPlayer:
    x, y = start_place(player_id - 1, world.width, world.height)
    seat = Seat(
        player_id=player_id,
        user_id=participant.people[0][0],
        race=participant.race,
        team=participant.team,
        home=(x, y),
        toward=(1 if x < world.width // 2 else -1, 1 if y < world.height // 2 else -1),
    )
    return _PLAYERS[participant.race](seat, world)


def _set_up(world: World, sides: Sequence[MacroPlayer], participants: Sequence[Participant]) -> None:
    for side, participant in zip(sides, participants, strict=True):
        for user_id, slot_id in participant.people:
            world.tracker.setup(side.seat.player_id, user_id=user_id, slot_id=slot_id)
    for side, participant in zip(sides, participants, strict=True):
        world.tracker.upgraded(0, side.seat.player_id, _SPRAYS[participant.race])
        # Co-op lists a commander's options as upgrades with count 0.
        for name in _COOP_UPGRADES if participant.has_commander else ():
            world.tracker.upgraded(0, side.seat.player_id, name, count=0)
    for side in sides:
        x, y = side.seat.home
        for place, name in enumerate(_RESOURCES):
            world.tracker.born(0, name, 0, world.inside(x - side.seat.toward[0] * 7, y - 8 + 2 * place))
    for side in sides:
        side.start()
    world.commands.begin(max((user_id for user_id, _ in _users(participants)), default=-1) + 1)


def _schedule(world: World, sides: Sequence[MacroPlayer], fights: Fights) -> None:
    def take_stats(at: int) -> None:
        _take_stats(world, sides, at)

    def take_positions(at: int) -> None:
        world.tracker.positions(at, fights.take_positions())
        world.schedule.at(at + POSITIONS_GAME_LOOPS, take_positions)

    def act(at: int) -> None:
        for side in sides:
            side.act(at)
        world.schedule.at(at + ACT_GAME_LOOPS, act)

    for loop in (1, *range(GAME_LOOPS_PER_SAMPLE, world.game_loops + 1, GAME_LOOPS_PER_SAMPLE)):
        world.schedule.at(loop, take_stats)
    world.schedule.at(POSITIONS_GAME_LOOPS, take_positions)
    world.schedule.at(ACT_GAME_LOOPS // 2, act)


def _take_stats(world: World, sides: Sequence[MacroPlayer], loop: int) -> None:
    for side in sides:
        side.score.gather(loop)
        world.tracker.stats(loop, side.seat.player_id, side.score.stats())


def _users(participants: Sequence[Participant]) -> list[tuple[int, int]]:
    """User id and team of every human player."""
    return [
        (user_id, participant.team)
        for participant in participants
        for user_id, _ in participant.people
        if user_id is not None
    ]


def _truth(world: World, fights: Fights) -> GameTruth:
    return GameTruth(
        fights=tuple(fights.known()),
        starts=world.truth.starts(),
        chronos=tuple(world.truth.chronos),
        cancelled_tags=tuple(world.truth.cancelled),
        consumed_tags=tuple(world.truth.consumed),
        expired_tags=tuple(world.truth.expired),
    )
