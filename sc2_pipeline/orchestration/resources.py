"""Resources: what run configuration may say. Nothing is read or opened before a step asks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from pydantic import Field

from sc2_pipeline.config import Settings, read_settings
from sc2_pipeline.errors import ContractError, PipelineError, SettingsError
from sc2_pipeline.stopping import hearing_interrupts, heeding_stops

WATCHED_FOLDERS = "SC2_PIPELINE_WATCHED_FOLDERS"
"""Environment variable: folders that new replays come to, separated as in PATH."""

SETTLE_SECONDS = "SC2_PIPELINE_SETTLE_SECONDS"


LAUNCH_SETTINGS = frozenset({"home", "lake", "scheduler"})
"""Settings that no run configuration has: the environment of the processes and the home's own file say them.

Each makes a run connect to where it says. A Dask scheduler is spoken to in pickles, so whoever is at the address runs what he
likes here; a lake may be at any address that fsspec knows, Dask's among them; and a folder that is taken for the home has a
``sc2_pipeline.toml`` that names both.
"""


class HomeResource(dg.ConfigurableResource[None]):
    """The settings of :class:`sc2_pipeline.config.Settings` but for :data:`LAUNCH_SETTINGS`, each one optional.

    What is left out comes from the environment (``SC2_PIPELINE_...``), then from the home's ``sc2_pipeline.toml``, then it
    is the default of the command line.
    """

    localise: bool | None = Field(default=None, description="Keep tables that stay in Parquet in the home too.")
    source: str | None = Field(default=None, description="tracker, sc2 or auto.")
    filters: str | None = Field(default=None, description="A filter set by name, or a TOML file.")
    workers: int | None = Field(default=None, description="Processes that extract.")
    batch_replays: int | None = Field(default=None, description="Replays checked and loaded in one transaction.")
    max_bad_row_share: float | None = Field(default=None, description="Share of a table's rows that may be bad.")
    worker_memory_mb: int | None = Field(default=None, description="Bound of one worker process.")
    replay_processor_seconds: float | None = Field(
        default=None, description="Processor time that reading a replay may take, for each megabyte of its file."
    )
    replay_memory_mb: int | None = Field(default=None, description="Memory that reading it may take, likewise.")
    lock_timeout_seconds: float | None = Field(default=None, description="How long to wait for another writer.")
    commands: bool | None = Field(default=None, description="Read what people ordered, and solve build orders with it.")
    step_mul: int | None = Field(default=None, description="Game loops between two observations of the game.")
    until: int | None = Field(default=None, description="Game loop to stop at.")
    fog: str | None = Field(default=None, description="Fog of war in the game: off, on or both.")
    detail: str | None = Field(default=None, description="economy, units or full.")
    observe_computers: bool | None = Field(default=None, description="A pass per computer player too.")
    tries: int | None = Field(default=None, description="Tries of a replay that the game failed on.")
    restart_every: int | None = Field(default=None, description="Replays until a game instance is replaced.")
    pipeline_depth: int | None = Field(default=None, description="Requests to the game under way at once.")
    memory_ceiling_mb: int | None = Field(default=None, description="Bound of one game instance.")
    boot_timeout_seconds: float | None = Field(default=None, description="How long the game may take to start.")
    start_timeout_seconds: float | None = Field(default=None, description="How long a replay may take to start.")
    request_timeout_seconds: float | None = Field(default=None, description="How long the game may take to answer.")
    launch_gap_seconds: float | None = Field(default=None, description="Least time between two launches on a machine.")

    def settings(self) -> Settings:
        """Settings of a run; raises SettingsError with one sentence."""
        return read_settings({name: getattr(self, name) for name in type(self).model_fields})


class WatchedFoldersResource(dg.ConfigurableResource[None]):
    """Folders that new replays come to, and how long a file must lie still before it is taken for whole."""

    folders: list[str] = Field(
        default_factory=list, description=f"Left out: {WATCHED_FOLDERS}, else the folder `incoming` of the home."
    )
    settle_seconds: float | None = Field(
        default=None,
        description=f"A file that changed later than this ago may grow still. Left out: {SETTLE_SECONDS}, else 20.",
    )

    def paths(self, home: Path) -> list[Path]:
        """The folders, there or not."""
        given = self.folders or [part for part in os.environ.get(WATCHED_FOLDERS, "").split(os.pathsep) if part]
        return [Path(folder).absolute() for folder in given] or [(home / "incoming").absolute()]

    def settled_after(self) -> float:
        """Seconds for which a file must lie still; raises SettingsError when the environment says no number."""
        given = os.environ.get(SETTLE_SECONDS) if self.settle_seconds is None else self.settle_seconds
        try:
            return 20.0 if given is None else float(given)
        except ValueError as error:
            raise SettingsError(f"{SETTLE_SECONDS} is {given!r}; give a number of seconds") from error


@contextmanager
def saying_what_to_do() -> Iterator[None]:
    """What this package raises on purpose becomes a failure whose first line is its sentence.

    Where Dagster ends the run meanwhile, what breaks is that: nothing of ours failed.
    """
    try:
        with heeding_stops(), hearing_interrupts():
            yield
    except ContractError as error:
        sentence = f"{error} (this is a fault of sc2_pipeline, not of a replay; please report it)"
        raise dg.Failure(description=sentence, allow_retries=False) from error
    except PipelineError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
