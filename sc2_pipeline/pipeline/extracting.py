"""Extract over many replays: who needs it, who has failed for good, and what became of each try."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict

from sc2_pipeline.manifest import Extraction, Verdict
from sc2_pipeline.pipeline.finding import chunks
from sc2_pipeline.pipeline.session import Progress, Session
from sc2_pipeline.sources.base import ReplayFile, shape_digest
from sc2_pipeline.sources.choose import SourceSpec, open_source
from sc2_pipeline.steps.extract import ExtractTask, Fault, Receipt, extract_task, finished
from sc2_pipeline.steps.validate import ReplayFacts
from sc2_pipeline.workers import Died

REPLAYS_PER_TASK = 8
"""Some 0.4 s of work: little is lost with a killed worker."""

MAX_DEATHS = 3
"""A replay whose tries never came back this often is set aside."""


class Extracting:
    """The extraction of one run's accepted replays through one source."""

    def __init__(self, session: Session, spec: SourceSpec) -> None:
        self._session = session
        self._spec = spec
        source = open_source(spec)
        self.settings = shape_digest(source.shape())
        source.close()
        self._attempts: dict[str, int] = {}

    def extract(self, replays: Mapping[str, ReplayFile], accepted: Mapping[str, ReplayFacts]) -> Iterator[list[str]]:
        """Extracts the accepted replays that are not yet; gives ids as they are extracted, those that were at once.

        Faults are recorded. Ends early, and cleanly, where the caller stops asking.
        """
        standing, waiting = self._divided(accepted)
        yield standing
        done = len(standing)
        total = done + len(waiting)
        for outcomes in self._tried([replays[i] for i in waiting]):
            done += len(outcomes)
            self._session.watch(Progress(stage="extract", done=done, total=total))
            yield [outcome.replay_id for outcome in outcomes if isinstance(outcome, Receipt)]

    def _divided(self, accepted: Mapping[str, ReplayFacts]) -> tuple[list[str], list[str]]:
        """Replays whose folder stands, and those to try: by client build, then those that killed a try before."""
        manifest = self._session.manifest
        folders = manifest.finished_extractions(self._spec.name, self.settings, accepted)
        standing = [i for i in accepted if i in folders and finished(self._session.home.lake, folders[i].folder)]
        past = manifest.last_attempts(self._spec.name, self.settings, accepted)
        waiting = []
        given_up = []
        for replay_id in accepted.keys() - set(standing):
            verdict = _final_verdict(replay_id, past.get(replay_id))
            if verdict is None:
                waiting.append(replay_id)
            else:
                given_up.append(verdict)
        self._record(given_up)

        def order(replay_id: str) -> tuple[bool, int, str, str]:
            facts = accepted[replay_id]
            died = bool(past.get(replay_id, {}).get("deaths"))
            return died, facts.base_build, facts.data_version or "", replay_id

        return standing, sorted(waiting, key=order)

    def _tried(self, replays: Sequence[ReplayFile]) -> Iterator[list[Receipt | Fault]]:
        deadly: list[ExtractTask] = []
        are_light = self._spec.name == "tracker"
        tasks = self._tasks(replays)
        for task, result in self._session.workers.run(extract_task, tasks, on_start=self._begin, are_light=are_light):
            if isinstance(result, Died):
                deadly += self._tasks(task.replays, size=1)
                continue
            yield self._ended(result)
        for task, result in self._session.workers.run(extract_task, deadly, on_start=self._begin, one_at_a_time=True):
            yield self._ended(_death(task) if isinstance(result, Died) else result)

    def _tasks(self, replays: Sequence[ReplayFile], size: int = REPLAYS_PER_TASK) -> list[ExtractTask]:
        lake = self._session.home.lake.absolute()
        return [ExtractTask(spec=self._spec, lake=lake, replays=chunk) for chunk in chunks(replays, size)]

    def _begin(self, task: ExtractTask) -> None:
        ids = [replay.replay_id for replay in task.replays]
        self._attempts |= self._session.manifest.begin_attempts(
            self._session.run_id, source=self._spec.name, settings=self.settings, replay_ids=ids
        )

    def _ended(self, outcomes: list[Receipt | Fault]) -> list[Receipt | Fault]:
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
        self._record(
            [
                *(Verdict(replay_id=r.replay_id, status="extracted", stage="extract") for r in receipts),
                *(_failed(f.replay_id, f.reason, f.detail, f.is_retryable) for f in faults),
            ]
        )
        return outcomes

    def _record(self, verdicts: Iterable[Verdict]) -> None:
        verdicts = list(verdicts)
        self._session.manifest.record_verdicts(verdicts)
        self._session.touched.update(verdict.replay_id for verdict in verdicts)


def _final_verdict(replay_id: str, last: Mapping[str, object] | None) -> Verdict | None:
    """The standing of a replay that is not to be tried again; None when it is."""
    if last is None:
        return None
    deaths = int(str(last["deaths"] or 0))
    if deaths >= MAX_DEATHS:
        detail = f"{deaths} tries never came back; set aside (give it a fresh home to try once more)"
        return _failed(replay_id, "killed_workers", detail, is_retryable=False)
    if last["outcome"] in (None, "extracted", "killed_workers") or last["is_retryable"]:
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
