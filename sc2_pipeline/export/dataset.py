"""A dataset on disk: sorted files by table and split, with a card, a data dictionary and a manifest of hashes."""

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from pathlib import Path

import duckdb

from sc2_pipeline.config import Home, read_settings
from sc2_pipeline.data_dictionary import DescribedRelation
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.export.anonymise import Anonymity, anonymous_columns, salt_of
from sc2_pipeline.export.card import Dataset
from sc2_pipeline.export.facts import DatasetFacts
from sc2_pipeline.export.files import FILE_BYTES, ExportedFile
from sc2_pipeline.export.papers import write_papers
from sc2_pipeline.export.splits import SPLITS, SplitPlan, assign_splits
from sc2_pipeline.export.tables import ALL_ROWS, ATTRIBUTES, exported_tables
from sc2_pipeline.export.unfinished import Unfinished, unfinished
from sc2_pipeline.population import Population
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline.warehouse.reading.csv_cells import defused_select
from sc2_pipeline.warehouse.reading.current_file import published_warehouse
from sc2_pipeline.warehouse.reading.read_only import READING, confine

FORMATS = ("parquet", "huggingface", "csv")
EVERYWHERE = "all"
"""Split name of tables that have a row for each thing and not for each game."""

LICENSES = ("other", "cc-by-4.0", "cc-by-nc-4.0", "cc-by-sa-4.0", "cc0-1.0", "odc-by", "odbl")
"""Licences of data as Hugging Face names them; ``other`` leaves the question open."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportPlan:
    """What to export. ``tables`` are names of marts; None exports all that can be. Raises SettingsError.

    ``population``: the games whose rows are exported, with all their recordings; default as for questions.

    ``is_raw_csv`` leaves CSV text unchanged, even where a spreadsheet would treat it as a formula.
    """

    format: str
    destination: Path
    splits: SplitPlan = field(default_factory=SplitPlan)
    population: Population = field(default_factory=lambda: Population.read({}))
    tables: tuple[str, ...] | None = None
    anonymity: Anonymity = field(default_factory=Anonymity)
    license: str = LICENSES[0]
    is_raw_csv: bool = False

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise SettingsError(f"format is {self.format!r}; give one of {', '.join(FORMATS)}")
        check_license(self.license)
        self.anonymity.check(self.population)

    @property
    def suffix(self) -> str:
        """Of the files."""
        return "csv" if self.format == "csv" else "parquet"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """Result of an export. ``games`` counts games by split, including those left out; ``asked`` says which they are."""

    destination: Path
    files: tuple[ExportedFile, ...]
    games: Mapping[str, int]
    asked: str
    seconds: float

    @property
    def empty_splits(self) -> tuple[str, ...]:
        """Splits without a game, as few games or few groups of them leave them."""
        return tuple(split for split in SPLITS if not self.games.get(split)) if self.games else ()


def check_license(name: str) -> None:
    """Raises SettingsError for a licence that is none of :data:`LICENSES`."""
    if name not in LICENSES:
        raise SettingsError(f"license is {name!r}; give one of {', '.join(LICENSES)}")


def export_dataset(home: Home, plan: ExportPlan) -> ExportReport:
    """Writes the dataset beside its destination and moves it there when it is complete. Where an earlier export with the same plan was
    killed, the tables and splits that it finished are kept.

    Raises HomeError if there is no warehouse or the destination exists, SettingsError for unknown tables.
    """
    began = time.perf_counter()
    with unfinished(plan.destination) as export:
        with closing(reading_connection(home, export.folder)) as connection:
            salt = salt_of(home.root) if plan.anonymity.is_anonymous else ""
            export.resume(connection, replace(plan, destination=Path()), salt)
            games = assign_splits(connection, plan.splits, plan.population)
            relations = exported_tables(connection, plan.tables, plan.anonymity)
            facts = DatasetFacts.read(connection, plan.population, games, plan.anonymity)
            writer = _Files(connection, plan, salt, export)
            files = [file for relation in relations for file in writer.of_table(relation)]
        write_papers(export.folder, _dataset(plan, relations, files, facts), plan.format)
    return ExportReport(
        destination=plan.destination,
        files=tuple(files),
        games=games,
        asked=facts.asked,
        seconds=time.perf_counter() - began,
    )


def reading_connection(home: Home, folder: Path, *, reads_lake: bool = False) -> duckdb.DuckDBPyConnection:
    """A connection to the published warehouse that can read only the home's files and write only to ``folder``.

    ``reads_lake``: views over files of the lake find them. Raises HomeError for a home whose path DuckDB would misread then.
    """
    path = published_warehouse(home.warehouse)
    connection = duckdb.connect(config=READING)
    connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as warehouse (read_only)")
    connection.execute("use warehouse")
    connection.execute("set enable_progress_bar = false")
    # One thread preserves row order in every file.
    connection.execute("set threads = 1")
    memory = read_settings({"home": home.root}).duckdb_memory_mb
    Memory(megabytes=memory, folder=home.root).bound(connection)
    if reads_lake:
        search_home(connection, home.root)
    confine(connection, home.root, folder)
    return connection


class _Files:
    """Writes the files of one dataset. ``salt`` is that of its pseudonyms."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: ExportPlan, salt: str, export: Unfinished) -> None:
        self._connection = connection
        self._plan = plan
        self._salt = salt
        self._export = export

    def of_table(self, relation: DescribedRelation) -> Iterator[ExportedFile]:
        """The files of one table, split by split; a single split with what the dataset's games need of it if its rows
        are not per replay.

        The dataset's split replaces a column ``split`` of the table's own.
        """
        names = [column.name for column in relation.columns]
        if "replay_id" not in names:
            needed = ATTRIBUTES[relation.name].occurring
            # A person's pseudonym in such a table is the same in all games, or the table is not in the dataset.
            rows = f"select {self._listed(relation, game='null')} from {relation.relation} where {needed} order by all"
            yield from self._files(rows, relation.name, EVERYWHERE)
            return
        listed = self._listed(relation, game='"game of the row"')
        for split in SPLITS:
            own = f" replace ('{split}' as split)" if "split" in names else ""
            rows = (
                f'select {listed} from (select rows.*{own}, replays.game_key as "game of the row"'
                f" from {ALL_ROWS.get(relation.relation, relation.relation)} as rows"
                " inner join dataset_replays as replays using (replay_id)"
                " inner join game_splits on game_splits.game_key = replays.game_key"
                f" and game_splits.split = '{split}'"
                f" order by replays.base_build, replays.matchup, rows.replay_id, {_order(names)})"
            )
            yield from self._files(rows, relation.name, split)

    def _listed(self, relation: DescribedRelation, *, game: str) -> str:
        columns = {column.name: column.type for column in relation.columns}
        if not self._plan.anonymity.is_anonymous:
            return ", ".join(f'"{name}"' for name in columns)
        return anonymous_columns(columns, self._plan.anonymity, self._salt, game=game)

    def _files(self, rows: str, table: str, split: str) -> tuple[ExportedFile, ...]:
        return self._export.files(f"{table}/{split}", lambda: self._written(rows, table, split))

    def _written(self, rows: str, table: str, split: str) -> Iterator[ExportedFile]:
        target = self._export.folder / "data" / table / split
        target.parent.mkdir(parents=True, exist_ok=True)
        if self._plan.format == "csv":
            target.mkdir()
            if not self._plan.is_raw_csv:
                rows = defused_select(self._connection, rows)
            self._connection.execute(f"copy ({rows}) to {_quoted(target / 'part_0.csv')} (format csv, header)")
        else:
            options = f"format parquet, compression zstd, file_size_bytes {FILE_BYTES}, filename_pattern 'part_{{i}}'"
            self._connection.execute(f"copy ({rows}) to {_quoted(target)} ({options})")
        for path in sorted(target.iterdir(), key=lambda file: (len(file.name), file.name)):
            yield self._described(path, table, split)

    def _described(self, path: Path, table: str, split: str) -> ExportedFile:
        reader = f"read_parquet({_quoted(path)})"
        if self._plan.format == "csv":
            reader = f"read_csv({_quoted(path)}, header = true, all_varchar = true)"
        [(count,)] = self._connection.execute(f"select count(*) from {reader}").fetchall()
        return ExportedFile.of(self._export.folder, path, table=table, split=split, rows=count)


def _order(names: Sequence[str]) -> str:
    first = [name for name in ("game_loop", "player_id", "unit_tag", "game_minute") if name in names]
    return ", ".join(f"rows.{name}" for name in [*first, *(name for name in names if name not in first)])


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _dataset(
    plan: ExportPlan, relations: Sequence[DescribedRelation], files: Sequence[ExportedFile], facts: DatasetFacts
) -> Dataset:
    names = [relation.name for relation in relations if any(f.rows for f in files if f.table == relation.name)]
    example = "games" if "games" in names or not names else names[0]
    return Dataset(
        relations=tuple(relations),
        files=tuple(files),
        facts=facts,
        splits=plan.splits,
        anonymity=plan.anonymity,
        license=plan.license,
        order="Rows are sorted by client build, matchup and replay.",
        notes=(
            _vectors_split(plan.splits),
            "A game that both players saved is in `dim_replays` twice; `is_canonical` there marks the file that `games` has.",
        ),
        reader=(
            "import datasets, polars  # DuckDB and pandas read the same files",
            f"games = datasets.load_dataset('PATH', {example!r})",
            f"train = polars.scan_{plan.suffix}('PATH/data/{example}/train/*.{plan.suffix}')",
        ),
        suffix=plan.suffix,
        has_apostrophes=plan.format == "csv" and not plan.is_raw_csv,
    )


def _vectors_split(splits: SplitPlan) -> str:
    """How the column `split` of the warehouse's ml_state_vectors relates to the dataset's own splits."""
    same = "The warehouse's `ml_state_vectors` has its own column `split`:"
    if splits == SplitPlan():
        return f"{same} it is this one."
    return f"{same} by game, seed 0, shares 0.8, 0.1, 0.1; it is not this one."
