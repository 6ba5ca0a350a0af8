"""Batches of replays, the partitions of large homes."""

import sqlite3
from collections.abc import Iterable, Sequence

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed


class Batches(ManifestFile):
    """Batches of one home."""

    def put_in_batches(self, replay_ids: Sequence[str], *, day: str, size: int) -> dict[str, str]:
        """The batch of each of the known replays; replays without one are put into new batches of at most ``size``.

        A batch is named by its day and a number: ``2026-11-28-0001``. No replay is ever added to an existing batch.
        """
        with self._transaction() as db:
            batches = self._batches(db, replay_ids)
            homeless = [i for i in replay_ids if i in batches and batches[i] is None]
            [taken] = db.execute(
                "select coalesce(max(cast(substr(batch, ?) as integer)), 0) from replays where batch glob ?",
                (len(day) + 2, f"{day}-*"),
            ).fetchone()
            made = {i: f"{day}-{taken + 1 + place // size:04}" for place, i in enumerate(homeless)}
            db.executemany("update replays set batch = ? where replay_id = ?", [(made[i], i) for i in homeless])
        return {i: batch for i in replay_ids if (batch := made.get(i) or batches.get(i))}

    def batches(self, replay_ids: Iterable[str]) -> dict[str, str]:
        """The batch of each of the replays that is in one."""
        return {i: batch for i, batch in self._batches(self._connection, replay_ids).items() if batch is not None}

    @staticmethod
    def _batches(db: sqlite3.Connection, replay_ids: Iterable[str]) -> dict[str, str | None]:
        rows = db.execute(f"select replay_id, batch from replays where replay_id in ({EACH})", (listed(replay_ids),))
        return {row[0]: row[1] for row in rows}

    def replays_in_batches(self, batches: Iterable[str]) -> dict[str, list[str]]:
        """The replays of each batch, in the order in which they were first seen; empty batches are left out."""
        rows = self._connection.execute(
            f"select batch, replay_id from replays where batch in ({EACH}) order by batch, first_seen_at, replay_id",
            (listed(batches),),
        )
        members: dict[str, list[str]] = {}
        for batch, replay_id in rows:
            members.setdefault(batch, []).append(replay_id)
        return members
