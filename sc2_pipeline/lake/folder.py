"""The lake in a local folder: extractions are moved into it by renaming, and many may lie in one file (``bundles``)."""

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
from sc2_pipeline.lake.bundles import bundles_in, content, divided, files_of, is_wanted, mark_unwanted, place_of
from sc2_pipeline.lake.marks import FileMark, mark_of
from sc2_pipeline.lake.parquet import Contents, contents_of, damage_of, is_refusal, read_files, read_rows
from sc2_pipeline.lake.promise import GAME_DATA, RECEIPT, Lake

_SUFFIX = ".parquet"


@dataclass(frozen=True, slots=True)
class FolderLake:
    """Implements :class:`~sc2_pipeline.lake.promise.Lake` under ``root``; creates folders as needed."""

    root: Path

    def check(self) -> None:
        """Does nothing: an unwritable home has been reported before."""

    def receipts(self, folders: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """See :class:`Lake`."""
        contents: dict[str, Mapping[str, Any]] = {}
        for folder in folders:
            try:
                contents[folder] = json.loads(self._receipt_text(folder))
            except (FileNotFoundError, NotADirectoryError, ValueError, pa.ArrowException):
                continue
            except OSError as error:
                # Arrow's word for a page of a bundle whose checksum does not match.
                if is_refusal(error):
                    raise
        return contents

    def _receipt_text(self, place: str) -> bytes:
        bundle, folder = divided(place)
        if bundle is None:
            return (self.root / folder / RECEIPT).read_bytes()
        if not is_wanted(self.root, bundle, folder):
            raise FileNotFoundError(place)
        return content(self.root, bundle, folder, RECEIPT)

    def bundled(self) -> dict[str, str]:
        """See :class:`Lake`."""
        held = bundles_in(self.root)
        return {folder: place_of(bundle, folder) for bundle, folders in held.items() for folder in folders}

    def marks(self, folders: Collection[str]) -> dict[str, dict[str, FileMark]]:
        """See :class:`Lake`; tables whose files were compacted are absent."""
        return {folder: self._marks(folder) for folder in folders}

    def _marks(self, place: str) -> dict[str, FileMark]:
        bundle, folder = divided(place)
        if bundle is None:
            paths = (self.root / folder).glob(f"[!.]*{_SUFFIX}")
            return {path.name.removesuffix(_SUFFIX): FileMark.of(path) for path in paths}
        marks = {}
        for name in files_of(self.root, bundle).get(folder, frozenset()) - {RECEIPT}:
            with suppress(OSError, pa.ArrowException):
                marks[name.removesuffix(_SUFFIX)] = mark_of(content(self.root, bundle, folder, name))
        return marks

    def damage(self, folder: str, tables: Collection[str]) -> dict[str, str]:
        """See :class:`Lake`."""
        found = {table: self.contents(folder, table) for table in tables}
        return {table: what for table, what in found.items() if isinstance(what, str)}

    def contents(self, place: str, table_name: str) -> Contents | str:
        """Contents of a table's file, read to its end; what is wrong with it if it is missing or damaged."""
        bundle, folder = divided(place)
        file_name = f"{table_name}{_SUFFIX}"
        if bundle is None:
            return contents_of(self.root / folder / file_name)
        try:
            return contents_of(pa.BufferReader(content(self.root, bundle, folder, file_name)))
        except FileNotFoundError:
            return "is missing"
        except (OSError, pa.ArrowException) as error:
            if is_refusal(error):
                raise
            return f"cannot be read ({' '.join(str(error).split())})"

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
        bundle, own = divided(folder)
        if bundle is not None:
            mark_unwanted(self.root, bundle, own)
            return
        with suppress(FileNotFoundError, NotADirectoryError):
            (self.root / folder / RECEIPT).unlink()

    def remove(self, folder: str) -> None:
        """See :class:`Lake`. On Windows an open file remains, in a folder without ``extract.json``."""
        self.withdraw(folder)
        if divided(folder)[0] is None:
            shutil.rmtree(self.root / folder, ignore_errors=True)

    def read(self, folders: Sequence[str], table_name: str) -> pa.Table:
        """See :class:`Lake`."""
        if not any(divided(folder)[0] for folder in folders):
            return read_files([self.root / folder / f"{table_name}{_SUFFIX}" for folder in folders])
        return pa.concat_tables([self._read(folder, table_name) for folder in folders])

    def _read(self, place: str, table_name: str) -> pa.Table:
        bundle, folder = divided(place)
        file_name = f"{table_name}{_SUFFIX}"
        try:
            if bundle is None:
                return read_rows(self.root / folder / file_name)
            return read_rows(pa.BufferReader(content(self.root, bundle, folder, file_name)))
        except (OSError, pa.ArrowException) as error:
            if is_refusal(error) and not isinstance(error, FileNotFoundError):
                raise
            raise LakeError(
                f"{self.root / place} cannot be read ({' '.join(str(error).split())}); have `sc2-pipeline verify --repair` set its "
                "replay back, and run again: it is extracted anew"
            ) from error

    def has_game_data(self, table_name: str, version: str) -> bool:
        """See :class:`Lake`."""
        return self._game_data_file(table_name, version).is_file()

    def keep_game_data(self, table_name: str, version: str, rows: pa.Table) -> None:
        """See :class:`Lake`."""
        with whole_file(self._game_data_file(table_name, version)) as unfinished:
            pq.write_table(rows, unfinished, compression="zstd")

    def _game_data_file(self, table_name: str, version: str) -> Path:
        return self.root / GAME_DATA / table_name / f"{version}.parquet"

    def game_data(self, table_name: str) -> list[pa.Table]:
        """See :class:`Lake`."""
        paths = sorted((self.root / GAME_DATA / table_name).glob(f"[!.]*{_SUFFIX}"))
        for path in [path for path in paths if damage_of(path)]:
            # The next extraction of that version writes the file again.
            logging.getLogger(__name__).warning("%s is damaged and removed", path)
            path.unlink()
            paths.remove(path)
        return [read_rows(path) for path in paths]

    def fetch(self, files: Collection[str], into: Path) -> None:
        """See :class:`Lake`; does nothing if ``into`` is the lake itself."""
        for file in files:
            source, target = self.root / file, into / file
            if not source.is_file():
                raise LakeError(
                    f"{file} is not in the lake {self.root}; give the setting lake that its replay was extracted to"
                )
            if not target.is_file():
                with whole_file(target) as unfinished:
                    shutil.copyfile(source, unfinished)


@dataclass(frozen=True, slots=True)
class _Together(FolderLake):
    """Writes folders under temporary names, so that a crash or power cut leaves no half-written folder under its final
    name."""

    filled: list[tuple[Path, Path]] = field(default_factory=list)

    @contextmanager
    def new_folder(self, folder: str) -> Iterator[Path]:
        """See :class:`Lake`."""
        final = self.root / folder
        _remove_leftovers(final)
        unfinished = final.with_name(f".partial-{final.name}-{secrets.token_hex(4)}")
        unfinished.mkdir(parents=True)
        try:
            yield unfinished
        except BaseException:
            shutil.rmtree(unfinished, ignore_errors=True)
            raise
        self.filled.append((unfinished, final))

    def settle(self) -> None:
        """Syncs the filled folders to disk and renames them into the lake; removes those that cannot be."""
        # Another process may have finished the same work. Its folder is as good, since rows depend on the settings
        # alone.
        wanted = [(unfinished, final) for unfinished, final in self.filled if not _is_whole(final)]
        try:
            sync_folders([unfinished for unfinished, _ in wanted], with_files=True)
            for unfinished, final in wanted:
                _rename(unfinished, final)
            # Parent folders too, since some of them are new.
            sync_folders(
                {above for _, final in wanted for above in final.parents if self.root.parent in (above, *above.parents)}
            )
        finally:
            for unfinished, _ in self.filled:
                shutil.rmtree(unfinished, ignore_errors=True)


def _rename(unfinished: Path, final: Path) -> None:
    try:
        unfinished.rename(final)
    except OSError:
        # It was finished by another process meanwhile, or the existing folder is not an extraction.
        if not _is_whole(final):
            shutil.rmtree(final, ignore_errors=True)
            unfinished.rename(final)


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
