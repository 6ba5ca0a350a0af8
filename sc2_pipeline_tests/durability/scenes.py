"""Homes to do harm to, and what must be true of them afterwards."""

import json
import shutil
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb

from sc2_pipeline.warehouse.parquet_views import search_home
from sc2_pipeline_demo.synthetic import ladder_game, write_replay
from sc2_pipeline_tests.durability.programs import Operation, Programs

REPLAYS = 3

_HISTORY = ("ops.runs", "ops.attempts", "ops.generation", "ops.changes")
"""What tells of each run, try and change, disturbed ones too."""

_VOLATILE = {"attempts", "seconds"}
"""Columns that count tries or time, beside all moments."""

Rows = Mapping[str, list[tuple[Any, ...]]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A command on the home ``start``, and what it does when nobody disturbs it: ``whole`` is the home it makes.

    ``again`` are the commands that mend what was disturbed.
    """

    name: str
    start: Path
    whole: Path
    again: tuple[tuple[str, ...], ...]
    operations: tuple[Operation, ...] = field(repr=False)
    before: Rows = field(repr=False)
    after: Rows = field(repr=False)
    files: frozenset[str] = field(repr=False)
    standings: Mapping[str, set[str]] = field(repr=False)

    @property
    def words(self) -> tuple[str, ...]:
        """The command: whoever was stopped in it runs it again first."""
        return self.again[0]


def make_scenes(programs: Programs, work: Path) -> list[Scene]:
    """Homes of no, two, three and four synthetic replays, in small files and compacted, and the commands that change them."""
    replays, first, more = (
        write_games(work / f"{count}_replays", count) for count in (REPLAYS, REPLAYS - 1, REPLAYS + 1)
    )
    run = ("run", str(replays), "--batch-replays", "2", "--json")
    compact = ("compact", "--json")
    (work / "none").mkdir()
    empty = _scene(programs, "empty", work / "none", run)
    _make(programs, work / "none", work / "two", "run", str(first))
    _make(programs, work / "two", work / "two_compacted", *compact)
    published = _scene(programs, "published", work / "two", run)
    compacted = _scene(programs, "compacted", work / "two_compacted", run)
    (work / "long_games.toml").write_text("min_game_loops = 1500\n", encoding="utf-8")
    return [
        empty,
        published,
        # The one before last of two published files is brought up.
        _scene(programs, "alternating", published.whole, ("run", str(more), "--json")),
        compacted,
        _scene(programs, "to be compacted", compacted.whole, compact, run),
        _scene(programs, "filtered", published.whole, (*run, "--filters", str(work / "long_games.toml"))),
    ]


def write_games(folder: Path, count: int) -> Path:
    """So many short synthetic replays in a new folder, each longer than the one before."""
    folder.mkdir()
    for number in range(count):
        write_replay(folder / f"{number}.SC2Replay", ladder_game(number, game_loops=1_400 + 100 * number))
    return folder


def _make(programs: Programs, start: Path, home: Path, *words: str) -> None:
    """Makes ``home`` of a copy of ``start`` by one command."""
    shutil.copytree(start, home)
    ended = programs.run(*words, home=home)
    assert ended.exit_code == 0, ended.stderr


def _scene(programs: Programs, name: str, start: Path, *again: tuple[str, ...]) -> Scene:
    whole = start.with_name(f"{name.replace(' ', '_')}_done")
    _make(programs, start, whole, *again[0])
    return Scene(
        name=name,
        start=start,
        whole=whole,
        again=again,
        operations=programs.operations,
        before=everything(start),
        after=everything(whole),
        files=files(whole),
        standings=standings(whole),
    )


def everything(home: Path) -> Rows:
    """Every row that people can ask for, but for history and moments; nothing where nothing is published.

    Raises duckdb.Error where the file does not answer. Staging and intermediate views are left out: they say nothing that
    raw tables do not.
    """
    path = home / "warehouse.duckdb"
    if not path.exists():
        return {}
    with duckdb.connect(str(path), read_only=True) as connection:
        search_home(connection, home)
        columns = connection.execute(
            "select schema_name || '.' || table_name, list(column_name order by column_index) from duckdb_columns()"
            " where not internal and schema_name not in ('staging', 'intermediate')"
            " and not (schema_name = 'ops' and data_type like 'TIMESTAMP%')"
            " and column_name not in ('loaded_at', 'built_at') group by all order by all"
        ).fetchall()
        return {
            relation: connection.execute(f"select {_list(names)} from {relation} order by all").fetchall()
            for relation, names in columns
            if relation not in _HISTORY
        }


def _list(names: list[str]) -> str:
    return ", ".join(f'"{name}"' for name in names if name not in _VOLATILE)


def files(home: Path) -> frozenset[str]:
    """Files under the home, but for those by which SQLite reads, damaged ones that are kept, and the published one before last,
    which may be there or not."""
    found = (path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file())
    return frozenset(
        path for path in found if not path.endswith(("-wal", "-shm", ".older")) and ".damaged-" not in path
    )


def standings(home: Path) -> dict[str, set[str]]:
    """Replays by status, as the manifest has them; nothing where there is none."""
    path = home / "manifest.sqlite"
    if not path.exists():
        return {}
    with closing(sqlite3.connect(path)) as connection:
        if not connection.execute("select 1 from sqlite_master where name = 'replays'").fetchall():
            return {}
        rows = connection.execute("select status, json_group_array(replay_id) from replays group by status").fetchall()
    return {status: set(json.loads(replay_ids)) for status, replay_ids in rows}
