"""Marts of replay files, extracted as a run extracts them."""

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import duckdb
import pyarrow as pa

from sc2_pipeline.config import Settings
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline_tests.marts.scripted import built_marts


def marts_of_files(paths: Iterable[Path]) -> duckdb.DuckDBPyConnection:
    """All models over those replays; raises ReplayError for a file that is none."""
    source = TrackerSource(Settings())
    batches = defaultdict(list)
    for path in paths:
        sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
        replay = ReplayFile(replay_id=sha256[:16], sha256=sha256, path=path)
        source.extract(replay, lambda name, batch: batches[name].append(batch))
    return built_marts((name, pa.Table.from_batches(parts)) for name, parts in batches.items())
