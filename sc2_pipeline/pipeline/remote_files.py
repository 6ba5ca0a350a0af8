"""Files of a remote lake, copied beside the writer while a batch is built from them."""

import shutil
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path

from sc2_pipeline.config import Home
from sc2_pipeline.lake import FolderLake, Lake
from sc2_pipeline.sql_models import Model


class FetchedFiles:
    """Fetches lake files for one batch at a time; implements ``warehouse.remote_files.RemoteFiles``."""

    def __init__(self, home: Home, lake: Lake, models: Iterable[Model]) -> None:
        self._home = home
        self._lake = lake
        self._read = {relation for model in models for relation in model.depends_on}

    @property
    def place(self) -> Path | None:
        """Folder in the home where views look for fetched files; None if the lake is in the home."""
        return None if isinstance(self._lake, FolderLake) else self._home.visiting

    def fetch(self, table_name: str, paths: Sequence[str]) -> bool:
        """Copies the files to where the writer's views look; returns False without copying if no model reads the
        table."""
        if f"raw.{table_name}" not in self._read:
            return False
        fetch_files(self._home, self._lake, paths, is_to_stay=False)
        return True

    def release(self) -> None:
        """Deletes the copies, including those left by a killed run."""
        shutil.rmtree(self._home.visiting, ignore_errors=True)


def fetch_files(home: Home, lake: Lake, paths: Collection[str], *, is_to_stay: bool) -> None:
    """Copies files named in ``ops.parquet_files`` out of the lake, into the home permanently or into its temporary
    folder."""
    root = home.lake if is_to_stay or isinstance(lake, FolderLake) else home.visiting / home.lake.name
    lake.fetch([path.removeprefix(f"{home.lake.name}/") for path in paths], root)
