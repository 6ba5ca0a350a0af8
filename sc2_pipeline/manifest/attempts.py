"""Tries at replays, counted before they happen."""

from collections.abc import Iterable, Sequence
from typing import Any

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed, now

DEADLY_REASONS = ("killed_workers", "engine_crashed", "engine_stalled", "memory_exceeded")
"""Outcomes of tries that cost a worker or a game; tries that never came back count with them."""


class Attempts(ManifestFile):
    """Tries of one home."""

    def begin_attempts(self, run_id: str, *, source: str, settings: str, replay_ids: Sequence[str]) -> dict[str, int]:
        """Counts one try of each replay *before* it happens; attempt ids by replay."""
        moment = now()
        ids: dict[str, int] = {}
        with self._transaction() as db:
            for replay_id in replay_ids:
                cursor = db.execute(
                    "insert into attempts (replay_id, run_id, source, settings, started_at) values (?, ?, ?, ?, ?)",
                    (replay_id, run_id, source, settings, moment),
                )
                ids[replay_id] = cursor.lastrowid or 0
            db.executemany("update replays set attempts = attempts + 1 where replay_id = ?", [(r,) for r in replay_ids])
        return ids

    def end_attempts(self, outcomes: Iterable[tuple[int, str, str | None, bool]]) -> None:
        """Says how tries ended: ``(attempt_id, outcome, detail, is_retryable)``; outcome ``extracted`` or a reason."""
        moment = now()
        with self._transaction() as db:
            db.executemany(
                "update attempts set finished_at = ?, outcome = ?, detail = ?, is_retryable = ? where attempt_id = ?",
                [(moment, outcome, detail, retryable, attempt) for attempt, outcome, detail, retryable in outcomes],
            )

    def end_open_attempts(self, run_id: str, outcome: str, detail: str) -> None:
        """Says how those tries of a run ended that nobody will hear of; another may succeed."""
        with self._transaction() as db:
            db.execute(
                "update attempts set finished_at = ?, outcome = ?, detail = ?, is_retryable = 1"
                " where run_id = ? and outcome is null",
                (now(), outcome, detail, run_id),
            )

    def last_attempts(self, source: str, settings: str, replay_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The latest try of each replay with those settings, by id, and in ``deaths`` how many were deadly or never came back."""
        rows = self._connection.execute(
            "select *, max(attempt_id) as latest,"
            f" sum(outcome is null or outcome in {DEADLY_REASONS}) as deaths from attempts"
            f" where source = ? and settings = ? and replay_id in ({EACH}) group by replay_id",
            (source, settings, listed(replay_ids)),
        )
        return {row["replay_id"]: dict(row) for row in rows}
