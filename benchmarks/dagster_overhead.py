"""What Dagster costs: `python benchmarks/dagster_overhead.py [replays]` prints a table; it needs a checkout and 6 minutes.
Without replays (0) only the keys are measured, within 2 minutes.

The same synthetic replays go through `sc2-pipeline run` and through the ingest job of a running `sc2-pipeline ui`, each into a
home of its own, with two workers, and then once more, when nothing is to be done; the job's time is from the click to the
end of the run. Processor time, of the UI with all that it starts, is comparable on a machine that does other things too.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import dagster as dg
import psutil

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.orchestration.partitioning import BY_BATCH, BY_REPLAY, Partitioning
from sc2_pipeline.orchestration.partitions import keep_keys
from sc2_pipeline.orchestration.resources import HomeResource, WatchedFoldersResource
from sc2_pipeline.orchestration.sensors import sensors
from sc2_pipeline.pipeline.new_files import Mark, arrivals
from sc2_pipeline_demo.synthetic import collection
from sc2_pipeline_tests.orchestration.served import Served, served

KEYS = 10_000
BATCHED_REPLAYS = 100_000
WORKERS = 2

PARTITION_QUERY = """
{ assetNodeOrError(assetKey: {path: ["extracted"]}) { ... on AssetNode {
    partitionKeys
    partitionStats { numMaterialized numFailed numPartitions }
    assetPartitionStatuses { ... on DefaultPartitionStatuses { materializedPartitions failedPartitions } } } } }
"""
"""What the page of an asset asks for its partition bar."""


def main(replays: int) -> None:
    """Measures and prints."""
    rows: list[tuple[str, float, float, str]] = []
    with tempfile.TemporaryDirectory(prefix="dagster_overhead-") as name:
        work = Path(name)
        if replays:
            rows += _cost_per_replay(work, replays)
        rows += _many_keys(work / "replays", BY_REPLAY, KEYS)
        rows += _many_keys(work / "batches", BY_BATCH, BATCHED_REPLAYS)
    print(f"\n{'measured':<52}{'':>10}{'bar':>8}")
    for what, measured, bar, unit in rows:
        print(f"{what:<52}{measured:>8.2f} {unit}{bar:>6.0f} {unit}  {'ok' if measured <= bar else 'MISSED'}")


def _cost_per_replay(work: Path, replays: int) -> list[tuple[str, float, float, str]]:
    collection(work / "in", replays, seed=1, game_loops=(1_500, 6_000))
    by_hand = [measured(lambda: run_cli(work / "before", work / "in"))]
    again = [measured(lambda: run_cli(work / "before", work / "in"))]
    with served(work / "home", watch=work / "nothing", workers=WORKERS) as ui:
        job = measured(lambda: _ingest(ui, work / "in"), ui)
        job_again = measured(lambda: _ingest(ui, work / "in"), ui)
    # Before and after, because the machine may be busy with other things meanwhile.
    by_hand.append(measured(lambda: run_cli(work / "after", work / "in")))
    again.append(measured(lambda: run_cli(work / "after", work / "in")))
    for what, runs, dagster in (("new", by_hand, job), ("known", again, job_again)):
        said = "; ".join(
            f"{who} {clock:.1f} s, processor {spent:.1f} s"
            for who, (clock, spent) in zip(("run", "job ingest", "run again"), (runs[0], dagster, runs[1]), strict=True)
        )
        print(f"{replays} {what} replays: {said}")
    clock = (job[0] - sum(c for c, _ in by_hand) / 2) * 1000 / replays
    # Where nothing is to be done, all that is spent is Dagster's, and differences are not of what others do meanwhile.
    spent = (job_again[1] - sum(s for _, s in again) / 2) * 1000 / replays
    return [
        ("Dagster's own cost per replay", clock, 12, "ms"),
        ("its processor time, where all is known", spent, 12, "ms"),
    ]


def measured(work: Callable[[], object], ui: Served | None = None) -> tuple[float, float]:
    """Seconds that work takes by the clock, and of the processor: of the UI's processes, or of those that it starts itself."""
    spent = _processor_seconds(ui)
    clock = _seconds(work)
    return clock, _processor_seconds(ui) - spent


def _processor_seconds(ui: Served | None) -> float:
    if ui is None:
        return sum(resource.getrusage(resource.RUSAGE_CHILDREN)[:2])
    total = 0.0
    for process in (ui.process_tree_root(), *ui.descendants()):
        with suppress(psutil.NoSuchProcess):
            total += sum(process.cpu_times()[:4])
    return total


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def run_cli(home: Path, folder: Path) -> None:
    """`sc2-pipeline run` over a folder or a file."""
    program = "from sc2_pipeline.cli.app import main; main()"
    options = ["run", str(folder), "--home", str(home), "--workers", str(WORKERS), "--json"]
    subprocess.run([sys.executable, "-c", program, *options], check=True, capture_output=True)


def _ingest(ui: Served, folder: Path) -> None:
    """Dagster's way: discover, as the command line does too, and ingest."""
    config = {"ops": {"discovered_replays": {"config": {"folders": [str(folder)]}}}}
    discover = _seconds(lambda: ui.finished(ui.launch("discover", config), seconds=600))
    tags = ui.range_tags(ui.keys())
    ended = []
    ingest = _seconds(lambda: ended.append(ui.finished(ui.launch("ingest", tags=tags), seconds=1_800, every=2)))
    print(f"  discover {discover:.1f} s, ingest {ingest:.1f} s, {ended[0]}, {ui.partitions()}")


def _many_keys(work: Path, partitioning: Partitioning, replays: int) -> list[tuple[str, float, float, str]]:
    """Partitions for so many replays, that exist by name alone; as many files lie in the watched folder, all seen before."""
    home = work / "home"
    drop = work / "in"
    drop.mkdir(parents=True)
    for number in range(replays):
        (drop / f"{number:06}.SC2Replay").touch()
    last = arrivals(drop, Mark(), settled_before_ns=time.time_ns(), limit=replays)[-1].mark
    cursor = json.dumps({str(drop): {"changed_ns": last.changed_ns, "path": last.path}})
    settings = Settings(home=home)
    replay_ids = [f"{number:016x}" for number in range(replays)]
    partition_by = "batch" if partitioning == BY_BATCH else "replay"
    with Manifest(Home(home).manifest) as manifest:
        found = {"file_bytes": 0, "modified_ns": 0}
        manifest.record_files({**found, "path": i, "replay_id": i, "sha256": i * 4} for i in replay_ids)
    with served(home, watch=drop, workers=1, partition_by=partition_by) as ui:
        os.environ |= {"DAGSTER_HOME": str(home / "dagster"), "SC2_PIPELINE_HOME": str(home)}
        with dg.DagsterInstance.get() as instance:
            added = _seconds(
                lambda: keep_keys(instance, partitioning.name, add=partitioning.keys(settings, replay_ids))
            )
            context = dg.build_sensor_context(
                instance=instance,
                cursor=cursor,
                resources={
                    "home": HomeResource(),
                    "watched_folders": WatchedFoldersResource(folders=[str(drop)], settle_seconds=0),
                },
            )
            new_replays = next(sensor for sensor in sensors(partitioning) if sensor.name == "new_replays")
            tick = _seconds(lambda: new_replays(context))
            keys = len(instance.get_dynamic_partitions(partitioning.name))
        assert len(ui.keys()) == keys
        query = _seconds(lambda: ui.ask(PARTITION_QUERY))
    return [
        (f"{keys:,} partition keys for {replays:,} replays added", added, 5, "s"),
        (f"sensor tick, nothing new among {replays:,} files", tick, 2 * max(1, replays / KEYS), "s"),
        (f"partition query of the asset page, {keys:,} keys", query, 2, "s"),
    ]


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
