"""How fast files become finished, published marts.

    python benchmarks/files_to_marts.py ../shared/replays --replays 550 --workers 2

The real replays given, and synthetic ones up to ``--replays``, go through the main job into a new home. Wall and CPU
time of the whole run, worker processes' start included, the share of the process that writes, memory and disk; publishing
is printed apart as well. Without commands and build orders, unless ``--commands`` asks for them. ``--peers`` has sc2reader
(level 4) parse, and spawningtool read, some of the same real files in the same run.
"""

import argparse
import os
import resource
import tempfile
import time
from collections.abc import Sequence
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
    parser.add_argument(
        "--peers", type=int, default=0, metavar="FILES", help="real files for sc2reader and spawningtool"
    )
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        real = list(replay_paths(arguments.folders))
        synthetic = Path(scratch, "synthetic")
        synthetic.mkdir()
        collection(synthetic, max(0, arguments.replays - len(real)), seed=11)
        settings = Settings(
            home=Path(scratch, "home"), workers=arguments.workers, filters="all", commands=arguments.commands
        )
        began, busy, writing = time.perf_counter(), _cpu_seconds(), time.process_time()
        report = pipeline.run([*arguments.folders, synthetic], settings)
        wall, cpu, own = time.perf_counter() - began, _cpu_seconds() - busy, time.process_time() - writing
        files = [path.stat().st_size for path in settings.home.rglob("*") if path.is_file()]
    judged = report.loaded + report.rejected + report.failed
    print(f"{len(real)} real and {judged - len(real)} synthetic replays, {report.loaded} loaded")
    print(f"{os.cpu_count()} processors, {arguments.workers} workers, load {os.getloadavg()[0]:.1f} at the end\n")
    print(f"{'stage':<12}{'wall s':>10}")
    for stage, seconds in report.stage_seconds.items():
        print(f"{stage:<12}{seconds:>10.2f}")
    print(
        f"\nwhole run: {wall:.1f} s wall, {cpu:.1f} s CPU: {judged / wall:.1f} replays/s, {cpu / judged * 1000:.0f} ms CPU each"
    )
    print(f"of it this process, which discovers, hands out and writes: {own / judged * 1000:.0f} ms CPU each")
    own_peak, child_peak = (
        resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(f"largest memory: this process {own_peak:.0f} MB, a worker {child_peak:.0f} MB")
    print(f"disk: {sum(files) / judged / 1024:.0f} KB and {len(files) / judged:.1f} files each")
    if arguments.peers:
        ours = cpu / judged
        for peer, seconds in _peers(real[: arguments.peers]).items():
            print(f"{peer:<24}{seconds * 1000:>8.0f} ms CPU each: ours is {ours / seconds:.2f} of it")


def _peers(paths: Sequence[Path]) -> dict[str, float]:
    """CPU seconds a file of other readers, over the files that both can read."""
    import sc2reader  # noqa: PLC0415 - a development dependency, needed for --peers alone
    import spawningtool.parser  # noqa: PLC0415

    readers = {
        "sc2reader, level 4": lambda path: sc2reader.load_replay(path, load_level=4),
        "spawningtool": spawningtool.parser.parse_replay,
    }
    spent = dict.fromkeys(readers, 0.0)
    read = 0
    for path in paths:
        seconds = {}
        for name, reader in readers.items():
            began = time.process_time()
            try:
                reader(str(path))
            except Exception:  # noqa: BLE001 - whatever they raise on files that they do not know
                break
            seconds[name] = time.process_time() - began
        else:
            read += 1
            spent = {name: spent[name] + taken for name, taken in seconds.items()}
    return {name: taken / max(1, read) for name, taken in spent.items()}


def _cpu_seconds() -> float:
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


if __name__ == "__main__":
    main()
