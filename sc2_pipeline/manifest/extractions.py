"""Finished extraction folders of the lake, and the compacted files that hold their rows."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import asdict

from sc2_pipeline.manifest.database import EACH, ManifestFile, listed, now
from sc2_pipeline.manifest.records import CompactedFile, Extraction

_COLUMNS = "replay_id, part, settings_digest, folder, rows, bytes, seconds, is_complete"

_BUNDLE = "substr(folder, 1, instr(folder, '!') - 1)"

Held = tuple[str, str, str]
"""Replay id, part and settings_digest of an extraction."""


class Extractions(ManifestFile):
    """Extractions of one home. A replay is ``loaded`` while the warehouse holds all its current extractions: whatever
    makes another one current makes it ``extracted`` again, in the same transaction."""

    def record_extractions(self, extractions: Iterable[Extraction], *, are_loaded: bool = False) -> None:
        """Records finished folders; each becomes the current one of its replay and part. ``are_loaded``: the warehouse
        already holds them."""
        moment = now()
        finished = list(extractions)
        with self._transaction() as db:
            if not are_loaded:
                self._outdate_loads(db, {e.replay_id for e in finished})
            for e in finished:
                db.execute(
                    "update extractions set is_current = 0 where replay_id = ? and part = ? and is_current",
                    (e.replay_id, e.part),
                )
                db.execute(
                    f"insert or replace into extractions ({_COLUMNS}, extracted_at, is_current)"
                    " values (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)",
                    (
                        e.replay_id,
                        e.part,
                        e.settings_digest,
                        e.folder,
                        e.rows,
                        e.bytes,
                        e.seconds,
                        e.is_complete,
                        moment,
                    ),
                )

    def make_current(self, part: str, settings_digest: str | None, replay_ids: Iterable[str]) -> None:
        """Makes the folder of those settings_digest the current one of each replay named; with settings_digest None, no folder is
        current."""
        with self._transaction() as db:
            changed = db.execute(
                "select distinct replay_id from extractions"
                f" where part = ? and is_current <> (settings_digest is ?) and replay_id in ({EACH})",
                (part, settings_digest, listed(replay_ids)),
            )
            named = {row[0] for row in changed}
            self._outdate_loads(db, named)
            db.execute(
                "update extractions set is_current = (settings_digest is ?)"
                f" where part = ? and is_current <> (settings_digest is ?) and replay_id in ({EACH})",
                (settings_digest, part, settings_digest, listed(named)),
            )

    @staticmethod
    def _outdate_loads(db: sqlite3.Connection, replay_ids: Iterable[str]) -> None:
        db.execute(
            "update replays set status = 'extracted', stage = 'extract', updated_at = ?"
            f" where status = 'loaded' and replay_id in ({EACH})",
            (now(), listed(replay_ids)),
        )

    def record_loads(self, replay_ids: Iterable[str], held: Iterable[Held]) -> None:
        """Marks those of the replays as loaded whose current extractions are all in ``held``; another process may have
        finished a newer one during the load."""
        with self._transaction() as db:
            db.execute(
                "update replays set status = 'loaded', stage = 'load', reason = null, detail = null, is_retryable = 0,"
                f" updated_at = ? where status <> 'loaded' and replay_id in ({EACH}) and not exists"
                " (select 1 from extractions e where e.replay_id = replays.replay_id and e.is_current"
                f" and e.replay_id || ' ' || e.part || ' ' || e.settings_digest not in ({EACH}))",
                (now(), listed(replay_ids), listed(" ".join(pair) for pair in held)),
            )

    def current_pairs(self) -> set[Held]:
        """Replay, part and settings_digest of every current extraction."""
        rows = self._connection.execute("select replay_id, part, settings_digest from extractions where is_current")
        return {(row[0], row[1], row[2]) for row in rows}

    def finished_extractions(self, part: str, settings_digest: str, replay_ids: Iterable[str]) -> dict[str, Extraction]:
        """Finished folders with that part and those settings_digest, by replay."""
        where = f"part = ? and settings_digest = ? and replay_id in ({EACH})"
        return {e.replay_id: e for e in self._extractions(where, part, settings_digest, listed(replay_ids))}

    def current_extractions(self, replay_ids: Iterable[str]) -> list[Extraction]:
        """The current folder of every part, for the replays named."""
        return self._extractions(f"is_current and replay_id in ({EACH}) order by replay_id, part", listed(replay_ids))

    def superseded_extractions(self) -> list[Extraction]:
        """Folders of loaded replays that are not current, since newer ones replaced them in the warehouse."""
        loaded = "(select replay_id from replays where status = 'loaded')"
        return self._extractions(f"not is_current and replay_id in {loaded} order by replay_id, part, settings_digest")

    def move_extractions(self, moved: Mapping[Extraction, str]) -> None:
        """Records where folders now are, unless others have been recorded meanwhile; synced to disk, for what is moved is deleted
        next where it was."""
        rows = [(place, e.replay_id, e.part, e.settings_digest, e.folder) for e, place in moved.items()]
        with self._lasting_transaction() as db:
            db.executemany(
                "update extractions set folder = ? where replay_id = ? and part = ? and settings_digest = ? and folder = ?",
                rows,
            )

    def all_extractions(self, replay_ids: Iterable[str]) -> list[Extraction]:
        """Every extraction of the replays named, current or not."""
        return self._extractions(f"replay_id in ({EACH}) order by folder", listed(replay_ids))

    def bundles(self) -> dict[str, tuple[int, int]]:
        """How many extractions lie in each bundle, and their bytes before they were bundled."""
        rows = self._connection.execute(
            f"select {_BUNDLE}, count(*), sum(bytes) from extractions where instr(folder, '!') group by 1"
        )
        return {bundle: (count, size) for bundle, count, size in rows}

    def extractions_in_bundles(self, bundles: Iterable[str]) -> list[Extraction]:
        """Every extraction that lies in one of the bundles, by folder."""
        return self._extractions(f"instr(folder, '!') and {_BUNDLE} in ({EACH}) order by folder", listed(bundles))

    def unfolded_extractions(self, parts: Iterable[str]) -> list[Extraction]:
        """Current folders of loaded replays that lie in no bundle, by folder."""
        loaded = "(select replay_id from replays where status = 'loaded')"
        return self._extractions(
            f"is_current and not instr(folder, '!') and part in ({EACH}) and replay_id in {loaded} order by folder",
            listed(parts),
        )

    def forget_extractions(self, extractions: Iterable[Extraction]) -> None:
        """Removes the records of deleted folders, and of the compacted rows that came from them."""
        keys = [(e.replay_id, e.part, e.settings_digest) for e in extractions]
        with self._lasting_transaction() as db:
            for table in ("extractions", "compacted_files"):
                db.executemany(f"delete from {table} where replay_id = ? and part = ? and settings_digest = ?", keys)

    def rename_digests(self, adopted: Iterable[tuple[Extraction, str]]) -> None:
        """Changes the settings_digest of extractions, and of the records of their compacted rows."""
        rows = [(settings_digest, e.replay_id, e.part, e.settings_digest) for e, settings_digest in adopted]
        with self._transaction() as db:
            self._outdate_loads(db, {row[1] for row in rows})
            for table in ("extractions", "compacted_files"):
                db.executemany(
                    f"update {table} set settings_digest = ? where replay_id = ? and part = ? and settings_digest = ?",
                    rows,
                )

    def _extractions(self, where: str, *parameters: str) -> list[Extraction]:
        rows = self._connection.execute(f"select {_COLUMNS} from extractions where {where}", parameters)
        return [Extraction(**{**dict(row), "is_complete": bool(row["is_complete"])}) for row in rows]

    def record_compacted_files(self, files: Iterable[CompactedFile]) -> None:
        """Records which compacted file holds the rows of each extraction's table; synced to disk.

        The original files are deleted next: a manifest that lost this would look for rows where they no longer are.
        """
        with self._lasting_transaction() as db:
            db.executemany(
                "insert or replace into compacted_files (replay_id, part, settings_digest, table_name, path, held_replays)"
                " values (:replay_id, :part, :settings_digest, :table_name, :path, :held_replays)",
                [asdict(file) for file in files],
            )

    def compacted_paths(self) -> set[str]:
        """Paths of all compacted files that hold rows of an extraction."""
        return {path for (path,) in self._connection.execute("select distinct path from compacted_files")}

    def compacted_files(self, replay_ids: Iterable[str] | None = None) -> list[CompactedFile]:
        """Locations of compacted rows, for all replays or those named, for any settings_digest."""
        return [CompactedFile(**row) for row in self.table("compacted_files", replay_ids)]
