"""What hostile replays cost, from the file to the published warehouse.

    python benchmarks/hostile_replays.py
    python benchmarks/hostile_replays.py --only deaths ../shared/replays/some.SC2Replay

Writes the hostile files that the tests know, and runs each in a fresh process with one worker, after an honest game that
warms the process up; files and folders given are run likewise, for comparison. Prints processor seconds and peak memory
of the process, and what became of the file.
"""

import argparse
import multiprocessing
import resource
import tempfile
from collections.abc import Iterator
from pathlib import Path

from sc2_pipeline import pipeline
from sc2_pipeline.config import Settings
from sc2_pipeline.steps.discover import replay_paths
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.pipeline.hostile_replays import HOSTILE, MASSES


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", type=Path)
    parser.add_argument("--only", default="", help="hostile files with this in their name")
    arguments = parser.parse_args()
    print(f"{'':<58}{'kB':>6}{'CPU s':>8}{'peak MB':>9}{'before':>8}  outcome")
    for name, content in _files(arguments.paths, arguments.only):
        with multiprocessing.get_context("spawn").Pool(1) as pool:
            seconds, before, peak, outcome = pool.apply(_cost, (content,))
        print(
            f"{name[:57]:<58}{len(content) // 1000:>6}{seconds:>8.2f}{peak:>9.0f}{before:>8.0f}  {outcome}", flush=True
        )


def _files(paths: list[Path], only: str) -> Iterator[tuple[str, bytes]]:
    yield from ((hostile.name, hostile.content()) for hostile in (*HOSTILE, *MASSES) if only in hostile.name)
    yield from ((path.name, path.read_bytes()) for path in replay_paths(paths))


def _cost(content: bytes) -> tuple[float, float, float, str]:
    with tempfile.TemporaryDirectory() as scratch:
        settings = Settings(home=Path(scratch, "home"), workers=1, filters="all")
        pipeline.run([write_replay(Path(scratch, "honest.SC2Replay"), ladder_game(1, game_loops=2_000))], settings)
        path = Path(scratch, "hostile.SC2Replay")
        path.write_bytes(content)
        seconds, before = _used()
        report = pipeline.run([path], settings)
        after, peak = _used()
        return (
            after - seconds,
            before,
            peak,
            ", ".join(report.failed_by_reason) or ("loaded" if report.loaded else "rejected"),
        )


def _used() -> tuple[float, float]:
    """Processor seconds and peak memory (MB) of this process so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 1024


if __name__ == "__main__":
    main()
