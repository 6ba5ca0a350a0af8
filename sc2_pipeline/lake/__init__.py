"""Where extractions lie: a folder of the home, or a store behind an fsspec URL."""

from sc2_pipeline.lake.folder import FolderLake
from sc2_pipeline.lake.opening import local_folders, open_lake
from sc2_pipeline.lake.promise import GAME_DATA, RECEIPT, Lake
from sc2_pipeline.lake.store import StoreLake

__all__ = ["GAME_DATA", "RECEIPT", "FolderLake", "Lake", "StoreLake", "local_folders", "open_lake"]
