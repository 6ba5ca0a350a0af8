"""Resources: settings that run configuration may override. Nothing is read or opened until a step uses them."""

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
"""Environment variable: watched folders for new replays, separated as in PATH."""

SETTLE_SECONDS = "SC2_PIPELINE_SETTLE_SECONDS"


def _run_configuration() -> dict[str, Any]:
    """Fields of the run configuration: every setting that is not launch-only, all optional."""
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
    """The settings of :class:`sc2_pipeline.config.Settings` except launch-only ones; each is optional.

    Precedence: run configuration, then the environment (``SC2_PIPELINE_...``), then the home's ``sc2_pipeline.toml``,
    then the default of the command line.

    Home, lake and scheduler are launch-only, set by the environment of the processes or the home's own file, because
    each determines what a run connects to. Dask exchanges pickles, so whoever controls the scheduler address can run
    code here; a lake URL may use any fsspec protocol, Dask's included; and any folder used as the home may have a
    ``sc2_pipeline.toml`` that sets both. So is the password of packs, since Dagster stores run configuration.
    """

    def settings(self) -> Settings:
        """Settings of a run; raises SettingsError with a one-sentence message."""
        return read_settings({name: getattr(self, name) for name in type(self).model_fields})


class WatchedFoldersResource(dg.ConfigurableResource[None]):
    """Watched folders, and how long a file must be unchanged before it counts as complete."""

    folders: list[str] = Field(
        default_factory=list, description=f"Left out: {WATCHED_FOLDERS}, else the folder `incoming` of the home."
    )
    settle_seconds: float | None = Field(
        default=None,
        description=f"A file that changed later than this ago may grow still. Left out: {SETTLE_SECONDS}, else 20.",
    )

    def paths(self, home: Path) -> list[Path]:
        """The watched folders, whether they exist or not."""
        given = self.folders or [part for part in os.environ.get(WATCHED_FOLDERS, "").split(os.pathsep) if part]
        return [Path(folder).absolute() for folder in given] or [(home / "incoming").absolute()]

    def settled_after(self) -> float:
        """Seconds for which a file must be unchanged; raises SettingsError if the environment variable is not a
        number."""
        given = os.environ.get(SETTLE_SECONDS) if self.settle_seconds is None else self.settle_seconds
        try:
            return 20.0 if given is None else float(given)
        except ValueError as error:
            raise SettingsError(f"{SETTLE_SECONDS} is {given!r}; give a number of seconds") from error


@contextmanager
def saying_what_to_do() -> Iterator[None]:
    """Turns the package's own errors into a ``dagster.Failure`` whose first line is their message.

    If Dagster is terminating the run, other errors are treated as part of that and not as failures.
    """
    try:
        with heeding_stops(), hearing_interrupts():
            yield
    except ContractError as error:
        sentence = f"{error} (this is a fault of sc2_pipeline, not of a replay; please report it)"
        raise dg.Failure(description=sentence, allow_retries=False) from error
    except PipelineError as error:
        raise dg.Failure(description=str(error), allow_retries=False) from error
