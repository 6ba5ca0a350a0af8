"""Objects shared by the stages of one run: settings, home, manifest, workers and progress callback."""

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property, partial

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.filters import DEFAULT_FILTERS, FilterSet, read_filters
from sc2_pipeline.lake import Lake, open_lake
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.pipeline.game_starts import GameStarts
from sc2_pipeline.pipeline.loop_progress import LoopProgress
from sc2_pipeline.pipeline.machine_faults import naming_machine_faults
from sc2_pipeline.pipeline.manifest_recovery import relearn_published
from sc2_pipeline.sc2_client.installs import Installs, find
from sc2_pipeline.sources.choose import close_sources
from sc2_pipeline.stopping import is_told_to_stop
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.parquet_views import searched_path
from sc2_pipeline.workers import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Progress of a stage; ``done`` and ``total`` count replays (files during discovery).

    ``loops`` is the progress in game loops while the game runs.
    """

    stage: str
    done: int
    total: int
    loops: LoopProgress | None = None


Watch = Callable[[Progress], None]


def nobody(_: Progress) -> None:
    """Ignores progress."""


@dataclass(kw_only=True)
class Session:
    """Objects shared by the stages of one run."""

    run_id: str
    settings: Settings
    filters: FilterSet
    home: Home
    lake: Lake
    manifest: Manifest
    workers: Workers
    watch: Watch = nobody

    @cached_property
    def game_starts(self) -> GameStarts:
        """Failed starts of the game in this run."""
        return GameStarts(limit=self.settings.failed_starts)

    @cached_property
    def installs(self) -> Installs:
        """Game clients installed on this machine, searched for once."""
        return find()


STOPPED = "stopped"
"""Outcome of attempts in progress when their run was stopped; a killed run leaves them without an outcome."""


@contextmanager
def open_session(settings: Settings, *, command: str, watch: Watch = nobody) -> Iterator[Session]:
    """Opens a session on the settings' home and records it as a run in the manifest; workers stop when it closes.

    Raises SettingsError for unknown filters or a lake URL without a driver, HomeError for an unusable home,
    MachineError for machine faults during the session.
    """
    filters = read_filters(settings.filters or DEFAULT_FILTERS[settings.source])
    home = Home(settings.home)
    # Checked before any work: with such a path, the warehouse could not read its own lake.
    searched_path(home.root)
    lake = open_lake(settings)
    run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(3)}"
    workers = Workers(
        settings.workers,
        memory_mb=settings.worker_memory_mb,
        scheduler=settings.scheduler,
        release=partial(close_sources, run_id),
    )
    with naming_machine_faults(settings.home), Manifest(home.manifest) as manifest, workers:
        session = Session(
            run_id=run_id,
            settings=settings,
            filters=filters,
            home=home,
            lake=lake,
            manifest=manifest,
            workers=workers,
            watch=watch,
        )
        if manifest.is_new:
            memory = Memory(megabytes=settings.duckdb_memory_mb, folder=home.root)
            relearn_published(manifest, home, lake, memory)
        manifest.begin_run(session.run_id, command=command, source=settings.source, filters=filters.digest_text)
        try:
            yield session
        except sqlite3.Error:
            # An error of the manifest itself, which then cannot record how the run ended either.
            raise
        except BaseException as error:
            is_stopped = is_told_to_stop() or not isinstance(error, Exception)
            outcome = "cancelled" if is_stopped else "failed"
            manifest.end_run(session.run_id, outcome=outcome, counts={"error": f"{type(error).__name__}: {error}"})
            raise
        finally:
            # A run stopped by the user, the machine or the lake interrupts attempts that did not kill any process.
            manifest.end_open_attempts(session.run_id, STOPPED, "the run was stopped before this try came back")
