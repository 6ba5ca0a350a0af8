"""Writes a training set: shards of rows by split, offsets of their sequences, and the schema of the vector."""

import json
import time
from collections.abc import Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sc2_pipeline import __version__
from sc2_pipeline.config import Home
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.export import Anonymity, SplitPlan
from sc2_pipeline.export.anonymise import anonymous_rows, salt_of
from sc2_pipeline.export.dataset import reading_connection
from sc2_pipeline.export.new_folder import new_folder
from sc2_pipeline.export.splits import LEFT_OUT, assign_splits
from sc2_pipeline.population import Population
from sc2_pipeline.training.elements import GRID, VERSION, elements
from sc2_pipeline.training.rows import LABELS, PLAIN, rows_of

GAMES_AT_ONCE: Final = 50
SHARD_BYTES: Final = 256 * 2**20
SCHEMA: Final = "schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """What to write. ``population`` are the games, ``splits`` how they are divided; both as for datasets.

    ``anonymity``: replays and games become pseudonyms, and ratings are rounded if it is unlinkable; there are no names in a
    training set. Raises SettingsError for a
    coarse one, which could have no rows.
    """

    destination: Path
    splits: SplitPlan = field(default_factory=SplitPlan)
    population: Population = field(default_factory=lambda: Population.read({}))
    anonymity: Anonymity = field(default_factory=Anonymity)

    def __post_init__(self) -> None:
        if self.anonymity.is_coarse:
            raise SettingsError("a training set has a row every 160 game loops, which --coarse takes out; leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingReport:
    """What was written: games and rows by split."""

    destination: Path
    games: Mapping[str, int]
    rows: Mapping[str, int]
    asked: str
    seconds: float


def write_training_set(home: Home, plan: TrainingPlan) -> TrainingReport:
    """Writes the set beside its destination and moves it there when it is complete.

    Raises HomeError if there is no warehouse or the destination is not a new or empty folder.
    """
    began = time.perf_counter()
    with new_folder(plan.destination) as partial:
        with closing(reading_connection(home, partial)) as connection:
            games = assign_splits(connection, plan.splits, plan.population)
            asked = plan.population.line(connection)
            connection.execute(
                "create temporary table training_games as select game_key, replay_id, split,"
                " row_number() over (order by split, base_build, replay_id) - 1 as number"
                " from dataset_replays inner join game_splits using (game_key)"
                f" where is_canonical and split != '{LEFT_OUT}'"
            )
            [(count,)] = connection.execute("select count(*) from training_games").fetchall()
            with closing(_Shards(partial)) as shards:
                for first in range(0, count, GAMES_AT_ONCE):
                    found = rows_of(connection, first, first + GAMES_AT_ONCE)
                    if plan.anonymity.is_anonymous:
                        found = anonymous_rows(found, plan.anonymity, salt_of(home.root))
                    shards.write(found)
            rows = shards.rows
        (partial / SCHEMA).write_text(json.dumps(_schema(plan, games, rows, asked), indent=1), encoding="utf-8")
    return TrainingReport(
        destination=plan.destination, games=games, rows=rows, asked=asked, seconds=time.perf_counter() - began
    )


class _Shards:
    """Parquet files of rows, ``data/SPLIT/part_N.parquet``, and of the sequences in each, ``data/SPLIT/part_N.sequences.parquet``.

    Rows of a sequence (a game as one player had it) stand together in one row group.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._writer: pq.ParquetWriter | None = None
        self._path = folder
        self._sequences: list[pa.Table] = []
        self._split = ""
        self._written = 0
        self._number: dict[str, int] = {}
        self.rows: dict[str, int] = {}

    def write(self, table: pa.Table) -> None:
        """Appends rows, split by split."""
        for split in sorted(set(table.column("split").to_pylist())):
            self._append(split, table.filter(pc.equal(table.column("split"), split)))

    def _append(self, split: str, rows: pa.Table) -> None:
        if self._writer is None or split != self._split or self._path.stat().st_size > SHARD_BYTES:
            self._open(split, rows.schema)
        assert self._writer is not None
        self._sequences.append(_sequences(rows, self._written))
        self._writer.write_table(rows, row_group_size=max(rows.num_rows, 1))
        self._written += rows.num_rows
        self.rows[split] = self.rows.get(split, 0) + rows.num_rows

    def _open(self, split: str, schema: pa.Schema) -> None:
        self.close()
        number = self._number.get(split, 0)
        self._number[split], self._split, self._written = number + 1, split, 0
        self._path = self._folder / "data" / split / f"part_{number}.parquet"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        self._writer = pq.ParquetWriter(self._path, schema, compression="zstd")

    def close(self) -> None:
        """Finishes the current shard."""
        if self._writer is not None:
            self._writer.close()
            pq.write_table(pa.concat_tables(self._sequences), self._path.with_suffix(".sequences.parquet"))
        self._writer, self._sequences = None, []


def _sequences(rows: pa.Table, offset: int) -> pa.Table:
    """One row per sequence: ``replay_id``, ``player_id``, ``first_row`` in the shard and ``row_count``."""
    grouped = rows.select(["replay_id", "player_id"]).group_by(["replay_id", "player_id"], use_threads=False)
    counted = grouped.aggregate([([], "count_all")])
    counts = counted.column("count_all").to_numpy()
    starts = pa.array(offset + counts.cumsum() - counts)
    return pa.table(
        {
            "replay_id": counted.column("replay_id"),
            "player_id": counted.column("player_id"),
            "first_row": starts,
            "row_count": pa.array(counts),
        }
    )


def _schema(plan: TrainingPlan, games: Mapping[str, int], rows: Mapping[str, int], asked: str) -> dict[str, Any]:
    return {
        "written_by": f"sc2_pipeline {__version__}",
        "asked": asked,
        "splits": plan.splits.to_json(),
        "games": dict(games),
        "rows": dict(rows),
        "grid_game_loops": GRID,
        "elements_version": VERSION,
        "features": [asdict(element) for element in elements()],
        "plain": list(PLAIN),
        "labels": list(LABELS),
        "is_anonymous": plan.anonymity.is_anonymous,
    }
