"""What every lake promises, wherever it lies."""

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
    """Folders of Parquet files, one for each extraction; small enough to travel to workers.

    Folders and files are named relative to the lake, with forward slashes. A folder is there whole or not at all.
    Raises LakeError where the lake cannot be reached or refuses.
    """

    def check(self) -> None:
        """Raises LakeError where nothing can be written."""
        ...

    def receipts(self, folders: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """What stands in ``extract.json`` of those of the folders that are whole."""
        ...

    def marks(self, folders: Collection[str]) -> dict[str, dict[str, FileMark]]:
        """The tables whose files are in each of the folders, with the files' marks as far as the lake tells them."""
        ...

    def damage(self, folder: str, tables: Collection[str]) -> dict[str, str]:
        """Of those tables' files in a folder, what is wrong with each that cannot be read to its end; reads them all."""
        ...

    def new_folder(self, folder: str) -> AbstractContextManager[Path]:
        """An empty folder of this machine to be filled, ``extract.json`` too.

        What it holds is in the lake once the block ends without an error; after an error nothing is.
        """
        ...

    def together(self) -> AbstractContextManager["Lake"]:
        """This lake, but new folders filled in the block may come into it only once that ends: all are then waited for
        together, on a lake that has to wait for a disk. Each that was filled is in it, whatever ends the block.
        """
        ...

    def withdraw(self, folder: str) -> None:
        """Takes back that a folder is whole; files that views read stay until another takes its place. None is no error."""
        ...

    def remove(self, folder: str) -> None:
        """Removes a folder and all in it; none is no error. A crash amid it leaves no folder that counts as whole."""
        ...

    def read(self, folders: Sequence[str], table_name: str) -> pa.Table:
        """A table's rows from all of the folders, each of which has it, in their order."""
        ...

    def has_game_data(self, table_name: str, version: str) -> bool:
        """Whether rows of that version of the game are there."""
        ...

    def keep_game_data(self, table_name: str, version: str, rows: pa.Table) -> None:
        """Puts the rows of a version of the game into the lake."""
        ...

    def game_data(self, table_name: str) -> list[pa.Table]:
        """A game-data table's rows, one table for each version of the game, in the order of their names."""
        ...

    def fetch(self, files: Collection[str], into: Path) -> None:
        """Copies files of the lake to the same names under ``into``, each whole or not at all; those there are kept."""
        ...
