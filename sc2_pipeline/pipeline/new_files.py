"""New files in watched folders: those past a mark that have not changed lately and so should be complete."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline.packs import outermost
from sc2_pipeline.steps.discover import replay_paths, shown_path


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mark:
    """How far a folder has been processed; files are ordered by ``changed_ns``, then by path."""

    changed_ns: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """A new file, and the mark after it."""

    path: Path
    mark: Mark


def arrivals(
    folder: Path, after: Mark, *, settled_before_ns: int, limit: int, password: str | None = None
) -> list[Arrived]:
    """Replay files under ``folder`` past the mark, oldest change first, at most ``limit``.

    Files changed after ``settled_before_ns`` are left for a later call: they may still be being written. Since files
    are taken in the order of their changes, none of these is skipped. Replays in a pack arrive when the pack does;
    ``password`` opens packs in it.
    """
    arrived = [Arrived(path=path, mark=mark) for path, mark in _marked(replay_paths([folder], password))]
    new = [file for file in arrived if after < file.mark and file.mark.changed_ns <= settled_before_ns]
    return sorted(new, key=lambda file: file.mark)[:limit]


def _marked(paths: Iterable[Path]) -> Sequence[tuple[Path, Mark]]:
    marked = []
    for path in paths:
        try:
            status = outermost(path).stat()
        except OSError:  # Deleted since listing, or a dangling link: a full scan reports it.
            continue
        # A copy may keep an old modification time; its inode change time shows when it arrived (not on Windows).
        changed_ns = max(status.st_mtime_ns, status.st_ctime_ns)
        marked.append((path, Mark(changed_ns=changed_ns, path=shown_path(path))))
    return marked
