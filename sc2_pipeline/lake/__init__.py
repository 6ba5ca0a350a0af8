"""Storage of extracted rows: a folder of the home, or a store at an fsspec URL."""

from sc2_pipeline.lake.folder import FolderLake
from sc2_pipeline.lake.marks import FileMark, difference, size_of, told_marks
from sc2_pipeline.lake.opening import local_folders, open_lake
from sc2_pipeline.lake.parquet import contents_of, damage_of
from sc2_pipeline.lake.promise import GAME_DATA, RECEIPT, Lake
from sc2_pipeline.lake.store import StoreLake

__all__ = [
    "GAME_DATA",
    "RECEIPT",
    "FileMark",
    "FolderLake",
    "Lake",
    "StoreLake",
    "contents_of",
    "damage_of",
    "difference",
    "local_folders",
    "open_lake",
    "size_of",
    "told_marks",
]
