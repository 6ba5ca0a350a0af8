"""Writes a training set: shards of rows by split, offsets of their sequences, the schema of the vector and the papers of a dataset."""

import json
import time
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, field, replace
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any, Final

import duckdb
import pyarrow as pa

from sc2_pipeline import __version__
from sc2_pipeline.config import Home
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.export import Anonymity, SplitPlan
from sc2_pipeline.export.anonymise import anonymous_rows, salt_of
from sc2_pipeline.export.card import Dataset
from sc2_pipeline.export.dataset import LICENSES, check_license, reading_connection
from sc2_pipeline.export.facts import DatasetFacts
from sc2_pipeline.export.files import ExportedFile
from sc2_pipeline.export.papers import write_papers
from sc2_pipeline.export.splits import LEFT_OUT, SPLITS, assign_splits
from sc2_pipeline.export.unfinished import unfinished
from sc2_pipeline.population import Population
from sc2_pipeline.training.columns import LABELS, PLAIN, RELATIONS
from sc2_pipeline.training.elements import GRID, VERSION, elements
from sc2_pipeline.training.observed import observed_files
from sc2_pipeline.training.queries import PLAYERS
from sc2_pipeline.training.rows import Rows
from sc2_pipeline.training.shards import written_sequences, written_shards

GAMES_IN_GROUP: Final = 50
"""Games in a row group on the grid of the statistics: what a loader has in memory and shuffles."""

GROUPS_AT_ONCE: Final = 8
"""Row groups for which the warehouse is read once, since every read looks through whole tables."""

SCHEMA: Final = "schema.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingPlan:
    """What to write. ``population`` are the games, ``splits`` how they are divided; both as for datasets.

    ``grid``: game loops between two rows, a divisor of 160; statistics between two samples are those of the sample before.
    ``anonymity``: replays and games become pseudonyms, and ratings are rounded if it is unlinkable; there are no names in a
    training set. Raises SettingsError for another grid, and for a coarse set, which could have no rows.
    """

    destination: Path
    splits: SplitPlan = field(default_factory=SplitPlan)
    population: Population = field(default_factory=lambda: Population.read({}))
    anonymity: Anonymity = field(default_factory=Anonymity)
    grid: int = GRID
    license: str = LICENSES[0]

    def __post_init__(self) -> None:
        check_license(self.license)
        self.anonymity.check(self.population)
        if self.anonymity.is_coarse:
            raise SettingsError("a training set has a row every 160 game loops, which --coarse takes out; leave it out")
        if self.grid < 1 or GRID % self.grid:
            raise SettingsError(f"grid is {self.grid}; give a divisor of {GRID}, as 16 or 32")


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingReport:
    """What was written: games and rows by split, and the files."""

    destination: Path
    games: Mapping[str, int]
    files: tuple[ExportedFile, ...]
    asked: str
    seconds: float

    @property
    def rows(self) -> dict[str, int]:
        """Rows by split."""
        return {
            split: sum(file.rows for file in self.files if (file.table, file.split) == ("data", split))
            for split in self.games
            if split != LEFT_OUT
        }


def write_training_set(home: Home, plan: TrainingPlan) -> TrainingReport:
    """Writes the set beside its destination and moves it there when it is complete. Where an earlier export with the same plan was
    killed, its finished shards are kept.

    Raises HomeError if there is no warehouse or the destination is not a new or empty folder.
    """
    began = time.perf_counter()
    with unfinished(plan.destination) as export:
        with closing(reading_connection(home, export.folder, reads_lake=True)) as connection:
            salt = salt_of(home.root) if plan.anonymity.is_anonymous else ""
            export.resume(connection, replace(plan, destination=Path()), salt, VERSION, GAMES_IN_GROUP)
            games = assign_splits(connection, plan.splits, plan.population)
            facts = DatasetFacts.read(connection, plan.population, games, plan.anonymity)
            players = _players(connection, plan, salt)
            rows = Rows(connection, players, plan.grid)
            files = []
            for split in SPLITS:
                for file in written_shards(export, "data", split, partial(_groups, connection, rows, split, plan.grid)):
                    files += [file, *written_sequences(export, split, file)]
            files += observed_files(connection, export, SPLITS, plan.anonymity, salt)
        report = TrainingReport(
            destination=plan.destination,
            games=games,
            files=tuple(files),
            asked=facts.asked,
            seconds=time.perf_counter() - began,
        )
        write_papers(export.folder, _dataset(plan, report, facts), "training")
        (export.folder / SCHEMA).write_text(json.dumps(_schema(plan, report), indent=1), encoding="utf-8")
    return report


def _players(connection: duckdb.DuckDBPyConnection, plan: TrainingPlan, salt: str) -> pa.Table:
    """Numbers the games split by split and returns their players."""
    connection.execute(
        "create temporary table training_games as select game_key, replay_id, split,"
        " row_number() over (order by split, base_build, replay_id) - 1 as number"
        " from dataset_replays inner join game_splits using (game_key)"
        f" where is_canonical and split != '{LEFT_OUT}'"
    )
    connection.execute(PLAYERS)
    players = connection.sql("select * from training_players order by sequence").to_arrow_table()
    return anonymous_rows(players, plan.anonymity, salt) if plan.anonymity.is_anonymous else players


def _groups(
    connection: duckdb.DuckDBPyConnection, rows: Rows, split: str, grid: int, skipped: int
) -> Iterator[pa.Table]:
    """The row groups of a split, but for the first ``skipped``."""
    size = max(GAMES_IN_GROUP * grid // GRID, 1)
    [(first, last)] = connection.execute(
        "select coalesce(min(number), 0), coalesce(max(number) + 1, 0) from training_games where split = $split",
        {"split": split},
    ).fetchall()
    bounds = [*range(min(first + skipped * size, last), last, size * GROUPS_AT_ONCE), last]
    for begin, end in pairwise(bounds):
        yield from rows.of_games(begin, end, size)


def _dataset(plan: TrainingPlan, report: TrainingReport, facts: DatasetFacts) -> Dataset:
    return Dataset(
        relations=tuple(one for one in RELATIONS if any(file.table == one.name for file in report.files)),
        files=report.files,
        facts=facts,
        splits=plan.splits,
        anonymity=plan.anonymity,
        license=plan.license,
        order=f"Rows are sorted by client build, game, player and game loop; there is one every {plan.grid} game loops.",
        notes=(),
        reader=(
            "from sc2_pipeline.training import batches  # or datasets, polars, DuckDB, pandas: plain Parquet",
            "for batch in batches('PATH', 'train', seed=1): ...",
            "games = datasets.load_dataset('PATH', 'data')",
            "train = polars.scan_parquet('PATH/data/train/*.parquet')",
        ),
    )


def _schema(plan: TrainingPlan, report: TrainingReport) -> dict[str, Any]:
    return {
        "written_by": f"sc2_pipeline {__version__}",
        "rows": report.rows,
        "grid_game_loops": plan.grid,
        "elements_version": VERSION,
        "features": [asdict(element) for element in elements()],
        "plain": list(PLAIN),
        "labels": list(LABELS),
    }
