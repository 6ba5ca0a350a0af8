"""A dataset on disk: sorted files by table and split, with a card, a data dictionary and a manifest of hashes."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import duckdb

from sc2_pipeline import __version__
from sc2_pipeline.config import Home, read_settings
from sc2_pipeline.data_dictionary import DescribedRelation
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.export.anonymise import Anonymity, anonymous_columns, salt_of
from sc2_pipeline.export.card import card_text, dictionary_text
from sc2_pipeline.export.facts import DatasetFacts
from sc2_pipeline.export.new_folder import new_folder
from sc2_pipeline.export.splits import LEFT_OUT, SPLITS, SplitPlan, assign_splits
from sc2_pipeline.export.tables import ALL_ROWS, ATTRIBUTES, exported_tables
from sc2_pipeline.population import Population
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.reading.csv_cells import defused_select
from sc2_pipeline.warehouse.reading.published import published_warehouse
from sc2_pipeline.warehouse.reading.read_only import READING, confine

FORMATS = ("parquet", "huggingface", "csv")
FILE_BYTES = 256 * 2**20
"""Size in bytes after which a new file is started."""

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
        if self.license not in LICENSES:
            raise SettingsError(f"license is {self.license!r}; give one of {', '.join(LICENSES)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file of a dataset; ``path`` is relative to the dataset."""

    path: str
    table: str
    split: str
    rows: int
    bytes: int
    sha256: str

    @classmethod
    def of(cls, folder: Path, path: Path, *, table: str, split: str, rows: int) -> Self:
        """The file at ``path`` of the dataset in ``folder``."""
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        relative = path.relative_to(folder).as_posix()
        return cls(path=relative, table=table, split=split, rows=rows, bytes=path.stat().st_size, sha256=digest)


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


def export_dataset(home: Home, plan: ExportPlan) -> ExportReport:
    """Writes the dataset beside its destination and moves it there when it is complete.

    Raises HomeError if there is no warehouse or the destination exists, SettingsError for unknown tables.
    """
    began = time.perf_counter()
    with new_folder(plan.destination) as partial:
        with closing(reading_connection(home, partial)) as connection:
            games = assign_splits(connection, plan.splits, plan.population)
            relations = exported_tables(connection, plan.tables, plan.anonymity)
            facts = DatasetFacts.read(connection, plan.population, games, plan.anonymity)
            writer = _Files(connection, plan, home, partial)
            files = [file for relation in relations for file in writer.of_table(relation)]
        _write_papers(partial, plan, relations, files, facts)
    return ExportReport(
        destination=plan.destination,
        files=tuple(files),
        games=games,
        asked=facts.asked,
        seconds=time.perf_counter() - began,
    )


def reading_connection(home: Home, folder: Path) -> duckdb.DuckDBPyConnection:
    """A connection to the published warehouse that can read only the home's files and write only to ``folder``."""
    path = published_warehouse(home.warehouse)
    connection = duckdb.connect(config=READING)
    connection.execute(f"attach '{str(path).replace(chr(39), chr(39) * 2)}' as warehouse (read_only)")
    connection.execute("use warehouse")
    connection.execute("set enable_progress_bar = false")
    # One thread preserves row order in every file.
    connection.execute("set threads = 1")
    memory = read_settings({"home": home.root}).duckdb_memory_mb
    Memory(megabytes=memory, folder=home.root).bound(connection)
    confine(connection, home.root, folder)
    return connection


class _Files:
    """Writes the files of one dataset into ``folder``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: ExportPlan, home: Home, folder: Path) -> None:
        self._connection = connection
        self._plan = plan
        self._home = home
        self._folder = folder

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
            yield from self._written(rows, relation.name, EVERYWHERE)
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
            yield from self._written(rows, relation.name, split)

    def _listed(self, relation: DescribedRelation, *, game: str) -> str:
        columns = {column.name: column.type for column in relation.columns}
        if not self._plan.anonymity.is_anonymous:
            return ", ".join(f'"{name}"' for name in columns)
        return anonymous_columns(columns, self._plan.anonymity, salt_of(self._home.root), game=game)

    def _written(self, rows: str, table: str, split: str) -> Iterator[ExportedFile]:
        target = self._folder / "data" / table / split
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
        return ExportedFile.of(self._folder, path, table=table, split=split, rows=count)


def _order(names: Sequence[str]) -> str:
    first = [name for name in ("game_loop", "player_id", "unit_tag", "game_minute") if name in names]
    return ", ".join(f"rows.{name}" for name in [*first, *(name for name in names if name not in first)])


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _write_papers(
    folder: Path,
    plan: ExportPlan,
    relations: Sequence[DescribedRelation],
    files: Sequence[ExportedFile],
    facts: DatasetFacts,
) -> None:
    manifest = {
        "written_by": f"sc2_pipeline {__version__}",
        "format": plan.format,
        "license": plan.license,
        "splits": plan.splits.to_json(),
        **asdict(plan.anonymity),
        "asked": facts.asked,
        "games": dict(facts.games),
        "games_left_out": facts.games.get(LEFT_OUT, 0),
        "games_recognised": facts.recognised,
        "files_found": [asdict(fate) for fate in facts.fates],
        "files": [asdict(file) for file in files],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1), encoding="utf-8")
    (folder / "DICTIONARY.md").write_text(dictionary_text(relations), encoding="utf-8")
    rows = {
        (r.name, s): sum(f.rows for f in files if (f.table, f.split) == (r.name, s))
        for r in relations
        for s in (*SPLITS, EVERYWHERE)
    }
    text = card_text(
        relations,
        rows,
        facts,
        splits=plan.splits,
        anonymity=plan.anonymity,
        license_name=plan.license,
        suffix="csv" if plan.format == "csv" else "parquet",
        has_apostrophes=plan.format == "csv" and not plan.is_raw_csv,
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
