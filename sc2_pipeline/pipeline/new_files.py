"""Files that come to watched folders: which are new since a mark, and still enough to be whole."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline.steps.discover import replay_paths, shown_path


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Mark:
    """How far a folder was looked through: files that changed before ``changed_ns``, and then by path, were seen."""

    changed_ns: int = 0
    path: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrived:
    """One file that came, and the mark once it is seen."""

    path: Path
    mark: Mark


def arrivals(folder: Path, after: Mark, *, settled_before_ns: int, limit: int) -> list[Arrived]:
    """Replay files under ``folder`` past the mark, the longest unchanged first, at most ``limit``.

    A file that changed after ``settled_before_ns`` is left for later: somebody may write it still. Since files are taken
    in the order in which they changed, none that is left is passed by.
    """
    arrived = [Arrived(path=path, mark=mark) for path, mark in _marked(replay_paths([folder]))]
    new = [file for file in arrived if after < file.mark and file.mark.changed_ns <= settled_before_ns]
    return sorted(new, key=lambda file: file.mark)[:limit]


def _marked(paths: Iterable[Path]) -> Sequence[tuple[Path, Mark]]:
    marked = []
    for path in paths:
        try:
            status = path.stat()
        except OSError:  # Gone between listing and looking, or a link to nothing: a full scan names it.
            continue
        # A copy may keep an old modification time; the time its entry changed tells when it came (not on Windows).
        changed_ns = max(status.st_mtime_ns, status.st_ctime_ns)
        marked.append((path, Mark(changed_ns=changed_ns, path=shown_path(path))))
    return marked
