"""Extract over many replays: who needs it, who has failed for good, and what became of each try."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, replace

from sc2_pipeline.manifest import DEADLY_REASONS, Extraction, Verdict
from sc2_pipeline.pipeline.finding import chunks
from sc2_pipeline.pipeline.loop_progress import LoopProgress, LoopWatch, wanted_loops
from sc2_pipeline.pipeline.session import Progress, Session
from sc2_pipeline.sources.base import ReplayFile, shape_digest
from sc2_pipeline.sources.choose import SourceSpec, heeding_probe, open_source
from sc2_pipeline.steps.extract import LAKE_REFUSED, ExtractTask, Fault, Receipt, extract_task, standing_folders
from sc2_pipeline.steps.validate import ReplayFacts
from sc2_pipeline.workers import Died

REPLAYS_PER_TASK = 8
"""Of the tracker source, some 0.4 s of work: little is lost with a killed worker. The game takes one at a time."""

MENDABLE_REASONS = frozenset({"map_missing", "version_mismatch"})
"""What another try in the same run does not cure, and a map put in its place, a client reinstalled or a probe does."""

MAX_DEATHS = 3
"""A replay that took its worker or its game with it this often is set aside."""


class Extracting:
    """The extraction of one run's accepted replays through one source.

    ``tries_again``: also what failed for good before, because somebody who saw the reason asks for it.
    """

    def __init__(self, session: Session, spec: SourceSpec, *, tries_again: bool = False) -> None:
        self._session = session
        self._spec = heeding_probe(spec)
        self._tries_again = tries_again
        source = open_source(self._spec)
        self.settings = shape_digest(source.shape())
        source.close()
        self._done = self._total = 0
        self._attempts: dict[str, int] = {}
        self._deaths: dict[str, int] = {}

    def extract(self, replays: Mapping[str, ReplayFile], accepted: Mapping[str, ReplayFacts]) -> Iterator[list[str]]:
        """Extracts the accepted replays that are not yet; gives ids as they are extracted, those that were at once.

        Faults are recorded. Ends early, and cleanly, where the caller stops asking.
        """
        standing, waiting = self._divided(accepted)
        yield standing
        self._done, self._total = len(standing), len(standing) + len(waiting)
        with self._watched({i: accepted[i] for i in waiting}) as finished_with:
            for outcomes in self._tried([replays[i] for i in waiting]):
                self._done += len(outcomes)
                finished_with([outcome.replay_id for outcome in outcomes])
                self._session.watch(Progress(stage="extract", done=self._done, total=self._total))
                yield [outcome.replay_id for outcome in outcomes if isinstance(outcome, Receipt)]

    @contextmanager
    def _watched(self, waiting: Mapping[str, ReplayFacts]) -> Iterator[Callable[[Collection[str]], None]]:
        """While the game runs them, tells how far it is; gives what to call with replays that are done with."""
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
        """Replays whose folder stands, and those to try, by client build."""
        manifest = self._session.manifest
        folders = manifest.finished_extractions(self._spec.name, self.settings, accepted)
        there = standing_folders(self._session.lake, [extraction.folder for extraction in folders.values()])
        standing = [i for i in accepted if i in folders and folders[i].folder in there]
        manifest.make_current(self._spec.name, self.settings, standing)
        past = manifest.last_attempts(self._spec.name, self.settings, accepted)
        self._deaths = {replay_id: int(last["deaths"] or 0) for replay_id, last in past.items()}
        waiting = []
        given_up = []
        for replay_id in accepted.keys() - set(standing):
            verdict = None if self._tries_again else _final_verdict(replay_id, past.get(replay_id))
            if verdict is None:
                waiting.append(replay_id)
            else:
                given_up.append(verdict)
        manifest.record_verdicts(given_up)

        def order(replay_id: str) -> tuple[int, str, str]:
            facts = accepted[replay_id]
            return facts.base_build, facts.data_version or "", replay_id

        return standing, sorted(waiting, key=order)

    def _tried(self, replays: Sequence[ReplayFile]) -> Iterator[list[Receipt | Fault]]:
        """Outcomes that stand: faults that may pass are tried again, each alone, until the tries are used up."""
        by_id = {replay.replay_id: replay for replay in replays}
        for tries_left in reversed(range(self._session.settings.tries)):
            again: list[ReplayFile] = []
            for outcomes in self._each_tried(replays):
                passing = {o.replay_id for o in outcomes if isinstance(o, Fault) and self._may_pass(o, tries_left)}
                again += [by_id[replay_id] for replay_id in sorted(passing)]
                yield self._ended(outcomes, passing)
            replays = again

    def _may_pass(self, fault: Fault, tries_left: int) -> bool:
        self._deaths[fault.replay_id] = self._deaths.get(fault.replay_id, 0) + (fault.reason in DEADLY_REASONS)
        return fault.is_retryable and tries_left > 0 and self._deaths[fault.replay_id] < MAX_DEATHS

    def _each_tried(self, replays: Sequence[ReplayFile]) -> Iterator[list[Receipt | Fault]]:
        deadly: list[ExtractTask] = []
        are_light = self._spec.name == "tracker"
        tasks = self._tasks(replays)
        for task, result in self._session.workers.run(extract_task, tasks, on_start=self._begin, are_light=are_light):
            if isinstance(result, Died):
                deadly += [replace(task, replays=(replay,)) for replay in task.replays]
                self._end_neighbours(task)
                continue
            yield result
        for task, result in self._session.workers.run(extract_task, deadly, on_start=self._begin, one_at_a_time=True):
            yield _death(task) if isinstance(result, Died) else result

    def _end_neighbours(self, task: ExtractTask) -> None:
        """One of these killed the process; which one, they show when each is tried alone."""
        detail = "the worker process died under this replay or one beside it; each is tried again alone"
        self._session.manifest.end_attempts(
            (self._attempts[replay.replay_id], "worker_died", detail, True) for replay in task.replays
        )

    def _tasks(self, replays: Sequence[ReplayFile]) -> list[ExtractTask]:
        """Tasks of several replays each; one that took its process with it before has a task of its own."""
        size = REPLAYS_PER_TASK if self._spec.name == "tracker" else 1
        innocent = [replay for replay in replays if not self._deaths.get(replay.replay_id)]
        suspect = [replay for replay in replays if self._deaths.get(replay.replay_id)]
        return [
            ExtractTask(spec=self._spec, lake=self._session.lake, replays=chunk)
            for chunk in (*chunks(innocent, size), *chunks(suspect, 1))
        ]

    def _begin(self, task: ExtractTask) -> None:
        ids = [replay.replay_id for replay in task.replays]
        self._attempts |= self._session.manifest.begin_attempts(
            self._session.run_id, source=self._spec.name, settings=self.settings, replay_ids=ids
        )

    def _ended(self, outcomes: list[Receipt | Fault], passing: Collection[str]) -> list[Receipt | Fault]:
        """Records how tries ended; gives the outcomes that stand, not the ``passing`` faults that are tried again.

        Raises LakeError where a try failed for the lake and the lake takes nothing any more.
        """
        manifest = self._session.manifest
        receipts = [outcome for outcome in outcomes if isinstance(outcome, Receipt)]
        faults = [outcome for outcome in outcomes if isinstance(outcome, Fault)]
        manifest.record_extractions(_extraction(receipt) for receipt in receipts)
        manifest.end_attempts(
            [
                *((self._attempts[r.replay_id], "extracted", None, False) for r in receipts),
                *((self._attempts[f.replay_id], f.reason, f.detail, f.is_retryable) for f in faults),
            ]
        )
        manifest.record_verdicts(
            [
                *(Verdict(replay_id=r.replay_id, status="extracted", stage="extract") for r in receipts),
                *(
                    _failed(f.replay_id, f.reason, f.detail, f.is_retryable)
                    for f in faults
                    if f.replay_id not in passing
                ),
            ]
        )
        if any(fault.reason == LAKE_REFUSED for fault in faults):
            self._session.lake.check()
        return [outcome for outcome in outcomes if outcome.replay_id not in passing]


def _final_verdict(replay_id: str, last: Mapping[str, object] | None) -> Verdict | None:
    """The standing of a replay that is not to be tried again; None when it is."""
    if last is None:
        return None
    deaths = int(str(last["deaths"] or 0))
    if deaths >= MAX_DEATHS:
        reason = str(last["outcome"] or "killed_workers")
        why = f"{deaths} tries killed their process or never came back; the last: {last['detail'] or 'never came back'}"
        return _failed(
            replay_id, reason, f"{why}; set aside (other settings or a fresh home try it again)", is_retryable=False
        )
    if last["outcome"] in (None, "extracted", *MENDABLE_REASONS) or last["is_retryable"]:
        return None
    return _failed(replay_id, str(last["outcome"]), str(last["detail"]), is_retryable=False)


def _death(task: ExtractTask) -> list[Receipt | Fault]:
    return [
        Fault(
            replay_id=replay.replay_id,
            reason="killed_workers",
            detail=f"extracting {replay.path.name} killed its worker process, tried alone as well",
            is_retryable=True,
        )
        for replay in task.replays
    ]


def _failed(replay_id: str, reason: str, detail: str, is_retryable: bool) -> Verdict:
    return Verdict(
        replay_id=replay_id, status="failed", stage="extract", reason=reason, detail=detail, is_retryable=is_retryable
    )


def _extraction(receipt: Receipt) -> Extraction:
    return Extraction(**{**asdict(receipt), "rows": sum(receipt.rows.values())})
