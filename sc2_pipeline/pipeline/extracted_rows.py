"""Contents of extractions in the lake: rows to load, and files of the tables that stay in Parquet."""

from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.lake import FileMark, FolderLake, Lake, size_of
from sc2_pipeline.manifest import Extraction
from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.tables import RAW_TABLES, Table, tables_of
from sc2_pipeline.warehouse.parquet_files import ParquetFile

Files = Mapping[str, FileMark]
"""Files present in an extraction's folder, by table."""


def extracted_rows(lake: Lake, extractions: Mapping[Extraction, Files]) -> dict[str, pa.Table]:
    """All rows of the tables that are loaded, by table."""
    rows: dict[str, pa.Table] = {}
    for table in RAW_TABLES.values():
        if table.stays_in_parquet or table.once_per:
            continue
        folders = [e.folder for e, held in extractions.items() if e.part in table.parts and table.name in held]
        if folders:
            rows[table.name] = _read(lake, folders, table)
    if "chat_messages" in rows:
        # Before 0.1.0 the game's rows also contained the chat of the streams.
        chat = rows["chat_messages"]
        heard = pc.or_(pc.equal(chat["source"], "tracker"), pc.is_valid(chat["pass_player_id"]))
        rows["chat_messages"] = chat.filter(heard)
    return rows


def _read(lake: Lake, folders: list[str], table: Table) -> pa.Table:
    if not any(column.is_later for column in table.columns):
        return lake.read(folders, table.name)
    # Extractions of several releases, with and without those columns.
    return pa.concat_tables([table.completed(lake.read([folder], table.name)) for folder in folders])


def files_that_stay(session: Session, extractions: Mapping[Extraction, Files]) -> list[ParquetFile]:
    """Files of the tables that stay in Parquet: the extraction's own files, else compacted files of the home.

    ``extractions`` maps each extraction to the files present in its folder.
    """
    is_here = isinstance(session.lake, FolderLake)
    compacted = session.manifest.compacted_files([e.replay_id for e in extractions])
    parts = {(file.replay_id, file.part, file.settings_digest, file.table_name): file for file in compacted}
    files = []
    for e, held in extractions.items():
        for table in tables_of(e.part):
            part = parts.get((e.replay_id, e.part, e.settings_digest, table.name))
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
