"""The game's states and its answers to requests, according to s2client-proto's protocol.md and pysc2."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline_demo.stand_in import wire
from sc2_pipeline_demo.stand_in.faults import LOOP_FAULTS, Assumptions, Fault, read_control, replay_sha256
from sc2_pipeline_demo.stand_in.known_types import KnownTypes
from sc2_pipeline_demo.stand_in.observing import Observer
from sc2_pipeline_demo.stand_in.recorded_game import RecordedGame, read_game
from sc2_pipeline_demo.stand_in.replay_answers import game_info, replay_info

_OBSERVATION_FIELD, _STEP_FIELD = 10, 12
_ID_FIELD, _STATUS_FIELD = 97, 99
_STUCK_SECONDS = 3600.0
_START_ERRORS = {
    "launch_error": api.ResponseStartReplay.LaunchError,
    "invalid_replay": api.ResponseStartReplay.InvalidReplayData,
    "invalid_map": api.ResponseStartReplay.InvalidMapData,
    "missing_options": api.ResponseStartReplay.MissingOptions,
}


@dataclass(frozen=True, slots=True)
class Identity:
    """The version that the executable was installed as and the arguments it was launched with."""

    base_build: int
    data_version: str
    temp_folder: str = ""


class Session:
    """One running game: its state, the replay it plays, and the position in it."""

    def __init__(self, identity: Identity) -> None:
        self._identity = identity
        self._control = read_control()
        self._known = KnownTypes(identity.base_build)
        self._status = api.Status.launched
        self._games: dict[str, RecordedGame] = {}
        self._answers: dict[tuple[str, int, bool, int, int], bytes] = {}
        self._hoard: list[bytearray] = []
        self._start = api.RequestStartReplay()
        self._sha256 = ""
        self._game: RecordedGame | None = None
        self._observer: Observer | None = None
        self._game_loop = self._observed_loop = 0
        self._is_frozen = False

    @property
    def assumptions(self) -> Assumptions:
        """The client's assumptions that are broken."""
        return self._control.assumptions

    def fault_due(self) -> Fault | None:
        """The fault due at this point of the replay, if any."""
        if self._status != api.Status.in_replay:
            return None
        return self._control.strikes(
            LOOP_FAULTS,
            replay_sha256=self._sha256,
            player=self._start.observed_player_id,
            game_loop=self._game_loop,
        )

    def freeze(self) -> None:
        """From now on steps are answered but do not advance the game."""
        self._is_frozen = True

    def jump(self, game_loops: int) -> None:
        """Advances the game unasked."""
        self._game_loop += game_loops

    def hoard(self, megabytes: int) -> None:
        """Allocates that much memory and keeps it, with every page touched."""
        self._hoard.append(bytearray(b"\x01") * (megabytes << 20))

    def answer(self, request: api.Request) -> bytes:
        """The serialised ``Response`` to a request."""
        kind = request.WhichOneof("request")
        answers: dict[str | None, Callable[[api.Request], bytes]] = {
            "observation": self._observation,
            "step": self._step,
            "ping": self._ping,
            "replay_info": self._replay_info,
            "start_replay": self._start_replay,
            "game_info": self._game_info,
            "data": self._data,
            "available_maps": lambda _: self._response(request, available_maps=api.ResponseAvailableMaps()),
            "quit": self._quit,
        }
        if kind not in answers:
            return self._refusal(request, f"The stand-in does not play this part of the game: {kind}")
        return answers[kind](request)

    def _ping(self, request: api.Request) -> bytes:
        identity = self._identity
        data_version = "0" * 32 if self.assumptions.other_data_version else identity.data_version
        ping = api.ResponsePing(
            game_version=f"stand-in.{identity.base_build}",
            data_version=data_version,
            data_build=identity.base_build,
            base_build=1
            if self._control.strikes(("wrong_version",), base_build=identity.base_build)
            else identity.base_build,
        )
        return self._response(request, ping=ping)

    def _replay_info(self, request: api.Request) -> bytes:
        content = request.replay_info.replay_data
        sha256 = replay_sha256(content)
        kinds = ("unreadable_replay", "download_error", "named_folder", "missing_map")
        fault = self._control.strikes(kinds, replay_sha256=sha256)
        if fault is not None and fault.kind == "named_folder":
            copy = Path(self._identity.temp_folder) / "StarCraft II" / "TempReplayInfo.SC2Replay"
            return self._response(request, replay_info=_unreadable(f"Could not open details for the replay: {copy}"))
        if fault is not None and fault.kind == "unreadable_replay":
            return self._response(request, replay_info=_unreadable(fault.words))
        if fault is not None and fault.kind == "download_error":
            errors = api.ResponseReplayInfo
            failed = errors(error=errors.DownloadError, error_details=fault.words)
            return self._response(request, replay_info=failed)
        try:
            game = self._read(sha256, content)
        except ReplayError as error:
            return self._response(request, replay_info=_unreadable(str(error)))
        info = replay_info(game)
        if fault is not None:
            info.local_map_path = "Ladder2019Season3/NowhereLE.SC2Map"
        return self._response(request, replay_info=info)

    def _start_replay(self, request: api.Request) -> bytes:
        if self._status not in (api.Status.launched, api.Status.ended, api.Status.in_replay):
            return self._refusal(request, "Not in a state to start a replay")
        self._control = read_control()
        start = request.start_replay
        wrong = self._wrong_start(start)
        if wrong is None:
            wrong = self._begin(start)
        if wrong is not None:
            return self._response(request, start_replay=wrong)
        self._status = api.Status.in_replay
        return self._response(request, start_replay=api.ResponseStartReplay())

    def _wrong_start(self, start: api.RequestStartReplay) -> api.ResponseStartReplay | None:
        errors = api.ResponseStartReplay
        if not start.HasField("options"):
            return errors(error=errors.MissingOptions, error_details="no interface options")
        if not start.replay_data:
            return errors(error=errors.MissingReplay, error_details="the stand-in takes replay_data")
        sha256 = replay_sha256(start.replay_data)
        fault = self._control.strikes(
            ("missing_cache", "missing_data", *_START_ERRORS),
            replay_sha256=sha256,
            player=start.observed_player_id,
        )
        if fault is None:
            return None
        if fault.kind == "missing_cache":
            self.hang()
        if fault.kind == "missing_data":
            details = "The version required to play this game is unavailable."
            return errors(error=errors.LaunchError, error_details=details)
        return errors(error=_START_ERRORS[fault.kind], error_details=fault.words)

    def _begin(self, start: api.RequestStartReplay) -> api.ResponseStartReplay | None:
        """Sets up the pass; returns an error answer if it cannot."""
        errors = api.ResponseStartReplay
        sha256 = replay_sha256(start.replay_data)
        try:
            game = self._read(sha256, start.replay_data)
        except ReplayError as error:
            return errors(error=errors.InvalidReplayData, error_details=str(error))
        lobby = game.lobby
        if lobby.base_build != self._identity.base_build:
            return errors(error=errors.LaunchError, error_details=f"the replay is of base build {lobby.base_build}")
        if start.observed_player_id not in (0, *(player.player_id for player in lobby.players)):
            return errors(error=errors.InvalidObservedPlayerId)
        self._start, self._sha256, self._game = start, sha256, game
        self._game_loop = self._observed_loop = 0
        self._is_frozen = False
        self._observer = None
        if self.assumptions.megabytes_kept_per_replay:
            self.hoard(self.assumptions.megabytes_kept_per_replay)
        return None

    def _read(self, sha256: str, content: bytes) -> RecordedGame:
        """The game, cached for the next pass over the same replay."""
        if sha256 not in self._games:
            game = read_game(content, self._known)
            self._games.clear()
            self._games[sha256] = game
        return self._games[sha256]

    def _game_info(self, request: api.Request) -> bytes:
        if self._game is None or self._status not in (api.Status.in_replay, api.Status.ended):
            return self._refusal(request, "No game is running")
        bits = 8 if self.assumptions.grids_have_eight_bits else 1
        return self._response(request, game_info=game_info(self._game, self._start.options, grid_bits=bits))

    def _data(self, request: api.Request) -> bytes:
        if self._status != api.Status.in_replay:
            return self._refusal(request, "No game is running")
        return self._response(request, data=self._known.game_data())

    def _step(self, request: api.Request) -> bytes:
        if self._game is None or self._status != api.Status.in_replay:
            return self._refusal(request, "Game has already ended")
        if seconds := self._control.step_seconds + self._control.loop_seconds * request.step.count:
            time.sleep(seconds)
        if not self._is_frozen:
            self._game_loop = min(self._game_loop + request.step.count, self._game.last_loop)
        if self._game_loop >= self._game.last_loop:
            self._status = api.Status.ended
        return self._wrapped(request, _STEP_FIELD, wire.number(1, self._game_loop))

    def _observation(self, request: api.Request) -> bytes:
        if self._game is None or self._status not in (api.Status.in_replay, api.Status.ended):
            return self._refusal(request, "No game is running")
        if self._control.observation_seconds:
            time.sleep(self._control.observation_seconds)
        start = self._start
        fog = bool(start.disable_fog or request.observation.disable_fog)
        key = (self._sha256, start.observed_player_id, fog, self._observed_loop, self._game_loop)
        payload = self._answers.get(key)
        if payload is None:
            payload = self._observed(fog)
            if self._control.keeps_answers:
                self._answers[key] = payload
        self._observed_loop = self._game_loop
        return self._wrapped(request, _OBSERVATION_FIELD, payload)

    def _observed(self, disable_fog: bool) -> bytes:
        assert self._game is not None
        if self._observer is None:
            self._observer = Observer(
                self._game, self._start.observed_player_id, disable_fog=disable_fog, assumptions=self.assumptions
            )
        return self._observer.observe(self._game_loop, is_last=self._status == api.Status.ended)

    def _quit(self, request: api.Request) -> bytes:
        self._status = api.Status.quit
        return self._response(request, quit=api.ResponseQuit())

    def _response(self, request: api.Request, **answer: object) -> bytes:
        response = api.Response(status=self._status, **answer)  # type: ignore[arg-type]
        if request.HasField("id"):
            response.id = request.id
        return bytes(response.SerializeToString())

    def _refusal(self, request: api.Request, sentence: str) -> bytes:
        return self._response(request, error=[sentence])

    def _wrapped(self, request: api.Request, field: int, payload: bytes) -> bytes:
        """A response around an answer that is already serialised."""
        number = wire.number(_ID_FIELD, request.id) if request.HasField("id") else b""
        return wire.nested(field, payload) + number + wire.number(_STATUS_FIELD, self._status)

    @staticmethod
    def hang() -> NoReturn:
        """Hangs forever; SIGTERM still ends it."""
        while True:
            time.sleep(_STUCK_SECONDS)


def ignore_requests_to_end() -> None:
    """From now on only SIGKILL ends this process."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _unreadable(details: str) -> api.ResponseReplayInfo:
    return api.ResponseReplayInfo(error=api.ResponseReplayInfo.ParsingError, error_details=details)


def leave_child() -> None:
    """Starts a detached process that outlives this one, in its own session, and ignores SIGTERM."""
    waits = f"import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep({_STUCK_SECONDS})"
    starts = f"import subprocess; subprocess.Popen([{sys.executable!r}, '-c', {waits!r}], start_new_session=True)"
    subprocess.run([sys.executable, "-c", starts], check=True)
