"""The file that people open: a copy of the writer's file that replaces the last one in one move.

Whoever has the old file open keeps what it read. Where the system refuses to replace an open file (Windows), the copy
stands beside it under a name of its own and ``warehouse.duckdb.current`` says which; :func:`published_warehouse` follows it.
"""

import ctypes
import os
import platform
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import duckdb
import psutil

from sc2_pipeline.durable_files import make_folders, sync_file, sync_folder, whole_file
from sc2_pipeline.errors import HomeError
from sc2_pipeline.machine_faults import machine_error
from sc2_pipeline.warehouse.catalog import scalar
from sc2_pipeline.warehouse.generation import Generation, generation_of
from sc2_pipeline.warehouse.opening_errors import opening_error
from sc2_pipeline.warehouse.parquet_views import FILES

Method = Literal["reflink", "copy"]

_FICLONE = 0x40049409
"""ioctl of Linux: share the blocks of another file (btrfs, xfs, bcachefs; linux/fs.h)."""

_POINTER = ".current"
_PARTIAL = ".partial"

_HEADERS_BYTES = 3 * 4096
"""What DuckDB's files begin with, before the first block."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishReport:
    """What was published. ``rows`` counts all rows of schema marts; ``path`` is the file that readers get now."""

    path: Path
    bytes: int
    rows: int
    replays: int
    seconds: float
    method: Method


def publish(build: Path, warehouse: Path) -> PublishReport:
    """Copies the writer's file ``build`` to ``warehouse``; nobody may write to it meanwhile.

    Raises HomeError when there is nothing to publish, the disk is full or the folder refuses.
    """
    started = time.perf_counter()
    rows, replays = _checkpoint(build)
    partial = warehouse.with_name(f"{warehouse.name}{_PARTIAL}-{os.getpid()}")
    try:
        make_folders(warehouse.parent)
        remove_leftovers(warehouse)
        method = _clone(build, partial)
        path = _put_in_place(partial, warehouse)
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
    )


def published_warehouse(warehouse: Path) -> Path:
    """The file that readers should open now; raises HomeError when nothing was published."""
    path = _current(warehouse)
    if not path.is_file():
        raise HomeError(f"no warehouse at {path}; run `sc2-pipeline run` first, or give the right --home")
    return path


def is_published(warehouse: Path) -> bool:
    """Whether there is a file for readers to open."""
    return _current(warehouse).is_file()


def _current(warehouse: Path) -> Path:
    pointer = warehouse.with_name(warehouse.name + _POINTER)
    return warehouse.with_name(pointer.read_text(encoding="utf-8").strip()) if pointer.is_file() else warehouse


def published_generation(warehouse: Path) -> Generation | None:
    """The generation of the file that readers open now; None where an earlier release published it.

    Raises HomeError when nothing was published, or it cannot be read, or it is cut off.
    """
    with _published(warehouse) as (path, connection):
        found = generation_of(connection)
        blocks, block_bytes = connection.execute(
            "select total_blocks, block_size from pragma_database_size() where database_name = current_database()"
        ).fetchall()[0]
    # What is asked lies anywhere in the file: DuckDB opens one whose end is missing.
    if path.stat().st_size < _HEADERS_BYTES + blocks * block_bytes:
        raise HomeError(f"{path} is cut off: it has {path.stat().st_size} bytes; run again, and it is made anew")
    return found


def published_files(warehouse: Path) -> set[str]:
    """Every file, relative to the home, that a view of the published warehouse reads; raises HomeError as above."""
    with _published(warehouse) as (_, connection):
        return {path for (path,) in connection.execute(f"select distinct path from {FILES}").fetchall()}


@contextmanager
def _published(warehouse: Path) -> Iterator[tuple[Path, duckdb.DuckDBPyConnection]]:
    path = published_warehouse(warehouse)
    try:
        with duckdb.connect(str(path), read_only=True) as connection:
            yield path, connection
    except duckdb.Error as error:
        raise opening_error(path, error, "run again, and it is made anew") from error


def _checkpoint(build: Path) -> tuple[int, int]:
    """Moves all that was committed into the file itself, so that the file is all there is to copy."""
    if not build.is_file():
        raise HomeError(f"no warehouse to publish at {build}; load replays first")
    try:
        with duckdb.connect(str(build)) as connection:
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


def _clone(source: Path, target: Path) -> Method:
    """Shares the blocks where the file system can, copies them where it cannot; on the disk when it returns."""
    for clone in (_clone_on_linux, _clone_on_macos):
        if clone(source, target):
            return "reflink"
    target.unlink(missing_ok=True)
    shutil.copyfile(source, target)
    sync_file(target)
    return "copy"


def _clone_on_linux(source: Path, target: Path) -> bool:
    if platform.system() != "Linux":
        return False
    import fcntl  # noqa: PLC0415 - only POSIX has it

    with source.open("rb") as old, target.open("wb") as new:
        try:
            fcntl.ioctl(new.fileno(), _FICLONE, old.fileno())
        except OSError:  # The file system cannot; copying can.
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
    pointer = warehouse.with_name(warehouse.name + _POINTER)
    # Left by whoever wrote to people's file and was killed: DuckDB would refuse the new file beside it.
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
    """Where an open file cannot be replaced: a file of its own, and a pointer that can be."""
    path = warehouse.with_name(_version_name(warehouse, time.time_ns()))
    partial.replace(path)
    with whole_file(pointer) as new_pointer:
        new_pointer.write_text(path.name, encoding="utf-8")
    return path


def _version_name(warehouse: Path, number: int | str) -> str:
    return f"{warehouse.stem}.published-{number}{warehouse.suffix}"


def remove_leftovers(warehouse: Path) -> None:
    """Removes partial copies of processes that are gone, and versions that the pointer no longer names and nobody has open."""
    current = _current(warehouse)
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
    """By another process; whoever asks has not begun its own, and may have the number of one that is gone."""
    owner = partial.name.rpartition("-")[2]
    return owner.isdigit() and int(owner) != os.getpid() and psutil.pid_exists(int(owner))
