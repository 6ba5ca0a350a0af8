"""The interface of every lake, local or remote."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol

import pyarrow as pa

from sc2_pipeline.lake.marks import FileMark

RECEIPT = "extract.json"
"""Written last; a folder that contains it is complete."""

GAME_DATA = "game_data"
"""Folder of the lake for rows per game version, not per replay: ``game_data/<table>/<version>.parquet``."""


class Lake(Protocol):
    """Folders of Parquet files, one per extraction. Instances are small and can be sent to workers.

    Folders and files are named relative to the lake, with forward slashes; a folder that lies in a bundle has the bundle's name
    before its own (``bundles.place_of``). A folder is either complete or absent.
    Methods raise LakeError if the lake cannot be reached or refuses a request.
    """

    def check(self) -> None:
        """Raises LakeError if the lake is not writable."""
        ...

    def receipts(self, folders: Collection[str]) -> dict[str, Mapping[str, Any]]:
        """Contents of ``extract.json`` by folder, for those of the folders that are complete."""
        ...

    def bundled(self) -> dict[str, str]:
        """Names of the folders in bundles, by their own names, found by opening every bundle."""
        ...

    def marks(self, folders: Collection[str]) -> dict[str, dict[str, FileMark]]:
        """Marks by folder and table of the files present, as far as the lake can tell them."""
        ...

    def damage(self, folder: str, tables: Collection[str]) -> dict[str, str]:
        """What is wrong with each unreadable file of those tables in a folder, by table; reads every file to its
        end."""
        ...

    def new_folder(self, folder: str) -> AbstractContextManager[Path]:
        """An empty local folder to fill, including ``extract.json``.

        Its contents are in the lake once the block ends without an error; after an error nothing is.
        """
        ...

    def together(self) -> AbstractContextManager["Lake"]:
        """This lake, but new folders filled in the block may only appear when it ends, so that a local lake syncs them
        to disk together. Every folder that was filled is in the lake even if the block raises."""
        ...

    def withdraw(self, folder: str) -> None:
        """Marks a folder as incomplete; files that views read remain until another extraction replaces them. No error
        if there is none."""
        ...

    def remove(self, folder: str) -> None:
        """Removes a folder and its contents; no error if there is none. A crash meanwhile leaves no folder that counts
        as complete."""
        ...

    def read(self, folders: Sequence[str], table_name: str) -> pa.Table:
        """A table's rows from all of the folders, each of which has it, in the order of the folders."""
        ...

    def has_game_data(self, table_name: str, version: str) -> bool:
        """Whether the lake has that table's rows of that game version."""
        ...

    def keep_game_data(self, table_name: str, version: str, rows: pa.Table) -> None:
        """Writes a table's rows of a game version to the lake."""
        ...

    def game_data(self, table_name: str) -> list[pa.Table]:
        """A game-data table's rows: one Arrow table per game version, sorted by version name."""
        ...

    def fetch(self, files: Collection[str], into: Path) -> None:
        """Copies files of the lake to the same relative paths under ``into``, each atomically; existing files are
        kept."""
        ...
