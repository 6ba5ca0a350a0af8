"""Faults at every point, on demand: `python -m sc2_pipeline_tests.durability`; the count of points, and what is amiss by cause.

It takes an hour or more on two cores. `--every 10` tries every tenth point, `--jobs` several at a time.
"""

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from queue import SimpleQueue

from sc2_pipeline_tests.durability.faults import KINDS, Harm, Point, every_point, sample
from sc2_pipeline_tests.durability.programs import Programs, why_not
from sc2_pipeline_tests.durability.scenes import make_scenes


def _main() -> int:
    parser = argparse.ArgumentParser(prog="python -m sc2_pipeline_tests.durability", description=__doc__)
    parser.add_argument("--every", type=int, default=1, metavar="N", help="try every Nth point of each scene and kind")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS, metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--scenes", nargs="+", metavar="SCENE", help="by their first words; all where none is given")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--work", type=Path, help="folder for homes; a file system in memory is fast")
    asked = parser.parse_args()
    if reason := why_not():
        sys.exit(reason)
    with tempfile.TemporaryDirectory(dir=asked.work) as folder, ExitStack() as stack:
        work = Path(folder)
        harms: SimpleQueue[Harm] = SimpleQueue()
        for number in range(asked.jobs):
            (work / str(number)).mkdir()
            programs = stack.enter_context(Programs(work / str(number)))
            harms.put(Harm(programs, work / str(number)))
        scenes = make_scenes(programs, work)
        every = every_point(scenes)
        wanted = [point for point in every if point.kind in asked.kinds and _is_named(point.scene.name, asked.scenes)]
        points = sample(wanted, len(wanted) // asked.every, asked.seed)
        print(f"{len(every)} points, {len(points)} of them are tried", flush=True)
        return _try(points, harms, asked.jobs)


def _is_named(name: str, begins: Iterable[str] | None) -> bool:
    return begins is None or name.startswith(tuple(begins))


def _try(points: list[Point], harms: "SimpleQueue[Harm]", jobs: int) -> int:
    began = time.monotonic()

    def amiss(point: Point) -> list[str]:
        harm = harms.get()
        try:
            return harm.at(point)
        finally:
            harms.put(harm)

    causes: Counter[str] = Counter()
    losses: Counter[str] = Counter()
    with ThreadPoolExecutor(jobs) as pool:
        for number, (point, found) in enumerate(zip(points, pool.map(amiss, points), strict=True)):
            if number % 50 == 0:
                print(f"{number} of {len(points)} tried in {time.monotonic() - began:.0f} s", flush=True)
            losses[point.kind] += bool(found)
            causes.update({_cause(sentence) for sentence in found})
            for sentence in found:
                print(f"{point}: {sentence}", flush=True)
    print(f"\n{'points':>8} {'amiss':>8}")
    for kind, count in Counter(point.kind for point in points).items():
        print(f"{count:8} {losses[kind]:8}  {kind}")
    for cause, count in causes.most_common():
        print(f"{count:8} x {cause}")
    print(f"{len(points)} points tried in {time.monotonic() - began:.0f} s, {losses.total()} of them amiss")
    return 1 if losses.total() else 0


def _cause(sentence: str) -> str:
    """A sentence without what differs from point to point."""
    return re.sub(r"[0-9a-f]{16}\.[0-9a-f]+|/[^ '\"]*/|-\d+|-[0-9a-f]{8,}", "*", sentence)


if __name__ == "__main__":
    sys.exit(_main())
