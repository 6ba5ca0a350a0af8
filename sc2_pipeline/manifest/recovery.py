"""Recovery of a lost or outdated manifest from the rows that the warehouse mirrored."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed

Rows = Iterable[Mapping[str, Any]]

_KEPT = {
    "replay_files": "path, replay_id, file_bytes, modified_ns, first_seen_at, last_seen_at",
    "rule_outcomes": "replay_id, filters, rule, passed, observed, wanted",
    "attempts": "replay_id, run_id, source, settings_digest, started_at, finished_at, outcome, detail, is_retryable,"
    " is_alone, is_forgiven, fault_folder",
    "extractions": "replay_id, part, settings_digest, folder, rows, bytes, seconds, extracted_at, is_current, is_complete",
    "runs": "run_id, started_at, finished_at, command, source, filters, outcome, counts",
}
"""Columns restored per table, for rows whose key does not exist. Attempts get new ids."""

NAMING = ("replay_files", "attempts", "rule_outcomes", "extractions", "compacted_files", "lobby_facts")
"""Tables with a replay_id."""

STRAY = "replay_id not in (select replay_id from replays)"
"""SQL condition for rows whose replay is unknown."""


class Relearning(ManifestFile):
    """Restores rows of one home."""

    def run_ids(self) -> set[str]:
        """Ids of all runs in the manifest."""
        return {row[0] for row in self._connection.execute("select run_id from runs")}

    def blank_replays(self, replay_ids: Iterable[str]) -> set[str]:
        """Of the replays named, those that are unknown, or known only as found."""
        asked = set(replay_ids)
        told = self._connection.execute(
            f"select replay_id from replays r where replay_id in ({EACH}) and not (status = 'found' and attempts = 0"
            " and not exists (select 1 from extractions e where e.replay_id = r.replay_id))",
            (listed(asked),),
        )
        return asked - {row[0] for row in told}

    def extracted_pairs(self) -> set[tuple[str, str, str]]:
        """Replay, part and settings_digest of every extraction in the manifest."""
        rows = self._connection.execute("select replay_id, part, settings_digest from extractions")
        return {(row[0], row[1], row[2]) for row in rows}

    def relearn(self, replays: Rows, others: Mapping[str, Rows]) -> None:
        """Restores the status of those replays, and rows of other tables whose key does not exist.

        A replay that was found again since keeps its new path.
        """
        with self._transaction() as db:
            db.executemany(
                "insert into replays (replay_id, sha256, path, file_bytes, status, stage, reason, detail, is_retryable,"
                " attempts, first_seen_at, updated_at, batch) values (:replay_id, :sha256, :path, :file_bytes, :status,"
                " :stage, :reason, :detail, :is_retryable, :attempts, :first_seen_at, :updated_at, :batch)"
                " on conflict (replay_id) do update set status = excluded.status, stage = excluded.stage,"
                " reason = excluded.reason, detail = excluded.detail, is_retryable = excluded.is_retryable,"
                " attempts = excluded.attempts, first_seen_at = excluded.first_seen_at, updated_at = excluded.updated_at,"
                " batch = coalesce(replays.batch, excluded.batch)",
                list(replays),
            )
            for table, rows in others.items():
                columns = _KEPT[table]
                values = ", ".join(f":{name}" for name in columns.split(", "))
                # An earlier release mirrored fewer columns.
                whole = [{**dict.fromkeys(columns.split(", ")), **row} for row in rows]
                db.executemany(f"insert or ignore into {table} ({columns}) values ({values})", whole)

    def remove_strays(self) -> int:
        """Deletes rows whose replay is unknown; returns how many."""
        with self._transaction() as db:
            return sum(db.execute(f"delete from {table} where {STRAY}").rowcount for table in NAMING)

    def forget_compacted_files(self, paths: Collection[str]) -> None:
        """Deletes the records of compacted files that are missing or damaged."""
        with self._transaction() as db:
            db.execute(f"delete from compacted_files where path in ({EACH})", (listed(paths),))
