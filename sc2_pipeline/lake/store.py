"""The lake at an fsspec URL: files are uploaded, ``extract.json`` last to mark the folder as complete."""

import io
import json
import secrets
import shutil
import socket
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.credentials import without_credentials
from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.errors import LakeError
from sc2_pipeline.lake.drivers import driver_errors, file_system, is_of_this_machine
from sc2_pipeline.lake.marks import FileMark
from sc2_pipeline.lake.parquet import damage_of, read_rows
from sc2_pipeline.lake.promise import GAME_DATA, RECEIPT, Lake
from sc2_pipeline.scratch_folders import scratch_folder

TOGETHER = 32
"""Concurrent requests: one at a time would cost some 30 ms for each of a replay's dozen files."""


@dataclass(frozen=True, slots=True)
class StoreLake:
    """Implements :class:`~sc2_pipeline.lake.promise.Lake` at ``url``.

    A folder whose upload was interrupted has no ``extract.json``, does not count, and is overwritten by the next try.
    """

    url: str

    def check(self) -> None:
        """Writes and deletes an object, which fails for a missing bucket or wrong keys."""
        with self._saying():
            fs, root = file_system(self.url)
            if is_of_this_machine(fs) and not fs.isdir(root):
                # Creating it would fill the local disk under an unmounted mount point.
                raise FileNotFoundError(f"{root} is no folder here")
            probe = f"{root}/.probe-{secrets.token_hex(8)}"
            fs.pipe_file(probe, b"sc2_pipeline")
            fs.rm_file(probe)

    def receipts(self, folders: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """See :class:`Lake`."""
        texts = self._each(self._receipt_text, folders)
        return {folder: content for folder, text in zip(folders, texts, strict=True) if (content := _parsed(text))}

    def _receipt_text(self, fs: Any, root: str, folder: str) -> bytes | None:
        try:
            text: bytes = fs.cat_file(f"{root}/{folder}/{RECEIPT}")
        except FileNotFoundError:
            return None
        return text

    def bundled(self) -> dict[str, str]:
        """See :class:`Lake`; nothing is bundled in a store."""
        return {}

    def marks(self, folders: Collection[str]) -> dict[str, dict[str, FileMark]]:
        """See :class:`Lake`; a store reports sizes without downloading the files."""
        return dict(zip(folders, self._each(_marks, folders), strict=True))

    def damage(self, folder: str, tables: Collection[str]) -> dict[str, str]:
        """See :class:`Lake`."""
        said = self._each(partial(_damage, folder=folder), tables)
        return {table: what for table, what in zip(tables, said, strict=True) if what is not None}

    @contextmanager
    def new_folder(self, folder: str) -> Iterator[Path]:
        """See :class:`Lake`. Two processes that upload the same folder write the same rows, so the order does not
        matter."""
        with scratch_folder("extract") as scratch:
            yield Path(scratch)
            tables = [path for path in Path(scratch).iterdir() if path.name != RECEIPT]
            if is_of_this_machine(file_system(self.url)[0]):
                self._each(_remove_partial_files, [folder])
            self._each(partial(_put, folder=folder), tables)
            self._each(partial(_put, folder=folder), [Path(scratch, RECEIPT)])

    @contextmanager
    def together(self) -> Iterator[Lake]:
        """See :class:`Lake`; each folder is uploaded when it is filled."""
        yield self

    def withdraw(self, folder: str) -> None:
        """See :class:`Lake`."""
        with self._saying(), suppress(FileNotFoundError):
            fs, root = file_system(self.url)
            fs.rm_file(f"{root}/{folder}/{RECEIPT}")

    def remove(self, folder: str) -> None:
        """See :class:`Lake`."""
        self.withdraw(folder)
        with self._saying(), suppress(FileNotFoundError):
            fs, root = file_system(self.url)
            fs.rm(f"{root}/{folder}", recursive=True)

    def read(self, folders: Sequence[str], table_name: str) -> pa.Table:
        """See :class:`Lake`; raises LakeError for a file that another program truncated or removed."""
        return pa.concat_tables(self._each(_rows, [f"{folder}/{table_name}.parquet" for folder in folders]))

    def has_game_data(self, table_name: str, version: str) -> bool:
        """See :class:`Lake`."""
        with self._saying():
            fs, root = file_system(self.url)
            return bool(fs.exists(f"{root}/{GAME_DATA}/{table_name}/{version}.parquet"))

    def keep_game_data(self, table_name: str, version: str, rows: pa.Table) -> None:
        """See :class:`Lake`."""
        with scratch_folder("extract") as scratch:
            path = Path(scratch, f"{version}.parquet")
            pq.write_table(rows, path, compression="zstd")
            self._each(partial(_put, folder=f"{GAME_DATA}/{table_name}"), [path])

    def game_data(self, table_name: str) -> list[pa.Table]:
        """See :class:`Lake`."""
        folder = f"{GAME_DATA}/{table_name}"
        with self._saying():
            fs, root = file_system(self.url)
            names = sorted(path.rpartition("/")[2] for path in fs.find(f"{root}/{folder}"))
        return self._each(_rows, [f"{folder}/{name}" for name in names if not name.startswith(".")])

    def fetch(self, files: Collection[str], into: Path) -> None:
        """See :class:`Lake`."""
        self._each(partial(_get, into=into), [file for file in files if not (into / file).is_file()])

    def _each(self, function: Callable[[Any, str, Any], Any], things: Collection[Any]) -> list[Any]:
        """Results of ``function(file system, root, thing)`` for each thing, in order; several run concurrently."""
        with self._saying():
            fs, root = file_system(self.url)
            if len(things) <= 1:
                return [function(fs, root, thing) for thing in things]
            with ThreadPoolExecutor(min(TOGETHER, len(things))) as threads:
                return list(threads.map(partial(function, fs, root), things))

    @contextmanager
    def _saying(self) -> Iterator[None]:
        """Turns exceptions of the store's driver into a LakeError with one sentence."""
        try:
            yield
        except driver_errors() as error:
            # Driver messages may contain a signed URL, or the store's address from the environment with its password.
            said = without_credentials(" ".join(str(error).split())) or type(error).__name__
            raise LakeError(
                f"the lake {self.url} cannot be used from {socket.gethostname()} ({said}); check that it is there, and "
                "the keys and the address in this machine's environment, and run again: what is extracted stays"
            ) from error


def _put(fs: Any, root: str, path: Path, *, folder: str) -> None:
    target = f"{root}/{folder}/{path.name}"
    if not is_of_this_machine(fs):
        fs.put_file(str(path), target)
        return
    # A store lists only complete objects; a file system lists files that are still being written.
    with whole_file(Path(target)) as unfinished:
        shutil.copyfile(path, unfinished)


def _remove_partial_files(_: Any, root: str, folder: str) -> None:
    for left in Path(root, folder).glob(".partial-*"):
        left.unlink(missing_ok=True)


def _get(fs: Any, root: str, file: str, *, into: Path) -> None:
    with whole_file(into / file) as unfinished:
        try:
            fs.get_file(f"{root}/{file}", str(unfinished))
        except FileNotFoundError as error:
            raise LakeError(
                f"{file} is not in the lake {root}; give the setting lake that its replay was extracted to"
            ) from error


def _rows(fs: Any, root: str, file: str) -> pa.Table:
    try:
        return read_rows(pa.BufferReader(fs.cat_file(f"{root}/{file}")))
    except (FileNotFoundError, pa.ArrowInvalid) as error:
        raise LakeError(
            f"{root}/{file} is not there or not whole, though {RECEIPT} beside it says so; "
            f"remove that {RECEIPT} and run again: the replay is extracted anew"
        ) from error


def _marks(fs: Any, root: str, folder: str) -> dict[str, FileMark]:
    try:
        entries = fs.ls(f"{root}/{folder}", detail=True)
    except FileNotFoundError:
        return {}
    named = {str(entry["name"]).rpartition("/")[2]: entry for entry in entries}
    return {
        name.removesuffix(".parquet"): FileMark(bytes=int(entry["size"] or 0))
        for name, entry in named.items()
        if name.endswith(".parquet") and not name.startswith(".")
    }


def _damage(fs: Any, root: str, table: str, *, folder: str) -> str | None:
    try:
        content = fs.cat_file(f"{root}/{folder}/{table}.parquet")
    except FileNotFoundError:
        return "is missing"
    return damage_of(pa.BufferReader(content))


def _parsed(text: bytes | None) -> Mapping[str, Any] | None:
    try:
        content = json.load(io.BytesIO(text)) if text is not None else None
    except ValueError:
        return None
    return content if isinstance(content, dict) else None
