"""The main job: from replay files to the published warehouse."""

import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from sc2_pipeline.config import GAME_SOURCE, Settings
from sc2_pipeline.errors import REASONS, SettingsError
from sc2_pipeline.packs import is_there
from sc2_pipeline.pipeline.batched_loading import Loading
from sc2_pipeline.pipeline.discovery import Discovery, discover, read_facts, validate
from sc2_pipeline.pipeline.extraction import extract_accepted
from sc2_pipeline.pipeline.report import RunReport, report_run
from sc2_pipeline.pipeline.session import Session, Watch, nobody, open_session
from sc2_pipeline.pipeline.stages import replay_files
from sc2_pipeline.pipeline.writer import Writer
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.steps.validate import ReplayFacts
from sc2_pipeline.stopping import hearing_interrupts


def run(
    paths: Sequence[Path],
    settings: Settings,
    *,
    retry_reasons: Collection[str] = (),
    watch: Watch = nobody,
    command: str = "run",
) -> RunReport:
    """Loads replay files and folders into the published warehouse; skips what is already done.

    Replays that failed permanently for one of ``retry_reasons`` (keys of ``errors.REASONS``) are retried, with a new
    count of attempts. Faults of single replays are counted. Raises SettingsError, HomeError, LakeError, MachineError or
    ContractError if the run cannot continue. KeyboardInterrupt ends it cleanly: loaded replays are published, the rest
    are pending.
    """
    unknown = set(retry_reasons) - REASONS.keys()
    if unknown:
        raise SettingsError(f"no reason is called {', '.join(sorted(unknown))}; give one of {', '.join(REASONS)}")
    with open_session(settings, command=command, watch=watch) as session:
        if retry_reasons:
            session.manifest.forget_unreadable(retry_reasons)
        report = _Run(session, retry_reasons).stages(paths)
        outcome = "cancelled" if report.is_cancelled else "finished"
        session.manifest.end_run(session.run_id, outcome=outcome, counts=report.to_json())
    return report


FOLDED_AT_ONCE = 1_000
"""Replays that a run loads before it folds them, and again at its end: what it has in folders of their own stays bounded."""


class _Run:
    """State of one run, so that it can be reported when interrupted."""

    def __init__(self, session: Session, retry_reasons: Collection[str]) -> None:
        self._session = session
        self._retry_reasons = retry_reasons
        self._discovery = Discovery(files=(), replays={})
        self._seconds: dict[str, float] = {}
        self._is_cancelled = False

    def stages(self, paths: Sequence[Path]) -> RunReport:
        """Runs every stage in order. Publishes last, even if interrupted."""
        self._session.lake.check()
        with Writer(self._session) as writer:
            try:
                with hearing_interrupts():
                    self._find_and_load(paths, writer)
            except KeyboardInterrupt:
                self._is_cancelled = True
            with self._timed("publish"):
                if self._is_cancelled:
                    writer.publish_interrupted()
                else:
                    writer.publish()
        self._stop_without_game()
        return report_run(
            self._session.manifest,
            self._discovery.replay_ids,
            files=len(self._discovery.files),
            newly_loaded=writer.newly_loaded,
            warehouse=self._session.home.warehouse,
            stage_seconds=self._seconds,
            is_cancelled=self._is_cancelled,
            broken_mart_tests=writer.broken_mart_tests,
        )

    def _stop_without_game(self) -> None:
        """Ends a run whose replays only the game reads, and whose game does not start; what was loaded is published."""
        fault = self._session.game_starts.fault()
        if fault is not None and self._session.settings.source == GAME_SOURCE and not self._is_cancelled:
            raise fault

    def _find_and_load(self, paths: Sequence[Path], writer: Writer) -> None:
        with self._timed("discover"):
            self._discovery = discover(self._session, paths)
        with self._timed("validate"):
            accepted = validate(self._session, list(self._discovery.replays.values()))
        with self._timed("load"):
            writer.remove(set(self._discovery.replay_ids) - accepted.keys())
            writer.mending.mend(writer.open(), accepted)
        self._extract_and_load(writer, accepted, self._discovery.replays)
        # Replays found damaged in the lake during the run, whatever folder they came from.
        damaged = writer.mending.replay_ids - writer.newly_loaded
        files = {i: file for i, file in replay_files(self._session.manifest, damaged).items() if is_there(file.path)}
        if files:
            with self._timed("validate"):
                facts = read_facts(self._session, list(files.values()))
            readable = {i: known for i, known in facts.items() if isinstance(known, ReplayFacts)}
            self._extract_and_load(writer, readable, files)
        with self._timed("load"):
            writer.fold()

    def _extract_and_load(
        self, writer: Writer, accepted: Mapping[str, ReplayFacts], files: Mapping[str, ReplayFile]
    ) -> None:
        """Loads accepted replays in batches, as they are extracted."""
        folded = len(writer.newly_loaded)
        with Loading(writer).loading() as loading:
            for extracted in self._extracted(accepted, files):
                with self._timed("load"):
                    loading.add(extracted)
                    if len(writer.newly_loaded) >= folded + FOLDED_AT_ONCE:
                        writer.fold()
                        folded = len(writer.newly_loaded)
            with self._timed("load"):
                loading.finish()

    def _extracted(self, accepted: Mapping[str, ReplayFacts], files: Mapping[str, ReplayFile]) -> Iterator[list[str]]:
        """Yields ids of the accepted replays as they are extracted."""
        extracted = extract_accepted(self._session, files, accepted, tries_again=self._retry_reasons)
        while True:
            with self._timed("extract"):
                ids = next(extracted, None)
            if ids is None:
                break
            yield ids

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        began = time.perf_counter()
        try:
            yield
        finally:
            self._seconds[stage] = self._seconds.get(stage, 0.0) + time.perf_counter() - began
