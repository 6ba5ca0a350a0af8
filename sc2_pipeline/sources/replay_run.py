"""One replay on one running game: its passes one after the other, and the rows that they give."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice

import pyarrow as pa

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import EngineError
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sampling import Moments, PassPlan, Sampling
from sc2_pipeline.sc2_client.game_data import game_info_row
from sc2_pipeline.sc2_client.instance import Instance
from sc2_pipeline.sc2_client.maps import PlayableReplay
from sc2_pipeline.sc2_client.observation.names import GameNames
from sc2_pipeline.sc2_client.observation.observation_tables import ObservationTables
from sc2_pipeline.sc2_client.observation.passes import Detail, ObservedPass, plan_passes, with_fog
from sc2_pipeline.sc2_client.replay_pass import RawObservation, ReplayPass
from sc2_pipeline.sc2_client.traits import GameTraits
from sc2_pipeline.sources.base import Take
from sc2_pipeline.sources.first_observation import Opening, first_look
from sc2_pipeline.sources.pass_summary import PassSummary
from sc2_pipeline.sources.sample_moments import plan_of_pass, possible_fog
from sc2_pipeline.sources.vanished_units import VanishedUnits
from sc2_pipeline.sources.visibility import Sights

_END_GAME_LOOPS = 224
"""The game may end a replay by so much before its recorded duration, as ``int_replay_sources`` has it: ten seconds."""


@dataclass(kw_only=True)
class ReplayRun:
    """Everything one replay is run with: where it is sampled, by ``sampling`` and ``moments``. ``traits`` are what is known of the game; the first observation may know better.

    ``give_game`` gives the game's own data to ``take``, once it is asked for, and answers with the names in it.
    ``tell`` hears after each observation which pass it is (from 0), of how many, and its game loop.
    ``observations`` counts those of the longest pass so far. ``is_complete``: every pass so far came as far as the
    replay, or ``until``, goes. ``jumps`` counts observations that came later than they were asked for.
    """

    replay_id: str
    playable: PlayableReplay
    known: Opening
    instance: Instance
    settings: Settings
    sampling: Sampling
    moments: Moments
    traits: GameTraits
    take: Take
    give_game: Callable[[ReplayPass], GameNames]
    tell: Callable[[int, int, int], None]
    observations: int = 0
    is_complete: bool = True
    jumps: int = 0
    _vanished: VanishedUnits = field(init=False)
    _sights: Sights = field(init=False, default_factory=Sights)

    def __post_init__(self) -> None:
        self._vanished = VanishedUnits(self.replay_id)

    def run(self) -> None:
        """Runs every pass. Raises EngineError for what the game does wrong, or will not do."""
        info = self.instance.replay_info(self.playable)
        passes = self._planned(info)
        names, game_info = GameNames(), b""
        for number in range(len(passes)):
            plan = plan_of_pass(passes[number], self.sampling, self.moments)
            started = self._started(passes[number], plan, info)
            if number == 0:
                game_info, names = started.game_info(), self.give_game(started)
            observations = self._counted(started, passes[number])
            opening = list(islice(observations, 1))
            passes = self._looked_at(opening, passes, number)
            told = self._told(chain(opening, observations), number, len(passes))
            self._give(passes[number], plan, self._followed(told, info), names)
            self.jumps += started.jumps
        self.take(
            "game_info",
            game_info_row(
                game_info, replay_id=self.replay_id, differences=self._differences(), sampling=self.sampling.text
            ),
        )
        if not self.traits.dead_units_are_complete:
            self.take("dead_units", self._vanished.rows())

    def _differences(self) -> str | None:
        jumps = f"loop_jumps={self.jumps}" if self.jumps else None
        return ", ".join(filter(None, (self.traits.differences, jumps))) or None

    def _planned(self, info: api.ResponseReplayInfo) -> Sequence[ObservedPass]:
        wanted = {api.Participant} | ({api.Computer} if self.settings.observe_computers else set())
        players = [entry.player_info for entry in info.player_info]
        observed = [player.player_id for player in players if player.type in wanted]
        if not observed:
            raise EngineError(
                "replay_rejected",
                f"the replay has nobody to observe ({len(players)} players, none a person); set observe_computers",
                is_retryable=False,
            )
        return plan_passes(observed, possible_fog(self.settings, self.traits), Detail(self.settings.detail))

    def _started(self, observed: ObservedPass, plan: PassPlan, info: api.ResponseReplayInfo) -> ReplayPass:
        return self.instance.start_pass(
            self.playable, info, observed_player_id=observed.player_id, disable_fog=not observed.is_fogged, plan=plan
        )

    def _counted(self, started: ReplayPass, observed: ObservedPass) -> Iterator[RawObservation]:
        for count, observation in enumerate(started.observations(), start=1):
            self.observations = max(self.observations, count)
            if not observed.gives_truth and observation.game_loop is not None:
                self._sights.note_loop(observed.player_id, observation.game_loop)
            yield observation

    def _told(self, observations: Iterable[RawObservation], number: int, count: int) -> Iterator[RawObservation]:
        for observation in observations:
            yield observation
            if observation.game_loop is not None:
                self.tell(number, count, observation.game_loop)

    def _followed(
        self, observations: Iterator[RawObservation], info: api.ResponseReplayInfo
    ) -> Iterator[RawObservation]:
        """The same, and whether they came to the end."""
        reached = 0
        for observation in observations:
            reached = observation.game_loop or reached
            yield observation
        wanted = self.sampling.observed_loops(info.game_duration_loops)
        self.is_complete &= reached >= wanted - _END_GAME_LOOPS

    def _looked_at(
        self, opening: Sequence[RawObservation], passes: Sequence[ObservedPass], number: int
    ) -> Sequence[ObservedPass]:
        """The passes as the game will play them, after a look at a pass's first observation, if it made one.

        The first pass tells what it can; whether the fog is off, the first one without.
        """
        is_first_open = not passes[number].is_fogged and all(one.is_fogged for one in passes[:number])
        may_tell_fog = is_first_open and self.traits.can_disable_fog
        if not opening or not (number == 0 or may_tell_fog):
            return passes
        found = first_look(opening[0].payload, passes[number], self.known, self.traits)
        self.traits = found if number == 0 else replace(self.traits, can_disable_fog=found.can_disable_fog)
        if may_tell_fog and not self.traits.can_disable_fog:
            return with_fog(passes, Detail(self.settings.detail))
        return passes

    def _give(
        self, observed: ObservedPass, plan: PassPlan, observations: Iterator[RawObservation], names: GameNames
    ) -> None:
        """Gives the rows of one pass."""
        vanished = None if self.traits.dead_units_are_complete else self._vanished
        summary = PassSummary(self.replay_id, observed, partial(self._take_of, observed), vanished)
        tables = ObservationTables(
            self.replay_id,
            observed,
            summary.take,
            detail=Detail(self.settings.detail),
            names=names,
            traits=self.traits,
            sampled_for=plan.sampled_for,
            kept_every=kept_every(self.settings),
        )
        for observation in observations:
            tables.add(observation.payload)
        tables.finish()
        if observed.gives_truth:
            summary.finish(tables.results)

    def _take_of(self, observed: ObservedPass, name: str, batch: pa.RecordBatch) -> None:
        """Gives rows of a pass on: what others saw of units is noted, then told to those units."""
        if name == "unit_sightings" and not observed.gives_truth:
            self._sights.note(observed.player_id, batch)
        self.take(name, self._sights.told(batch) if name == "unit_snapshots" else batch)


def kept_every(settings: Settings) -> dict[str, int]:
    """Least game loops between observations of which tables keep rows, where they need not keep all."""
    return {"map_layers": settings.layers_step_mul, "available_abilities": settings.abilities_step_mul}
