"""Checks of the lake: receipts, every file read in full, and files that nothing refers to."""

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sc2_pipeline.config import Home
from sc2_pipeline.lake import GAME_DATA, RECEIPT, FileMark, FolderLake, Lake, contents_of, difference
from sc2_pipeline.lake.bundles import divided
from sc2_pipeline.lake.receipts import Receipt, folder_faults, receipt_at
from sc2_pipeline.manifest import CompactedFile
from sc2_pipeline.pipeline.damaged_files import is_part
from sc2_pipeline.pipeline.discovery import chunks
from sc2_pipeline.pipeline.folding import FOLDED_PARTS
from sc2_pipeline.pipeline.session import Progress, Watch
from sc2_pipeline.pipeline.verification.findings import Notes
from sc2_pipeline.pipeline.verification.manifest_checks import Told
from sc2_pipeline.pipeline.verification.warehouse_checks import Held
from sc2_pipeline.steps.compact import COMPACT, told_pieces

STALE_SECONDS = 3_600.0
"""Age after which a partial file counts as abandoned; a running process writes every few seconds."""

FOLDERS_AT_ONCE = 1_000
"""Number of receipts in memory at once."""

WANTED = ("extracted", "loaded")


@dataclass(slots=True)
class LakeFaults:
    """Input of a repair: damaged files that views name, folders to withdraw, unknown complete folders, leftovers, and
    compacted rows that the manifest has to be told of.

    Paths are relative to the home, folders to the lake; ``leftovers`` are full paths.
    """

    files: dict[str, str] = field(default_factory=dict)
    folders: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, Mapping[str, Any]] = field(default_factory=dict)
    leftovers: list[Path] = field(default_factory=list)
    compacted: list[CompactedFile] = field(default_factory=list)


class LakeChecks:
    """Checks the lake of one home against its manifest and warehouse."""

    def __init__(self, home: Home, lake: Lake, told: Told, held: Held, notes: Notes) -> None:
        self._home, self._lake, self._told, self._held, self._notes = home, lake, told, held, notes
        self._named = {row["folder"]: row for row in told.extractions}
        self._own_names = {divided(folder)[1] for folder in self._named}
        self._compacted = {
            (r["replay_id"], r["part"], r["settings_digest"], r["table_name"]) for r in told.compacted
        } | {
            (f.replay_id, f.part, held.loads[f.replay_id, f.part], f.table_name)
            for f in held.files
            if is_part(f.path) and (f.replay_id, f.part) in held.loads
        }
        self.faults = LakeFaults()
        if not told.is_readable:
            self._ask_parts()

    def _ask_parts(self) -> None:
        """Learns from compacted files which rows they hold, where nothing else tells it any more."""
        for path in sorted((self._home.lake / COMPACT).rglob("part-*.parquet")):
            part, table_name = path.relative_to(self._home.lake / COMPACT).parts[:2]
            pieces = told_pieces(path)
            self.faults.compacted += [
                CompactedFile(
                    replay_id=replay_id,
                    part=part,
                    settings_digest=digest,
                    table_name=table_name,
                    path=self._relative(path),
                    held_replays=len(pieces),
                )
                for replay_id, digest in pieces
                if (replay_id, part, digest, table_name) not in self._compacted
            ]
        self._compacted |= {(f.replay_id, f.part, f.settings_digest, f.table_name) for f in self.faults.compacted}

    def check(self, watch: Watch) -> None:
        """Records every problem found."""
        here = [*self._folders(), *self._lake.bundled().values()] if isinstance(self._lake, FolderLake) else []
        folders = sorted({*self._named, *here})
        done = 0
        for some in chunks(folders, FOLDERS_AT_ONCE):
            contents, marks = self._lake.receipts(some), self._lake.marks(some)
            for folder in some:
                watch(Progress(stage="verify", done=done, total=len(folders)))
                self._check_folder(folder, contents.get(folder, {}), marks[folder])
                done += 1
        watch(Progress(stage="verify", done=len(folders), total=len(folders)))
        self._notes.count("extractions", len(folders))
        self._check_named()
        self._check_parts()
        if isinstance(self._lake, FolderLake):
            self._check_game_data()
            self._check_leftovers()
        else:
            self._notes.not_looked_at.append("the contents of files in the store: their sizes were compared")

    def _check_folder(self, folder: str, content: Mapping[str, Any], marks: Mapping[str, FileMark]) -> None:
        receipt = receipt_at(content, folder)
        if receipt is None:
            if self._is_wanted(folder):
                self._fault("extraction_missing", folder, RECEIPT, "is missing or damaged")
            return
        faults = folder_faults(content, receipt, marks)
        digest = self._named[folder]["settings_digest"] if folder in self._named else receipt.settings_digest
        key = receipt.replay_id, receipt.part, digest
        faults = {name: what for name, what in faults.items() if name in marks or (*key, name) not in self._compacted}
        if isinstance(self._lake, FolderLake):
            faults |= self._read(self._lake, folder, receipt, marks.keys() - faults.keys())
        for name, what in faults.items():
            self._fault("file_damaged", folder, f"{name}.parquet", what)
        if divided(folder)[1] not in self._own_names and not faults:
            self.faults.unknown[folder] = content
            if self._told.is_readable:
                self._notes.add("unknown_extraction", self._path(folder), f"of replay {receipt.replay_id}")

    def _is_wanted(self, folder: str) -> bool:
        """Whether the folder should hold rows of a replay that is extracted or loaded."""
        row = self._named.get(folder)
        return row is not None and bool(row["is_current"]) and self._told.standing.get(row["replay_id"]) in WANTED

    def _read(self, lake: FolderLake, folder: str, receipt: Receipt, tables: Iterable[str]) -> dict[str, str]:
        faults = {}
        for table in sorted(set(tables) & receipt.rows.keys()):
            found = lake.contents(folder, table)
            self._notes.count("files read to their ends")
            if isinstance(found, str):
                faults[table] = found
            elif found.rows != receipt.rows[table]:
                faults[table] = f"holds {found.rows:,} rows, where {receipt.rows[table]:,} were written"
            elif found.replay_ids - {receipt.replay_id}:
                faults[table] = f"holds rows of {', '.join(sorted(found.replay_ids - {receipt.replay_id})[:3])}"
        return faults

    def _fault(self, kind: str, folder: str, file: str, what: str) -> None:
        path = f"{self._path(folder)}/{file}"
        self._notes.add(kind, path, what)
        self.faults.folders[folder] = f"{path} {what}"
        if file != RECEIPT:
            self.faults.files[path] = what

    def _path(self, folder: str) -> str:
        return f"{self._home.lake.name}/{folder}"

    def _check_named(self) -> None:
        """Checks sizes of files that views name and that were not checked with their folder."""
        for file in self._held.files:
            if file.path in self.faults.files or is_part(file.path):
                continue
            path = self._home.root / file.path
            mark = FileMark(bytes=path.stat().st_size) if path.is_file() else None
            wanted = None if file.file_bytes is None else FileMark(bytes=file.file_bytes)
            if what := difference(wanted, mark):
                self._notes.add("file_damaged", file.path, what)
                self.faults.files[file.path] = what

    def _check_parts(self) -> None:
        """Reads every compacted file, and checks that it holds rows of all replays recorded for it."""
        replays: dict[str, set[str]] = defaultdict(set)
        for row in self._told.compacted:
            replays[row["path"]].add(row["replay_id"])
        sizes: dict[str, int | None] = {}
        for file in self._held.files:
            if is_part(file.path):
                replays[file.path].add(file.replay_id)
                sizes[file.path] = file.file_bytes
        for path, named in sorted(replays.items()):
            found = contents_of(self._home.root / path)
            self._notes.count("files read to their ends")
            if isinstance(found, str):
                what: str | None = found
            elif absent := named - found.replay_ids:
                what = f"lacks rows of {len(absent):,} of its {len(named):,} replays"
            else:
                size = sizes.get(path)
                mark = FileMark(bytes=(self._home.root / path).stat().st_size)
                what = None if size is None else difference(FileMark(bytes=size), mark)
            if what:
                self._notes.add("compacted_file_damaged", path, what)
                self.faults.files[path] = what
        if self._told.is_readable and self._held.is_readable:
            on_disk = (self._home.lake / COMPACT).rglob("part-*.parquet")
            unnamed = (path for path in on_disk if self._relative(path) not in replays)
            self._leftovers("leftover", (path for path in unnamed if not self._is_written_again(path)))

    def _is_written_again(self, path: Path) -> bool:
        """Whether another compacted file holds the rows too: the next run removes this one, which an open file may still name."""
        part, table_name = path.relative_to(self._home.lake / COMPACT).parts[:2]
        pieces = told_pieces(path)
        return (
            part in FOLDED_PARTS
            and bool(pieces)
            and all((i, part, digest, table_name) in self._compacted for i, digest in pieces)
        )

    def _check_game_data(self) -> None:
        for path in sorted((self._home.lake / GAME_DATA).glob("*/[!.]*.parquet")):
            found = contents_of(path)
            self._notes.count("files read to their ends")
            if isinstance(found, str):
                self._leftovers("game_data_damaged", [path], found)

    def _check_leftovers(self) -> None:
        partial = (path for path in self._home.lake.rglob(".partial-*") if _is_stale(path))
        self._leftovers("leftover", partial)

    def _leftovers(self, kind: str, paths: Iterable[Path], said: str = "is part of nothing") -> None:
        for path in sorted(paths):
            self._notes.add(kind, self._relative(path), said)
            self.faults.leftovers.append(path)

    def _relative(self, path: Path) -> str:
        return path.relative_to(self._home.root).as_posix()

    def _folders(self) -> Iterator[str]:
        for path in self._home.lake.glob("[!.]*/[0-9a-f][0-9a-f]/[!.]*/"):
            yield path.relative_to(self._home.lake).as_posix()


def _is_stale(path: Path) -> bool:
    """Whether it and its contents are unchanged for so long that no process can be writing them."""
    try:
        latest = max(each.stat().st_mtime for each in (path, *path.rglob("*")))
    except OSError:  # Deleted meanwhile, so a process is using it.
        return False
    return time.time() - latest > STALE_SECONDS
