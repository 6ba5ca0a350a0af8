"""Extraction of many replays: which ones need it, which have failed permanently, and the outcome of each attempt."""

import logging
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sc2_pipeline.errors import NOT_STARTED
from sc2_pipeline.lake.bundles import divided
from sc2_pipeline.lake.receipts import standing_folders
from sc2_pipeline.manifest import DEADLY_REASONS, PROCESS_DEATHS, Verdict
from sc2_pipeline.packs import PACK_REASONS
from sc2_pipeline.pipeline.adoption import adopt_observations
from sc2_pipeline.pipeline.discovery import chunks, source_for
from sc2_pipeline.pipeline.loop_progress import LoopProgress, LoopWatch, wanted_loops
from sc2_pipeline.pipeline.manifest_recovery import extraction_of
from sc2_pipeline.pipeline.session import Progress, Session
from sc2_pipeline.pipeline.try_conditions import try_conditions
from sc2_pipeline.sources.base import ReplayFile, shape_digest
from sc2_pipeline.sources.choose import SourceSpec, heeding_probe, open_source
from sc2_pipeline.steps.extract import LAKE_REFUSED, Extracted, ExtractTask, Fault, extract_task
from sc2_pipeline.steps.validate import ReplayFacts
from sc2_pipeline.workers import TASKS_OUT_PER_WORKER, Died

log = logging.getLogger(__name__)

REPLAYS_PER_TASK = 8
"""About 0.4 s of work for the tracker source, so that a killed worker loses little. The game takes one at a time."""

MENDABLE_REASONS = PACK_REASONS | {"map_missing", "map_unreadable", "version_mismatch"}
"""Not cured by another attempt in the same run, but by installing a map, reinstalling a client, probing, or a password."""

MAX_DEATHS = 3
"""A replay is set aside after killing its worker or its game this many times when tried alone."""

MAX_LONE_RUN_DEATHS = 5
"""A replay is also set aside if it was the only one being tried when a whole run died, this many times: a container
killed as a whole for one process's memory leaves no process to report it. Higher than MAX_DEATHS, since a run of one
replay may die by chance."""


def extract_accepted(
    session: Session,
    files: Mapping[str, ReplayFile],
    accepted: Mapping[str, ReplayFacts],
    *,
    tries_again: Collection[str] = (),
) -> Iterator[list[str]]:
    """Extracts accepted replays, each with its source; yields ids once all their parts are extracted.

    Replays that the game observes have their streams decoded first. Faults are recorded. Raises as
    :func:`extract_task`.
    """

    def extracting(name: str, *, needs_tracker: bool = True) -> Extracting:
        spec = SourceSpec(name=name, settings=session.settings, needs_tracker=needs_tracker)
        return Extracting(session, spec, tries_again=tries_again)

    observed = {i: facts for i, facts in accepted.items() if source_for(session, facts) == "sc2"}
    if plain := {i: facts for i, facts in accepted.items() if i not in observed}:
        yield from extracting("tracker").extract(files, plain)
    if observed:
        decoded: set[str] = set()
        streams = extracting("tracker", needs_tracker=False)
        for extracted in streams.extract(files, observed, unfinished=observed, stage="decode"):
            decoded.update(extracted)
        game = extracting("sc2")
        yield from game.extract(files, {i: facts for i, facts in observed.items() if i in decoded})
        yield from _without_game(session, game, files, observed)


def _without_game(
    session: Session, game: "Extracting", files: Mapping[str, ReplayFile], observed: Mapping[str, ReplayFacts]
) -> Iterator[list[str]]:
    """Reads by the tracker alone, with source ``auto``, the replays whose game did not start; else they have failed."""
    fault, unplayed = session.game_starts.fault(), game.unplayed
    if session.settings.source == "auto" and unplayed:
        log.warning("%s; %d replays are read by the tracker alone", fault or "the game did not start", len(unplayed))
        spec = SourceSpec(name="tracker", settings=session.settings)
        yield from Extracting(session, spec).extract(files, {i: observed[i] for i in sorted(unplayed)})
        return
    session.manifest.record_verdicts(
        _failed(i, NOT_STARTED, said or f"not tried: {fault}", is_retryable=True)
        for i, said in sorted(unplayed.items())
    )


class Extracting:
    """Extraction of a run's accepted replays through one source.

    ``digests`` are those of the settings by part; attempts are counted per ``counted_under``, which has the limits and the install
    too. ``tries_again`` are reasons for which permanent failures are tried again too, because a user asks for it.
    ``unplayed`` are replays whose game did not start, or was not launched any more, with what is known of that; their
    verdict is left to the caller.
    """

    def __init__(self, session: Session, spec: SourceSpec, *, tries_again: Collection[str] = ()) -> None:
        self._session = session
        self._spec = heeding_probe(spec)
        self._tries_again = tries_again
        source = open_source(self._spec)
        self.digests = {part: shape_digest(shape) for part, shape in source.shapes().items()}
        source.close()
        self.counted_under = f"{'-'.join(self.digests.values())}@{shape_digest(try_conditions(session, self._spec))}"
        self._compacted: dict[str, dict[str, Path]] = {}
        self._bundled: dict[str, dict[str, str]] = {}
        self._unfinished: frozenset[str] = frozenset()
        self._done = self._total = 0
        self._attempts: dict[str, int] = {}
        self._deaths: Counter[str] = Counter()
        self._process_deaths: Counter[str] = Counter()
        self._builds: dict[str, int] = {}
        self.unplayed: dict[str, str] = {}

    def extract(
        self,
        replays: Mapping[str, ReplayFile],
        accepted: Mapping[str, ReplayFacts],
        *,
        unfinished: Collection[str] = (),
        stage: str = "extract",
    ) -> Iterator[list[str]]:
        """Extracts accepted replays that are not extracted yet; yields ids as they finish, first those already
        extracted.

        ``unfinished`` are replays that need another source too before they count as extracted. Faults are recorded.
        Stops early and cleanly if the caller stops iterating.
        """
        self._unfinished = frozenset(unfinished)
        standing, waiting = self._divided(accepted)
        yield standing
        self._done, self._total = len(standing), len(standing) + len(waiting)
        self._builds = {i: accepted[i].base_build for i in waiting}
        with self._watched({i: accepted[i] for i in waiting}) as finished_with:
            self.unplayed = dict.fromkeys(waiting, "") if self._spec.name == "sc2" else {}
            for outcomes in self._tried([replays[i] for i in waiting]):
                self._done += len(outcomes)
                self._note_played(outcomes)
                finished_with([outcome.replay_id for outcome in outcomes])
                self._session.watch(Progress(stage=stage, done=self._done, total=self._total))
                yield [outcome.replay_id for outcome in outcomes if isinstance(outcome, Extracted)]

    def _note_played(self, outcomes: Iterable[Extracted | Fault]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Fault) and outcome.reason == NOT_STARTED:
                self.unplayed[outcome.replay_id] = outcome.detail
            else:
                self.unplayed.pop(outcome.replay_id, None)

    @contextmanager
    def _watched(self, waiting: Mapping[str, ReplayFacts]) -> Iterator[Callable[[Collection[str]], None]]:
        """Reports progress while the game runs; yields a function to call with the ids of finished replays."""
        session = self._session
        if self._spec.name == "tracker" or not waiting:
            yield lambda _: None
            return

        def tell(loops: LoopProgress) -> None:
            session.watch(Progress(stage="extract", done=self._done, total=self._total, loops=loops))

        wanted = {replay_id: wanted_loops(facts, session.settings) for replay_id, facts in waiting.items()}
        with LoopWatch(session.home.work_notes, wanted, tell) as watch:
            yield watch.finished

    def _divided(self, accepted: Mapping[str, ReplayFacts]) -> tuple[list[str], list[str]]:
        """Ids of replays with all parts extracted, and of those to try, in the order in which to try them."""
        manifest = self._session.manifest
        standing = self._standing(accepted)
        for part, digest in self.digests.items():
            manifest.make_current(part, digest, standing)
        if "streams" in self.digests and "solved" not in self.digests:
            manifest.make_current("solved", None, accepted)
        manifest.end_attempts_of_dead_runs(self._session.run_id, accepted)
        past = manifest.last_attempts(self._spec.name, self.counted_under, accepted)
        final = {i: verdict for i in accepted.keys() - set(standing) if (verdict := _final_verdict(i, past.get(i)))}
        again = {i for i, verdict in final.items() if verdict.reason in self._tries_again}
        manifest.forgive_attempts(self._spec.name, self.counted_under, again)
        self._deaths.update({i: last["deaths"] for i, last in past.items() if i not in again})
        self._process_deaths.update({i: last["process_deaths"] for i, last in past.items()})
        manifest.record_verdicts(verdict for i, verdict in final.items() if i not in again)
        waiting = accepted.keys() - set(standing) - (final.keys() - again)

        for file in manifest.compacted_files(waiting):
            if self.digests.get(file.part) == file.settings_digest:
                path = self._session.home.root.absolute() / file.path
                self._compacted.setdefault(file.replay_id, {})[file.table_name] = path
        for part, digest in self.digests.items():
            for e in manifest.finished_extractions(part, digest, waiting).values():
                self._bundled.setdefault(e.replay_id, {})[divided(e.folder)[1]] = e.folder
        return standing, self.in_order({i: accepted[i] for i in waiting})

    def in_order(self, waiting: Mapping[str, ReplayFacts]) -> list[str]:
        """Ids by client build; what the game plays longest comes first, of the builds and within each, so that a run
        does not end with all workers but one idle."""
        is_played = self._spec.name != "tracker"
        loops = {i: wanted_loops(facts, self._session.settings) if is_played else 0 for i, facts in waiting.items()}
        versions = {i: (facts.base_build, facts.data_version or "") for i, facts in waiting.items()}
        longest: dict[tuple[int, str], int] = {}
        for replay_id, version in versions.items():
            longest[version] = max(longest.get(version, 0), loops[replay_id])
        return sorted(waiting, key=lambda i: (-longest[versions[i]], versions[i], -loops[i], i))

    def _standing(self, accepted: Collection[str]) -> list[str]:
        manifest, lake = self._session.manifest, self._session.lake
        standing = list(accepted)
        for part, digest in self.digests.items():
            if part == "observation":
                adopt_observations(manifest, lake, digest, standing)
            folders = manifest.finished_extractions(part, digest, standing)
            there = standing_folders(lake, [extraction.folder for extraction in folders.values()])
            standing = [i for i in standing if i in folders and folders[i].folder in there]
        return standing

    def _tried(self, replays: Sequence[ReplayFile]) -> Iterator[list[Extracted | Fault]]:
        """Final outcomes: transient faults are retried, each replay alone, until its attempts are used up."""
        by_id = {replay.replay_id: replay for replay in replays}
        for tries_left in reversed(range(self._session.settings.tries)):
            again: list[ReplayFile] = []
            for outcomes in self._each_tried(replays):
                passing = {o.replay_id for o in outcomes if isinstance(o, Fault) and self._may_pass(o, tries_left)}
                again += [by_id[replay_id] for replay_id in sorted(passing)]
                yield self._ended(outcomes, passing)
            replays = again

    def _may_pass(self, fault: Fault, tries_left: int) -> bool:
        self._deaths[fault.replay_id] += fault.reason in DEADLY_REASONS
        self._process_deaths[fault.replay_id] += fault.reason in PROCESS_DEATHS
        return fault.is_retryable and tries_left > 0 and self._deaths[fault.replay_id] < MAX_DEATHS

    def _each_tried(self, replays: Sequence[ReplayFile]) -> Iterator[list[Extracted | Fault]]:
        # Fewest deaths first: a replay that ends every run that tries it must not keep the others waiting.
        alone = sorted(filter(self._is_suspect, replays), key=lambda replay: self._process_deaths[replay.replay_id])
        tasks = self._tasks([replay for replay in replays if not self._is_suspect(replay)])
        workers = self._session.workers
        # A few light tasks run in this process, which a replay that killed its process must not enter again.
        are_light = self._spec.name == "tracker" and not any(map(self._died, replays))
        gate = partial(workers.run, extract_task, on_end=self._note_start, is_wanted=self._is_playable)
        ahead = self._tasks_ahead
        for task, result in gate(tasks, on_start=self._begin, are_light=are_light, tasks_ahead=ahead):
            if isinstance(result, Died):
                alone += task.replays
                self._end_neighbours(task)
                continue
            yield result
        tasks = [self._task((replay,)) for replay in alone]
        for task, result in gate(tasks, on_start=self._begin_alone, one_at_a_time=True):
            yield _death(task) if isinstance(result, Died) else result

    def _is_playable(self, task: ExtractTask) -> bool:
        """Whether the task needs no game, or one that has not failed to start too often."""
        return self._spec.name == "tracker" or not self._session.game_starts.is_paused(self._build(task))

    def _note_start(self, task: ExtractTask, result: list[Extracted | Fault] | Died) -> None:
        if self._spec.name != "tracker" and not isinstance(result, Died):
            self._session.game_starts.note(self._build(task), result)

    def _build(self, task: ExtractTask) -> int:
        return self._builds[task.replays[0].replay_id]

    def _tasks_ahead(self) -> int:
        """Tasks for each worker: one while it is in doubt whether the game starts, so that few starts are in vain."""
        is_doubtful = self._spec.name != "tracker" and self._session.game_starts.are_doubtful
        return 1 if is_doubtful else TASKS_OUT_PER_WORKER

    def _is_suspect(self, replay: ReplayFile) -> bool:
        """Whether to try it last and alone, so that a death can be attributed to it.

        With worker processes one dead run is no evidence: had a replay killed its worker, the run would have continued.
        """
        return self._process_deaths[replay.replay_id] > (1 if self._session.workers.are_processes else 0)

    def _end_neighbours(self, task: ExtractTask) -> None:
        """Records that one of these replays killed the process; trying each alone will show which."""
        detail = "the worker process died under this replay or one beside it; each is tried again alone"
        self._session.manifest.end_attempts(
            (self._attempts[replay.replay_id], "worker_died", detail, True) for replay in task.replays
        )

    def _tasks(self, replays: Sequence[ReplayFile]) -> list[ExtractTask]:
        """Tasks of several replays each; a replay that killed its process before gets a task of its own."""
        size = REPLAYS_PER_TASK if self._spec.name == "tracker" else 1
        innocent = [replay for replay in replays if not self._died(replay)]
        suspect = [replay for replay in replays if self._died(replay)]
        return [self._task(chunk) for chunk in (*chunks(innocent, size), *chunks(suspect, 1))]

    def _died(self, replay: ReplayFile) -> int:
        return self._deaths[replay.replay_id] + self._process_deaths[replay.replay_id]

    def _task(self, replays: tuple[ReplayFile, ...]) -> ExtractTask:
        ids = [replay.replay_id for replay in replays]
        return ExtractTask(
            owner=self._session.run_id,
            spec=self._spec,
            lake=self._session.lake,
            replays=replays,
            compacted={i: self._compacted[i] for i in ids if i in self._compacted},
            bundled={folder: place for i in ids for folder, place in self._bundled.get(i, {}).items()},
        )

    def _begin(self, task: ExtractTask, *, is_alone: bool = False) -> None:
        ids = [replay.replay_id for replay in task.replays]
        self._attempts |= self._session.manifest.begin_attempts(
            self._session.run_id,
            source=self._spec.name,
            settings_digest=self.counted_under,
            replay_ids=ids,
            is_alone=is_alone,
        )

    def _begin_alone(self, task: ExtractTask) -> None:
        self._begin(task, is_alone=True)

    def _ended(self, outcomes: list[Extracted | Fault], passing: Collection[str]) -> list[Extracted | Fault]:
        """Records the outcomes of attempts; returns the final ones, without ``passing`` faults, which are retried.

        Raises LakeError if an attempt failed because of the lake and the lake is still not writable.
        """
        manifest = self._session.manifest
        extracted = [outcome for outcome in outcomes if isinstance(outcome, Extracted)]
        faults = [outcome for outcome in outcomes if isinstance(outcome, Fault)]
        manifest.record_extractions(extraction_of(receipt) for outcome in extracted for receipt in outcome.receipts)
        manifest.end_attempts(
            [
                *((self._attempts[e.replay_id], "extracted", None, False) for e in extracted),
                *((self._attempts[f.replay_id], f.reason, f.detail, f.is_retryable) for f in faults),
            ]
        )
        folders = {self._attempts[f.replay_id]: f.folder for f in faults if f.folder is not None}
        if folders:
            manifest.record_fault_folders(folders)
        manifest.record_verdicts(
            [
                *(
                    Verdict(replay_id=e.replay_id, status="extracted", stage="extract")
                    for e in extracted
                    if e.replay_id not in self._unfinished
                ),
                *(
                    _failed(f.replay_id, f.reason, f.detail, f.is_retryable)
                    for f in faults
                    if f.replay_id not in passing and f.reason != NOT_STARTED
                ),
            ]
        )
        if any(fault.reason == LAKE_REFUSED for fault in faults):
            self._session.lake.check()
        return [outcome for outcome in outcomes if outcome.replay_id not in passing]


def _final_verdict(replay_id: str, last: Mapping[str, Any] | None) -> Verdict | None:
    """Verdict for a replay that must not be tried again; None if it may be."""
    if last is None or last["is_forgiven"]:
        return None
    why = _why_set_aside(last)
    if why is not None:
        reason = last["outcome"] if last["outcome"] in DEADLY_REASONS else "killed_workers"
        detail = f"{why}; set aside (another limit, another install or `run --retry-failed {reason}` tries it again)"
        return _failed(replay_id, reason, detail, is_retryable=False)
    if last["outcome"] in (None, "extracted", *MENDABLE_REASONS) or last["is_retryable"]:
        return None
    return _failed(replay_id, last["outcome"], str(last["detail"]), is_retryable=False)


def _why_set_aside(last: Mapping[str, Any]) -> str | None:
    if last["deaths"] >= MAX_DEATHS:
        said = f"; the last: {last['detail']}" if last["outcome"] in DEADLY_REASONS else ""
        return f"{last['deaths']} tries killed their worker process or their game, with no other replay in it{said}"
    if last["lone_run_deaths"] >= MAX_LONE_RUN_DEATHS:
        return f"{last['lone_run_deaths']} whole runs died while this replay was all they tried"
    return None


def _death(task: ExtractTask) -> list[Extracted | Fault]:
    return [
        Fault(
            replay_id=replay.replay_id,
            reason="killed_workers",
            detail=f"extracting {replay.name} killed its worker process, tried alone as well",
            is_retryable=True,
        )
        for replay in task.replays
    ]


def _failed(replay_id: str, reason: str, detail: str, is_retryable: bool) -> Verdict:
    return Verdict(
        replay_id=replay_id, status="failed", stage="extract", reason=reason, detail=detail, is_retryable=is_retryable
    )
