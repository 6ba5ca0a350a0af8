"""Fights between the sides of a simulated game: which units die where, killed by whom."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

from sc2_pipeline_demo.synthetic.script import KnownDeath, KnownFight
from sc2_pipeline_demo.synthetic.simulation.side import Side
from sc2_pipeline_demo.synthetic.simulation.world import Action, Place, World

FIRST_FIGHT_GAME_LOOP = 3600

_REACH = 5
"""Maximum distance of deaths from the fight's centre, in cells."""
_MAX_GAP = 60
"""Maximum game loops between consecutive deaths."""
_LAST_DEATH_BEFORE_END = 30
_RAID_EVERY = 3
_LOSER_DIES_PERCENT = 62
_WORKERS_LEFT_ALONE = 6


@dataclass(slots=True, kw_only=True)
class _Fight:
    """A fight in progress."""

    kind: Literal["battle", "raid"]
    place: Place
    teams: tuple[int, int]
    """In a raid, the second team is the victim."""
    deaths_left: int
    victim: Side | None = None
    """The raided player, in a raid."""
    deaths: list[KnownDeath] = field(default_factory=list)


class Fights:
    """Plans a game's fights, carries them out and records them."""

    def __init__(self, world: World, sides: Sequence[Side], winning_team: int | None) -> None:
        self._world = world
        self._sides = sides
        self._winning_team = winning_team
        self._fought: dict[int, tuple[Side, Place]] = {}
        self._fights: list[_Fight] = []

    def plan(self) -> None:
        """Plans battles in the middle of the map about every two minutes, and with every third a raid on a player's
        workers."""
        dice = self._world.dice
        teams = sorted({side.seat.team for side in self._sides})
        loop = FIRST_FIGHT_GAME_LOOP + dice.below(300)
        number = 0
        while loop < self._world.game_loops - 10 * _MAX_GAP and len(teams) > 1:
            number += 1
            first = dice.pick(teams)
            second = dice.pick([team for team in teams if team != first])
            self._world.schedule.at(loop, self._battle(first, second))
            if number % _RAID_EVERY == 0:
                self._world.schedule.at(loop + dice.below(_MAX_GAP), self._raid(first, second))
            loop += dice.between(2400, 3200)

    def known(self) -> list[KnownFight]:
        """The fights with at least one death, in order."""
        fights = [
            KnownFight(kind=fight.kind, x=fight.place[0], y=fight.place[1], deaths=tuple(fight.deaths))
            for fight in self._fights
            if fight.deaths
        ]
        return sorted(fights, key=lambda fight: fight.first_game_loop)

    def take_positions(self) -> list[tuple[int, Place]]:
        """Positions by tag of surviving units that have fought since the last call."""
        places = [(tag, place) for tag, (side, place) in self._fought.items() if tag in side.army]
        self._fought.clear()
        return places

    def _battle(self, first: int, second: int) -> Action:
        def begin(loop: int) -> None:
            dice, world = self._world.dice, self._world
            place = world.width // 2 + dice.between(-10, 10), world.height // 2 + dice.between(-10, 10)
            armies = sum(len(side.army) for side in self._sides if side.seat.team in {first, second})
            fight = _Fight(
                kind="battle",
                place=place,
                teams=(first, second),
                deaths_left=min(armies * 3 // 5, dice.between(8, 28)),
            )
            self._begin(loop, fight)

        return begin

    def _raid(self, raiders: int, victims: int) -> Action:
        def begin(loop: int) -> None:
            victim = self._world.dice.pick([side for side in self._sides if side.seat.team == victims])
            (x, y), (right, _) = victim.seat.home, victim.seat.toward
            fight = _Fight(
                kind="raid",
                place=(x - right * 4, y),
                teams=(raiders, victims),
                deaths_left=self._world.dice.between(3, 6),
                victim=victim,
            )
            self._begin(loop, fight)

        return begin

    def _begin(self, loop: int, fight: _Fight) -> None:
        self._fights.append(fight)
        self._somebody_dies(loop, fight)

    def _somebody_dies(self, loop: int, fight: _Fight) -> None:
        dice = self._world.dice
        victim, killer = self._opponents(fight)
        if fight.deaths_left <= 0 or victim is None or killer is None:
            return
        fight.deaths_left -= 1
        at_hand = list(victim.workers) if fight.kind == "raid" else list(victim.army)
        tag = dice.pick(at_hand)
        place = fight.place[0] + dice.between(-_REACH, _REACH), fight.place[1] + dice.between(-_REACH, _REACH)
        fight.deaths.append(self._kill(loop, victim, tag, killer=killer, place=self._world.inside(*place)))
        after = loop + dice.between(4, _MAX_GAP)
        if after < self._world.game_loops - _LAST_DEATH_BEFORE_END:
            self._world.schedule.at(after, lambda at: self._somebody_dies(at, fight))

    def _opponents(self, fight: _Fight) -> tuple[Side | None, Side | None]:
        """The side whose unit dies next, and the side that kills it; None if a side has no units left."""
        dice = self._world.dice
        killing, dying = fight.teams
        if fight.victim is not None:
            victims = [fight.victim] if len(fight.victim.workers) > _WORKERS_LEFT_ALONE else []
        else:
            is_unlucky = dice.happens(_LOSER_DIES_PERCENT)
            if is_unlucky == (dying == self._winning_team):
                killing, dying = dying, killing
            victims = [side for side in self._sides if side.seat.team == dying and side.army]
        killers = [side for side in self._sides if side.seat.team == killing and side.army]
        return (dice.pick(victims) if victims else None, dice.pick(killers) if killers else None)

    def _kill(self, loop: int, victim: Side, tag: int, *, killer: Side, place: Place) -> KnownDeath:
        for side in (victim, killer):
            side.score.gather(loop)
        killer_tag = self._world.dice.pick(list(killer.army))
        thing = victim.lose(tag)
        killer.score.kill(thing)
        self._fought[killer_tag] = (killer, place)
        self._world.tracker.died(loop, tag, place, killer_player_id=killer.seat.player_id, killer=killer_tag)
        return KnownDeath(
            game_loop=loop,
            unit_tag=tag,
            unit_type=thing.name,
            player_id=victim.seat.player_id,
            killer_player_id=killer.seat.player_id,
            killer_unit_tag=killer_tag,
            x=place[0],
            y=place[1],
        )
