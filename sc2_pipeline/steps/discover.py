"""Finds replay files and identifies each by the sha256 of its bytes."""

import hashlib
import os
import stat
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.machine_faults import is_out_of_files
from sc2_pipeline.steps.replay_faults import replay_fault

REPLAY_SUFFIX = ".sc2replay"
MAX_FILE_BYTES = 64 * 1024 * 1024
"""Far above any real replay: the largest seen holds a 13.5 MB tracker stream in less than 4 MB."""


_LAST_NS = 2**63 - 1
"""In the year 2262; file systems allow later times, SQLite's integers do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundFile:
    """One path that should be a replay.

    ``sha256`` and ``modified_ns`` are None if the bytes could not be read; then ``reason`` (a key of
    ``errors.REASONS``) and ``detail`` say why, and ``replay_id`` is derived from the path instead.
    """

    path: Path
    replay_id: str
    sha256: str | None = None
    file_bytes: int | None = None
    modified_ns: int | None = None
    reason: str | None = None
    detail: str | None = None

    @property
    def shown_path(self) -> str:
        """The path as text; bytes that are not UTF-8 are escaped."""
        return shown_path(self.path)


def shown_path(path: Path) -> str:
    """A path as text that is safe for any file or terminal; bytes that are not UTF-8 are escaped."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def replay_paths(roots: Iterable[Path]) -> Iterator[Path]:
    """Paths that should be replays, without repeats: the given files, and everything in the given folders that ends in
    .SC2Replay, in upper or lower case, sorted by name. Folders with such a name are included, to be rejected later."""
    seen: set[Path] = set()
    for root in roots:
        for path in _below(root):
            if path not in seen:
                seen.add(path)
                yield path


def _below(root: Path) -> Iterator[Path]:
    if not root.is_dir():
        yield root.absolute()
        return
    for folder, folders, names in os.walk(root.absolute()):
        folders.sort()
        for name in sorted([*names, *folders]):
            if name.lower().endswith(REPLAY_SUFFIX):
                yield Path(folder, name)


def identify(path: Path, known: Mapping[str, tuple[str, int, int]]) -> FoundFile:
    """Identifies one file by its bytes.

    ``known`` maps shown paths of known files to ``(sha256, file_bytes, modified_ns)``; files of the same size and time
    are not read again. The time is the later of modification and inode change: a file can be replaced by one with the
    same size and modification time, but its inode change time cannot be set (on Windows it is the creation time).
    """
    try:
        status = _regular(path)
        before = known.get(shown_path(path))
        modified_ns = min(max(status.st_mtime_ns, status.st_ctime_ns), _LAST_NS)
        is_unchanged = before is not None and before[1:] == (status.st_size, modified_ns)
        digest = before[0] if before is not None and is_unchanged else _sha256(path)
    except Exception as error:  # noqa: BLE001 - the border of one file: the others are found all the same
        replay_id = _path_id(path)
        fault = replay_fault(replay_id, error)
        return FoundFile(path=path, replay_id=replay_id, reason=fault.reason, detail=fault.detail)
    return FoundFile(
        path=path,
        replay_id=replay_id_of(digest),
        sha256=digest,
        file_bytes=status.st_size,
        modified_ns=modified_ns,
    )


def replay_id_of(sha256: str) -> str:
    """First 16 hex digits of the sha256 of the file's bytes."""
    return sha256[:16]


def _path_id(path: Path) -> str:
    # An unreadable file has no hash, but its path still needs a row that reports it.
    return hashlib.sha256(b"unreadable:" + os.fsencode(path)).hexdigest()[:16]


def _regular(path: Path) -> os.stat_result:
    try:
        status = path.stat()
    except FileNotFoundError as error:
        raise ReplayError("vanished_file", f"{path.name} is not there, or is a link to nothing") from error
    except OSError as error:
        raise _unreadable(path, error) from error
    if not stat.S_ISREG(status.st_mode):
        kind = "a folder" if stat.S_ISDIR(status.st_mode) else "not a regular file"
        raise ReplayError("not_a_file", f"{path.name} is {kind}")
    if status.st_size > MAX_FILE_BYTES:
        raise ReplayError("too_large", f"{path.name} has {status.st_size} bytes (limit {MAX_FILE_BYTES})")
    return status


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise _unreadable(path, error) from error


def _unreadable(path: Path, error: OSError) -> Exception:
    if is_out_of_files(error):
        return error
    return ReplayError("unreadable_file", f"{path.name} cannot be read ({error.strerror}); give this user the right to")
