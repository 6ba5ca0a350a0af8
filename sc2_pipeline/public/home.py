"""Read-only Python access to a home's published warehouse."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import duckdb
import pyarrow as pa

from sc2_pipeline import browsing
from sc2_pipeline.config import DEFAULT_HOME, Home
from sc2_pipeline.data_dictionary import DescribedRelation, dictionary
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.population import Population
from sc2_pipeline.public.asking import answered, queried
from sc2_pipeline.public.named_replay import loaded_replay
from sc2_pipeline.public.published import opened_warehouse
from sc2_pipeline.public.rows import Rows
from sc2_pipeline.questions import read_questions
from sc2_pipeline.sql_models import chosen_audit_checks
from sc2_pipeline.warehouse.audit import EXAMPLES, audit
from sc2_pipeline.warehouse.reading.current_file import published_warehouse


class _Reader:
    """This process's only connection to a home's published file: DuckDB shares a file's settings between connections,
    and they are locked.

    Reopened when the published file has been replaced.
    """

    def __init__(self, home: Home) -> None:
        self._home = home
        self._opened: AbstractContextManager[duckdb.DuckDBPyConnection] | None = None
        self._connection: duckdb.DuckDBPyConnection | None = None
        self._identity: tuple[int, ...] | None = None
        self.lock = threading.RLock()
        self.users = 0

    def connection(self) -> duckdb.DuckDBPyConnection:
        """A connection to the currently published file; raises HomeError if there is none."""
        status = published_warehouse(self._home.warehouse).stat()
        identity = (status.st_dev, status.st_ino, status.st_mtime_ns, status.st_size)
        if self._connection is None or identity != self._identity:
            self.close()
            opened = opened_warehouse(self._home)
            self._connection, self._identity, self._opened = opened.__enter__(), identity, opened
        return self._connection

    def close(self) -> None:
        """Closes the file; the next query opens it again."""
        if self._opened is not None:
            self._opened.__exit__(None, None, None)
        self._opened = self._connection = self._identity = None


_READERS: dict[Path, _Reader] = {}
"""Readers by the home's resolved path; kept, so that opening a home again reuses its reader."""


class OpenHome:
    """The published warehouse of a home, read-only. Use it in a ``with`` block, or close it.

    Each query sees what is published when it runs, including runs that ended after the home was opened. Raises
    HomeError if nothing is published, QueryError for SQL that fails or does more than read.
    """

    def __init__(self, home: Home) -> None:
        self.home = home
        self._reader = _READERS.setdefault(home.root.resolve(), _Reader(home))
        self._is_open = False
        with self._asking():
            pass

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file unless other code in this process has it open; a later query opens it again."""
        with self._reader.lock:
            self._reader.users -= self._is_open
            self._is_open = False
            if self._reader.users == 0:
                self._reader.close()

    @contextmanager
    def _asking(self) -> Iterator[duckdb.DuckDBPyConnection]:
        with self._reader.lock:
            connection = self._reader.connection()
            self._reader.users += not self._is_open
            self._is_open = True
            yield connection

    def games(
        self,
        search: str = "",
        *,
        opener: str | None = None,
        result: str | None = None,
        opponents: str | None = None,
        min_minutes: float | None = None,
        max_minutes: float | None = None,
        sort: str = "played",
        is_ascending: bool = False,
        **options: str | int | float,
    ) -> Rows:
        """One row per game, newest first: the columns of ``marts.games``.

        Arguments narrow them (``home.games("ladder", matchup="PvZ", player="Ann", result="defeat")``) and sort them; see
        :class:`sc2_pipeline.browsing.GamesAsked`. Raises SettingsError for an unknown option.
        """
        asked = browsing.GamesAsked(
            search=search,
            options={name: str(value) for name, value in options.items()},
            opener=opener,
            result=result,
            opponents=opponents,
            min_minutes=min_minutes,
            max_minutes=max_minutes,
            sort=sort,
            is_ascending=is_ascending,
        )
        statement, values = browsing.games_statement(asked)
        with self._asking() as connection:
            return Rows(connection.sql(statement, params=values or None).to_arrow_table())

    def collection(self, **options: str | int | float) -> dict[str, Any]:
        """Openers with their win rates, timings, maps, and what became of the files, of the games that options choose; see
        :func:`sc2_pipeline.browsing.collection.collection`. Raises SettingsError for an unknown option."""
        population = Population.read({name: str(value) for name, value in options.items()})
        with self._asking() as connection:
            return browsing.collection(connection, population)

    def game(self, replay: str) -> dict[str, Any]:
        """All that is known of one game, as the app shows it: facts, players, curves, fights, blocks, builds, units.

        ``replay`` is an id, a file name, or the beginning of either. See :func:`sc2_pipeline.browsing.game.game`.
        """
        with self._asking() as connection:
            return browsing.game(connection, loaded_replay(connection, replay))

    def playback(self, replay: str) -> dict[str, Any]:
        """Where the units of a game were and when; see :func:`sc2_pipeline.browsing.playback.playback`."""
        with self._asking() as connection:
            return browsing.playback(connection, loaded_replay(connection, replay))

    def advice(self, replay: str) -> dict[str, Any]:
        """What players did worse than most peers; see :func:`sc2_pipeline.browsing.advice.advice`."""
        with self._asking() as connection:
            return browsing.advice(connection, loaded_replay(connection, replay))

    def compare_games(
        self, one: str, other: str | None = None, *, one_player: int | None = None, other_player: int | None = None
    ) -> dict[str, Any]:
        """A player's game beside another, or beside the typical one of its matchup and rating; see
        :func:`sc2_pipeline.browsing.compare.compare_games`."""
        with self._asking() as connection:
            mine = loaded_replay(connection, one)
            theirs = None if other is None else loaded_replay(connection, other)
            return browsing.compare_games(connection, mine, theirs, one_player=one_player, other_player=other_player)

    def compare_players(self, one: str, other: str, **options: str | int | float) -> dict[str, Any]:
        """Two accounts over the games that ``options`` choose, as :meth:`ask` has them; see
        :func:`sc2_pipeline.browsing.compare.compare_players`."""
        population = Population.read({name: str(value) for name, value in options.items()})
        with self._asking() as connection:
            return browsing.compare_players(connection, one, other, population)

    def player(self, player_key: str) -> dict[str, Any]:
        """One account's games, ratings and records; see :func:`sc2_pipeline.browsing.players.player`."""
        with self._asking() as connection:
            return browsing.player(connection, player_key)

    def files(self, search: str = "", *, status: str | None = None, limit: int = 100) -> dict[str, Any]:
        """What became of the files, why, and what to do; see :func:`sc2_pipeline.browsing.files.fates`."""
        with self._asking() as connection:
            return browsing.fates(connection, search, status=status, limit=limit)

    def table(self, name: str) -> Rows:
        """All rows of a table or view, such as ``marts.fct_units``; raises SettingsError if it does not exist."""
        relation = self._described(name)
        return self.sql(f"from {relation.relation}")

    def tables(self) -> Rows:
        """One row for each table and view, with its description."""
        with self._asking() as connection:
            described = dictionary(connection)
        rows = [{"table": r.relation, "columns": len(r.columns), "description": r.description} for r in described]
        return Rows(pa.Table.from_pylist(rows))

    def columns(self, name: str) -> Rows:
        """The columns of a table with type and meaning; raises SettingsError if it does not exist."""
        described = self._described(name).columns
        return Rows(
            pa.Table.from_pylist([{"column": c.name, "type": c.type, "description": c.description} for c in described])
        )

    def _described(self, name: str) -> DescribedRelation:
        with self._asking() as connection:
            described = dictionary(connection)
        fitting = [relation for relation in described if name in (relation.relation, relation.name)]
        if not fitting:
            raise SettingsError(f"there is no table {name}; .tables() lists the {len(described)} that there are")
        return fitting[0]

    def sql(self, statement: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> Rows:
        """Rows of one read-only statement; ``?`` and ``$name`` are replaced by ``parameters``."""
        with self._asking() as connection:
            return Rows(queried(connection, statement, parameters))

    def questions(self) -> Rows:
        """One row per ready-made question, by name."""
        rows = [
            {"name": q.name, "group": q.group, "question": q.question, "answered_from": q.answered_from}
            for q in read_questions()
        ]
        return Rows(pa.Table.from_pylist(rows))

    def ask(self, name: str, **narrowed: str | int | float) -> Rows:
        """Rows that answer a ready-made question: ``home.ask("openings", matchup="PvZ")``.

        ``.asked`` of the rows says in a line which games they are about and how many were left out. Options choose games
        (``mode="2v2"``, ``include_ai=True``, ``since="2024-06-01"``; docs/cookbook lists them).
        Raises SettingsError for an unknown question or option.
        """
        with self._asking() as connection:
            answer = answered(connection, name, narrowed)
        return Rows(answer.rows, asked=answer.asked)

    def audit(self, *names: str, examples: int = EXAMPLES) -> Rows:
        """One row per audit check (all of them, or those named): numbers of findings, and some of them as ``examples``.

        A finding that is not explained is a defect; see docs/audit.md. Raises SettingsError for an unknown check.
        """
        checks = chosen_audit_checks(names)
        with self._asking() as connection:
            rows = [outcome.row() for outcome in audit(connection, checks, examples=examples)]
        return Rows(pa.Table.from_pylist(rows))


def open_home(home: str | Path = DEFAULT_HOME) -> OpenHome:
    """Opens a home for reading; raises HomeError if nothing is published."""
    return OpenHome(Home(Path(home)))
