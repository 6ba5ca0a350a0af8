"""How fast files become finished, published marts.

    python benchmarks/files_to_marts.py ../shared/replays --replays 550 --workers 2

The real replays given, and synthetic ones up to ``--replays``, go through the main job into a new home. Wall and CPU
time of the whole run, worker processes' start included; publishing is printed apart as well. Without commands and
build orders, unless ``--commands`` asks for them.
"""

import argparse
import os
import resource
import tempfile
import time
from pathlib import Path

from sc2_pipeline import pipeline
from sc2_pipeline.config import Settings
from sc2_pipeline.steps.discover import replay_paths
from sc2_pipeline_demo.synthetic import collection


def main() -> None:
    """Measures once and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folders", nargs="*", type=Path)
    parser.add_argument("--replays", type=int, default=550)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--commands", action="store_true", help="commands and build orders too")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        real = list(replay_paths(arguments.folders))
        synthetic = Path(scratch, "synthetic")
        synthetic.mkdir()
        collection(synthetic, max(0, arguments.replays - len(real)), seed=11)
        settings = Settings(
            home=Path(scratch, "home"), workers=arguments.workers, filters="all", commands=arguments.commands
        )
        began, busy = time.perf_counter(), _cpu_seconds()
        report = pipeline.run([*arguments.folders, synthetic], settings)
        wall, cpu = time.perf_counter() - began, _cpu_seconds() - busy
    judged = report.loaded + report.rejected + report.failed
    print(f"{len(real)} real and {judged - len(real)} synthetic replays, {report.loaded} loaded")
    print(f"{os.cpu_count()} processors, {arguments.workers} workers, load {os.getloadavg()[0]:.1f} at the end\n")
    print(f"{'stage':<12}{'wall s':>10}")
    for stage, seconds in report.stage_seconds.items():
        print(f"{stage:<12}{seconds:>10.2f}")
    print(
        f"\nwhole run: {wall:.1f} s wall, {cpu:.1f} s CPU: {judged / wall:.1f} replays/s, {cpu / judged * 1000:.0f} ms CPU each"
    )


def _cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
