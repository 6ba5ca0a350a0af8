"""Opens the lake that a home's settings name."""

from pathlib import Path

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.lake.drivers import file_system, protocol_of, refuse_missing_driver
from sc2_pipeline.lake.folder import FolderLake
from sc2_pipeline.lake.promise import Lake
from sc2_pipeline.lake.store import StoreLake


def open_lake(settings: Settings) -> Lake:
    """The lake at the URL of the setting ``lake``, or in the home without one; raises SettingsError for a URL that cannot be used.

    Does not connect yet: see ``check``.
    """
    if settings.lake is None:
        return FolderLake(Home(settings.home).lake.absolute())
    refuse_missing_driver(settings.lake)
    if protocol_of(settings.lake) == "memory" and (settings.workers > 1 or settings.scheduler):
        raise SettingsError(f"lake is {settings.lake}, which one process alone sees; give --workers 1 and no scheduler")
    return StoreLake(settings.lake.rstrip("/"))


def local_folders(lake: str | None) -> list[Path]:
    """The folder of this machine that the setting ``lake`` names, where it names one."""
    if lake is None or protocol_of(lake) not in ("file", "local"):
        return []
    return [Path(file_system(lake)[1])]
