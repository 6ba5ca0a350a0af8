"""Damaged lake files: detects them, removes them from the views, and resets their replays to be extracted again.

A run checks the sizes of loaded files (a few microseconds each), and also the ends of files it is about to load. Other
damage only shows when reading fails; files are then read in full to find the damaged ones.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

import duckdb

from sc2_pipeline.errors import PipelineError
from sc2_pipeline.lake import RECEIPT, FileMark, FolderLake, damage_of, difference, size_of
from sc2_pipeline.lake.receipts import folder_faults, receipt_of
from sc2_pipeline.manifest import Extraction, Verdict
from sc2_pipeline.packs import is_there
from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.pipeline.stages import replay_files
from sc2_pipeline.steps.compact import COMPACT
from sc2_pipeline.stopping import is_told_to_stop
from sc2_pipeline.warehouse.loaded_parts import Loads
from sc2_pipeline.warehouse.parquet_files import NamedFile, drop_files, move_files_elsewhere, named_files

DAMAGED = "damaged_extraction"

Damage = Mapping[str, str]
"""Descriptions of damage, by file path relative to the home."""

Content = Mapping[str, Any]
"""Contents of an ``extract.json``."""

Given = TypeVar("Given")


def seen_damage(home: Path, files: Iterable[NamedFile]) -> dict[str, str]:
    """Damage that shows in file sizes, by path."""
    said = {file.path: difference(_wanted(file), size_of(home / file.path)) for file in files}
    return {path: what for path, what in said.items() if what is not None}


def read_damage(home: Path, files: Iterable[NamedFile]) -> dict[str, str]:
    """Damage found by reading files in full, by path."""
    said = {file.path: damage_of(home / file.path) for file in files}
    return {path: what for path, what in said.items() if what is not None}


def _wanted(file: NamedFile) -> FileMark | None:
    return None if file.file_bytes is None else FileMark(bytes=file.file_bytes)


def is_part(path: str) -> bool:
    """Whether the lake file is a compacted one."""
    return f"/{COMPACT}/" in path


class Mending:
    """Damage that one run finds. ``replay_ids`` collects the replays to be extracted again.

    ``held`` is what the warehouse holds; loads that lost rows are marked in it, so that they are loaded again.
    """

    def __init__(self, session: Session, held: Loads) -> None:
        self._session = session
        self._held = held
        self.replay_ids: set[str] = set()

    def mend(self, connection: duckdb.DuckDBPyConnection, replay_ids: Collection[str] | None = None) -> bool:
        """Removes missing files and files of another size from the views, for the loaded replays given or for all.

        Their replays are reset to be extracted again; until then the views lack only the rows of those files. Returns
        whether any were found.
        """
        return self.drop(connection, seen_damage(self._session.home.root, named_files(connection, replay_ids)))

    def mend_read(self, connection: duckdb.DuckDBPyConnection, files: Iterable[NamedFile] | None = None) -> bool:
        """Does the same for files that cannot be read in full: those given, or all."""
        named = named_files(connection) if files is None else files
        return self.drop(connection, read_damage(self._session.home.root, named))

    def without_damage(self, connection: duckdb.DuckDBPyConnection, work: Callable[[], Given]) -> Given:
        """Returns the result of ``work``. If it fails and loaded files are unreadable, drops those and runs it once
        more."""
        try:
            return work()
        except (duckdb.Error, PipelineError):
            if is_told_to_stop() or not self.mend_read(connection):
                raise
            return work()

    def drop(self, connection: duckdb.DuckDBPyConnection, damage: Damage) -> bool:
        """Does the same for files known to be damaged; paths are relative to the home.

        If the lake is elsewhere and still has the file, only the local copy is dropped.
        """
        if not damage:
            return False
        session = self._session
        copies = set() if isinstance(session.lake, FolderLake) else {path for path in damage if not is_part(path)}
        for path in copies:
            (session.home.root / path).unlink(missing_ok=True)
        if copies:
            move_files_elsewhere(connection, copies)
        own = damage.keys() - copies
        lost = drop_files(connection, own) if own else []
        self._set_parts_aside([path for path in damage if is_part(path)])
        keys = {(row.replay_id, row.part, row.settings_digest) for row in lost}
        for e in session.manifest.current_extractions({row.replay_id for row in lost}):
            if (e.replay_id, e.part, e.settings_digest) in keys:
                session.lake.withdraw(e.folder)
        self._set_back({row.replay_id: f"{row.path} {damage[row.path]}" for row in lost})
        self._held.update({(row.replay_id, row.part): None for row in lost})
        return True

    def faults(self, extractions: Mapping[Extraction, tuple[Content, Mapping[str, FileMark]]]) -> dict[Extraction, str]:
        """Faults of extractions not loaded yet, given the content of their ``extract.json`` and the files in their
        folders."""
        compacted = self._session.manifest.compacted_files([e.replay_id for e in extractions])
        parts = {(file.replay_id, file.part, file.settings_digest, file.table_name): file.path for file in compacted}
        damaged = seen_damage(
            self._session.home.root, [NamedFile(path=path, file_bytes=None) for path in set(parts.values())]
        )
        faults = {}
        for e, (content, marks) in extractions.items():
            receipt = receipt_of(content)
            if receipt is None:
                faults[e] = f"{e.folder}/{RECEIPT} is missing or damaged"
                continue
            for table, what in folder_faults(content, receipt, marks).items():
                part = None if table in marks else parts.get((e.replay_id, e.part, e.settings_digest, table))
                if part is None:
                    faults[e] = f"{e.folder}/{table}.parquet {what}"
                elif part in damaged:
                    faults[e] = f"{part} {damaged[part]}"
        self._set_parts_aside(damaged)
        return faults

    def read_faults(
        self, extractions: Mapping[Extraction, tuple[Collection[str], Sequence[str]]]
    ) -> dict[Extraction, str]:
        """Finds the same by reading every file: each extraction's own tables, and the home's compacted files."""
        faults = {}
        for e, (tables, parts) in extractions.items():
            own = {
                f"{e.folder}/{name}.parquet": what for name, what in self._session.lake.damage(e.folder, tables).items()
            }
            shared = read_damage(self._session.home.root, [NamedFile(path=path, file_bytes=None) for path in parts])
            self._set_parts_aside(shared)
            for path, what in (own | shared).items():
                faults[e] = f"{path} {what}"
        return faults

    def withdraw(self, faults: Mapping[Extraction, str]) -> None:
        """Resets the replays of damaged extractions, recording what is wrong."""
        for extraction in faults:
            self._session.lake.withdraw(extraction.folder)
        self._set_back({extraction.replay_id: what for extraction, what in faults.items()})

    def _set_parts_aside(self, paths: Iterable[str]) -> None:
        """Renames compacted files that are no longer in use; readable rows can still be recovered from them."""
        self._session.manifest.forget_compacted_files(list(paths))
        for path in paths:
            file = self._session.home.root / path
            with suppress(OSError):  # Missing, or open in another process (on Windows).
                file.replace(file.with_name(f"damaged-{file.name}"))

    def _set_back(self, why: Mapping[str, str]) -> None:
        """Replays whose file exists are to be extracted again; the others keep what is loaded, and a failure is
        recorded."""
        there = {i: file.path for i, file in replay_files(self._session.manifest, why).items()}
        gone = {i for i, path in there.items() if not is_there(path)}
        self._session.manifest.record_verdicts(
            Verdict(replay_id=i, status="found", stage="validate")
            if i not in gone
            else Verdict(
                replay_id=i,
                status="failed",
                stage="extract",
                reason=DAMAGED,
                detail=f"{what}, and the replay is not at {there[i]} to be extracted again; put it back and run again",
                is_retryable=True,
            )
            for i, what in why.items()
        )
        self.replay_ids |= why.keys() - gone
