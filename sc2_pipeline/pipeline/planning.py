"""Estimates of time, memory and disk for running replays through the game, before it runs."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from sc2_pipeline.config import SETTINGS, Settings
from sc2_pipeline.errors import ReplayError
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.discovery import Discovery
from sc2_pipeline.pipeline.loop_progress import wanted_loops
from sc2_pipeline.pipeline.map_needs import map_needs, wanted_replays
from sc2_pipeline.pipeline.session import Session, Watch, nobody, open_session
from sc2_pipeline.sources.base import shape_digest
from sc2_pipeline.sources.choose import SourceSpec, heeding_probe, open_source
from sc2_pipeline.sources.sample_moments import planned_observations, possible_fog
from sc2_pipeline.sources.tracker import read_replay
from sc2_pipeline.steps.validate import FACTS_VERSION, ReplayFacts, facts_from_json

START_SECONDS = 15.0
"""Startup time of the game, as reported by users; paid per worker and client build, and after every restart."""

GAME_BYTES = 2 << 30
"""Memory of one game instance, from the rule of thumb in pysc2's replay_actions."""

WORKER_BYTES = 450 << 20
"""Memory of a worker process beside its game: measured maximum."""

SECONDS_PER_LOOP = 0.00144
SECONDS_PER_OBSERVATION = 0.00444
"""Together they give the published speeds: 170 loops a second when observing every loop, 500 when every eighth."""

USUAL_STEP_MUL = int(SETTINGS["step_mul"].default_words)

UNITS_IN_SIGHT = 150
"""Unit rows per observation, averaged over a ladder game."""

BYTES_PER_UNIT_ROW = 3.0
"""Measured: 2 to 2.5, plus orders."""

BYTES_WITHOUT_UNITS = 60.0
"""Measured: an observation and its actions with ``--detail economy``. Map layers of ``full`` are not included."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Speed of one worker and bytes it writes. ``known_from`` says where the numbers come from."""

    loops_per_second: float
    bytes_per_loop: float
    known_from: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedRun:
    """Estimate for a given number of workers."""

    workers: int
    seconds: float
    memory_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Estimate of an extraction through the game.

    Loops count every pass. ``unwanted`` replays break a filter rule; ``missing`` ones need a client that is not
    installed here (they are still included in the plan), ``lacking_maps`` ones a map or a dependency, of which
    ``missing_map_files`` are not here. ``sample`` is the list that decides where the game is observed, ``observations`` how
    often over all passes, also by replay where replays decide it. ``cost`` is the game's time for it, by published
    figures, against that of the usual ``step_mul``.
    """

    files: int
    replays: int
    unreadable: int
    unwanted: int
    missing: int
    lacking_maps: int
    missing_map_files: int
    loops: int
    sample: str
    observations: int
    observations_by_replay: Mapping[str, int]
    cost: float
    disk_bytes: int
    pace: Pace
    runs: tuple[PlannedRun, ...]


def plan(paths: Sequence[Path], settings: Settings, *, watch: Watch = nobody) -> Plan:
    """Estimates from the replays' lobbies, without extracting anything. Raises as :func:`pipeline.run` does.

    A game that cannot disable the fog, as ``probe`` found, is reckoned with the passes that it can do.
    """
    with open_session(settings, command="plan", watch=watch) as session:
        spec = heeding_probe(SourceSpec(name="sc2", settings=session.settings))
        settings = replace(settings, fog=possible_fog(settings, spec.traits).value)
        discovery, readable, wanted = wanted_replays(session, paths)
        maps = map_needs(wanted.values(), session.installs)
        session.manifest.end_run(session.run_id, outcome="finished", counts={"found": len(discovery.replay_ids)})
        loops = {i: wanted_loops(known, settings) for i, known in wanted.items()}
        counts = {} if settings.sampling.is_even else _observations(discovery, loops, settings)
        total = sum(loops.values())
        observations = sum(
            counts.values() if counts else (-(-one // settings.sampling.every) for one in loops.values())
        )
        # There may be no replay to observe, and no `every` in the list.
        spacing = total / observations if counts and observations else float(settings.sampling.every or USUAL_STEP_MUL)
        pace = measured_pace(session, spec) or rule_of_thumb(spacing, settings.detail)
        return Plan(
            files=len(discovery.files),
            replays=len(wanted),
            unreadable=len(discovery.replay_ids) - len(readable),
            unwanted=len(readable) - len(wanted),
            missing=sum(1 for known in wanted.values() if not session.installs.supports(known.base_build)),
            lacking_maps=maps.lacking,
            missing_map_files=len(maps.missing),
            loops=total,
            sample=settings.sampling.text,
            observations=observations,
            observations_by_replay=counts,
            cost=rule_of_thumb(USUAL_STEP_MUL).loops_per_second / rule_of_thumb(spacing).loops_per_second,
            disk_bytes=round(total * pace.bytes_per_loop),
            pace=pace,
            runs=tuple(planned_runs(loops, wanted, pace, settings)),
        )


def _observations(discovery: Discovery, loops: Mapping[str, int], settings: Settings) -> dict[str, int]:
    """Observations of each replay, from its own streams; those of one that cannot be read are reckoned by ``step_mul``."""
    counts = {}
    for replay_id, wanted in loops.items():
        try:
            counts[replay_id] = planned_observations(read_replay(discovery.replays[replay_id], settings), settings)
        except ReplayError:
            counts[replay_id] = -(-wanted // settings.step_mul)
    return counts


def measured_pace(session: Session, spec: SourceSpec) -> Pace | None:
    """Pace of earlier extractions in this home with the same settings; None if there are none."""
    source = open_source(spec)
    digest = shape_digest(source.shapes()["observation"])
    source.close()
    loops, seconds, size = _done_before(session.manifest, digest, session)
    if not loops or not seconds:
        return None
    return Pace(
        loops_per_second=loops / seconds,
        bytes_per_loop=size / loops,
        known_from=f"{loops:,} game loops run with these settings before",
    )


def _done_before(manifest: Manifest, digest: str, session: Session) -> tuple[int, float, int]:
    """Game loops, seconds and bytes of the extractions with those settings."""
    done = manifest.finished_extractions("observation", digest, manifest.replay_ids())
    texts = manifest.lobby_facts(FACTS_VERSION, done)
    facts = {replay_id: facts_from_json(text) for replay_id, text in texts.items()}
    loops = sum(wanted_loops(known, session.settings) for known in facts.values() if isinstance(known, ReplayFacts))
    return loops, sum(done[i].seconds for i in facts), sum(done[i].bytes for i in facts)


def rule_of_thumb(loops_per_observation: float, detail: str = "units") -> Pace:
    """Pace according to published figures."""
    # Each unit is stored once, by its owner's pass, so a pass writes half of the units.
    of_units = 0.0 if detail == "economy" else UNITS_IN_SIGHT / 2 * BYTES_PER_UNIT_ROW
    return Pace(
        loops_per_second=1 / (SECONDS_PER_LOOP + SECONDS_PER_OBSERVATION / loops_per_observation),
        bytes_per_loop=(BYTES_WITHOUT_UNITS + of_units) / loops_per_observation,
        known_from="published figures; nothing was run with these settings before",
    )


def planned_runs(
    loops: Mapping[str, int], facts: Mapping[str, ReplayFacts], pace: Pace, settings: Settings
) -> Iterable[PlannedRun]:
    """Estimates for 1, 2, 4, ... workers, up to the number in the settings."""
    longest = max(loops.values(), default=0) / pace.loops_per_second
    builds = len({(known.base_build, known.data_version) for known in facts.values()})
    count = 1
    while True:
        count = min(count, settings.workers)
        starts = builds + len(loops) // (count * settings.restart_every)
        shared = sum(loops.values()) / pace.loops_per_second / count
        yield PlannedRun(
            workers=count,
            seconds=max(shared, longest) + (starts * START_SECONDS if loops else 0.0),
            memory_bytes=count * (GAME_BYTES + WORKER_BYTES),
        )
        if count == settings.workers:
            return
        count *= 2
