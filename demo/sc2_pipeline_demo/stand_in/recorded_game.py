"""The game of a replay as the stand-in plays it: lobby, units, economies, upgrades and chat, read in advance."""

from dataclasses import dataclass
from functools import cached_property

from sc2_pipeline.replay_format.lobby import TRACKER, ReplayLobby, read_lobby
from sc2_pipeline.replay_format.message_events import MESSAGES_MEMBER, decode_messages
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import decode_tracker, position_scale
from sc2_pipeline_demo.stand_in.economy import Economy, economies
from sc2_pipeline_demo.stand_in.known_types import KnownTypes, upgrades
from sc2_pipeline_demo.stand_in.unit_lives import NEUTRAL, UnitLife, unit_lives

_MARGIN_CELLS = 16
"""Distance from the outermost unit to the edge of the map."""


@dataclass(frozen=True, kw_only=True)
class RecordedGame:
    """Everything about one replay. ``researched`` holds ``(loop, player, upgrade id)``, ``chat`` ``(loop, player,
    text)``."""

    lobby: ReplayLobby
    units: list[UnitLife]
    economies: dict[int, Economy]
    researched: list[tuple[int, int, int]]
    chat: list[tuple[int, int, str]]

    @property
    def last_loop(self) -> int:
        """The loop at which the replay ends."""
        return self.lobby.duration_game_loops

    @cached_property
    def map_size(self) -> tuple[int, int]:
        """Width and height in cells, estimated from unit positions."""
        places = [place for unit in self.units for place in unit.places]
        width = max((x for _, x, _ in places), default=64)
        height = max((y for _, _, y in places), default=64)
        return (int(width) + _MARGIN_CELLS) // 8 * 8, (int(height) + _MARGIN_CELLS) // 8 * 8

    @cached_property
    def start_places(self) -> dict[int, tuple[float, float]]:
        """Position of each player's first town hall."""
        found: dict[int, tuple[float, float]] = {}
        for unit in self.units:
            owner = unit.owners[0][1]
            if owner != NEUTRAL and unit.types[0][1].is_town_hall:
                found.setdefault(owner, unit.places[0][1:])
        return found


def read_game(content: bytes, known: KnownTypes) -> RecordedGame:
    """The game in a replay's bytes. Raises CorruptReplayError as the readers of ``replay_format`` do."""
    archive = Archive(content)
    lobby = read_lobby(archive)
    tracker = archive.read_prefix(TRACKER)[0] if TRACKER in archive else b""
    events = decode_tracker(tracker)
    return RecordedGame(
        lobby=lobby,
        units=unit_lives(events, known, position_scale(lobby.base_build)),
        economies=economies(events),
        researched=[
            (row["game_loop"], row["player_id"], int(upgrades()[row["upgrade"]]["upgrade_id"]))
            for row in events.upgrade_events.to_pylist()
            if row["upgrade"] in upgrades() and row["count"] > 0
        ],
        chat=_chat(archive, lobby),
    )


def _chat(archive: Archive, lobby: ReplayLobby) -> list[tuple[int, int, str]]:
    if MESSAGES_MEMBER not in archive:
        return []
    players = {player.user_id: player.player_id for player in lobby.players if player.user_id is not None}
    messages = decode_messages(archive.read_prefix(MESSAGES_MEMBER)[0], lobby.base_build)
    return [(m.game_loop, players[m.user_id], m.text) for m in messages.chat if m.user_id in players]
