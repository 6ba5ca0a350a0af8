"""Extraction attempts, recorded before they start."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed, now

DEADLY_REASONS = ("killed_workers", "engine_crashed", "engine_stalled", "memory_exceeded")
"""Outcomes of attempts that killed a worker process, or a game, while no other replay was in it."""

RUN_DIED = "run_died"
"""Outcome of attempts that ended with their whole run, such as a preempted job or a power cut; says nothing about the
replay."""

PROCESS_DEATHS = ("killed_workers", RUN_DIED)
"""Outcomes after which the next attempt runs in a process of its own, whoever was at fault."""


class Attempts(ManifestFile):
    """Attempts of one home."""

    def begin_attempts(
        self, run_id: str, *, source: str, settings_digest: str, replay_ids: Sequence[str], is_alone: bool = False
    ) -> dict[str, int]:
        """Records one attempt per replay *before* it starts; returns attempt ids by replay.

        ``is_alone``: no other replay is tried at the same time, and the attempt runs in a process that does not write
        the manifest.
        """
        moment = now()
        ids: dict[str, int] = {}
        with self._transaction() as db:
            for replay_id in replay_ids:
                cursor = db.execute(
                    "insert into attempts (replay_id, run_id, source, settings_digest, started_at, is_alone)"
                    " values (?, ?, ?, ?, ?, ?)",
                    (replay_id, run_id, source, settings_digest, moment, is_alone),
                )
                ids[replay_id] = cursor.lastrowid or 0
            db.executemany("update replays set attempts = attempts + 1 where replay_id = ?", [(r,) for r in replay_ids])
        return ids

    def end_attempts(self, outcomes: Iterable[tuple[int, str, str | None, bool]]) -> None:
        """Records how attempts ended: ``(attempt_id, outcome, detail, is_retryable)``; outcome is ``extracted`` or a
        reason code."""
        moment = now()
        with self._transaction() as db:
            db.executemany(
                "update attempts set finished_at = ?, outcome = ?, detail = ?, is_retryable = ? where attempt_id = ?",
                [(moment, outcome, detail, retryable, attempt) for attempt, outcome, detail, retryable in outcomes],
            )

    def record_fault_folders(self, folders: Mapping[int, str]) -> None:
        """Records by attempt which folder of the home's ``faults`` tells of it."""
        with self._transaction() as db:
            rows = [(folder, attempt) for attempt, folder in folders.items()]
            db.executemany("update attempts set fault_folder = ? where attempt_id = ?", rows)

    def end_open_attempts(self, run_id: str, outcome: str, detail: str) -> None:
        """Ends the open attempts of a run with that outcome, as retryable."""
        with self._transaction() as db:
            db.execute(
                "update attempts set finished_at = ?, outcome = ?, detail = ?, is_retryable = 1"
                " where run_id = ? and outcome is null",
                (now(), outcome, detail, run_id),
            )

    def end_attempts_of_dead_runs(self, run_id: str, replay_ids: Iterable[str]) -> None:
        """Ends open attempts of other runs at replays that this run now tries, with the outcome that their run died.

        If such a run is alive and working on the same replays, it later overwrites this with the real outcome.
        """
        with self._transaction() as db:
            db.execute(
                f"update attempts set finished_at = ?, outcome = '{RUN_DIED}', is_retryable = 1,"
                " detail = 'the whole run ended under this try, and nothing was heard of it'"
                f" where outcome is null and run_id <> ? and replay_id in ({EACH})",
                (now(), run_id, listed(replay_ids)),
            )

    def forgive_attempts(self, source: str, settings_digest: str, replay_ids: Iterable[str]) -> None:
        """Restarts the attempt count of those replays with that digest; earlier attempts are kept."""
        with self._transaction() as db:
            db.execute(
                "update attempts set is_forgiven = 1"
                f" where source = ? and settings_digest = ? and not is_forgiven and replay_id in ({EACH})",
                (source, settings_digest, listed(replay_ids)),
            )

    def last_attempts(self, source: str, settings_digest: str, replay_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The latest attempt of each replay with that digest, by id, with counts over all of them.

        ``settings_digest`` is a hash of what shapes the rows, and after ``@`` one of what else decides whether a try
        succeeds: limits, the install. ``deaths`` counts deadly outcomes and ``lone_run_deaths`` attempts made alone that
        ended with their whole run, both without forgiven attempts; attempts under other limits are as good as forgiven.
        ``process_deaths`` counts all attempts that ended with their process, alone or not, under whatever limits.
        """
        counted = "settings_digest = :settings_digest and not is_forgiven"
        rows = self._connection.execute(
            "select *, max(attempt_id * (settings_digest = :settings_digest)) as latest,"
            f" count(*) filter (where outcome in {DEADLY_REASONS} and {counted}) as deaths,"
            f" count(*) filter (where outcome = '{RUN_DIED}' and is_alone and {counted}) as lone_run_deaths,"
            f" count(*) filter (where outcome in {PROCESS_DEATHS}) as process_deaths from attempts"
            " where source = :source and (settings_digest = :shape or settings_digest glob :shape || '@*')"
            f" and replay_id in ({EACH.replace('?', ':ids')}) group by replay_id",
            {
                "source": source,
                "settings_digest": settings_digest,
                "shape": settings_digest.partition("@")[0],
                "ids": listed(replay_ids),
            },
        )
        return {row["replay_id"]: {**dict(row), "is_forgiven": row["is_forgiven"] or not row["latest"]} for row in rows}
