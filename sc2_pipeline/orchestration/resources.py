"""Resources: what run configuration may say. Nothing is read or opened before a step asks."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import dagster as dg
from pydantic import Field, create_model

from sc2_pipeline.config import SETTINGS, Settings, read_settings
from sc2_pipeline.errors import ContractError, PipelineError, SettingsError
from sc2_pipeline.stopping import hearing_interrupts, heeding_stops

WATCHED_FOLDERS = "SC2_PIPELINE_WATCHED_FOLDERS"
"""Environment variable: folders that new replays come to, separated as in PATH."""

SETTLE_SECONDS = "SC2_PIPELINE_SETTLE_SECONDS"


def _run_configuration() -> dict[str, Any]:
    """Fields that run configuration has: each setting but those that only a launch says, all of them optional."""
    offered = (declared for declared in SETTINGS.values() if not declared.only_at_launch)
    return {
        declared.name: (declared.type | None, Field(default=None, description=declared.sentence))
        for declared in offered
    }


if TYPE_CHECKING:
    _RunConfiguration = dg.ConfigurableResource[None]
else:
    _RunConfiguration = create_model(
        "_RunConfiguration", __base__=dg.ConfigurableResource[None], **_run_configuration()
    )


class HomeResource(_RunConfiguration):
    """The settings of :class:`sc2_pipeline.config.Settings` but for those that only a launch says, each one optional.

    What is left out comes from the environment (``SC2_PIPELINE_...``), then from the home's ``sc2_pipeline.toml``, then it
    is the default of the command line.

    Home, lake and scheduler are only said at launch, by the environment of the processes and the home's own file, because each
    makes a run connect to where it says. A Dask scheduler is spoken to in pickles, so whoever is at the address runs what he
    likes here; a lake may be at any address that fsspec knows, Dask's among them; and a folder that is taken for the home has a
    ``sc2_pipeline.toml`` that names both.
    """

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
