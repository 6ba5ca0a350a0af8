"""A loop that loads replays as files of watched folders appear or change, without an orchestrator."""

import os
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import Final

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.packs import PACK_SUFFIX, REPLAY_SUFFIX
from sc2_pipeline.pipeline.job import run
from sc2_pipeline.pipeline.report import RunReport
from sc2_pipeline.pipeline.session import Watch, nobody
from sc2_pipeline.pipeline.writer_lock import WriterLock

SECONDS_BETWEEN_LOOKS: Final = 1.0

_Stamp = tuple[int, int]


class StillFiles:
    """Replays and ZIP files of some folders that two looks in a row find the same, so that nobody is writing them.

    Each is found once, and once more when it has changed. Folders may be missing, and appear later.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = folders
        self._seen: dict[Path, _Stamp] = {}
        self._taken: dict[Path, _Stamp] = {}

    def look(self) -> list[Path]:
        """Files that are as at the last look and have not been taken as they are, by path."""
        now = dict(self._stamps())
        still = [path for path, stamp in now.items() if self._seen.get(path) == stamp != self._taken.get(path)]
        self._seen = now
        return sorted(path for path in still if _opens(path))

    def take(self, paths: Collection[Path]) -> None:
        """These files, as the last look found them, are not found again."""
        self._taken.update({path: self._seen[path] for path in paths})

    def _stamps(self) -> list[tuple[Path, _Stamp]]:
        found = []
        for root in self._folders:
            for folder, _, names in os.walk(root):
                for name in names:
                    if name.lower().endswith((REPLAY_SUFFIX, PACK_SUFFIX)):
                        path = Path(folder, name)
                        try:
                            status = path.stat()
                        except OSError:  # Deleted since listing, or a dangling link.
                            continue
                        found.append((path, (status.st_size, status.st_mtime_ns)))
        return found


def _opens(path: Path) -> bool:
    """Whether the file can be read now: on Windows, its writer may still keep others out."""
    try:
        with path.open("rb"):
            return True
    except OSError:
        return False


def watch_folders(
    folders: Sequence[Path],
    settings: Settings,
    *,
    retry_reasons: Collection[str] = (),
    on_report: Callable[[list[Path], RunReport], None],
    watch: Watch = nobody,
) -> None:
    """Loads what is in the folders, and then whatever appears in them, each time as a run of its own, until interrupted.

    Only during a run is the writer's lock held; while another process holds it, files wait. ``on_report`` is told of each
    run. Ends after a run that was interrupted. Raises what :func:`sc2_pipeline.pipeline.run` raises, and KeyboardInterrupt.
    """
    files, lock = StillFiles(folders), WriterLock(Home(settings.home), 0)
    while True:
        new = files.look()
        if new and not lock.is_taken():
            report = run(new, settings, retry_reasons=retry_reasons, watch=watch, command="run")
            on_report(new, report)
            if report.is_cancelled:
                return
            files.take(new)
            retry_reasons = ()
        time.sleep(SECONDS_BETWEEN_LOOKS)
