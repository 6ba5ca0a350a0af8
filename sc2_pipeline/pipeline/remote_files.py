"""Files of a lake that lies elsewhere, beside the writer for as long as a batch is built from them."""

import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from sc2_pipeline.config import Home
from sc2_pipeline.lake import FolderLake, Lake
from sc2_pipeline.sql_models import Model


class FetchedFiles:
    """Fetches files of the lake for the time of a batch; keeps what ``warehouse.remote_files.RemoteFiles`` promises."""

    def __init__(self, home: Home, lake: Lake, models: Iterable[Model]) -> None:
        self._home = home
        self._lake = lake
        self._read = {relation for model in models for relation in model.depends_on}

    @property
    def place(self) -> Path | None:
        """Where views look for them, beside the home; None where the lake is in the home."""
        return None if isinstance(self._lake, FolderLake) else self._home.visiting

    def fetch(self, table_name: str, paths: Sequence[str]) -> bool:
        """Puts the files where the writer's views look, unless no model reads the table."""
        if f"raw.{table_name}" not in self._read:
            return False
        fetch_files(self._home, self._lake, paths, is_to_stay=False)
        return True

    def release(self) -> None:
        """Takes them away again, also those that a killed run left."""
        shutil.rmtree(self._home.visiting, ignore_errors=True)


def fetch_files(home: Home, lake: Lake, paths: Collection[str], *, is_to_stay: bool) -> None:
    """Files that ``ops.parquet_files`` names, out of the lake: into the home, or for a visit."""
    root = home.lake if is_to_stay or isinstance(lake, FolderLake) else home.visiting / home.lake.name
    lake.fetch([path.removeprefix(f"{home.lake.name}/") for path in paths], root)
