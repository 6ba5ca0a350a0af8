"""Finished folders of the lake, and compacted files that hold their rows."""

from collections.abc import Iterable
from dataclasses import asdict

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed, now
from sc2_pipeline.manifest.records import CompactedFile, Extraction


class Extractions(ManifestFile):
    """Extractions of one home."""

    def record_extractions(self, extractions: Iterable[Extraction]) -> None:
        """Remembers finished folders; each becomes the current one of its replay and source."""
        moment = now()
        with self._transaction() as db:
            for e in extractions:
                db.execute(
                    "update extractions set is_current = 0 where replay_id = ? and source = ?", (e.replay_id, e.source)
                )
                db.execute(
                    "insert or replace into extractions (replay_id, source, settings, folder, rows, bytes, seconds,"
                    " extracted_at, is_current, is_complete) values (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
                    (e.replay_id, e.source, e.settings, e.folder, e.rows, e.bytes, e.seconds, moment, e.is_complete),
                )

    def make_current(self, source: str, settings: str, replay_ids: Iterable[str]) -> None:
        """Makes the folder of those settings the current one of each replay named, where another is."""
        with self._transaction() as db:
            db.execute(
                "update extractions set is_current = (settings = ?)"
                f" where source = ? and is_current <> (settings = ?) and replay_id in ({EACH})",
                (settings, source, settings, listed(replay_ids)),
            )

    def finished_extractions(self, source: str, settings: str, replay_ids: Iterable[str]) -> dict[str, Extraction]:
        """Finished folders of that source and settings, by replay."""
        rows = self._connection.execute(
            "select replay_id, source, settings, folder, rows, bytes, seconds, is_complete from extractions"
            f" where source = ? and settings = ? and replay_id in ({EACH})",
            (source, settings, listed(replay_ids)),
        )
        return {row[0]: Extraction(**{**dict(row), "is_complete": bool(row["is_complete"])}) for row in rows}

    def current_extractions(self, replay_ids: Iterable[str]) -> list[Extraction]:
        """The current folder of every source, of the replays named."""
        rows = self._connection.execute(
            "select replay_id, source, settings, folder, rows, bytes, seconds, is_complete from extractions"
            f" where is_current and replay_id in ({EACH}) order by replay_id, source",
            (listed(replay_ids),),
        )
        return [Extraction(**{**dict(row), "is_complete": bool(row["is_complete"])}) for row in rows]

    def record_compacted_files(self, files: Iterable[CompactedFile]) -> None:
        """Remembers in which compacted file the rows of each extraction's table lie now; outlives a power cut.

        The files that held them go next: a manifest that forgot this would look for rows where they no longer lie.
        """
        with self._lasting_transaction() as db:
            db.executemany(
                "insert or replace into compacted_files (replay_id, source, settings, table_name, path, held_replays)"
                " values (:replay_id, :source, :settings, :table_name, :path, :held_replays)",
                [asdict(file) for file in files],
            )

    def compacted_files(self, replay_ids: Iterable[str] | None = None) -> list[CompactedFile]:
        """Where compacted rows lie, of all replays or of those named, in whatever settings."""
        return [CompactedFile(**row) for row in self.table("compacted_files", replay_ids)]
