"""The folder in which an export is written, kept if the process is killed, so that the same export continues in it."""

import hashlib
import json
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

import duckdb
import pyarrow as pa
from filelock import FileLock, Timeout

from sc2_pipeline import __version__
from sc2_pipeline.errors import HomeError
from sc2_pipeline.export.files import FILE_BYTES, ExportedFile
from sc2_pipeline.export.new_folder import must_be_free
from sc2_pipeline.warehouse.generation import generation_of

_JOURNAL = "finished.jsonl"
"""Lines of JSON: a digest of what the export is made of, then one object for each finished part."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Files of an export that are finished together. ``until`` is the writer's own count of what it has read by then."""

    files: tuple[ExportedFile, ...]
    until: int = 0


class Unfinished:
    """An export in progress, in ``folder``. Its parts have names; those that an earlier process finished are not written again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._journal = folder / _JOURNAL
        self._parts: dict[str, Part] = {}

    def resume(self, connection: duckdb.DuckDBPyConnection, *made_of: object) -> None:
        """Keeps the parts that were finished from the same warehouse and ``made_of`` the same, and removes all other files.

        Files are kept if their hashes still agree. Two exports are the same if the representations of ``made_of`` are; a
        warehouse without a generation, which an earlier release published, is never the same.
        """
        key = _key(connection, made_of)
        lines = self._journal.read_text(encoding="utf-8").splitlines() if self._journal.is_file() else []
        if key is not None and lines and lines[0] == key:
            self._parts = {name: part for name, part in map(_read, lines[1:]) if name and self._is_whole(part)}
        kept = {self.folder / file.path for part in self._parts.values() for file in part.files}
        for path in sorted(self.folder.rglob("*"), reverse=True):
            if path.is_dir():
                if not any(path.iterdir()):
                    path.rmdir()
            elif path not in kept:
                path.unlink()
        noted = "".join(_line(name, part) for name, part in self._parts.items())
        self._journal.write_text(f"{key or ''}\n{noted}", encoding="utf-8")

    def part(self, name: str, write: Callable[[], Part]) -> Part:
        """The part of that name: as it was finished earlier, else as ``write`` writes it now."""
        if name not in self._parts:
            self._parts[name] = write()
            with self._journal.open("a", encoding="utf-8") as journal:
                journal.write(_line(name, self._parts[name]))
        return self._parts[name]

    def files(self, name: str, write: Callable[[], Iterable[ExportedFile]]) -> tuple[ExportedFile, ...]:
        """The files of the part of that name, like :meth:`part`."""
        return self.part(name, lambda: Part(files=tuple(write()))).files

    @property
    def has_parts(self) -> bool:
        """Whether a part is finished, so that the folder is worth keeping."""
        return bool(self._parts)

    def end(self) -> None:
        """Removes the notes of what is finished, which are no part of the export."""
        self._journal.unlink(missing_ok=True)

    def _is_whole(self, part: Part) -> bool:
        return all(
            (path := self.folder / file.path).is_file()
            and ExportedFile.of(self.folder, path, table=file.table, split=file.split, rows=file.rows) == file
            for file in part.files
        )


@contextmanager
def unfinished(destination: Path) -> Iterator[Unfinished]:
    """An export that becomes ``destination`` if the block ends without an error.

    Else its folder, beside ``destination``, stays for the next export there if a part is finished, and is removed if none is. Raises
    HomeError for a destination that is neither new nor an empty folder, and while another process exports to it.
    """
    folder = destination.with_name(f".partial-{destination.name}")
    lock = FileLock(folder.with_name(f"{folder.name}.lock"), timeout=0)
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        lock.acquire()
    except Timeout as error:
        raise HomeError(f"another process exports to {destination}; wait for it, or give another folder") from error
    try:
        # Under the lock: an export that has just ended may have taken the place.
        must_be_free(destination)
        folder.mkdir(exist_ok=True)
        export = Unfinished(folder)
        try:
            yield export
        except BaseException:
            if not export.has_parts:
                shutil.rmtree(folder, ignore_errors=True)
            raise
        export.end()
        if destination.is_dir():
            destination.rmdir()
        folder.rename(destination)
    finally:
        lock.release()
        Path(lock.lock_file).unlink(missing_ok=True)


def _key(connection: duckdb.DuckDBPyConnection, made_of: tuple[object, ...]) -> str | None:
    generation = generation_of(connection)
    if generation is None:
        return None
    programs = (__version__, duckdb.__version__, pa.__version__, FILE_BYTES)
    return hashlib.sha256(repr((generation.name, programs, made_of)).encode()).hexdigest()


def _line(name: str, part: Part) -> str:
    return json.dumps({"name": name, **asdict(part)}) + "\n"


def _read(line: str) -> tuple[str, Part]:
    """A part that was noted, by name; an empty name where the process was killed while it wrote the line."""
    try:
        noted = json.loads(line)
    except ValueError:
        return "", Part(files=())
    files = tuple(ExportedFile(**file) for file in noted["files"])
    return noted["name"], Part(files=files, until=noted["until"])
