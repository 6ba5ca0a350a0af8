"""A folder of varied replays: recurring players, all matchups, many maps, dates and lengths."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sc2_pipeline_demo.synthetic.games import coop_game, game_against_computer, ladder_game, team_game
from sc2_pipeline_demo.synthetic.played import MAPS
from sc2_pipeline_demo.synthetic.replay_file import write_replay
from sc2_pipeline_demo.synthetic.script import GameScript, Mmr
from sc2_pipeline_demo.synthetic.simulation.dice import Dice

FIRST_GAME_AT = datetime(2024, 1, 6, 12, 0, 0, tzinfo=UTC)

BUILDS = (91115, 92440, 93333)
_RACES = ("protoss", "terran", "zerg")
_SYLLABLES = ("ka", "ro", "mi", "zen", "tal", "or", "vi", "dus", "ney", "fel", "gar", "shu")
_FIRST_TOON_ID = 3_000_000
_GAMES_PER_PERSON = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class _Regular:
    """A player with many games."""

    name: str
    toon_handle: str
    race: str
    mmr: int
    apm: float


def collection(
    folder: Path | str, n: int, seed: int = 0, *, game_loops: tuple[int, int] = (1_500, 6_000)
) -> list[Path]:
    """Writes ``n`` replays into ``folder``, of lengths in those bounds; the same arguments give the same files.

    Nine in ten are ladder games, the rest team games, games against A.I. and co-op. About one game in twenty has two
    files, saved by both its players. One rating in eight is missing, in one of the ways in which files represent that.
    """
    if n < 0 or not 1 <= game_loops[0] <= game_loops[1]:
        raise ValueError(f"cannot write {n} replays of {game_loops[0]} to {game_loops[1]} game loops")
    folder = Path(folder)
    dice = Dice(seed)
    regulars = _regulars(dice, max(4, n // _GAMES_PER_PERSON))
    paths: list[Path] = []
    twin: GameScript | None = None
    for number in range(n):
        script = twin or _game(dice, regulars, number, seed=seed * 1_000_003 + number, bounds=game_loops)
        twin = replace(script, saved_by=2) if twin is None and number % 20 == 10 and _is_ladder(script) else None
        paths.append(write_replay(folder / f"synthetic-{seed}-{number:05d}.SC2Replay", script))
    return paths


def _is_ladder(script: GameScript) -> bool:
    return script.is_competitive and len(script.players) == 2


def _regulars(dice: Dice, count: int) -> list[_Regular]:
    return [
        _Regular(
            name="".join(dice.pick(_SYLLABLES) for _ in range(dice.between(2, 3))).capitalize(),
            toon_handle=f"{dice.between(1, 3)}-S2-1-{_FIRST_TOON_ID + number}",
            race=dice.pick(_RACES),
            mmr=dice.between(2400, 6400),
            apm=float(dice.between(60, 380)),
        )
        for number in range(count)
    ]


def _game(dice: Dice, regulars: list[_Regular], number: int, *, seed: int, bounds: tuple[int, int]) -> GameScript:
    game_loops = dice.between(*bounds)
    played_at = FIRST_GAME_AT + timedelta(minutes=37 * number + dice.below(30), seconds=dice.below(60))
    base_build = BUILDS[min(len(BUILDS) - 1, number // 200)]
    common: dict[str, Any] = {"game_loops": game_loops, "played_at": played_at, "base_build": base_build}
    kind = dice.below(30)
    if kind == 0:
        return team_game(seed, map_name=dice.pick(MAPS), **common)
    if kind == 1:
        return game_against_computer(seed, map_name=dice.pick(MAPS), ai_difficulty=dice.between(1, 7), **common)
    if kind == 2:
        return coop_game(seed, **common)
    return _ladder_game(dice, regulars, seed=seed, game_loops=game_loops, played_at=played_at, base_build=base_build)


def _ladder_game(
    dice: Dice, regulars: list[_Regular], *, seed: int, game_loops: int, played_at: datetime, base_build: int
) -> GameScript:
    one = dice.below(len(regulars))
    other = (one + 1 + dice.below(len(regulars) - 1)) % len(regulars)
    pair = regulars[one], regulars[other]
    # Elo's curve as a straight line: with 400 points the better player wins nine games in ten.
    winner = 1 if dice.below(1000) < 500 + min(400, max(-400, pair[0].mmr - pair[1].mmr)) else 2
    return ladder_game(
        seed,
        game_loops=game_loops,
        played_at=played_at,
        base_build=base_build,
        map_name=dice.pick(MAPS),
        races=[person.race for person in pair],
        races_requested=[person.race if dice.below(20) else "random" for person in pair],
        names=[person.name for person in pair],
        toon_handles=[person.toon_handle for person in pair],
        mmr=[_spelt(dice, person.mmr) for person in pair],
        apm=[max(0.0, person.apm + dice.between(-25, 25)) for person in pair],
        winner=winner,
    )


def _spelt(dice: Dice, mmr: int) -> Mmr:
    if dice.below(8):
        return mmr + dice.between(-60, 60)
    missing: tuple[Mmr, ...] = (None, "null", 0, -36_400)
    return dice.pick(missing)
