"""Mutates as many replays as are asked for and prints what became of them: ``python -m sc2_pipeline_tests.hostile 2000``.

Each file is first read by a process of its own, for its cost; then one run takes them all. Leaves with 1 when a file has no
typed reason, or the run does not account for every one.
"""
# ruff: noqa: T201

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from itertools import chain
from pathlib import Path

from sc2_pipeline_tests.cli.programs import program
from sc2_pipeline_tests.hostile.bases import real_bases, synthetic_bases
from sc2_pipeline_tests.hostile.costs import Cost, costs_of
from sc2_pipeline_tests.hostile.mutator import mutations

_SHARED = Path(__file__).resolve().parents[3] / "shared" / "replays"
_UNTYPED = ("internal_error", "schema_broken", "killed_workers")
_WORST = 5


def main() -> int:
    """Makes, costs and runs the files; the exit code."""
    arguments = _arguments()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as scratch:
        folder = arguments.keep or Path(scratch) / "mutated"
        made = _write(folder, arguments)
        print(f"{made} mutations, seed {arguments.seed}, in {folder}")
        costs = costs_of(sorted(folder.iterdir()), Path(scratch))
        _print_costs(costs)
        report = _run(folder, Path(scratch) / "home", arguments.workers)
    print(json.dumps(report, indent=1))
    is_typed = not any(reason in _UNTYPED for reason in report["failed_by_reason"])
    is_whole = report["found"] == report["loaded"] + report["rejected"] + report["failed"]
    return 0 if is_typed and is_whole else 1


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sc2_pipeline_tests.hostile", description=__doc__)
    parser.add_argument("count", type=int, nargs="?", default=2_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--bomb-mb", type=int, default=1, help="what members unpack to that unpack to too much")
    parser.add_argument(
        "--real-share", type=float, default=0.5, help="of mutations of real replays, where those are at hand"
    )
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path, help="folder for the files, to look at them afterwards")
    return parser.parse_args()


def _write(folder: Path, arguments: argparse.Namespace) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    real = int(arguments.count * arguments.real_share) if _SHARED.is_dir() else 0
    bomb = arguments.bomb_mb * 2**20
    made = chain(
        mutations(synthetic_bases(), arguments.count - real, seed=arguments.seed, bomb_bytes=bomb),
        mutations(real_bases(_SHARED), real, seed=arguments.seed, bomb_bytes=bomb) if real else (),
    )
    count = 0
    for count, mutation in enumerate(made, start=1):
        (folder / f"{count}-{mutation.name}").write_bytes(mutation.content)
    return count


def _print_costs(costs: Sequence[Cost]) -> None:
    for reason, count in Counter(reason for _, reason, _, _ in costs).most_common():
        print(f"{count:>7}  {reason}")
    print("worst processor seconds:")
    for name, reason, seconds, _ in sorted(costs, key=lambda cost: -cost[2])[:_WORST]:
        print(f"{seconds:>7.2f}  {name}  {reason}")
    print("worst MB of memory:")
    for name, reason, _, memory in sorted(costs, key=lambda cost: -cost[3])[:_WORST]:
        print(f"{memory / 1e6:>7.0f}  {name}  {reason}")


def _run(folder: Path, home: Path, workers: int) -> dict[str, object]:
    words = program("run", folder, "--home", home, "--workers", workers, "--json")
    done = subprocess.run(words, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


if __name__ == "__main__":
    sys.exit(main())
