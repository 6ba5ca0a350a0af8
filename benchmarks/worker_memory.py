"""Peak memory of one worker process on real replays.

    python benchmarks/worker_memory.py ../shared/replays

A fresh process does what a worker does, reading the lobby of every replay and extracting each, and tells its peak
resident memory; also per replay, for the greediest ones.
"""

import argparse
import multiprocessing
import resource
import tempfile
from pathlib import Path

from sc2_pipeline.config import Settings
from sc2_pipeline.lake import FolderLake
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.choose import SourceSpec
from sc2_pipeline.steps.discover import identify, replay_paths
from sc2_pipeline.steps.extract import ExtractTask, extract_task
from sc2_pipeline.steps.validate import read_facts


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="+", type=Path)
    arguments = parser.parse_args()
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        start, rises, peak = pool.apply(_work, (list(replay_paths(arguments.folders)),))
    print(f"{'':<52}{'peak MB':>8}")
    print(f"{'a worker before its first replay':<52}{start:>8.0f}")
    for name, after in rises[-5:]:
        print(f"{'after ' + name[:45]:<52}{after:>8.0f}")
    print(f"{'a worker after all replays':<52}{peak:>8.0f}")


def _work(paths: list[Path]) -> tuple[float, list[tuple[str, float]], float]:
    start = last = _peak_mb()
    rises = []
    with tempfile.TemporaryDirectory() as lake:
        spec = SourceSpec(name="tracker", settings=Settings())
        for path in paths:
            found = identify(path, {})
            if found.sha256 is None:
                continue
            replay = ReplayFile(replay_id=found.replay_id, sha256=found.sha256, path=path)
            read_facts(replay, spec.settings)
            extract_task(ExtractTask(owner="costs", spec=spec, lake=FolderLake(Path(lake)), replays=(replay,)))
            if _peak_mb() > last + 1:
                last = _peak_mb()
                rises.append((path.name, last))
    return start, rises, _peak_mb()


def _peak_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
