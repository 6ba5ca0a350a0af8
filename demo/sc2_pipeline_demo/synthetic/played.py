"""Simulates a game of given players and returns it as a script."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from sc2_pipeline.game_rules import Moment
from sc2_pipeline_demo.synthetic.builds import DEFAULT_BUILD, versions_of
from sc2_pipeline_demo.synthetic.encoding.event_streams import Event, has_event
from sc2_pipeline_demo.synthetic.members.lobby import slot_ids, user_ids
from sc2_pipeline_demo.synthetic.script import GameScript, MapScript, PlayerScript
from sc2_pipeline_demo.synthetic.simulation.macro_game import Participant, play

MAPS = ("Cinder Reach LE", "Glass Hollow LE", "Old Sunken City LE", "Frostbound LE", "Twin Harbors LE")

DEFAULT_PLAYED_AT = datetime(2024, 8, 3, 18, 30, 12, tzinfo=UTC)


def played_script(
    players: Sequence[PlayerScript],
    *,
    seed: int = 0,
    game_loops: int = 13_440,
    map_name: str = MAPS[0],
    map_size: tuple[int, int] = (176, 176),
    played_at: datetime = DEFAULT_PLAYED_AT,
    base_build: int = DEFAULT_BUILD,
    game_version: str = "",
    data_version: str = "",
    chat: Sequence[tuple[int, int, str]] = ((80, 0, "glhf"),),
    **settings: Any,
) -> GameScript:
    """A script of these players in a game simulated from the seed.

    ``chat`` is (game loop, user id, text); other settings are fields of :class:`GameScript`. Co-op commanders fight as
    one team against the computers, whatever the lobby says.
    """
    versions = versions_of(base_build, game_version, data_version)
    script = GameScript(
        players=tuple(players),
        map=MapScript(name=map_name, width=map_size[0], height=map_size[1]),
        base_build=base_build,
        game_version=versions[0],
        data_version=versions[1],
        game_loops=game_loops,
        played_at=played_at,
        random_seed=(seed * 2_654_435_761 + 12_345) % 2**32,
        messages=_messages(chat, game_loops),
        **settings,
    )
    slots = slot_ids(script)
    users: dict[int, list[int | None]] = {player_id: [*ids] or [None] for player_id, ids in user_ids(script).items()}
    participants = [
        Participant(
            race=player.race,
            team=_side_of(player, players),
            people=tuple(zip(users[player_id], slots[player_id], strict=True)),
            has_commander=player.commander is not None,
        )
        for player_id, player in enumerate(players, start=1)
    ]
    winners = [
        participant.team
        for participant, player in zip(participants, players, strict=True)
        if player.result == "victory"
    ]
    game = play(
        participants,
        seed=seed,
        game_loops=game_loops,
        moment=Moment(base_build, int(versions[0].rpartition(".")[2]), script.recorded_until.date()),
        map_size=map_size,
        winning_team=winners[0] if winners else None,
    )
    events = (*_saved_cameras(script), *game.game_events)
    return replace(script, tracker_events=game.tracker_events, game_events=events, truth=game.truth)


def _saved_cameras(script: GameScript) -> Iterator[Event]:
    """Each person saves a place at the start: as with real games, no two begin alike, though they are played alike."""
    if not has_event(script.base_build, "SCameraSaveEvent"):
        return
    for user_id, _ in enumerate(script.people):
        x, y = (script.random_seed >> shift & 0xFFFF for shift in (0, 16))
        yield {
            "_event": "SCameraSaveEvent",
            "_gameloop": 0,
            "_userid": user_id,
            "m_which": user_id % 8,
            "m_target": {"x": x, "y": y},
        }


def _side_of(player: PlayerScript, players: Sequence[PlayerScript]) -> int:
    is_coop = any(other.commander for other in players)
    return int(player.is_computer) if is_coop else player.team


def _messages(chat: Sequence[tuple[int, int, str]], game_loops: int) -> tuple[Event, ...]:
    loading: list[Event] = [{"_event": "SLoadingProgressMessage", "_gameloop": 0, "_userid": 0, "m_progress": 100}]
    said: list[Event] = [
        {"_event": "SChatMessage", "_gameloop": loop, "_userid": user_id, "m_recipient": 0, "m_string": text.encode()}
        for loop, user_id, text in sorted(chat)
        if loop <= game_loops
    ]
    return (*loading, *said)
