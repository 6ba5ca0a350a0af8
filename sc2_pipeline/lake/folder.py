"""The lake in a local folder. An extraction is written under a temporary name and renamed when it is whole."""

import json
import logging
import os
import secrets
import shutil
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.durable_files import sync_folders, whole_file
from sc2_pipeline.errors import LakeError
from sc2_pipeline.lake.marks import FileMark
from sc2_pipeline.lake.parquet import damage_of, read_files, read_rows
from sc2_pipeline.lake.promise import GAME_DATA, RECEIPT, Lake

_SUFFIX = ".parquet"


@dataclass(frozen=True, slots=True)
class FolderLake:
    """Implements :class:`~sc2_pipeline.lake.promise.Lake` in the folder ``root``; creates folders as needed."""

    root: Path

    def check(self) -> None:
        """Does nothing: opening the home has already shown that it can be written to."""

    def receipts(self, folders: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """See :class:`Lake`."""
        contents: dict[str, Mapping[str, Any]] = {}
        for folder in folders:
            try:
                contents[folder] = json.loads((self.root / folder / RECEIPT).read_text(encoding="utf-8"))
            except (FileNotFoundError, NotADirectoryError, ValueError):
                continue
        return contents

    def marks(self, folders: Collection[str]) -> dict[str, dict[str, FileMark]]:
        """See :class:`Lake`. Files that compaction removed are not listed."""
        return {
            folder: {p.name.removesuffix(_SUFFIX): FileMark.of(p) for p in (self.root / folder).glob(f"[!.]*{_SUFFIX}")}
            for folder in folders
        }

    def damage(self, folder: str, tables: Collection[str]) -> dict[str, str]:
        """See :class:`Lake`."""
        said = {table: damage_of(self.root / folder / f"{table}{_SUFFIX}") for table in tables}
        return {table: what for table, what in said.items() if what is not None}

    @contextmanager
    def new_folder(self, folder: str) -> Iterator[Path]:
        """See :class:`Lake`."""
        with self.together() as lake, lake.new_folder(folder) as place:
            yield place

    @contextmanager
    def together(self) -> Iterator[Lake]:
        """See :class:`Lake`."""
        lake = _Together(self.root)
        try:
            yield lake
        finally:
            lake.settle()

    def withdraw(self, folder: str) -> None:
        """See :class:`Lake`."""
        with suppress(FileNotFoundError, NotADirectoryError):
            (self.root / folder / RECEIPT).unlink()

    def remove(self, folder: str) -> None:
        """See :class:`Lake`. On Windows a file that is open elsewhere stays behind; its folder no longer counts as an extraction."""
        self.withdraw(folder)
        shutil.rmtree(self.root / folder, ignore_errors=True)

    def read(self, folders: Sequence[str], table_name: str) -> pa.Table:
        """See :class:`Lake`."""
        return read_files([self.root / folder / f"{table_name}.parquet" for folder in folders])

    def has_game_data(self, table_name: str, version: str) -> bool:
        """See :class:`Lake`."""
        return self._game_data_file(table_name, version).is_file()

    def keep_game_data(self, table_name: str, version: str, rows: pa.Table) -> None:
        """See :class:`Lake`."""
        with whole_file(self._game_data_file(table_name, version)) as partial:
            pq.write_table(rows, partial, compression="zstd")

    def _game_data_file(self, table_name: str, version: str) -> Path:
        return self.root / GAME_DATA / table_name / f"{version}.parquet"

    def game_data(self, table_name: str) -> list[pa.Table]:
        """See :class:`Lake`."""
        paths = sorted((self.root / GAME_DATA / table_name).glob(f"[!.]*{_SUFFIX}"))
        for path in [path for path in paths if damage_of(path)]:
            # The next extraction of that version writes it anew.
            logging.getLogger(__name__).warning("%s is damaged and removed", path)
            path.unlink()
            paths.remove(path)
        return [read_rows(path) for path in paths]

    def fetch(self, files: Collection[str], into: Path) -> None:
        """See :class:`Lake`; copies nothing when ``into`` is the lake itself."""
        for file in files:
            source, target = self.root / file, into / file
            if not source.is_file():
                raise LakeError(
                    f"{file} is not in the lake {self.root}; give the setting lake that its replay was extracted to"
                )
            if not target.is_file():
                with whole_file(target) as partial:
                    shutil.copyfile(source, partial)


@dataclass(frozen=True, slots=True)
class _Together(FolderLake):
    """Collects new folders under temporary names and renames them together, so that neither a crash nor a power cut
    leaves an incomplete folder under its final name.
    """

    filled: list[tuple[Path, Path]] = field(default_factory=list)

    @contextmanager
    def new_folder(self, folder: str) -> Iterator[Path]:
        """See :class:`Lake`."""
        final = self.root / folder
        _remove_leftovers(final)
        partial = final.with_name(f".partial-{final.name}-{secrets.token_hex(4)}")
        partial.mkdir(parents=True)
        try:
            yield partial
        except BaseException:
            shutil.rmtree(partial, ignore_errors=True)
            raise
        self.filled.append((partial, final))

    def settle(self) -> None:
        """Syncs the filled folders to disk, then renames each to its final name; removes those that could not be renamed."""
        # Another process may have finished the same work: its folder is as good, rows depend on the settings alone.
        wanted = [(partial, final) for partial, final in self.filled if not _is_whole(final)]
        try:
            sync_folders([partial for partial, _ in wanted], with_files=True)
            for partial, final in wanted:
                _rename(partial, final)
            # Those above too: some of them are new.
            sync_folders(
                {above for _, final in wanted for above in final.parents if self.root.parent in (above, *above.parents)}
            )
        finally:
            for partial, _ in self.filled:
                shutil.rmtree(partial, ignore_errors=True)


def _rename(partial: Path, final: Path) -> None:
    try:
        partial.rename(final)
    except OSError:
        # It was finished meanwhile, or what lies there is no extraction.
        if not _is_whole(final):
            shutil.rmtree(final, ignore_errors=True)
            partial.rename(final)


def _is_whole(folder: Path) -> bool:
    try:
        json.loads((folder / RECEIPT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return True


def _remove_leftovers(final: Path) -> None:
    if final.parent.is_dir():
        for entry in os.scandir(final.parent):
            if entry.name.startswith(f".partial-{final.name}-"):
                shutil.rmtree(entry.path, ignore_errors=True)
