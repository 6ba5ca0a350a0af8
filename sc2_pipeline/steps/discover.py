"""Finds replay files and identifies each by the sha256 of its bytes."""

import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.packs import PACK_SUFFIX, REPLAY_SUFFIX, FileStamp, file_stamp, is_there, read_bytes, replays_in
from sc2_pipeline.steps.replay_faults import replay_fault

UNREAD_SUFFIXES = frozenset({".7z", ".rar", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".cab"})
UNREAD_ARCHIVE = "archives of this kind are not read; unpack them, or pack them as ZIP"


Known = Mapping[str, tuple[str, int, int]]
"""``(sha256, file_bytes, modified_ns)`` of known files, by shown path."""


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


def replay_paths(roots: Iterable[Path], password: str | None = None) -> Iterator[Path]:
    """Paths that should be replays, without repeats: the given files, and everything in the given folders that ends in
    .SC2Replay, in upper or lower case, sorted by name. Folders with such a name are included, to be rejected later.

    A ZIP file stands for the replays in it; one that cannot be opened is included itself, to be rejected later.
    """
    seen: set[Path] = set()
    for root in roots:
        for path in _below(root, password):
            if path not in seen:
                seen.add(path)
                yield path


def _below(root: Path, password: str | None) -> Iterator[Path]:
    if not os.path.isdir(root):  # noqa: PTH112 - Path.is_dir raises for names too long for a file, as members may have
        yield from _of_file(root.absolute(), password)
        return
    for folder, folders, names in os.walk(root.absolute()):
        folders.sort()
        for name in sorted([*names, *folders]):
            path = Path(folder, name)
            if name.lower().endswith(REPLAY_SUFFIX):
                yield path
            elif name.lower().endswith(PACK_SUFFIX) and path.is_file():
                yield from _of_file(path, password)


def _of_file(path: Path, password: str | None) -> Iterable[Path]:
    if not _is_pack(path) or not is_there(path):
        return [path]
    try:
        return replays_in(path, password)
    except Exception as error:  # noqa: BLE001 - the border of one file: the others are found all the same
        replay_fault(_path_id(path), error)
        return [path]


def _is_pack(path: Path) -> bool:
    return path.suffix.lower() == PACK_SUFFIX


def unread_archives(roots: Iterable[Path]) -> list[Path]:
    """Archives in the given folders, or given themselves, of kinds that are not read, sorted by name."""
    found: set[Path] = set()
    for root in roots:
        inside = (Path(folder, name) for folder, _, names in os.walk(root) for name in names)
        found.update(path for path in (root, *inside) if path.suffix.lower() in UNREAD_SUFFIXES)
    return sorted(found)


def identify(path: Path, known: Known, password: str | None = None) -> FoundFile:
    """Identifies one file, or one member of a pack, by its bytes.

    ``known`` files of the same size and time (:func:`sc2_pipeline.packs.file_stamp`) are not read again.
    """
    try:
        stamp = _stamp(path, password)
        before = known.get(shown_path(path))
        digest = before[0] if _is_unchanged(before, stamp) else hashlib.sha256(read_bytes(path, password)).hexdigest()
    except Exception as error:  # noqa: BLE001 - the border of one file: the others are found all the same
        fault = replay_fault(_path_id(path), error)
        return unreadable(path, fault.reason, fault.detail)
    return FoundFile(
        path=path,
        replay_id=replay_id_of(digest),
        sha256=digest,
        file_bytes=stamp.file_bytes,
        modified_ns=stamp.modified_ns,
    )


def unreadable(path: Path, reason: str, detail: str) -> FoundFile:
    """A file that cannot be identified."""
    return FoundFile(path=path, replay_id=_path_id(path), reason=reason, detail=detail)


def is_known(path: Path, known: Known, password: str | None) -> bool:
    """Whether :func:`identify` need not read the bytes."""
    try:
        return _is_unchanged(known.get(shown_path(path)), _stamp(path, password))
    except ReplayError:
        return True


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyTask:
    """Some paths that one worker identifies by their bytes."""

    paths: tuple[Path, ...]
    password: str | None = field(default=None, repr=False)


def identify_task(task: IdentifyTask) -> list[FoundFile]:
    """Identifies the paths, in a worker."""
    return [identify(path, {}, task.password) for path in task.paths]


def _is_unchanged(before: tuple[str, int, int] | None, stamp: FileStamp) -> TypeGuard[tuple[str, int, int]]:
    return before is not None and before[1:] == (stamp.file_bytes, stamp.modified_ns)


def _stamp(path: Path, password: str | None) -> FileStamp:
    if not _is_pack(path):
        return file_stamp(path, password)
    replays_in(path, password)  # Raises why the pack was not listed.
    raise ReplayError("changed_file", f"{path.name} has changed while it was read; run again")


def replay_id_of(sha256: str) -> str:
    """First 16 hex digits of the sha256 of the file's bytes."""
    return sha256[:16]


def _path_id(path: Path) -> str:
    # An unreadable file has no hash, but its path still needs a row that reports it.
    return hashlib.sha256(b"unreadable:" + os.fsencode(path)).hexdigest()[:16]
