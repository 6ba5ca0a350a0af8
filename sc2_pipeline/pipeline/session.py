"""What the stages of one run share: settings, home, manifest, workers and who watches."""

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
from sc2_pipeline.pipeline.loop_progress import LoopProgress
from sc2_pipeline.pipeline.machine_faults import naming_machine_faults
from sc2_pipeline.pipeline.manifest_recovery import relearn_published
from sc2_pipeline.sc2_client.installs import Installs, find
from sc2_pipeline.sources.choose import close_sources
from sc2_pipeline.stopping import is_told_to_stop
from sc2_pipeline.warehouse.parquet_views import searched_path
from sc2_pipeline.workers import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a stage is; ``done`` and ``total`` count replays (files while discovering).

    ``loops`` says how far the game is with them, where it runs them.
    """

    stage: str
    done: int
    total: int
    loops: LoopProgress | None = None


Watch = Callable[[Progress], None]


def nobody(_: Progress) -> None:
    """Watches nothing."""


@dataclass(kw_only=True)
class Session:
    """One run's shared things."""

    run_id: str
    settings: Settings
    filters: FilterSet
    home: Home
    lake: Lake
    manifest: Manifest
    workers: Workers
    watch: Watch = nobody

    @cached_property
    def installs(self) -> Installs:
        """The game clients of this machine, looked for once."""
        return find()


STOPPED = "stopped"
"""Outcome of tries that were under way when their run ended; what kills a run leaves them without any."""


@contextmanager
def open_session(settings: Settings, *, command: str, watch: Watch = nobody) -> Iterator[Session]:
    """A session over the settings' home, remembered in the manifest as a run; workers end with it.

    Raises SettingsError for unknown filters and a lake that no driver speaks to, HomeError for a home that cannot be used,
    MachineError for what the machine refuses meanwhile.
    """
    filters = read_filters(settings.filters or DEFAULT_FILTERS[settings.source])
    home = Home(settings.home)
    # Said before any work: the warehouse could not read its own lake there.
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
            relearn_published(manifest, home, lake)
        manifest.begin_run(session.run_id, command=command, source=settings.source, filters=filters.digest_text)
        try:
            yield session
        except sqlite3.Error:
            # Of the manifest itself, which could not take down how the run ended either.
            raise
        except BaseException as error:
            is_stopped = is_told_to_stop() or not isinstance(error, Exception)
            outcome = "cancelled" if is_stopped else "failed"
            manifest.end_run(session.run_id, outcome=outcome, counts={"error": f"{type(error).__name__}: {error}"})
            raise
        finally:
            # Told to stop, or stopped by the machine or the lake, a run takes tries with it that killed nobody.
            manifest.end_open_attempts(session.run_id, STOPPED, "the run was stopped before this try came back")
