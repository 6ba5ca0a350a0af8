"""Answers about a replay as a whole: ``ResponseReplayInfo`` and ``ResponseGameInfo``."""

from sc2_pipeline.game import game_seconds
from sc2_pipeline.game_messages import common_pb2
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.replay_format.lobby_players import ReplayPlayer
from sc2_pipeline_demo.stand_in.recorded_game import RecordedGame

RACES = {
    "terran": common_pb2.Terran,
    "zerg": common_pb2.Zerg,
    "protoss": common_pb2.Protoss,
    "random": common_pb2.Random,
}
RESULTS = {"victory": api.Victory, "defeat": api.Defeat, "tie": api.Tie, "undecided": api.Undecided}

_PLAYABLE_MARGIN = 8
_HEIGHT_BYTE = 0xBF


def replay_info(game: RecordedGame) -> api.ResponseReplayInfo:
    """What the game reports about a replay before playing it."""
    lobby = game.lobby
    info = api.ResponseReplayInfo(
        map_name=lobby.map_name,
        game_duration_loops=lobby.duration_game_loops,
        game_duration_seconds=game_seconds(lobby.duration_game_loops),
        game_version=lobby.game_version,
        data_version=lobby.data_version or "",
        data_build=lobby.data_build or 0,
        base_build=lobby.base_build,
    )
    for player in lobby.players:
        extra = info.player_info.add(player_info=_player(player))
        extra.player_result.player_id = player.player_id
        extra.player_result.result = RESULTS[player.result or "undecided"]
        if player.mmr is not None:
            extra.player_mmr = player.mmr
        if player.apm is not None:
            extra.player_apm = int(player.apm)
    return info


def game_info(game: RecordedGame, options: api.InterfaceOptions, *, grid_bits: int) -> api.ResponseGameInfo:
    """Players, map and the options in effect, while the replay runs. Every cell is open ground of one height."""
    width, height = game.map_size
    info = api.ResponseGameInfo(map_name=game.lobby.map_name, options=options)
    info.player_info.extend(_player(player) for player in game.lobby.players)
    raw = info.start_raw
    raw.map_size.x, raw.map_size.y = width, height
    for grid in (raw.pathing_grid, raw.placement_grid):
        _fill(grid, width, height, bits=grid_bits, byte=0xFF)
    _fill(raw.terrain_height, width, height, bits=8, byte=_HEIGHT_BYTE)
    raw.playable_area.p0.x = raw.playable_area.p0.y = _PLAYABLE_MARGIN
    raw.playable_area.p1.x, raw.playable_area.p1.y = width - _PLAYABLE_MARGIN, height - _PLAYABLE_MARGIN
    for x, y in game.start_places.values():
        raw.start_locations.add(x=x, y=y)
    return info


def _player(player: ReplayPlayer) -> api.PlayerInfo:
    info = api.PlayerInfo(
        player_id=player.player_id,
        type=api.Computer if player.is_computer else api.Participant,
        player_name=player.name,
    )
    if player.race_requested in RACES:
        info.race_requested = RACES[player.race_requested]
    if player.race_actual in RACES:
        info.race_actual = RACES[player.race_actual]
    return info


def _fill(grid: common_pb2.ImageData, width: int, height: int, *, bits: int, byte: int) -> None:
    grid.bits_per_pixel = bits
    grid.size.x, grid.size.y = width, height
    grid.data = bytes([byte]) * (width * height * bits // 8)
