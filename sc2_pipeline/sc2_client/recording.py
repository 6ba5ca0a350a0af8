"""A small recording of a game's messages that a user can send: without names, chat and folders."""

import lzma
from pathlib import Path, PurePosixPath

from sc2_pipeline.errors import HomeError
from sc2_pipeline.game_messages import sc2api_pb2 as api

OBSERVATIONS = 16
"""Observations kept of a pass, evenly spaced."""


class Recording:
    """Writes messages of one game to ``folder`` as ``<message>.pb.xz``; observations of its pass go to ``player``."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._next_loop = self._number = 0

    def take_game(self, game_info: bytes, game_data: bytes) -> None:
        """Writes the game's info, with numbers for names, and its data. Raises HomeError if the folder is not writable."""
        info = api.ResponseGameInfo.FromString(game_info)
        for player in info.player_info:
            if player.HasField("player_name"):
                player.player_name = f"player {player.player_id}"
        if info.HasField("local_map_path"):
            info.local_map_path = PurePosixPath(info.local_map_path.replace("\\", "/")).name
        self._write("ResponseGameInfo", info.SerializeToString())
        self._write("ResponseData", game_data)

    def take(self, game_loop: int, payload: bytes, *, until: int) -> None:
        """Writes an observation if it is due, without what players wrote; ``until`` is the last loop of the pass."""
        if game_loop < self._next_loop:
            return
        self._next_loop = game_loop + max(until // OBSERVATIONS, 1)
        self._number += 1
        observation = api.ResponseObservation.FromString(payload)
        talking = [action.action_chat for action in observation.actions if action.HasField("action_chat")]
        if observation.chat or talking:
            del observation.chat[:]
            for chat in talking:
                chat.ClearField("message")
            payload = observation.SerializeToString()
        self._write(f"player/{self._number:04}_loop{game_loop:06}.ResponseObservation", payload)

    def _write(self, name: str, content: bytes) -> None:
        path = self._folder / f"{name}.pb.xz"
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(lzma.compress(content))
        except OSError as error:
            raise HomeError(f"{path} cannot be written ({error}); give another --record") from error
