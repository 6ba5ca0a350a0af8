"""Attempts at extracting replays, each recorded before it starts."""

from collections.abc import Iterable, Sequence
from typing import Any

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed, now

DEADLY_REASONS = ("killed_workers", "engine_crashed", "engine_stalled", "memory_exceeded")
"""Outcomes of attempts that killed a worker process or a game which was working on no other replay."""

RUN_DIED = "run_died"
"""Outcome of attempts that ended because the whole run did (preempted, machine off). It says nothing about the replay."""

PROCESS_DEATHS = ("killed_workers", RUN_DIED)
"""Outcomes after which the next attempt is made in a separate process, whatever the cause was."""


class Attempts(ManifestFile):
    """The attempts recorded in one home's manifest."""

    def begin_attempts(
        self, run_id: str, *, source: str, settings: str, replay_ids: Sequence[str], is_alone: bool = False
    ) -> dict[str, int]:
        """Records an attempt at each replay *before* it starts; returns attempt ids by replay.

        ``is_alone``: the replay is the only one being tried, in a process other than the one that writes the manifest.
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
        """Records how attempts ended: ``(attempt_id, outcome, detail, is_retryable)``; outcome is ``extracted`` or a reason."""
        moment = now()
        with self._transaction() as db:
            db.executemany(
                "update attempts set finished_at = ?, outcome = ?, detail = ?, is_retryable = ? where attempt_id = ?",
                [(moment, outcome, detail, retryable, attempt) for attempt, outcome, detail, retryable in outcomes],
            )

    def end_open_attempts(self, run_id: str, outcome: str, detail: str) -> None:
        """Records an outcome for the attempts of a run that are still open; they may be retried."""
        with self._transaction() as db:
            db.execute(
                "update attempts set finished_at = ?, outcome = ?, detail = ?, is_retryable = 1"
                " where run_id = ? and outcome is null",
                (now(), outcome, detail, run_id),
            )

    def end_attempts_of_dead_runs(self, run_id: str, replay_ids: Iterable[str]) -> None:
        """Records ``run_died`` for open attempts of other runs at replays that this run tries now.

        If such a run is alive after all, and works on the same replays, it overwrites this with the real outcome.
        """
        with self._transaction() as db:
            db.execute(
                f"update attempts set finished_at = ?, outcome = '{RUN_DIED}', is_retryable = 1,"
                " detail = 'the whole run ended under this try, and nothing was heard of it'"
                f" where outcome is null and run_id <> ? and replay_id in ({EACH})",
                (now(), run_id, listed(replay_ids)),
            )

    def forgive_attempts(self, source: str, settings: str, replay_ids: Iterable[str]) -> None:
        """Restarts the count of attempts at those replays with those settings; earlier attempts are kept, marked as forgiven."""
        with self._transaction() as db:
            db.execute(
                "update attempts set is_forgiven = 1"
                f" where source = ? and settings = ? and not is_forgiven and replay_id in ({EACH})",
                (source, settings, listed(replay_ids)),
            )

    def last_attempts(self, source: str, settings: str, replay_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The latest attempt at each replay with those settings, by replay, as a row with counts over all attempts.

        ``deaths`` counts attempts with a deadly outcome, ``lone_run_deaths`` attempts made alone whose whole run died; both leave
        out forgiven attempts. ``process_deaths`` counts all attempts whose process died.
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
