"""Files of a lake that lies elsewhere, beside the writer for as long as a batch is built from them."""

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path

from sc2_pipeline.config import Home
from sc2_pipeline.lake import FileMark, FolderLake, Lake, size_of
from sc2_pipeline.manifest import Extraction
from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.sql_models import Model
from sc2_pipeline.tables import tables_of
from sc2_pipeline.warehouse.batch.stage import ParquetFile


class Visitors:
    """Fetches files of the lake for the time of a batch; keeps what ``warehouse.remote_files.Elsewhere`` promises."""

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


def files_that_stay(session: Session, extractions: Mapping[Extraction, Mapping[str, FileMark]]) -> list[ParquetFile]:
    """Where the rows of tables that stay in Parquet lie: the extraction's own files, else compacted ones of the home.

    ``extractions`` gives the tables whose files stand.
    """
    is_here = isinstance(session.lake, FolderLake)
    compacted = session.manifest.compacted_files([e.replay_id for e in extractions])
    parts = {(file.replay_id, file.part, file.settings, file.table_name): file for file in compacted}
    files = []
    for e, held in extractions.items():
        for table in tables_of(e.part):
            part = parts.get((e.replay_id, e.part, e.settings, table.name))
            if not table.stays_in_parquet:
                continue
            if table.name in held:
                path = f"{session.home.lake.name}/{e.folder}/{table.name}.parquet"
                files.append(_named(e, table.name, path, held[table.name], is_here=is_here))
            elif part is not None:
                mark = size_of(session.home.root / part.path)
                files.append(_named(e, table.name, part.path, mark, held_replays=part.held_replays))
    return files


def _named(
    e: Extraction, table_name: str, path: str, mark: FileMark | None, *, held_replays: int = 1, is_here: bool = True
) -> ParquetFile:
    return ParquetFile(
        replay_id=e.replay_id,
        part=e.part,
        table_name=table_name,
        path=path,
        held_replays=held_replays,
        is_here=is_here,
        file_bytes=None if mark is None else mark.bytes,
    )
