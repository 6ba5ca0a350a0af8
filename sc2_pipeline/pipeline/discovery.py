"""Discovery and validation of many files, recorded in the manifest."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TypeVar

from sc2_pipeline.extras import is_installed
from sc2_pipeline.manifest import Verdict
from sc2_pipeline.packs import file_name, packs_around, split_path
from sc2_pipeline.pipeline.session import Progress, Session
from sc2_pipeline.sc2_client.installs import missing_build
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.steps.discover import (
    FoundFile,
    IdentifyTask,
    identify,
    identify_task,
    is_known,
    replay_paths,
    shown_path,
    unreadable,
)
from sc2_pipeline.steps.replay_faults import ReplayFault, replay_fault
from sc2_pipeline.steps.validate import (
    FACTS_VERSION,
    FactsTask,
    ReplayFacts,
    RuleOutcome,
    UnreadableFacts,
    facts_from_json,
    has_tracker_stream,
    playable_here,
    read_facts_task,
    rule_outcomes,
)
from sc2_pipeline.workers import Died

REPLAYS_PER_TASK = 16
"""Reading a lobby takes about 10 ms, submitting a task about 3."""

Item = TypeVar("Item")
Task = TypeVar("Task")
Result = TypeVar("Result")


@dataclass(frozen=True, slots=True, kw_only=True)
class Discovery:
    """Result of discovery: every path, and the readable replays by id (duplicates once)."""

    files: tuple[FoundFile, ...]
    replays: dict[str, ReplayFile]

    @property
    def replay_ids(self) -> tuple[str, ...]:
        """Ids of all replays found, readable or not, without repeats, in the order found."""
        return tuple(dict.fromkeys(file.replay_id for file in self.files))


def discover(session: Session, paths: Sequence[Path]) -> Discovery:
    """Finds the replays under ``paths``, identifies them by their bytes and records every path."""
    files = _identified(session, list(replay_paths(paths, session.settings.pack_password)))
    opened = {shown_path(pack) for file in files for pack in packs_around(file.path)}
    rows = (
        {
            "path": file.shown_path,
            "replay_id": file.replay_id,
            "sha256": file.sha256,
            "file_bytes": file.file_bytes,
            "modified_ns": file.modified_ns,
        }
        for file in files
    )
    session.manifest.record_files(rows, opened=opened)
    unreadable = [file for file in files if file.reason is not None]
    session.manifest.record_verdicts(
        Verdict(
            replay_id=file.replay_id,
            status="failed",
            stage="discover",
            reason=file.reason,
            detail=file.detail,
            is_retryable=True,
        )
        for file in unreadable
    )
    replays = {
        file.replay_id: ReplayFile(replay_id=file.replay_id, sha256=file.sha256, path=file.path)
        # Of several paths the first, but rather a file than a member of a pack, which costs more to read.
        for file in sorted(files, key=lambda file: split_path(file.path) is not None)[::-1]
        if file.sha256 is not None
    }
    return Discovery(files=tuple(files), replays={i: replays[i] for i in sorted(replays)})


def _identified(session: Session, candidates: Sequence[Path]) -> list[FoundFile]:
    """Every path identified, in the order given; members of packs that must be read, by the workers."""
    password = session.settings.pack_password
    known = session.manifest.known_files([shown_path(path) for path in candidates])
    to_read = {path for path in candidates if split_path(path) is not None and not is_known(path, known, password)}
    found: dict[Path, FoundFile] = {}

    def take(files: Sequence[FoundFile]) -> None:
        found.update({file.path: file for file in files})
        session.watch(Progress(stage="discover", done=len(found), total=len(candidates)))

    for path in candidates:
        if path not in to_read:
            take([identify(path, known, password)])
    in_order = [path for path in candidates if path in to_read]
    tasks = [IdentifyTask(paths=chunk, password=password) for chunk in chunks(in_order, REPLAYS_PER_TASK)]
    for files in _results(session, identify_task, tasks, _identified_alone, _deadly_file):
        take(files)
    return [found[path] for path in candidates]


def _identified_alone(task: IdentifyTask) -> list[IdentifyTask]:
    return [replace(task, paths=(path,)) for path in task.paths]


def _deadly_file(task: IdentifyTask) -> list[FoundFile]:
    return [unreadable(path, "killed_workers", _killed(file_name(path))) for path in task.paths]


def _killed(name: str) -> str:
    return f"reading {name} killed its worker process; please report it"


def validate(session: Session, replays: Sequence[ReplayFile]) -> dict[str, ReplayFacts]:
    """Applies the session's filters to every replay; returns the facts of the accepted ones, in the order given."""
    facts = read_facts(session, replays)
    standing = session.manifest.replays(facts)
    verdicts: list[Verdict] = []
    outcomes: list[tuple[str, RuleOutcome]] = []
    accepted: dict[str, ReplayFacts] = {}
    for replay in replays:
        known = facts[replay.replay_id]
        answers = _answers(session, replay, known)
        verdict: Verdict | None
        if isinstance(known, UnreadableFacts):
            verdict = _failed(replay, known)
        elif isinstance(answers, ReplayFault):
            verdict = _failed(replay, answers)
        else:
            outcomes += [(replay.replay_id, answer) for answer in answers]
            verdict = _judged(replay, answers, standing[replay.replay_id])
            if all(answer.passed for answer in answers):
                accepted[replay.replay_id] = known
        if verdict is not None:
            verdicts.append(verdict)
    session.manifest.record_rule_outcomes(
        session.filters.digest_text, [(i, o.rule, o.passed, o.observed, o.wanted) for i, o in outcomes]
    )
    session.manifest.record_verdicts(verdicts)
    return accepted


def _answers(
    session: Session, replay: ReplayFile, facts: ReplayFacts | UnreadableFacts
) -> list[RuleOutcome] | ReplayFault:
    if isinstance(facts, UnreadableFacts):
        return []
    try:
        return _rule_outcomes(session, facts)
    except Exception as error:  # noqa: BLE001 - the border of one replay's work: the others are judged all the same
        return replay_fault(replay.replay_id, error)


def _rule_outcomes(session: Session, facts: ReplayFacts) -> list[RuleOutcome]:
    answers = rule_outcomes(facts, session.filters)
    if source_for(session, facts) == "sc2":
        missing = missing_build(facts.base_build, session.installs)
        answers.append(playable_here(facts, session.installs.builds, missing))
    else:
        answers.append(has_tracker_stream(facts))
    return answers


def source_for(session: Session, facts: ReplayFacts) -> str:
    """The source that extracts a replay: ``auto`` takes sc2 if a client of its base build is installed."""
    if session.settings.source != "auto":
        return session.settings.source
    is_playable = is_installed("game") and session.installs.supports(facts.base_build)
    return "sc2" if is_playable else "tracker"


def _failed(replay: ReplayFile, fault: UnreadableFacts | ReplayFault) -> Verdict:
    return Verdict(
        replay_id=replay.replay_id, status="failed", stage="validate", reason=fault.reason, detail=fault.detail
    )


def _judged(replay: ReplayFile, answers: Sequence[RuleOutcome], row: dict[str, object]) -> Verdict | None:
    broken = [answer for answer in answers if not answer.passed]
    if broken:
        first = broken[0]
        detail = "; ".join(f"{answer.observed} (wanted: {answer.wanted})" for answer in broken)
        return Verdict(
            replay_id=replay.replay_id, status="rejected", stage="validate", reason=first.rule, detail=detail
        )
    was_never_extracted = row["status"] == "failed" and row["stage"] in ("discover", "validate")
    if row["status"] == "rejected" or was_never_extracted:
        return Verdict(replay_id=replay.replay_id, status="found", stage="validate")
    return None


def read_facts(session: Session, replays: Sequence[ReplayFile]) -> dict[str, ReplayFacts | UnreadableFacts]:
    """Facts by replay: from the manifest, or else read by the workers."""
    manifest = session.manifest
    texts = manifest.lobby_facts(FACTS_VERSION, [replay.replay_id for replay in replays])
    unread = [replay for replay in replays if replay.replay_id not in texts]
    facts = {replay_id: facts_from_json(text) for replay_id, text in texts.items()}
    tasks = [FactsTask(replays=chunk, settings=session.settings) for chunk in chunks(unread, REPLAYS_PER_TASK)]
    for read in _results(session, read_facts_task, tasks, _read_alone, _deadly_lobby):
        session.watch(Progress(stage="validate", done=len(facts) + len(read), total=len(replays)))
        manifest.record_lobby_facts(
            FACTS_VERSION, {i: known.to_json() for i, known in read.items() if not _may_pass(known)}
        )
        facts |= read
    return facts


def _may_pass(facts: ReplayFacts | UnreadableFacts) -> bool:
    return isinstance(facts, UnreadableFacts) and facts.is_passing_fault


def _read_alone(task: FactsTask) -> list[FactsTask]:
    return [replace(task, replays=(replay,)) for replay in task.replays]


def _deadly_lobby(task: FactsTask) -> dict[str, ReplayFacts | UnreadableFacts]:
    return {r.replay_id: UnreadableFacts(reason="killed_workers", detail=_killed(r.name)) for r in task.replays}


def _results(
    session: Session,
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    alone: Callable[[Task], list[Task]],
    deadly: Callable[[Task], Result],
) -> Iterator[Result]:
    """Results of the workers; a task that kills its process is divided by ``alone``, and what kills again is ``deadly``."""
    again: list[Task] = []
    for task, result in session.workers.run(function, tasks, are_light=True):
        if isinstance(result, Died):
            again += alone(task)
        else:
            yield result
    for task, result in session.workers.run(function, again, one_at_a_time=True):
        yield deadly(task) if isinstance(result, Died) else result


def chunks(items: Iterable[Item], size: int) -> Iterator[tuple[Item, ...]]:
    """Splits items into tuples of ``size``; the last may be shorter."""
    rest = iter(items)
    while chunk := tuple(islice(rest, size)):
        yield chunk
