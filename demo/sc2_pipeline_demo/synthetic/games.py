"""Ready-made games: ladder, teams, free-for-all, against A.I., archon and co-op."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sc2_pipeline_demo.synthetic.builds import DEFAULT_BUILD
from sc2_pipeline_demo.synthetic.played import DEFAULT_PLAYED_AT, MAPS, played_script
from sc2_pipeline_demo.synthetic.script import CommanderScript, GameScript, Mmr, PersonScript, PlayerScript
from sc2_pipeline_demo.synthetic.simulation.dice import Dice

COMMANDER_RACES = {
    "Abathur": "zerg",
    "Alarak": "protoss",
    "Artanis": "protoss",
    "Dehaka": "zerg",
    "Fenix": "protoss",
    "Horner": "terran",
    "Karax": "protoss",
    "Kerrigan": "zerg",
    "Mengsk": "terran",
    "Nova": "terran",
    "Raynor": "terran",
    "Stetmann": "zerg",
    "Stukov": "zerg",
    "Swann": "terran",
    "Tychus": "terran",
    "Vorazun": "protoss",
    "Zagara": "zerg",
    "Zeratul": "protoss",
}

NAMES = ("Ardun", "Belisar", "Corvane", "Dorrin", "Elvath", "Fennick", "Garrow", "Hestia", "Ilmari", "Juno")
COOP_MAPS = ("Void Launch", "Oblivion Express", "Chain of Ascension", "Lock & Load")

_AI_NAMES = ("Very Easy", "Easy", "Medium", "Hard", "Harder", "Very Hard", "Elite", "Cheater", "Cheater", "Cheater")


def ladder_game(
    seed: int = 0,
    *,
    game_loops: int = 13_440,
    races: Sequence[str] = ("Protoss", "Terran"),
    races_requested: Sequence[str] = ("", ""),
    mmr: Sequence[Mmr] = (4210, 4175),
    apm: Sequence[float] = (212.0, 187.0),
    names: Sequence[str] | None = None,
    clan_tags: Sequence[str] = ("", ""),
    toon_handles: Sequence[str | None] | None = None,
    winner: int | None = 1,
    map_name: str = MAPS[0],
    played_at: datetime = DEFAULT_PLAYED_AT,
    base_build: int = DEFAULT_BUILD,
    game_version: str = "",
    data_version: str = "",
    saved_by: int = 1,
    observers: Sequence[PersonScript] = (),
    is_matchmade: bool = True,
) -> GameScript:
    """One against one. ``winner`` is a player id, None for a game without a winner.

    Names and accounts are derived from the seed if not given. Raises ValueError for values that no lobby could hold.
    """
    _check_counts(2, races=races, races_requested=races_requested, mmr=mmr, apm=apm, clan_tags=clan_tags)
    people = _people(seed, 2, names, toon_handles)
    players = [
        PlayerScript(
            name=name,
            race=races[place],
            race_requested=races_requested[place],
            toon_handle=toon_handle,
            clan_tag=clan_tags[place],
            mmr=mmr[place],
            apm=apm[place],
            highest_league=5,
            team=place,
            result=_result(place, None if winner is None else winner - 1),
        )
        for place, (name, toon_handle) in enumerate(people)
    ]
    return played_script(
        players,
        seed=seed,
        game_loops=game_loops,
        map_name=map_name,
        played_at=played_at,
        base_build=base_build,
        game_version=game_version,
        data_version=data_version,
        saved_by=saved_by,
        observers=tuple(observers),
        is_matchmade=is_matchmade,
        is_competitive=is_matchmade,
    )


def team_game(
    seed: int = 0,
    *,
    team_size: int = 2,
    races: Sequence[str] | None = None,
    computers: int = 0,
    ai_difficulty: int = 6,
    winning_team: int | None = 0,
    **settings: Any,
) -> GameScript:
    """Two teams of ``team_size``; the last ``computers`` players are A.I. Other settings as in :func:`played_script`."""
    if not 1 <= team_size <= 4 or not 0 <= computers < 2 * team_size:
        raise ValueError(f"no game of two teams of {team_size} with {computers} computers (sizes: 1 to 4, one human)")
    players = _players(
        seed,
        [0] * team_size + [1] * team_size,
        races=races,
        computers=computers,
        ai_difficulty=ai_difficulty,
        winning_team=winning_team,
    )
    defaults = {
        "team_format": f"{team_size}v{team_size}",
        "is_competitive": not computers,
        "is_against_computers": bool(computers),
    }
    return played_script(players, seed=seed, **{**defaults, **settings})


def game_against_computer(seed: int = 0, *, ai_difficulty: int = 3, **settings: Any) -> GameScript:
    """One human against one A.I., matchmade. Other settings as in :func:`team_game`."""
    return team_game(seed, team_size=1, computers=1, ai_difficulty=ai_difficulty, **settings)


def free_for_all(
    seed: int = 0,
    *,
    players: int = 4,
    races: Sequence[str] | None = None,
    winning_team: int | None = 0,
    **settings: Any,
) -> GameScript:
    """Everyone against everyone. Other settings as in :func:`played_script`."""
    if not 3 <= players <= 8:
        raise ValueError(f"a free-for-all of {players} players is impossible (3 to 8)")
    everyone = _players(seed, list(range(players)), races=races, winning_team=winning_team)
    defaults = {"team_format": "FFA", "is_matchmade": False, "is_competitive": False}
    return played_script(everyone, seed=seed, **{**defaults, **settings})


def archon_game(seed: int = 0, *, races: Sequence[str] = ("Terran", "Zerg"), **settings: Any) -> GameScript:
    """Two people on each side, who share one player. Other settings as in :func:`played_script`."""
    players = _players(seed, [0, 1], races=races, winning_team=settings.pop("winning_team", 0))
    partners = _people(seed, 4, None, None)[2:]
    players = [
        replace(player, archon_partner=PersonScript(name=name, toon_handle=toon_handle, mmr=3100 + place))
        for place, (player, (name, toon_handle)) in enumerate(zip(players, partners, strict=True))
    ]
    return played_script(players, seed=seed, **{"team_format": "2v2", **settings})


def coop_game(
    seed: int = 0,
    *,
    commanders: Sequence[str | CommanderScript] = ("Kerrigan", "Raynor"),
    ai_difficulty: int = 4,
    enemies: int = 2,
    enemy_race: str = "zerg",
    is_won: bool = True,
    names: Sequence[str] | None = None,
    toon_handles: Sequence[str | None] | None = None,
    map_name: str = COOP_MAPS[0],
    **settings: Any,
) -> GameScript:
    """Two commanders against Amon, whose forces are A.I. players. Other settings as in :func:`played_script`.

    As in real co-op games the two commanders are in different teams, the enemy is undecided, and nothing is rated.
    """
    _check_counts(2, commanders=commanders)
    chosen = [_commander(commander, seed + place) for place, commander in enumerate(commanders)]
    people = _people(seed, 2, names, toon_handles)
    players = [
        PlayerScript(
            name=name,
            race=COMMANDER_RACES.get(commander.name, "terran"),
            toon_handle=toon_handle,
            mmr=-36_400 if place else None,
            apm=60.0 + 30 * place,
            team=place,
            result="victory" if is_won else "defeat",
            ai_difficulty=ai_difficulty,
            commander=commander,
        )
        for place, ((name, toon_handle), commander) in enumerate(zip(people, chosen, strict=True))
    ]
    players += [
        PlayerScript(
            name="Amon's Forces",
            race=enemy_race,
            team=place % 2,
            is_computer=True,
            ai_difficulty=ai_difficulty,
        )
        for place in range(enemies)
    ]
    return played_script(
        players, seed=seed, map_name=map_name, **{"team_format": "2v2", "is_competitive": False, **settings}
    )


def _players(
    seed: int,
    teams: Sequence[int],
    *,
    races: Sequence[str] | None,
    winning_team: int | None,
    computers: int = 0,
    ai_difficulty: int = 3,
) -> list[PlayerScript]:
    dice = Dice(seed)
    chosen = races or [dice.pick(("protoss", "terran", "zerg")) for _ in teams]
    _check_counts(len(teams), races=chosen)
    people = _people(seed, len(teams), None, None)
    players = []
    for place, team in enumerate(teams):
        is_computer = place >= len(teams) - computers
        result = _result(team, winning_team)
        if is_computer:
            name = f"A.I. {place} ({_AI_NAMES[ai_difficulty - 1]})"
            player = PlayerScript(
                name=name, race=chosen[place], team=team, result=result, is_computer=True, ai_difficulty=ai_difficulty
            )
        else:
            name, toon_handle = people[place]
            player = PlayerScript(
                name=name,
                race=chosen[place],
                toon_handle=toon_handle,
                mmr=None if computers else 3000 + dice.below(2000),
                apm=90.0 + dice.below(200),
                team=team,
                result=result,
            )
        players.append(player)
    return players


def _people(
    seed: int, count: int, names: Sequence[str] | None, toon_handles: Sequence[str | None] | None
) -> list[tuple[str, str | None]]:
    """Names and accounts, derived from the seed if not given."""
    dice = Dice(seed + 77_000)
    first = dice.below(len(NAMES))
    names = names or [NAMES[(first + place) % len(NAMES)] for place in range(count)]
    made = [
        f"2-S2-1-{1_000_000 + (first + place) % len(NAMES) + 100 * (place // len(NAMES))}" for place in range(count)
    ]
    handles = toon_handles if toon_handles is not None else made
    _check_counts(count, names=names, toon_handles=handles)
    return list(zip(names, handles, strict=True))


def _commander(commander: str | CommanderScript, seed: int) -> CommanderScript:
    if isinstance(commander, CommanderScript):
        return commander
    if commander not in COMMANDER_RACES:
        raise ValueError(f"no commander {commander} (known: {', '.join(COMMANDER_RACES)})")
    dice = Dice(seed)
    talents = [dice.below(31) for _ in range(3)]
    return CommanderScript(
        name=commander,
        level=15,
        mastery_level=90,
        mastery_talents=(talents[0], 30 - talents[0], talents[1], 30 - talents[1], talents[2], 30 - talents[2]),
        prestige=dice.below(4),
    )


def _result(team: int, winning_team: int | None) -> str:
    if winning_team is None:
        return "undecided"
    return "victory" if team == winning_team else "defeat"


def _check_counts(count: int, **sequences: Sequence[Any]) -> None:
    for name, sequence in sequences.items():
        if len(sequence) != count:
            raise ValueError(f"{name} has {len(sequence)} entries for {count} players; give one for each")
