"""Checks every assumption about the game on one replay with the real game, and derives settings from the results."""

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from sc2_pipeline.errors import EngineError
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sampling import PassPlan
from sc2_pipeline.sc2_client import probe_checks
from sc2_pipeline.sc2_client.instance import Instance
from sc2_pipeline.sc2_client.launch import GameVersion
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.probe_checks import Evidence, ReplayTruth, Verdict
from sc2_pipeline.sc2_client.recording import Recording
from sc2_pipeline.sc2_client.replay_pass import RawObservation, ReplayPass
from sc2_pipeline.sc2_client.settings import GameSettings
from sc2_pipeline.sc2_client.traits import GameTraits

_STEP_MUL = 16
_COMPARED_LOOPS = 1600
"""Maximum game loops for comparing the pipelined pass with the strict one."""
_PROBED_LOOPS = 12_000
"""Maximum game loops of the measured pass: at 300 loops a second, 40 s of the two minutes."""
_STARTS = 4
"""Starts of the replay for measuring memory growth, if time allows."""
_SECONDS = 110.0
"""Time limit in seconds of a probe whose game starts and answers; its parts are shortened to fit."""
_STRICT_SECONDS = _SECONDS / 6

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class ProbeReport:
    """Every assumption with its verdict, and the traits derived from them."""

    game_version: str
    verdicts: tuple[Verdict, ...]
    traits: GameTraits

    @property
    def all_hold(self) -> bool:
        """Whether all assumptions hold, so that no fallback is used."""
        return all(verdict.holds for verdict in self.verdicts)


def probe(
    replay: PlayableReplay,
    version: GameVersion,
    truth: ReplayTruth,
    settings: GameSettings,
    say: Say = lambda _: None,
    *,
    recording: Recording | None = None,
) -> ProbeReport:
    """Plays the replay on the game of that version and checks its answers against ``truth``.

    ``say`` is called with progress messages; ``recording`` takes some of the game's messages. Raises EngineUnavailableError if the game is not installed and EngineError
    if it fails even with one request at a time.
    """
    return _Probe(replay, version, truth, settings, say, recording).run()


@dataclass
class _Probe:
    replay: PlayableReplay
    version: GameVersion
    truth: ReplayTruth
    settings: GameSettings
    say: Say
    recording: Recording | None
    begun: float = field(default_factory=time.monotonic)
    start_seconds: float = 0.0
    load_seconds: float = 0.0
    loops_per_second: float = 0.0
    seconds: float = 0.0
    processor_seconds: float = 0.0
    replay_loops: int = 0
    compared_loops: int = _COMPARED_LOOPS
    verdicts: list[Verdict] = field(default_factory=list)

    def run(self) -> ProbeReport:
        self.say("starting the game, and playing one request at a time")
        strict = self._strict()
        self.say("playing again with requests pipelined")
        instance = self._after_pipelining(strict)
        try:
            until = self._affordable_loops()
            self.say(f"playing up to {until} loops and looking at everything")
            evidence = self._evidence(instance, until)
            self.say("starting the replay again and again, to see the game's memory grow")
            memory = self._memory(instance)
            game_version = instance.ping.game_version
        finally:
            instance.close()
        self.verdicts += [*probe_checks.verdicts(evidence, self.truth), self._growth(memory)]
        return ProbeReport(
            game_version=game_version,
            verdicts=tuple(self.verdicts),
            traits=self._traits(evidence, memory, game_version),
        )

    def _strict(self) -> list[bytes]:
        """The first observations, requested one by one; few if the game is slow."""
        instance = self._first_instance()
        payloads = []
        try:
            started = self._started(instance, _COMPARED_LOOPS)
            begun = time.monotonic()
            for observation in started.observations():
                payloads.append(observation.payload)
                if time.monotonic() - begun > _STRICT_SECONDS and observation.game_loop is not None:
                    self.compared_loops = observation.game_loop
                    break
        finally:
            instance.close()
        self._note_speed(len(payloads), begun)
        return payloads

    def _first_instance(self) -> Instance:
        """Checks whether the game reports the data version it was started with; if not, the check is disabled."""
        try:
            instance = self._launched(depth=1)
        except EngineError as error:
            if error.reason != "version_mismatch" or "data version" not in str(error):
                raise
            self.verdicts.append(probe_checks.data_version(str(error), holds=False))
            self.settings = dataclasses.replace(self.settings, checks_data_version=False)
            return self._launched(depth=1)
        self.verdicts.append(probe_checks.data_version(instance.ping.data_version, holds=True))
        return instance

    def _after_pipelining(self, strict: list[bytes]) -> Instance:
        """Checks whether the game answers pipelined requests, and equally; returns an instance with the pipeline depth
        it supports."""
        instance = self._launched(depth=self.settings.pipeline_depth)
        try:
            pipelined = self._pipelined(instance)
        except EngineError as error:
            instance.close()
            self.verdicts.append(probe_checks.pipelining(f"{error.reason}: {error}", holds=False))
            return self._launched(depth=1)
        except BaseException:
            instance.close()
            raise
        same = sum(1 for one, other in zip(strict, pipelined, strict=False) if one == other)
        observed = f"{same} of {len(strict)} observations the same at depth {self.settings.pipeline_depth}"
        verdict = probe_checks.pipelining(observed, holds=same == len(strict) == len(pipelined))
        self.verdicts.append(verdict)
        if verdict.holds:
            return instance
        instance.close()
        return self._launched(depth=1)

    def _launched(self, *, depth: int) -> Instance:
        begun = time.monotonic()
        instance = Instance(self.version, dataclasses.replace(self.settings, pipeline_depth=depth))
        self.start_seconds = time.monotonic() - begun
        return instance

    def _pipelined(self, instance: Instance) -> list[bytes]:
        started = self._started(instance, self.compared_loops)
        begun = time.monotonic()
        payloads = [observation.payload for observation in started.observations()]
        self._note_speed(len(payloads), begun)
        return payloads

    def _note_speed(self, observations: int, begun: float) -> None:
        self.loops_per_second = observations * _STEP_MUL / max(time.monotonic() - begun, 1e-3)

    def _seconds_left(self) -> float:
        return self.begun + _SECONDS - time.monotonic()

    def _affordable_loops(self) -> int:
        """How far the measured pass can go and still leave time for the remaining starts of the replay."""
        seconds = self._seconds_left() - (1 + _STARTS) * self.load_seconds
        return int(min(max(seconds * self.loops_per_second, _COMPARED_LOOPS), _PROBED_LOOPS))

    def _started(self, instance: Instance, until: int) -> ReplayPass:
        begun = time.monotonic()
        try:
            return self._start(instance, until)
        finally:
            self.load_seconds = time.monotonic() - begun

    def _start(self, instance: Instance, until: int) -> ReplayPass:
        info = instance.replay_info(self.replay)
        self.replay_loops = info.game_duration_loops
        plan = PassPlan(step_mul=_STEP_MUL, until=until)
        player = self.truth.player_ids[0]
        return instance.start_pass(self.replay, info, observed_player_id=player, disable_fog=True, plan=plan)

    def _evidence(self, instance: Instance, until: int) -> Evidence:
        started = self._started(instance, until)
        before = instance.processor_seconds()
        game_info = started.game_info()
        if self.recording is not None:
            self.recording.take_game(game_info, started.game_data())
        evidence = Evidence(player_id=self.truth.player_ids[0], game_info=api.ResponseGameInfo.FromString(game_info))
        for observation in self._timed(started.observations()):
            if observation.game_loop is not None:
                evidence.take(observation.game_loop, observation.payload)
                if self.recording is not None:
                    self.recording.take(observation.game_loop, observation.payload, until=min(until, self.replay_loops))
        self.processor_seconds = max(instance.processor_seconds() - before, 0.0)
        return evidence

    def _timed(self, observations: Iterator[RawObservation]) -> Iterator[RawObservation]:
        """Passes on the observations and adds up the time spent waiting for the game."""
        while True:
            begun = time.perf_counter()
            observation = next(observations, None)
            self.seconds += time.perf_counter() - begun
            if observation is None:
                return
            yield observation

    def _memory(self, instance: Instance) -> list[int]:
        """The game's memory in bytes after each further start of the replay."""
        found = [instance.memory_bytes()]
        while len(found) == 1 or (len(found) <= _STARTS and self._seconds_left() > self.load_seconds):
            for _ in self._started(instance, until=1).observations():
                pass
            found.append(instance.memory_bytes())
        return found

    def _growth(self, memory: list[int]) -> Verdict:
        return probe_checks.memory_growth(memory, self._restart_every(memory), self.settings.restart_every)

    def _restart_every(self, memory: list[int]) -> int:
        """Replays of two passes until three quarters of the memory ceiling are reached, at most the setting's value."""
        growth = 2 * max((memory[-1] - memory[0]) // (len(memory) - 1), 1)
        room = max(self.settings.memory_ceiling_bytes * 3 // 4 - memory[-1], 0)
        return max(min(room // growth, self.settings.restart_every), 1)

    def _traits(self, evidence: Evidence, memory: list[int], game_version: str) -> GameTraits:
        holds = {verdict.name: verdict.holds for verdict in self.verdicts}
        seconds = max(self.seconds, 1e-9)
        return GameTraits(
            accepts_pipelining=holds["accepts_pipelining"],
            can_disable_fog=holds["can_disable_fog"],
            tags_are_the_trackers=holds["tags_are_the_trackers"],
            neutral_owner=evidence.neutral_owner(),
            rate_minute_game_loops=evidence.rate_minute(self.truth),
            collected_vespene_works=holds["collected_vespene_works"],
            dead_units_are_complete=holds["dead_units_are_complete"],
            tells_data_version=holds["tells_data_version"],
            restart_every=self._restart_every(memory),
            instance_bytes=max(memory),
            start_seconds=round(self.start_seconds, 2),
            game_loops_per_second=round(evidence.last_loop / seconds, 1),
            processor_seconds_per_1000_loops=round(1000 * self.processor_seconds / max(evidence.last_loop, 1), 3),
            observations_per_second=round(evidence.observations / seconds, 1),
            game_version=game_version,
        )
