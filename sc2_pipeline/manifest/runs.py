"""Runs, and how they ended."""

import json
from collections.abc import Mapping
from typing import Any

from sc2_pipeline.manifest.database import ManifestFile, now


class Runs(ManifestFile):
    """Runs of one home."""

    def begin_run(self, run_id: str, *, command: str, source: str, filters: str) -> None:
        """Records that a run began."""
        with self._transaction() as db:
            db.execute(
                "insert into runs (run_id, started_at, command, source, filters) values (?, ?, ?, ?, ?)",
                (run_id, now(), command, source, filters),
            )

    def end_run(self, run_id: str, *, outcome: str, counts: Mapping[str, Any]) -> None:
        """Records how a run ended: finished, cancelled or failed, with its counts."""
        with self._transaction() as db:
            db.execute(
                "update runs set finished_at = ?, outcome = ?, counts = ? where run_id = ?",
                (now(), outcome, json.dumps(dict(counts)), run_id),
            )
