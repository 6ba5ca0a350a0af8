"""The game itself: every unit, both players, as often as asked for; minutes a replay."""

from collections.abc import Mapping, Sequence

import pyarrow as pa
from s2clientprotocol import sc2api_pb2 as api

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import EngineError
from sc2_pipeline.replay_format import DECODER_VERSION
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.sc2_client.game_data import game_data_tables, game_info_row, game_names
from sc2_pipeline.sc2_client.instance import Instance, InstanceKeeper
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.observation.names import GameNames
from sc2_pipeline.sc2_client.observation.observation_tables import ObservationTables
from sc2_pipeline.sc2_client.observation.passes import Detail, Fog, ObservedPass, plan_passes
from sc2_pipeline.sc2_client.replay_pass import PassPlan, ReplayPass
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.sources.base import ReplayFile, Take
from sc2_pipeline.sources.lobby_rows import StreamState, player_rows, replay_row
from sc2_pipeline.sources.pass_summary import PassSummary
from sc2_pipeline.sources.tracker import read_replay
from sc2_pipeline.tables import schema_version, tables_of

OBSERVATION_VERSION = 1
"""Raised by hand when the same messages of the game give other rows; replays are then extracted again."""

Version = tuple[int, str | None]


class Sc2Source:
    """Runs replays through StarCraft II, once per observed player; keeps one instance between replays."""

    name = "sc2"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._keeper = InstanceKeeper(game_settings(settings))
        self._types: dict[Version, tuple[GameNames, Mapping[str, pa.RecordBatch]]] = {}

    def shape(self) -> Mapping[str, str | int | bool | None]:
        """Versions, and what is asked of the game."""
        return {
            "source": self.name,
            "decoder": DECODER_VERSION,
            "observation": OBSERVATION_VERSION,
            "schema": schema_version(tables_of(self.name)),
            "step_mul": self._settings.step_mul,
            "until": self._settings.until,
            "fog": self._settings.fog,
            "detail": self._settings.detail,
            "observe_computers": self._settings.observe_computers,
        }

    def extract(self, replay: ReplayFile, take: Take) -> bool:
        """Gives lobby, game data and everything observed. True: a replay the game does not finish is an error.

        Raises EngineError for what the game does wrong and EngineUnavailableError where it is not installed.
        """
        content = read_replay(replay)
        lobby = read_lobby(Archive(content))
        handles = () if lobby.map_hash is None else (f"{lobby.map_hash}.s2ma",)
        playable = PlayableReplay(content=content, map_name=lobby.map_name, map_handles=handles)
        instance = self._keeper.instance(lobby.base_build, lobby.data_version)
        try:
            info = instance.replay_info(playable)
            for number, observed in enumerate(self._passes(info)):
                started = self._start(instance, playable, info, observed)
                if number == 0:
                    names = self._give_game(started, replay, lobby, take)
                self._run(started, replay, observed, names, take)
        except EngineError:
            self._keeper.close_instance()
            raise
        take("replays", replay_row(replay, self.name, lobby, file_bytes=len(content), stream=StreamState()))
        take("replay_players", player_rows(replay, self.name, lobby))
        return True

    def close(self) -> None:
        """Ends the game."""
        self._keeper.close()

    def _passes(self, info: api.ResponseReplayInfo) -> Sequence[ObservedPass]:
        wanted = {api.Participant} | ({api.Computer} if self._settings.observe_computers else set())
        players = [entry.player_info for entry in info.player_info]
        observed = [player.player_id for player in players if player.type in wanted]
        if not observed:
            raise EngineError(
                "replay_rejected",
                f"the replay has nobody to observe ({len(players)} players, none a person); see --observe-computers",
                is_retryable=False,
            )
        return plan_passes(observed, Fog(self._settings.fog), Detail(self._settings.detail))

    def _start(
        self, instance: Instance, playable: PlayableReplay, info: api.ResponseReplayInfo, observed: ObservedPass
    ) -> ReplayPass:
        plan = PassPlan(step_mul=self._settings.step_mul, until=self._settings.until)
        return instance.start_pass(
            playable, info, observed_player_id=observed.player_id, disable_fog=not observed.is_fogged, plan=plan
        )

    def _give_game(self, started: ReplayPass, replay: ReplayFile, lobby: ReplayLobby, take: Take) -> GameNames:
        """The map's row and the game's own data, asked for once per version; gives the names of its ids."""
        take("game_info", game_info_row(started.game_info(), replay_id=replay.replay_id))
        version = lobby.base_build, lobby.data_version
        if version not in self._types:
            data = started.game_data()
            types = game_data_tables(data, base_build=lobby.base_build, data_version=lobby.data_version or "")
            self._types[version] = game_names(data), types
        names, given = self._types[version]
        for name, batch in given.items():
            take(name, batch)
        return names

    def _run(
        self, started: ReplayPass, replay: ReplayFile, observed: ObservedPass, names: GameNames, take: Take
    ) -> None:
        summary = PassSummary(replay.replay_id, observed, take)
        detail = Detail(self._settings.detail)
        tables = ObservationTables(replay.replay_id, observed, summary.take, detail=detail, names=names)
        for observation in started.observations():
            tables.add(observation.payload)
        tables.finish()
        if observed.gives_truth:
            summary.finish(tables.results)


def game_settings(settings: Settings) -> GameSettings:
    """How the game is run, from the settings of the run."""
    return GameSettings(
        boot_timeout_seconds=settings.boot_timeout_seconds,
        request_timeout_seconds=settings.request_timeout_seconds,
        start_timeout_seconds=settings.start_timeout_seconds,
        pipeline_depth=settings.pipeline_depth,
        restart_every=settings.restart_every,
        memory_ceiling_bytes=settings.memory_ceiling_mb * 2**20,
    )
