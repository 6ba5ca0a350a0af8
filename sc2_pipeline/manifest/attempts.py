"""Tries at replays, counted before they happen."""

from collections.abc import Iterable, Sequence
from typing import Any

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed, now

DEADLY_REASONS = ("killed_workers", "engine_crashed", "engine_stalled", "memory_exceeded")
"""Outcomes of tries that cost a worker process, or a game, that had no other replay."""

RUN_DIED = "run_died"
"""Outcome of tries that went with their whole run: a job preempted, a machine off. It says nothing about the replay."""

PROCESS_DEATHS = ("killed_workers", RUN_DIED)
"""Outcomes after which the next try is made apart, whoever was to blame."""


class Attempts(ManifestFile):
    """Tries of one home."""

    def begin_attempts(
        self, run_id: str, *, source: str, settings: str, replay_ids: Sequence[str], is_alone: bool = False
    ) -> dict[str, int]:
        """Counts one try of each replay *before* it happens; attempt ids by replay.

        ``is_alone``: nothing else is tried meanwhile, and this is in a process that does not record.
        """
        moment = now()
        ids: dict[str, int] = {}
        with self._transaction() as db:
            for replay_id in replay_ids:
                cursor = db.execute(
                    "insert into attempts (replay_id, run_id, source, settings, started_at, is_alone)"
                    " values (?, ?, ?, ?, ?, ?)",
                    (replay_id, run_id, source, settings, moment, is_alone),
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

    def end_attempts_of_dead_runs(self, run_id: str, replay_ids: Iterable[str]) -> None:
        """Says of tries of other runs that never came back that their run died, where this run tries the replay now.

        Where such a run lives, and works on the same replays as this one, it says later how its try really ended.
        """
        with self._transaction() as db:
            db.execute(
                f"update attempts set finished_at = ?, outcome = '{RUN_DIED}', is_retryable = 1,"
                " detail = 'the whole run ended under this try, and nothing was heard of it'"
                f" where outcome is null and run_id <> ? and replay_id in ({EACH})",
                (now(), run_id, listed(replay_ids)),
            )

    def forgive_attempts(self, source: str, settings: str, replay_ids: Iterable[str]) -> None:
        """Begins a new count of the tries of those replays with those settings; what was is kept."""
        with self._transaction() as db:
            db.execute(
                "update attempts set is_forgiven = 1"
                f" where source = ? and settings = ? and not is_forgiven and replay_id in ({EACH})",
                (source, settings, listed(replay_ids)),
            )

    def last_attempts(self, source: str, settings: str, replay_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The latest try of each replay with those settings, by id, and counts of all.

        ``deaths`` are deadly, ``lone_run_deaths`` tries made alone that went with their whole run; neither counts what was
        forgiven. ``process_deaths`` are all that went with their process, in whatever company.
        """
        rows = self._connection.execute(
            "select *, max(attempt_id) as latest,"
            f" count(*) filter (where outcome in {DEADLY_REASONS} and not is_forgiven) as deaths,"
            f" count(*) filter (where outcome = '{RUN_DIED}' and is_alone and not is_forgiven) as lone_run_deaths,"
            f" count(*) filter (where outcome in {PROCESS_DEATHS}) as process_deaths from attempts"
            f" where source = ? and settings = ? and replay_id in ({EACH}) group by replay_id",
            (source, settings, listed(replay_ids)),
        )
        return {row["replay_id"]: dict(row) for row in rows}
