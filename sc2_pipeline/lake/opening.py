"""Opens the lake that a home's settings name."""

from pathlib import Path

from sc2_pipeline.config import Home, Settings
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.lake.drivers import file_system, protocol_of, refuse_missing_driver
from sc2_pipeline.lake.folder import FolderLake
from sc2_pipeline.lake.promise import Lake
from sc2_pipeline.lake.store import StoreLake


def open_lake(settings: Settings) -> Lake:
    """The lake at the setting's URL, by default in the home; raises SettingsError for an invalid URL.

    Makes no request; ``check`` does.
    """
    if settings.lake is None:
        return FolderLake(Home(settings.home).lake.absolute())
    refuse_missing_driver(settings.lake)
    if protocol_of(settings.lake) == "memory" and (settings.workers > 1 or settings.scheduler):
        raise SettingsError(f"lake is {settings.lake}, which one process alone sees; give --workers 1 and no scheduler")
    return StoreLake(settings.lake.rstrip("/"))


def local_folders(lake: str | None) -> list[Path]:
    """The local folder that the setting ``lake`` names, in a list; empty if it names none."""
    if lake is None or protocol_of(lake) not in ("file", "local"):
        return []
    return [Path(file_system(lake)[1])]
