"""Damage in the lake: seen, taken out of what is read, and its replays set back so that they are extracted again.

A run looks at sizes of what is loaded (a few microseconds a file), and at the ends of files too of what it is to load. What
looks sound and does not read is found when reading fails: only then are files read to see which.
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
from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.pipeline.stages import replay_files
from sc2_pipeline.steps.compact import COMPACT
from sc2_pipeline.stopping import is_told_to_stop
from sc2_pipeline.warehouse.loaded_parts import Loads
from sc2_pipeline.warehouse.parquet_files import NamedFile, drop_files, move_files_elsewhere, named_files

DAMAGED = "damaged_extraction"

Damage = Mapping[str, str]
"""What is wrong, by file relative to the home."""

Content = Mapping[str, Any]
"""What an ``extract.json`` says."""

Given = TypeVar("Given")


def seen_damage(home: Path, files: Iterable[NamedFile]) -> dict[str, str]:
    """What the sizes of files tell."""
    said = {file.path: difference(_wanted(file), size_of(home / file.path)) for file in files}
    return {path: what for path, what in said.items() if what is not None}


def read_damage(home: Path, files: Iterable[NamedFile]) -> dict[str, str]:
    """What reading files to their ends tells."""
    said = {file.path: damage_of(home / file.path) for file in files}
    return {path: what for path, what in said.items() if what is not None}


def _wanted(file: NamedFile) -> FileMark | None:
    return None if file.file_bytes is None else FileMark(bytes=file.file_bytes)


def is_part(path: str) -> bool:
    """Whether a file of the lake is a compacted one."""
    return f"/{COMPACT}/" in path


class Mending:
    """What one run finds damaged. ``replay_ids`` gathers the replays that are to be extracted again.

    ``held`` is what the warehouse holds; a load that lost rows is marked there, so that it is loaded again.
    """

    def __init__(self, session: Session, held: Loads) -> None:
        self._session = session
        self._held = held
        self.replay_ids: set[str] = set()

    def mend(self, connection: duckdb.DuckDBPyConnection, replay_ids: Collection[str] | None = None) -> bool:
        """Takes files that are missing or have another size out of the views, of the loaded replays named or of all.

        Their replays are set back, so that they are extracted again; until then views lack the rows of those files alone.
        Whether there were any.
        """
        return self.drop(connection, seen_damage(self._session.home.root, named_files(connection, replay_ids)))

    def mend_read(self, connection: duckdb.DuckDBPyConnection, files: Iterable[NamedFile] | None = None) -> bool:
        """The same for files that do not read to their ends: those given, or all."""
        named = named_files(connection) if files is None else files
        return self.drop(connection, read_damage(self._session.home.root, named))

    def without_damage(self, connection: duckdb.DuckDBPyConnection, work: Callable[[], Given]) -> Given:
        """What ``work`` gives; where it fails, and files of loaded replays do not read, what it gives without those."""
        try:
            return work()
        except (duckdb.Error, PipelineError):
            if is_told_to_stop() or not self.mend_read(connection):
                raise
            return work()

    def drop(self, connection: duckdb.DuckDBPyConnection, damage: Damage) -> bool:
        """The same for files, relative to the home, of which is known what is wrong.

        A file that also lies in a lake elsewhere is only not here any more.
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
        keys = {(row.replay_id, row.part, row.settings) for row in lost}
        for e in session.manifest.current_extractions({row.replay_id for row in lost}):
            if (e.replay_id, e.part, e.settings) in keys:
                session.lake.withdraw(e.folder)
        self._set_back({row.replay_id: f"{row.path} {damage[row.path]}" for row in lost})
        self._held.update({(row.replay_id, row.part): None for row in lost})
        return True

    def faults(self, extractions: Mapping[Extraction, tuple[Content, Mapping[str, FileMark]]]) -> dict[Extraction, str]:
        """What is wrong with extractions that are not loaded, given what each one's ``extract.json`` and folder hold."""
        compacted = self._session.manifest.compacted_files([e.replay_id for e in extractions])
        parts = {(file.replay_id, file.part, file.settings, file.table_name): file.path for file in compacted}
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
                part = None if table in marks else parts.get((e.replay_id, e.part, e.settings, table))
                if part is None:
                    faults[e] = f"{e.folder}/{table}.parquet {what}"
                elif part in damaged:
                    faults[e] = f"{part} {damaged[part]}"
        self._set_parts_aside(damaged)
        return faults

    def read_faults(
        self, extractions: Mapping[Extraction, tuple[Collection[str], Sequence[str]]]
    ) -> dict[Extraction, str]:
        """The same by reading every file: of each extraction, its tables' in its folder and compacted ones of the home."""
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
        """Sets back the replays of extractions that are not sound, each with what is wrong."""
        for extraction in faults:
            self._session.lake.withdraw(extraction.folder)
        self._set_back({extraction.replay_id: what for extraction, what in faults.items()})

    def _set_parts_aside(self, paths: Iterable[str]) -> None:
        """Compacted files that hold nothing any more; what can still be read of them stays for whoever wants to try."""
        self._session.manifest.forget_compacted_files(list(paths))
        for path in paths:
            file = self._session.home.root / path
            with suppress(OSError):  # Not there, or somebody has it open (on Windows).
                file.replace(file.with_name(f"damaged-{file.name}"))

    def _set_back(self, why: Mapping[str, str]) -> None:
        """Replays whose file is there wait to be extracted again; of the others what is loaded stays, and that is said."""
        there = {i: file.path for i, file in replay_files(self._session.manifest, why).items()}
        gone = {i for i, path in there.items() if not path.is_file()}
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
