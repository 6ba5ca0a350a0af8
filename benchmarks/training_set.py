"""Writes a home's training set and reads it: seconds a game, rows a second, against reading the same rows as dictionaries.

``uv run python benchmarks/training_set.py HOME`` prints a table. The loader's rows are vectors and labels in batches of 4,096.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import pyarrow.parquet as pq

from sc2_pipeline.config import Home
from sc2_pipeline.training import TrainingPlan, batches, write_training_set

ROUNDS = 5


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="a home with a published warehouse")
    home = parser.parse_args().home
    with tempfile.TemporaryDirectory() as folder:
        report = write_training_set(Home(home), TrainingPlan(destination=Path(folder) / "set"))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        games, rows = sum(report.games.values()), sum(report.rows.values())
        print(
            f"write    {report.seconds / games * 1000:8.1f} ms a game   {rows:,} rows of {games} games, peak {peak:.0f} MB"
        )
        began, read = time.perf_counter(), 0
        for _ in range(ROUNDS):
            read += sum(len(batch["features"]) for batch in batches(report.destination, "train", seed=1))
        pace = read / (time.perf_counter() - began)
        print(f"loader   {pace:8,.0f} rows/s")
        began = time.perf_counter()
        as_dicts = sum(
            len(pq.read_table(path).to_pylist()) for path in report.destination.glob("data/train/part_?.parquet")
        )
        slow = as_dicts / (time.perf_counter() - began)
        print(f"dicts    {slow:8,.0f} rows/s   the loader is {pace / slow:.0f} times as fast")


if __name__ == "__main__":
    main()
