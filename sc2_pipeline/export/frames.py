"""Frames on disk: one Parquet file per replay, one row per player and sampled game loop, with nested units."""

import time
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from sc2_pipeline.config import Home
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.export.dataset import reading_connection
from sc2_pipeline.export.files import ExportedFile
from sc2_pipeline.export.minimaps import Minimaps
from sc2_pipeline.export.unfinished import unfinished
from sc2_pipeline.population import Population

FRAMES_AT_ONCE = 400
"""Game loops that are read together and become a row group: some 200,000 units."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FramesReport:
    """Result of an export of frames. ``asked`` says which games were asked for."""

    destination: Path
    files: int
    frames: int
    bytes: int
    asked: str
    seconds: float


def export_frames(home: Home, destination: Path, population: Population, *, minimap: int | None = None) -> FramesReport:
    """Writes ``REPLAY_ID.parquet``, the rows of ``marts.frame_data`` by game loop and player, for every recording of the
    games asked for that the game has run; with ``minimap``, also images of so many pixels a side
    (:class:`sc2_pipeline.export.minimaps.Minimaps`). Where an earlier export of the same was killed, its finished files are kept.

    Raises HomeError if there is no warehouse or the destination exists, SettingsError where the game ran none of them
    or the images cannot be that large.
    """
    began = time.perf_counter()
    with (
        unfinished(destination) as export,
        closing(reading_connection(home, export.folder, reads_lake=True)) as connection,
    ):
        export.resume(connection, population, minimap)
        asked = population.statement("select game_key from asked_games")
        replays = connection.execute(
            "select replay_id, list(distinct game_loop order by game_loop) from raw.player_snapshots"
            f" semi join (select replay_id from marts.dim_replays semi join ({asked}) using (game_key))"
            " using (replay_id) group by replay_id order by replay_id"
        ).fetchall()
        said = population.line(connection)
        if not replays:
            raise SettingsError(f"no frame to export: the game ran none of these replays ({said}); see --source sc2")
        files: list[ExportedFile] = []
        for replay_id, loops in replays:
            write = partial(_written, connection, export.folder, replay_id, loops, minimap)
            files += export.files(replay_id, write)
    return FramesReport(
        destination=destination,
        files=len(files),
        frames=sum(file.rows for file in files),
        bytes=sum(file.bytes for file in files),
        asked=said,
        seconds=time.perf_counter() - began,
    )


def _written(
    connection: duckdb.DuckDBPyConnection, folder: Path, replay_id: str, loops: list[int], minimap: int | None
) -> list[ExportedFile]:
    """Writes the file of one replay, whose rows are its frames."""
    frames, writer, path = 0, None, folder / f"{replay_id}.parquet"
    minimaps = None if minimap is None else Minimaps(connection, replay_id, minimap)
    try:
        for first in range(0, len(loops), FRAMES_AT_ONCE):
            part = loops[first : first + FRAMES_AT_ONCE]
            table = _frames(connection, replay_id, part[0], part[-1])
            if minimaps is not None:
                table = minimaps.with_images(table)
            writer = writer or pq.ParquetWriter(path, table.schema, compression="zstd")
            writer.write_table(table)
            frames += table.num_rows
    finally:
        if writer is not None:
            writer.close()
    return [ExportedFile.of(folder, path, table="frames", split="all", rows=frames)]


def _frames(connection: duckdb.DuckDBPyConnection, replay_id: str, first: int, last: int) -> pa.Table:
    return connection.sql(
        "select * from marts.frame_data where replay_id = ? and game_loop between ? and ? order by game_loop, player_id",
        params=[replay_id, first, last],
    ).to_arrow_table()
