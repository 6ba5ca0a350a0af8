"""The game itself: every unit, both players, as often as asked for; minutes a replay."""

import dataclasses
import logging
from collections.abc import Mapping
from contextlib import suppress
from functools import partial

import pyarrow as pa

from sc2_pipeline import __version__
from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import EngineError
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.sampling import Moments, Sampling
from sc2_pipeline.sc2_client.game_data import game_data_tables, game_names
from sc2_pipeline.sc2_client.instance import InstanceKeeper
from sc2_pipeline.sc2_client.observation.names import GameNames
from sc2_pipeline.sc2_client.replay_pass import ReplayPass
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.sc2_client.traces import Traces, write_fault
from sc2_pipeline.sc2_client.traits import ASSUMED, GameTraits, settings_that_follow
from sc2_pipeline.sources.base import ReplayFile, Shape, Take
from sc2_pipeline.sources.bounds import within_budget
from sc2_pipeline.sources.first_observation import Opening, opening, playable_replay
from sc2_pipeline.sources.progress_notes import WorkTeller
from sc2_pipeline.sources.replay_run import ReplayRun, kept_every
from sc2_pipeline.sources.sample_moments import possible_fog, possible_sampling, read_moments
from sc2_pipeline.sources.streams import read_tracker
from sc2_pipeline.sources.tracker import read_replay
from sc2_pipeline.tables import schema_version, tables_of

log = logging.getLogger(__name__)

OBSERVATION_VERSION = 1
"""Raised by hand when the same messages of the game give other rows; replays are then extracted again."""

Version = tuple[int, str | None]

_PIPELINING_REFUSED = frozenset({"protocol_error", "garbled_reply", "engine_stalled"})
_ASKED_IN_TURN = 1
"""Observations of a pass that come before any request is sent ahead."""


class Sc2Source:
    """Runs replays through StarCraft II, once per observed player; keeps one instance between replays."""

    name = "sc2"

    def __init__(self, settings: Settings, traits: GameTraits = ASSUMED) -> None:
        """``traits``: what is known of the game on this machine."""
        self._settings = settings
        self._traits = traits
        self._game_settings = settings_that_follow(game_settings(settings), traits)
        self._keeper = InstanceKeeper(self._game_settings)
        self._has_run_ahead = False
        self._told = {None, traits.differences}
        self._teller = WorkTeller(Home(settings.home).work_notes)
        self._types: dict[Version, tuple[GameNames, Mapping[str, pa.RecordBatch]]] = {}

    def shapes(self) -> dict[str, Shape]:
        """Versions, what is asked of the game, and what it does otherwise than assumed."""
        sampling = self._settings.sampling
        shape: dict[str, str | int | bool | None] = {
            "part": "observation",
            "observation": OBSERVATION_VERSION,
            "schema": schema_version(tables_of("observation")),
            "step_mul": sampling.every if sampling.is_even else None,
            "until": sampling.until if sampling.is_even else None,
            "fog": possible_fog(self._settings, self._traits).value,
            "detail": self._settings.detail,
            "observe_computers": self._settings.observe_computers,
            "game_differences": self._traits.differences,
        }
        if self._settings.detail == "full":
            shape |= {name: step for name, step in kept_every(self._settings).items() if step > 1}
        if not sampling.is_even:
            # With what replays are sampled by that do not tell when players acted.
            shape |= {"sample": sampling.text, "step_mul": self._settings.step_mul}
        return {"observation": shape}

    def extract(self, replay: ReplayFile, take: Take) -> bool:
        """Gives game data and everything observed.

        Returns False for a replay that the game said had ended long before its recorded end; the next one is run on a
        fresh instance then.

        Raises EngineError for what the game does wrong and EngineUnavailableError where it is not installed.
        """
        content = read_replay(replay, self._settings)
        first_read = partial(_first_read, content, self._settings.sampling)
        lobby, known, moments = within_budget(first_read, len(content), self._settings)
        sampling = possible_sampling(self._settings.sampling, moments, self._settings.step_mul)
        if sampling != self._settings.sampling:
            log.warning("%s does not tell when its players acted; it is sampled %s", replay.name, sampling.text)
        self._teller.tell(replay.replay_id, replay.name, "starting the game")
        try:
            instance = self._keeper.instance(lobby.base_build, lobby.data_version)
        except EngineError as error:
            self._keep_traces(replay, error, error.traces)
            raise
        run = ReplayRun(
            replay_id=replay.replay_id,
            playable=playable_replay(content, lobby),
            known=known,
            instance=instance,
            settings=self._settings,
            sampling=sampling,
            moments=moments,
            traits=self._traits,
            take=take,
            give_game=lambda started: self._give_game(started, lobby, take),
            tell=partial(self._tell, replay, lobby),
        )
        try:
            run.run()
        except EngineError as error:
            self._keep_traces(replay, error, instance.traces())
            # What no other game would do better leaves this one as it was: a replay refused, a map missing.
            if error.is_retryable:
                self._keeper.close_instance()
            self._heed(error, run.observations)
            raise
        finally:
            self._tell_once(run.traits.differences)
            self._has_run_ahead |= run.observations > _ASKED_IN_TURN
            self._teller.rest()
        if run.jumps:
            log.warning("%s: the game's loop jumped %d times past what was asked for", replay.name, run.jumps)
        if not run.is_complete:
            self._keeper.close_instance()
        return run.is_complete

    def close(self) -> None:
        """Ends the game."""
        self._keeper.close()

    def _keep_traces(self, replay: ReplayFile, error: EngineError, traces: object) -> None:
        keep = self._settings.fault_folders
        if not keep or not isinstance(traces, Traces):
            return
        # A worker of a cluster may not have the home's folder.
        with suppress(OSError):
            error.folder = write_fault(
                Home(self._settings.home).faults,
                traces,
                replay_id=replay.replay_id,
                reason=error.reason,
                detail=error.detail,
                written_by=f"sc2_pipeline {__version__}",
                keep=keep,
            )

    def _tell_once(self, differences: str | None) -> None:
        if differences not in self._told:
            self._told.add(differences)
            log.warning(
                "the game does otherwise than is known (%s), and rows are mended for it; run sc2-pipeline probe",
                differences,
            )

    def _tell(self, replay: ReplayFile, lobby: ReplayLobby, number: int, count: int, game_loop: int) -> None:
        loops = self._settings.sampling.observed_loops(lobby.duration_game_loops)
        self._teller.tell(
            replay.replay_id,
            replay.name,
            f"pass {number + 1} of {count}",
            game_loop=game_loop,
            loops_done=number * loops + game_loop,
            loops_wanted=count * loops,
        )

    def _heed(self, error: EngineError, observations: int) -> None:
        """Asks one by one from now on where requests sent ahead never worked, and failed at the first try."""
        may_refuse = observations == _ASKED_IN_TURN and error.reason in _PIPELINING_REFUSED
        if may_refuse and not self._has_run_ahead and self._game_settings.pipeline_depth > 1:
            log.warning("the game may not bear requests sent ahead (%s); they are sent one by one from now on", error)
            self._game_settings = dataclasses.replace(self._game_settings, pipeline_depth=1)
            self._keeper.close()
            self._keeper = InstanceKeeper(self._game_settings)

    def _give_game(self, started: ReplayPass, lobby: ReplayLobby, take: Take) -> GameNames:
        """The game's own data, asked for once per version; gives the names of its ids."""
        version = lobby.base_build, lobby.data_version
        if version not in self._types:
            data = started.game_data()
            types = game_data_tables(data, base_build=lobby.base_build, data_version=lobby.data_version or "")
            self._types[version] = game_names(data), types
        names, given = self._types[version]
        for name, batch in given.items():
            take(name, batch)
        return names


def _first_read(content: bytes, sampling: Sampling) -> tuple[ReplayLobby, Opening, Moments]:
    """The lobby, what the tracker knows that the first observation must agree with, and what the sampling goes by; the
    decoded events are let go."""
    archive = Archive(content)
    lobby = read_lobby(archive)
    tracker = read_tracker(archive, lobby.duration_game_loops)
    return lobby, opening(tracker), read_moments(archive, lobby, tracker, sampling)


def game_settings(settings: Settings) -> GameSettings:
    """How the game is run, from the settings of the run."""
    return GameSettings(
        boot_timeout_seconds=settings.boot_timeout_seconds,
        request_timeout_seconds=settings.request_timeout_seconds,
        start_timeout_seconds=settings.start_timeout_seconds,
        pipeline_depth=settings.pipeline_depth,
        restart_every=settings.restart_every,
        memory_ceiling_bytes=settings.memory_ceiling_mb * 2**20,
        launch_gap_seconds=settings.launch_gap_seconds,
    )
