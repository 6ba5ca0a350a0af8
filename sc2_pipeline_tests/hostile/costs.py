"""What it costs to read one file."""

import multiprocessing
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import psutil

from sc2_pipeline.config import Settings
from sc2_pipeline.lake import open_lake
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.choose import SourceSpec
from sc2_pipeline.steps.discover import identify
from sc2_pipeline.steps.extract import ExtractTask, extract_task
from sc2_pipeline.steps.validate import UnreadableFacts, read_facts

Cost = tuple[str, str, float, int]
"""Name of the file, what became of it, processor seconds, bytes of memory."""


def costs_of(paths: Sequence[Path], scratch: Path) -> list[Cost]:
    """Name, reason, processor seconds and bytes of memory of each file."""
    # A process of its own for each file, forked from one that has loaded everything: else its memory would be its neighbours'.
    methods = multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if "forkserver" in methods else "spawn")
    if "forkserver" in methods:
        context.set_forkserver_preload([__name__])
    with context.Pool(maxtasksperchild=1) as pool:
        return pool.map(_cost, [(path, scratch / "cost") for path in paths], chunksize=1)


def _cost(task: tuple[Path, Path]) -> Cost:
    path, home = task
    settings = Settings(home=home)
    before, began = psutil.Process().memory_info().rss, time.process_time()
    found = identify(path, {})
    reason = found.reason or _read(
        ReplayFile(replay_id=found.replay_id, sha256=found.sha256 or "", path=path), settings
    )
    return path.name, reason, time.process_time() - began, max(0, _peak_bytes() - before)


def _read(replay: ReplayFile, settings: Settings) -> str:
    facts = read_facts(replay, settings)
    if isinstance(facts, UnreadableFacts):
        return facts.reason
    spec = SourceSpec(name="tracker", settings=settings)
    [outcome] = extract_task(ExtractTask(owner="costs", spec=spec, lake=open_lake(settings), replays=(replay,)))
    return getattr(outcome, "reason", "extracted")


def _peak_bytes() -> int:
    memory = psutil.Process().memory_info()
    if hasattr(memory, "peak_wset"):
        return int(memory.peak_wset)
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit
