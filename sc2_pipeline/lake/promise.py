"""The interface of a lake: what every implementation guarantees."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from sc2_pipeline.lake.marks import FileMark

RECEIPT = "extract.json"
"""Written last; a folder that has it is whole."""

GAME_DATA = "game_data"
"""Folder of the lake for rows that are a game version's, not a replay's: ``game_data/<table>/<version>.parquet``."""


class Lake(Protocol):
    """Folders of Parquet files, one for each extraction. Lakes are pickled and sent to workers, so they hold no connections.

    Folders and files are named relative to the lake, with forward slashes. A folder exists whole or not at all.
    Raises LakeError where the lake cannot be reached or refuses.
    """

    def check(self) -> None:
        """Raises LakeError where nothing can be written."""
        ...

    def receipts(self, folders: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """The parsed ``extract.json`` of each of the folders that is whole, by folder."""
        ...

    def marks(self, folders: Collection[str]) -> dict[str, dict[str, FileMark]]:
        """By folder and table, the marks of the files that are there; a store gives sizes only."""
        ...

    def damage(self, folder: str, tables: Collection[str]) -> dict[str, str]:
        """Reads those tables' files in a folder; what is wrong with each that cannot be read to its end, by table."""
        ...

    def new_folder(self, folder: str) -> AbstractContextManager[Path]:
        """An empty local folder for the caller to fill, ``extract.json`` included.

        Its files are in the lake once the block ends without an error; after an error none of them is.
        """
        ...

    def together(self) -> AbstractContextManager["Lake"]:
        """This lake, but folders filled in the block may enter it only when the block ends, so that a lake on a disk syncs them
        together. Every folder that was filled enters it, even when the block ends with an error.
        """
        ...

    def withdraw(self, folder: str) -> None:
        """Marks a folder as no longer whole; its files stay, for views that read them, until another takes its place. A missing
        folder is no error.
        """
        ...

    def remove(self, folder: str) -> None:
        """Removes a folder with its files; a missing folder is no error. A crash midway leaves no folder that counts as whole."""
        ...

    def read(self, folders: Sequence[str], table_name: str) -> pa.Table:
        """A table's rows from the folders, in their order; each folder must have the table."""
        ...

    def has_game_data(self, table_name: str, version: str) -> bool:
        """Whether the lake holds a table's rows for that version of the game."""
        ...

    def keep_game_data(self, table_name: str, version: str, rows: pa.Table) -> None:
        """Puts the rows of a version of the game into the lake."""
        ...

    def game_data(self, table_name: str) -> list[pa.Table]:
        """A game-data table's rows: one Arrow table for each version of the game, in the order of the versions' names."""
        ...

    def fetch(self, files: Collection[str], into: Path) -> None:
        """Copies files of the lake to the same names under ``into``, each whole or not at all; files already there are kept."""
        ...
