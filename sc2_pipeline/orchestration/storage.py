"""Dagster's own records in SQLite, as Dagster keeps them, with an event log whose files stay open; named in dagster.yaml."""

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.pool import StaticPool

FILES_AT_ONCE = 16
"""Event logs that a process keeps open: one of all runs, and those of the runs it dealt with last."""

_BUSY_SECONDS = 30
"""How long a writer waits for another process's, as in Dagster."""


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's event log in SQLite, of which a process opens each file once.

    Dagster opens and closes the file, and compiles its SQL anew, for every event: 5 ms of processor where this takes 1.3,
    and SQLite folds its log into the file at every close. The files are the same either way.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if shard not in self._initialized_dbs:
            with super()._connect(shard):
                """Dagster has made the file, or brought it up to date."""
        # One thread at a time, as in Dagster: the one connection of a file is never shared.
        with self._db_lock:
            engine = self._engine(shard)
            try:
                with engine.connect() as connection, connection.begin():
                    yield connection
            except BaseException:
                # Whatever went wrong, with the file or beside it, the next one opens it anew.
                del self._engines[shard]
                engine.dispose()
                raise

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            self._engines[shard] = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
            )
        self._engines.move_to_end(shard)
        while len(self._engines) > FILES_AT_ONCE:
            self._engines.popitem(last=False)[1].dispose()
        return self._engines[shard]

    def wipe(self) -> None:
        """Drops every event; the files of runs go."""
        self._close()
        super().wipe()

    def dispose(self) -> None:
        """Closes the files."""
        super().dispose()
        self._close()

    def _close(self) -> None:
        with self._db_lock:
            while self._engines:
                self._engines.popitem()[1].dispose()


class OpenSqliteStorage(DagsterSqliteStorage):
    """Dagster's storage in SQLite under ``base_dir``, the folder of dagster.yaml, with the event log above."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        folder = self._event_log_storage.path_for_shard("index")
        self._event_log_storage = OpenEventLog(str(Path(folder).parent))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "OpenSqliteStorage":
        """The storage that dagster.yaml names."""
        return cls(config_value["base_dir"], inst_data)
