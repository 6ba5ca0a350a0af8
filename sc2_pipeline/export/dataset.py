"""A dataset on disk: sorted files by table and split, with a card, a data dictionary and a manifest of hashes."""

import hashlib
import json
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from sc2_pipeline import __version__
from sc2_pipeline.config import Home, read_settings
from sc2_pipeline.data_dictionary import DescribedRelation, dictionary
from sc2_pipeline.errors import HomeError, SettingsError
from sc2_pipeline.export.anonymise import anonymous_columns, refuse_leaks, salt_of
from sc2_pipeline.export.card import card_text, dictionary_text
from sc2_pipeline.export.splits import LEFT_OUT, SPLITS, SplitPlan, assign_splits
from sc2_pipeline.population import Population
from sc2_pipeline.warehouse.memory import Memory
from sc2_pipeline.warehouse.reading.csv_cells import defused_select
from sc2_pipeline.warehouse.reading.published import published_warehouse
from sc2_pipeline.warehouse.reading.read_only import READING, confine

FORMATS = ("parquet", "huggingface", "csv")
FILE_BYTES = 256 * 2**20
"""Size in bytes after which a new file is started."""

VIEWS = frozenset(
    {
        "dim_replays",
        "fct_coop_games",
        "fct_unit_counts",
        "games",
        "ml_state_vectors",
        "player_game_summary",
        "players_in_games",
        "replay_statistics",
    }
)
"""Views that are exported like tables. Other views read the lake's files, which a dataset would only copy."""

_ALL_ROWS = {"marts.ml_state_vectors": "intermediate.int_state_vectors"}
"""Where a mart holds the default population alone, what holds every game's rows."""

EVERYWHERE = "all"
"""Split name of tables that are not per replay."""


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
    is_anonymous: bool = False
    is_raw_csv: bool = False

    def __post_init__(self) -> None:
        if self.format not in FORMATS:
            raise SettingsError(f"format is {self.format!r}; give one of {', '.join(FORMATS)}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportedFile:
    """One file of a dataset; ``path`` is relative to the dataset."""

    path: str
    table: str
    split: str
    rows: int
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ExportReport:
    """Result of an export. ``games`` counts games by split, including those left out; ``asked`` says which they are."""

    destination: Path
    files: tuple[ExportedFile, ...]
    games: Mapping[str, int]
    asked: str
    seconds: float


def export_dataset(home: Home, plan: ExportPlan) -> ExportReport:
    """Writes the dataset beside its destination and moves it there when it is complete.

    Raises HomeError if there is no warehouse or the destination exists, SettingsError for unknown tables.
    """
    began = time.perf_counter()
    if plan.destination.exists() and (not plan.destination.is_dir() or any(plan.destination.iterdir())):
        raise HomeError(f"{plan.destination} is not empty; give a new folder")
    partial = plan.destination.with_name(f".partial-{plan.destination.name}-{secrets.token_hex(4)}")
    partial.mkdir(parents=True)
    try:
        with closing(_opened(home, partial)) as connection:
            games = assign_splits(connection, plan.splits, plan.population)
            relations = _wanted(connection, plan)
            asked = plan.population.line(connection)
            writer = _Files(connection, plan, home, partial)
            files = [file for relation in relations for file in writer.of_table(relation)]
        _write_papers(partial, plan, relations, files, games=games, asked=asked)
        if plan.destination.is_dir():
            plan.destination.rmdir()
        partial.rename(plan.destination)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return ExportReport(
        destination=plan.destination, files=tuple(files), games=games, asked=asked, seconds=time.perf_counter() - began
    )


def _opened(home: Home, folder: Path) -> duckdb.DuckDBPyConnection:
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


def _wanted(connection: duckdb.DuckDBPyConnection, plan: ExportPlan) -> list[DescribedRelation]:
    marts = {
        r.name: r for r in dictionary(connection) if r.schema == "marts" and (r.kind == "table" or r.name in VIEWS)
    }
    names = plan.tables if plan.tables is not None else tuple(marts)
    for name in names:
        if name not in marts:
            raise SettingsError(f"no table {name} in marts (known: {', '.join(marts)}); give any of these")
    return [marts[name] for name in names]


class _Files:
    """Writes the files of one dataset into ``folder``."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, plan: ExportPlan, home: Home, folder: Path) -> None:
        self._connection = connection
        self._plan = plan
        self._home = home
        self._folder = folder

    def of_table(self, relation: DescribedRelation) -> Iterator[ExportedFile]:
        """The files of one table, split by split; a single split with all rows if the table is not per replay.

        The dataset's split replaces a column ``split`` of the table's own.
        """
        listed = self._listed(relation)
        names = [column.name for column in relation.columns]
        if "replay_id" not in names:
            rows = f"select {listed} from {relation.relation} order by all"
            yield from self._written(rows, relation.name, EVERYWHERE)
            return
        for split in SPLITS:
            own = f" replace ('{split}' as split)" if "split" in names else ""
            rows = (
                f"select {listed} from (select rows.*{own} from {_ALL_ROWS.get(relation.relation, relation.relation)} as rows"
                " inner join marts.dim_replays as replays using (replay_id)"
                " inner join game_splits on game_splits.game_key = replays.game_key"
                f" and game_splits.split = '{split}'"
                f" order by replays.base_build, replays.matchup, rows.replay_id, {_order(names)})"
            )
            yield from self._written(rows, relation.name, split)

    def _listed(self, relation: DescribedRelation) -> str:
        columns = {column.name: column.type for column in relation.columns}
        if not self._plan.is_anonymous:
            return ", ".join(f'"{name}"' for name in columns)
        listed = anonymous_columns(columns, salt_of(self._home.root))
        refuse_leaks(self._connection, f"select {listed} from {relation.relation}", columns, relation.name)
        return listed

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
        with path.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256").hexdigest()
        return ExportedFile(
            path=path.relative_to(self._folder).as_posix(),
            table=table,
            split=split,
            rows=count,
            bytes=path.stat().st_size,
            sha256=digest,
        )


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
    *,
    games: Mapping[str, int],
    asked: str,
) -> None:
    splits = asdict(plan.splits)
    splits["cuts"] = None if plan.splits.cuts is None else [cut.isoformat() for cut in plan.splits.cuts]
    manifest = {
        "written_by": f"sc2_pipeline {__version__}",
        "format": plan.format,
        "splits": splits,
        "is_anonymous": plan.is_anonymous,
        "asked": asked,
        "games": dict(games),
        "games_left_out": games.get(LEFT_OUT, 0),
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
        games,
        asked=asked,
        splits=plan.splits,
        is_anonymous=plan.is_anonymous,
        suffix="csv" if plan.format == "csv" else "parquet",
        has_apostrophes=plan.format == "csv" and not plan.is_raw_csv,
    )
    (folder / "README.md").write_text(text, encoding="utf-8")
