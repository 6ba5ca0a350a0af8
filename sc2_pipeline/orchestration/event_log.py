"""Dagster's event log, kept from being folded at every event while a step reports many."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg

from sc2_pipeline.kept_open import kept_open


@contextmanager
def event_log_kept_open(context: dg.AssetExecutionContext) -> Iterator[None]:
    """Holds what the run's events are written to; nothing where Dagster keeps them elsewhere than in SQLite."""
    history = Path(context.instance.root_directory) / "history" / "runs"
    with kept_open([history / "index.db", history / f"{context.run.run_id}.db"]):
        yield
