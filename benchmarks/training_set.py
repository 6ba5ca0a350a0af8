"""Writes a home's training set and reads it: time and memory of writing, and rows a second of the loader against two usual ways.

``uv run python benchmarks/training_set.py HOME`` prints a table, all in processor time. The loader's rows are vectors and labels in
shuffled batches of 4,096; the other ways read the same rows as dictionaries, and from one JSON file per replay.
"""

import argparse
import json
import resource
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import pyarrow.parquet as pq

from sc2_pipeline.config import Home
from sc2_pipeline.training import TrainingPlan, batches, write_training_set

EPOCHS = 10


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path, help="a home with a published warehouse")
    home = parser.parse_args().home
    with tempfile.TemporaryDirectory() as folder:
        began = time.process_time()
        report = write_training_set(Home(home), TrainingPlan(destination=Path(folder) / "set"))
        seconds, games = time.process_time() - began, sum(report.games.values())
        size = sum(file.bytes for file in report.files) / 1e6
        print(
            f"write     {seconds / games * 1000:9.1f} ms a game   {games} games, {size:.1f} MB, peak {_peak():.0f} MB"
        )
        data = sorted((report.destination / "data" / "train").iterdir())
        by_replay = _json_files(data, Path(folder) / "json")
        loader = _pace(lambda: sum(len(b["features"]) for b in batches(report.destination, "train", seed=1)), EPOCHS)
        print(f"loader    {loader:9,.0f} rows/s   peak {_peak():.0f} MB after {EPOCHS} epochs")
        for name, read in (
            ("dicts", lambda: sum(len(pq.read_table(path).to_pylist()) for path in data)),
            ("JSON", lambda: sum(len(json.loads(path.read_text(encoding="utf-8"))) for path in by_replay)),
        ):
            pace = _pace(read, 1)
            print(f"{name:<10}{pace:9,.0f} rows/s   the loader is {loader / pace:.0f} times as fast")


def _json_files(data: list[Path], folder: Path) -> list[Path]:
    folder.mkdir()
    for path in data:
        rows = pq.read_table(path, columns=["replay_id", "features", "label_is_winner"])
        for replay_id in rows.column("replay_id").unique().to_pylist():
            chosen = rows.filter(pq.filters_to_expression([("replay_id", "=", replay_id)])).to_pylist()
            (folder / f"{replay_id}.json").write_text(json.dumps(chosen), encoding="utf-8")
    return list(folder.iterdir())


def _pace(read: Callable[[], int], rounds: int) -> float:
    began = time.process_time()
    rows = sum(read() for _ in range(rounds))
    return rows / (time.process_time() - began)


def _peak() -> float:
    """The largest memory that the process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
