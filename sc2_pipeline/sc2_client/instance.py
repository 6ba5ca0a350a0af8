"""A running game and its requests from launch to end; and the keeper that reuses one between replays."""

import atexit
import contextlib
import logging
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

from google.protobuf.message import DecodeError, Message

from sc2_pipeline.errors import NOT_STARTED, EngineError
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sampling import PassPlan
from sc2_pipeline.sc2_client.connection import Connection
from sc2_pipeline.sc2_client.header import Kind, garbled
from sc2_pipeline.sc2_client.launch import GameProcess, GameVersion
from sc2_pipeline.sc2_client.maps import PlayableReplay, map_data, missing_files, missing_map
from sc2_pipeline.sc2_client.refusals import refusal
from sc2_pipeline.sc2_client.replay_pass import ReplayPass
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.sc2_client.traces import Traces

Answer = TypeVar("Answer", bound=Message)

log = logging.getLogger(__name__)

_PING = api.Request(ping=api.RequestPing()).SerializeToString()
_QUIT = api.Request(quit=api.RequestQuit()).SerializeToString()

INTERFACE = api.InterfaceOptions(
    raw=True, score=True, show_cloaked=True, show_burrowed_shadows=True, show_placeholders=True
)
"""Interface options of every pass. Builds skip unknown options; ``ResponseGameInfo.options`` returns those in
effect."""


class Instance:
    """One running game of one version, connected and with its version verified."""

    def __init__(self, version: GameVersion, settings: GameSettings) -> None:
        """Launches, connects and pings.

        Raises EngineUnavailableError if the build is not installed, and EngineError ``game_did_not_start``, or
        ``version_mismatch`` if another version answers.
        """
        self.version = version
        self.replays_started = 0
        self._settings = settings
        self._connection: Connection | None = None
        self._process = GameProcess(version, settings)
        self.ping = api.ResponsePing()
        try:
            self._connection = Connection(self._process, settings)
            self.ping = self._checked_ping()
        except BaseException as error:
            if isinstance(error, EngineError):
                error.traces = self.traces()
            self.close()
            raise

    @property
    def pid(self) -> int:
        """The game's process id."""
        return self._process.pid

    @property
    def folder(self) -> Path:
        """The game's own folder, deleted with it."""
        return self._process.folder

    def memory_bytes(self) -> int:
        """Resident memory of the game and all that it started."""
        return self._process.memory_bytes()

    def processor_seconds(self) -> float:
        """Processor time of the game and all that it started."""
        return self._process.processor_seconds()

    def traces(self) -> Traces:
        """What is known of the game now, after a failed try."""
        connection, process = self._connection, self._process
        process.memory_bytes()
        return Traces(
            version=str(self.version),
            game_version=self.ping.game_version,
            arguments=process.arguments,
            exit_words=process.exit_words(),
            processor_seconds=round(process.processor_seconds(), 2),
            memory=tuple(process.memory),
            output=process.output(),
            requests=tuple(connection.last_requests) if connection else (),
            replies=tuple(connection.last_replies) if connection else (),
        )

    def is_usable(self) -> bool:
        """Whether the game is alive and no answer is outstanding; False after a fault or an abandoned iteration."""
        connection = self._connection
        return (
            connection is not None
            and connection.is_open
            and connection.unanswered == 0
            and self._process.exit_words() is None
        )

    def replay_info(self, replay: PlayableReplay) -> api.ResponseReplayInfo:
        """The game's information on the replay: versions, players, duration, path of a local map.

        Raises EngineError if the game cannot read it, with the reasons of :func:`refusal`, or ``version_mismatch`` if the
        replay is of another build.
        """
        request = api.Request(replay_info=api.RequestReplayInfo(replay_data=replay.content))
        info = _decoded(api.ResponseReplayInfo(), self._ask(Kind.REPLAY_INFO, request, replay))
        if info.HasField("error"):
            raise self._refusal(replay, api.ResponseReplayInfo.Error.Name(info.error), info.error_details)
        if info.base_build != self.version.base_build:
            raise EngineError(
                "version_mismatch",
                f"the replay is of base build {info.base_build}, the game of {self.version.base_build}",
                is_retryable=False,
            )
        return info

    def start_pass(
        self,
        replay: PlayableReplay,
        info: api.ResponseReplayInfo,
        *,
        observed_player_id: int,
        disable_fog: bool,
        plan: PassPlan,
    ) -> ReplayPass:
        """Starts the replay from that player's perspective. Raises EngineError ``map_missing``, or with the reasons of
        :func:`refusal`."""
        start = api.RequestStartReplay(
            replay_data=replay.content,
            map_data=map_data(info.local_map_path, self._process.install),
            observed_player_id=observed_player_id,
            disable_fog=disable_fog,
            options=INTERFACE,
        )
        answer = self._ask(Kind.START_REPLAY, api.Request(start_replay=start), replay)
        started = _decoded(api.ResponseStartReplay(), answer)
        if started.HasField("error"):
            raise self._refusal(replay, api.ResponseStartReplay.Error.Name(started.error), started.error_details)
        return ReplayPass(
            self._open_connection(), plan, self._settings, disable_fog=disable_fog, memory_bytes=self.memory_bytes
        )

    def close(self) -> None:
        """Asks the game to quit if it still answers; in any case leaves no process, port or folder of it."""
        connection, self._connection = self._connection, None
        if connection is not None:
            if connection.is_open and connection.unanswered == 0:
                with contextlib.suppress(EngineError):
                    connection.send(_QUIT)
                    self._process.wait_for_exit(self._settings.quit_timeout_seconds)
            connection.close()
        self._process.close()

    def _checked_ping(self) -> api.ResponsePing:
        connection = self._open_connection()
        try:
            reply = connection.ask(Kind.PING, _PING, self._settings.boot_timeout_seconds)
        except EngineError as error:
            raise EngineError(NOT_STARTED, f"{error.detail}, right after its start") from error
        ping = _decoded(api.ResponsePing(), reply.answer)
        wrong = _differences(ping, self.version, checks_data=self._settings.checks_data_version)
        if wrong:
            raise EngineError(
                "version_mismatch",
                f"the game says it is {ping.game_version}, {wrong}; reinstall that client, or use --source tracker",
                is_retryable=False,
            )
        return ping

    def _ask(self, kind: Kind, request: api.Request, replay: PlayableReplay) -> bytes:
        """The answer to a request that loads the replay. Reports a game that hangs on a missing map differently from
        other hangs."""
        try:
            reply = self._open_connection().ask(kind, request.SerializeToString(), self._settings.start_timeout_seconds)
        except EngineError as error:
            missing = missing_files(replay, self._process.install)
            if missing and error.reason == "engine_stalled":
                raise missing_map(replay.map_name, missing, error.detail) from error
            raise
        return reply.answer

    def _open_connection(self) -> Connection:
        if self._connection is None:
            raise EngineError("protocol_error", "the instance is closed")
        return self._connection

    def _refusal(self, replay: PlayableReplay, name: str, details: str) -> EngineError:
        process = self._process
        error = refusal(name, details, replay, process.install, version=self.version, folder=process.folder)
        if error.is_retryable:
            self._open_connection().close()
        return error


class InstanceKeeper:
    """Keeps one instance between replays and replaces it when necessary; callers never launch games themselves."""

    def __init__(self, settings: GameSettings) -> None:
        self._settings = settings
        self._instance: Instance | None = None
        atexit.register(self.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def instance(self, base_build: int, data_version: str | None) -> Instance:
        """The instance for the next replay, called once per replay: the current one, or a new one.

        A new one after ``restart_every`` replays, near the memory ceiling, for another version and after any fault.
        Raises what :class:`Instance` raises.
        """
        wanted = GameVersion(base_build, data_version.upper() if data_version else None)
        if self._instance is not None:
            why = self._why_replace(self._instance, wanted)
            if why:
                log.info("a fresh instance of %s: %s", wanted, why)
                self.close_instance()
        if self._instance is None:
            self._instance = Instance(wanted, self._settings)
        self._instance.replays_started += 1
        return self._instance

    def close_instance(self) -> None:
        """Ends the instance; the next replay gets a new one."""
        instance, self._instance = self._instance, None
        if instance is not None:
            instance.close()

    def close(self) -> None:
        """Ends the instance permanently."""
        self.close_instance()
        atexit.unregister(self.close)

    def _why_replace(self, instance: Instance, wanted: GameVersion) -> str | None:
        if instance.version != wanted:
            return f"the last one was of {instance.version}"
        if not instance.is_usable():
            return "the last one failed"
        if instance.replays_started >= self._settings.restart_every:
            return f"the last one had {instance.replays_started} replays"
        used = instance.memory_bytes()
        if used > self._settings.memory_ceiling_bytes * 3 // 4:
            return f"the last one held {used >> 20} MB"
        return None


def _decoded(message: Answer, content: bytes) -> Answer:
    try:
        message.ParseFromString(content)
    except DecodeError as error:
        raise garbled(f"an answer of {len(content)} bytes does not decode ({error})") from error
    return message


def _differences(ping: api.ResponsePing, version: GameVersion, *, checks_data: bool) -> str:
    """Differences between the version that the game reports and the one requested; empty if there are none."""
    if ping.base_build != version.base_build:
        return f"base build {ping.base_build} where {version.base_build} was asked for"
    asked, told = (version.data_version or "").upper(), ping.data_version.upper()
    if checks_data and asked and told and asked != told:
        return f"data version {told} where {asked} was asked for"
    return ""
