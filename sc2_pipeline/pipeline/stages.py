"""Single stages over given replays, for orchestrators; every call is recorded as a run in the manifest."""

import os
import re
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import REASONS, SettingsError
from sc2_pipeline.manifest import Manifest, Verdict
from sc2_pipeline.packs import REPLAY_SUFFIX, file_name, is_there, split_path
from sc2_pipeline.pipeline.batches import BATCH_NAME
from sc2_pipeline.pipeline.discovery import discover, source_for, validate
from sc2_pipeline.pipeline.extraction import extract_accepted
from sc2_pipeline.pipeline.loop_progress import wanted_loops
from sc2_pipeline.pipeline.session import Session, Watch, nobody, open_session
from sc2_pipeline.sources.base import ReplayFile, shape_digest
from sc2_pipeline.sources.choose import SourceSpec, open_source
from sc2_pipeline.steps.discover import UNREAD_ARCHIVE, shown_path, unread_archives
from sc2_pipeline.steps.validate import ReplayFacts

_REPLAY_ID = re.compile("[0-9a-f]{16}")
_ESCAPED_BYTE = re.compile(rb"\\x([0-9a-f]{2})")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Replays found under some paths.

    ``replay_ids`` are the replays whose bytes are readable; ``unreadable`` maps the other paths, missing folders,
    and, where nothing else is found, archives of other kinds than ZIP to messages.
    """

    files: int
    duplicates: int
    replay_ids: tuple[str, ...]
    unreadable: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """Results of the filters: accepted ids, and a message for each rejected or unreadable replay.

    ``untried`` are accepted replays that are neither extracted nor failed yet.
    """

    accepted: tuple[str, ...]
    untried: tuple[str, ...]
    rejected: Mapping[str, str]
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """Outcome of one replay to be extracted: ``extracted``, ``rejected`` or ``failed``, with the reason.

    ``rows``, ``bytes`` and ``seconds`` are from its extraction, even an earlier one (``is_new`` false); ``game_loops`` is
    what the game ran for it, over all passes. ``facts`` are those of its lobby, if that is readable.
    """

    replay_id: str
    status: str
    file_name: str
    reason: str | None = None
    detail: str | None = None
    rows: int = 0
    bytes: int = 0
    seconds: float = 0.0
    game_loops: int = 0
    is_new: bool = False
    facts: ReplayFacts | None = None


def find_replays(settings: Settings, paths: Sequence[Path], *, watch: Watch = nobody) -> Found:
    """Finds the replays under ``paths`` and records every file; raises SettingsError if none of the paths exists."""
    gone = {
        path: "it is not there"
        for path in paths
        if path.suffix.lower() != REPLAY_SUFFIX and not path.exists() and not is_there(path)
    }
    there = [path for path in paths if path not in gone]
    if not there:
        places = ", ".join(map(str, gone)) or "none given"
        raise SettingsError(f"no folder to look for replays in (not there: {places}); make it or give another")
    with open_session(settings, command="discover", watch=watch) as session:
        discovery = discover(session, there)
        found = Found(
            files=len(discovery.files),
            duplicates=len(discovery.files) - len(discovery.replay_ids),
            replay_ids=tuple(discovery.replays),
            unreadable={
                **{str(path): why for path, why in gone.items()},
                **{shown_path(path): UNREAD_ARCHIVE for path in ([] if discovery.files else unread_archives(there))},
                **{file.shown_path: str(file.detail) for file in discovery.files if file.reason is not None},
            },
        )
        _end(session, files=found.files, duplicates=found.duplicates)
    return found


def judge_replays(settings: Settings, replay_ids: Collection[str] | None = None, *, watch: Watch = nobody) -> Judged:
    """Applies the filters to the replays given, or to all known ones."""
    with open_session(settings, command="validate", watch=watch) as session:
        manifest = session.manifest
        files = replay_files(manifest, manifest.replay_ids() if replay_ids is None else replay_ids)
        accepted = tuple(validate(session, list(files.values())))
        standing = manifest.replays(files)
        others = {replay_id: standing[replay_id] for replay_id in standing.keys() - set(accepted)}
        judged = Judged(
            accepted=accepted,
            untried=tuple(i for i in accepted if standing[i]["status"] == "found"),
            rejected=_sentences(others, "rejected"),
            failed=_sentences(others, "failed"),
        )
        _end(session, rejected=len(judged.rejected), failed=len(judged.failed))
    return judged


def chosen_replays(settings: Settings, names: Sequence[str]) -> list[str]:
    """Replay ids without repeats; a name is an id, a file name, a batch, ``failed`` (all failed) or ``missing``
    (accepted, never tried).

    Raises SettingsError for any other name.
    """
    chosen: list[str] = []
    with Manifest(Home(settings.home).manifest) as manifest:
        for name in names:
            if name == "failed":
                chosen += manifest.replay_ids("failed")
            elif name == "missing":
                chosen += manifest.replay_ids("found")
            elif BATCH_NAME.fullmatch(name):
                chosen += manifest.replays_in_batches([name]).get(name, [name])
            elif _REPLAY_ID.fullmatch(name):
                chosen.append(name)
            elif replay_ids := manifest.replays_of_file(shown_path(Path(name))):
                chosen += replay_ids
            else:
                raise SettingsError(
                    f"no replay is called {name!r}; give 16 hex digits, a file name, a batch, or the word failed or missing"
                )
    return list(dict.fromkeys(chosen))


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """Where a replay stands: its batch, if it is in one, its file and its status."""

    replay_id: str
    batch: str | None
    file_name: str
    status: str


def placed_replays(settings: Settings, names: Sequence[str]) -> list[Placed]:
    """The replays that :func:`chosen_replays` gives for the names."""
    chosen = chosen_replays(settings, names)
    with Manifest(Home(settings.home).manifest) as manifest:
        rows = manifest.replays(chosen)
    return [
        Placed(replay_id=i, batch=rows[i]["batch"], file_name=_name(rows[i]["path"]), status=rows[i]["status"])
        for i in chosen
        if i in rows
    ]


def extract_replays(
    settings: Settings, replay_ids: Collection[str], *, tries_again: bool = False, watch: Watch = nobody
) -> Generator[Outcome, None, None]:
    """Extracts the given replays that pass the filters; yields one outcome per replay as soon as it is known.

    Replays extracted before are not extracted again; with ``tries_again``, permanent failures are retried. An id
    without a file gets an outcome too. Closing the generator stops the work cleanly.
    """
    asked = tuple(dict.fromkeys(replay_ids))
    with open_session(settings, command="extract", watch=watch) as session:
        session.lake.check()
        files = replay_files(session.manifest, asked)
        accepted = validate(session, list(files.values()))
        tries = _tries(session.manifest, asked)
        done: set[str] = set()
        for extracted in extract_accepted(session, files, accepted, tries_again=REASONS if tries_again else ()):
            done.update(extracted)
            yield from _extracted(session, {i: accepted[i] for i in extracted}, tries)
        others = list(_not_extracted(session.manifest, [i for i in asked if i not in done], accepted))
        yield from others
        rejected = sum(1 for outcome in others if outcome.status == "rejected")
        _end(session, found=len(asked), rejected=rejected, failed=len(others) - rejected)


def code_version() -> str:
    """Names what the tracker's rows of a replay depend on besides settings; it changes with decoders, tables and rules."""
    source = open_source(SourceSpec(name="tracker", settings=Settings()))
    shapes = source.shapes()
    source.close()
    return "-".join(shape_digest(shape) for shape in shapes.values())


def replay_files(manifest: Manifest, replay_ids: Iterable[str]) -> dict[str, ReplayFile]:
    """Files of known replays, by id; if a replay has several paths, one that exists, rather
    of a file than in a pack."""
    rows = manifest.replays(replay_ids)
    paths = {replay_id: real_path(row["path"]) for replay_id, row in rows.items() if row["sha256"] is not None}
    other_wanted = [i for i, path in paths.items() if split_path(path) is not None or not is_there(path)]
    for row in manifest.table("replay_files", other_wanted):
        other = real_path(row["path"])
        if is_there(other) and (split_path(other) is None or not is_there(paths[row["replay_id"]])):
            paths[row["replay_id"]] = other
    return {i: ReplayFile(replay_id=i, sha256=rows[i]["sha256"], path=path) for i, path in paths.items()}


def real_path(shown: str) -> Path:
    """The real path for text written by discovery, with its bytes that are not UTF-8 restored."""
    path = Path(shown)
    if "\\x" not in shown or is_there(path):
        return path
    return Path(os.fsdecode(_ESCAPED_BYTE.sub(lambda found: bytes.fromhex(found[1].decode()), shown.encode())))


def _tries(manifest: Manifest, replay_ids: Iterable[str]) -> dict[str, int]:
    return {i: row["attempts"] for i, row in manifest.replays(replay_ids).items()}


def _extracted(session: Session, extracted: Mapping[str, ReplayFacts], tries: Mapping[str, int]) -> Iterator[Outcome]:
    manifest = session.manifest
    rows = manifest.replays(extracted)
    # The folder existed already: a replay that was rejected or failed later is to be loaded again.
    behind = [i for i, row in rows.items() if row["status"] not in ("extracted", "loaded")]
    manifest.record_verdicts(Verdict(replay_id=i, status="extracted", stage="extract") for i in behind)
    parts = manifest.current_extractions(extracted)
    for replay_id, facts in extracted.items():
        is_observed = source_for(session, facts) == "sc2"
        of_replay = [e for e in parts if e.replay_id == replay_id and (is_observed or e.part != "observation")]
        yield Outcome(
            replay_id=replay_id,
            status="extracted",
            file_name=_name(rows[replay_id]["path"]),
            rows=sum(e.rows for e in of_replay),
            bytes=sum(e.bytes for e in of_replay),
            seconds=round(sum(e.seconds for e in of_replay), 4),
            game_loops=wanted_loops(facts, session.settings) if is_observed else 0,
            is_new=rows[replay_id]["attempts"] > tries[replay_id],
            facts=facts,
        )


def _not_extracted(
    manifest: Manifest, replay_ids: Sequence[str], accepted: Mapping[str, ReplayFacts]
) -> Iterator[Outcome]:
    rows = manifest.replays(replay_ids)
    for replay_id in replay_ids:
        if replay_id not in rows:
            detail = f"no file has the id {replay_id}; run the discover job over its folder, or drop the key"
            yield Outcome(replay_id=replay_id, status="failed", file_name="", reason="vanished_file", detail=detail)
            continue
        row = rows[replay_id]
        yield Outcome(
            replay_id=replay_id,
            status="rejected" if row["status"] == "rejected" else "failed",
            file_name=_name(row["path"]),
            reason=row["reason"],
            detail=row["detail"],
            facts=accepted.get(replay_id),
        )


def _name(path: str) -> str:
    return file_name(Path(re.split(r"[/\\]", path)[-1]))


def _sentences(rows: Mapping[str, Mapping[str, object]], status: str) -> dict[str, str]:
    return {i: f"{row['reason']}: {row['detail']}" for i, row in rows.items() if row["status"] == status}


def _end(session: Session, **counts: int) -> None:
    session.manifest.end_run(session.run_id, outcome="finished", counts=counts)
