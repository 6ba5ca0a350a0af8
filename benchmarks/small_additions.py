"""What ten more replays cost in a warehouse that is already large.

    python benchmarks/small_additions.py --large 5000 --small 50

Two homes, of ``--small`` and of ``--large`` synthetic replays; then ten new ones are added to each in turn, several
times. The time of a run without publishing is compared, the median; publishing copies the file and is printed apart.
"""

import argparse
import statistics
import tempfile
from pathlib import Path

from sc2_pipeline import pipeline
from sc2_pipeline.config import Settings
from sc2_pipeline_demo.synthetic import collection

ADDED = 10


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--large", type=int, default=5000)
    parser.add_argument("--small", type=int, default=50)
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        homes = {count: Path(scratch, f"home_{count}") for count in (arguments.small, arguments.large)}
        for count, home in homes.items():
            _run(_written(scratch, f"first_{count}", count, seed=count), home)
        seconds: dict[int, list[float]] = {count: [] for count in homes}
        publishing: dict[int, list[float]] = {count: [] for count in homes}
        for number in range(arguments.rounds):
            added = _written(scratch, f"added_{number}", ADDED, seed=900_000 + number)
            for count, home in homes.items():
                report = _run(added, home)
                assert report.loaded == ADDED
                publishing[count].append(report.stage_seconds["publish"])
                seconds[count].append(report.seconds - report.stage_seconds["publish"])
        print(f"{ADDED} replays added, median of {arguments.rounds} rounds\n")
        print(f"{'replays before':>15}{'seconds':>10}{'publishing':>12}{'file MB':>9}")
        for count, home in homes.items():
            size = (home / "warehouse.duckdb").stat().st_size / 1e6
            figures = statistics.median(seconds[count]), statistics.median(publishing[count])
            print(f"{count:>15}{figures[0]:>10.2f}{figures[1]:>12.2f}{size:>9.0f}")
        ratio = statistics.median(a / b for a, b in zip(*reversed(seconds.values()), strict=True))
        print(f"\nlarge / small, pair by pair, median: {ratio:.2f}")


def _written(scratch: str, name: str, count: int, *, seed: int) -> Path:
    folder = Path(scratch, name)
    folder.mkdir()
    collection(folder, count, seed=seed)
    return folder


def _run(folder: Path, home: Path) -> pipeline.RunReport:
    return pipeline.run([folder], Settings(home=home, workers=2))


if __name__ == "__main__":
    main()
