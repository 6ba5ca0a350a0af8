"""Dagster's SQLite storage with an event log that keeps its files open; configured in dagster.yaml."""

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
"""Event log files that a process keeps open: the index of all runs, and the most recently used runs."""

_BUSY_SECONDS = 30
"""Seconds a writer waits for another process's lock; Dagster's own value."""


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's SQLite event log, opening each file once per process.

    Dagster opens and closes the file and recompiles its SQL for every event: 5 ms of processor time where this takes
    1.3, and SQLite checkpoints its log at every close. The file format is the same.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        super().__init__(base_dir, inst_data)

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if shard not in self._initialized_dbs:
            with super()._connect(shard):
                """Dagster has created the file or migrated it."""
        # Single-threaded, as in Dagster: a file's connection is never shared between threads.
        with self._db_lock:
            engine = self._engine(shard)
            try:
                with engine.connect() as connection, connection.begin():
                    yield connection
            except BaseException:
                # After any error, the next use opens the file again.
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
        """Deletes every event, and the files of the runs."""
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
    """Dagster's SQLite storage under ``base_dir``, the folder of dagster.yaml, with :class:`OpenEventLog`."""

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        super().__init__(base_dir, inst_data)
        folder = self._event_log_storage.path_for_shard("index")
        self._event_log_storage = OpenEventLog(str(Path(folder).parent))

    @classmethod
    def from_config_value(cls, inst_data: ConfigurableClassData | None, config_value: Any) -> "OpenSqliteStorage":
        """The storage configured in dagster.yaml."""
        return cls(config_value["base_dir"], inst_data)
