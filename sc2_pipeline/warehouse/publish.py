"""The file that people open: a copy of the writer's file that atomically replaces the previous one.

Where the file system cannot share blocks, a large file is not copied each time: the published file before last is brought up to
the writer's and takes its place (``alternating``), unless anything is in doubt; then the writer's file is copied after all.

Readers with the old file open keep reading it. If the system cannot replace an open file (Windows), the copy gets a
name of its own and ``warehouse.duckdb.current`` names it; ``warehouse.reading.current_file`` follows that pointer.
"""

import ctypes
import logging
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import psutil

from sc2_pipeline.durable_files import make_folders, sync_file, sync_folder, whole_file
from sc2_pipeline.errors import HomeError
from sc2_pipeline.machine_faults import machine_error
from sc2_pipeline.warehouse.alternating import exchange, forget_older, keep_as_older, renew_older
from sc2_pipeline.warehouse.catalog import scalar
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.opening_errors import opening_error
from sc2_pipeline.warehouse.reading.current_file import current_file, pointer_file

Method = Literal["reflink", "catch_up", "copy"]

_FICLONE = 0x40049409
"""Linux ioctl that shares the blocks of another file (btrfs, xfs, bcachefs; linux/fs.h)."""

_PARTIAL = ".partial"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """Result of publishing. ``rows`` counts all rows of schema marts; ``path`` is the file that readers open now.

    ``copied_because`` says of a copy why the file before last was not brought up.
    """

    path: Path
    bytes: int
    rows: int
    replays: int
    seconds: float
    method: Method
    copied_because: str | None = None


def publish(build: Path, warehouse: Path, *, memory: Memory | None = None) -> PublishReport:
    """Makes ``warehouse`` what the writer's file ``build`` is; nobody may write to that meanwhile.

    Raises HomeError if there is nothing to publish, the disk is full or the folder is not writable.
    """
    started = time.perf_counter()
    rows, replays = _checkpoint(build, memory)
    partial = warehouse.with_name(f"{warehouse.name}{_PARTIAL}-{os.getpid()}")
    try:
        make_folders(warehouse.parent)
        remove_leftovers(warehouse)
        path, method, doubt = _published_anew(build, warehouse, partial, memory)
        if doubt is not None:
            logging.getLogger(__name__).info("%s is a copy: %s", path, doubt)
        remove_leftovers(warehouse)
    except OSError as error:
        raise machine_error(error, warehouse.parent) or HomeError(
            f"{warehouse} cannot be published ({error}); mend the folder and run again: nothing is lost"
        ) from error
    finally:
        partial.unlink(missing_ok=True)
    return PublishReport(
        path=path,
        bytes=path.stat().st_size,
        rows=rows,
        replays=replays,
        seconds=time.perf_counter() - started,
        method=method,
        copied_because=doubt,
    )


def _published_anew(
    build: Path, warehouse: Path, partial: Path, memory: Memory | None
) -> tuple[Path, Method, str | None]:
    """The file that readers open now, how it was made and, of a copy, why."""
    if _clone(build, partial):
        forget_older(warehouse)
        return _put_in_place(partial, warehouse), "reflink", None
    doubt = renew_older(build, warehouse, memory)
    if doubt is None:
        return exchange(warehouse, partial), "catch_up", None
    shutil.copyfile(build, partial)
    sync_file(partial)
    keep_as_older(warehouse, build)
    return _put_in_place(partial, warehouse), "copy", doubt


def _checkpoint(build: Path, memory: Memory | None) -> tuple[int, int]:
    """Checkpoints the WAL into the file, so that the file alone can be copied; returns rows of marts and replays."""
    if not build.is_file():
        raise HomeError(f"no warehouse to publish at {build}; load replays first")
    try:
        with duckdb.connect(str(build)) as connection:
            if memory is not None:
                memory.bound(connection)
            connection.execute("checkpoint")
            rows = sum(_rows_of_marts(connection))
            replays = scalar(connection, "select count(distinct replay_id) from ops.loads")
    except duckdb.Error as error:
        way_out = "`sc2-pipeline verify --repair` keeps it aside and makes it anew from the lake"
        raise opening_error(build, error, way_out) from error
    return rows, int(str(replays))


def _rows_of_marts(connection: duckdb.DuckDBPyConnection) -> Iterator[int]:
    tables = connection.execute(
        "select table_name from duckdb_tables() where schema_name = 'marts' and database_name = current_database()"
    ).fetchall()
    for (name,) in tables:
        [(rows,)] = connection.execute(f'select count(*) from marts."{name}"').fetchall()
        yield int(rows)


def _clone(source: Path, target: Path) -> bool:
    """Makes ``target`` share the blocks of ``source`` if the file system supports it, synced to disk."""
    if any(clone(source, target) for clone in (_clone_on_linux, _clone_on_macos)):
        return True
    target.unlink(missing_ok=True)
    return False


def _clone_on_linux(source: Path, target: Path) -> bool:
    if platform.system() != "Linux":
        return False
    import fcntl  # noqa: PLC0415 - only POSIX has it

    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
        except OSError:  # Not supported by the file system; copy instead.
            return False
        os.fsync(new.fileno())
    return True


def _clone_on_macos(source: Path, target: Path) -> bool:
    if platform.system() != "Darwin":
        return False
    clonefile: Callable[[bytes, bytes, int], int] = ctypes.CDLL(None, use_errno=True).clonefile
    target.unlink(missing_ok=True)
    if clonefile(os.fsencode(source), os.fsencode(target), 0) != 0:
        return False
    sync_file(target)
    return True


def _put_in_place(partial: Path, warehouse: Path) -> Path:
    pointer = pointer_file(warehouse)
    # Left by a killed process that wrote to the published file: DuckDB would reject the new file beside it.
    warehouse.with_name(f"{warehouse.name}.wal").unlink(missing_ok=True)
    try:
        partial.replace(warehouse)
    except PermissionError:
        if not warehouse.is_file():
            raise
        return _put_beside(partial, warehouse, pointer)
    sync_folder(warehouse.parent)
    pointer.unlink(missing_ok=True)
    return warehouse


def _put_beside(partial: Path, warehouse: Path, pointer: Path) -> Path:
    """If an open file cannot be replaced: publishes under a new name, and updates the pointer."""
    path = warehouse.with_name(_version_name(warehouse, time.time_ns()))
    partial.replace(path)
    with whole_file(pointer) as new_pointer:
        new_pointer.write_text(path.name, encoding="utf-8")
    return path


def _version_name(warehouse: Path, number: int | str) -> str:
    return f"{warehouse.stem}.published-{number}{warehouse.suffix}"


def remove_leftovers(warehouse: Path) -> None:
    """Removes partial copies of dead processes, and versions that are no longer current and that nobody has open."""
    current = current_file(warehouse)
    leftovers = [
        *(path for path in warehouse.parent.glob(f"{warehouse.name}{_PARTIAL}-*") if not _is_being_written(path)),
        *(path for path in warehouse.parent.glob(_version_name(warehouse, "*")) if path != current),
    ]
    for path in leftovers:
        try:
            path.unlink()
        except PermissionError:  # A reader has it open; the next publishing tries again.
            continue


def _is_being_written(partial: Path) -> bool:
    """Whether another live process is writing it; a file with our own process id is left over from a dead process."""
    owner = partial.name.rpartition("-")[2]
    return owner.isdigit() and int(owner) != os.getpid() and psutil.pid_exists(int(owner))
