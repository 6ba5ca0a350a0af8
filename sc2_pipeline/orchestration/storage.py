"""Dagster's SQLite storage with an event log that keeps its files open; configured in dagster.yaml."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import RLock
from typing import Any

from dagster import EventLogEntry
from dagster._core.storage.event_log import SqliteEventLogStorage
from dagster._core.storage.event_log.schema import AssetKeyTable
from dagster._core.storage.sqlite_storage import DagsterSqliteStorage
from dagster._serdes import ConfigurableClassData
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.event import listen
from sqlalchemy.pool import StaticPool

FILES_AT_ONCE = 16
"""Event log files that a process keeps open: the index of all runs, and the most recently used runs."""

_BUSY_SECONDS = 30
"""Seconds a writer waits for another process's lock; Dagster's own value."""


class OpenEventLog(SqliteEventLogStorage):
    """Dagster's SQLite event log, opening each file once per process and writing a batch of events in one transaction.

    Dagster opens and closes the file and recompiles its SQL for every event, commits two or three times for each, and
    waits for the disk each time. Here a power cut may take the last events (never the file, nor what a run has done: the
    manifest and the lake know that). The file format is the same.
    """

    def __init__(self, base_dir: str, inst_data: ConfigurableClassData | None = None) -> None:
        self._engines: OrderedDict[str, Engine] = OrderedDict()
        self._in_batch: dict[str, Connection] | None = None
        self._latest: dict[str, dict[str, Any]] = {}
        self._found: set[str] = set()
        self._ends_batch = ExitStack()
        super().__init__(base_dir, inst_data)
        # A batch holds it while each of its events connects.
        self._db_lock = RLock()  # type: ignore[assignment]

    def store_event(self, event: EventLogEntry) -> None:
        """Stores an event in one transaction per file."""
        self.store_event_batch([event])

    def store_event_batch(self, events: Sequence[EventLogEntry]) -> None:
        """Stores events, which Dagster hands over together if DAGSTER_EVENT_BATCH_SIZE is set, in one transaction per file:
        all or, after an error, none."""
        with self._db_lock, ExitStack() as self._ends_batch:
            self._in_batch = {}
            try:
                for event in events:
                    super().store_event(event)
                self._keep_latest()
            finally:
                self._in_batch = None
                self._latest = {}

    def _store_asset_event(self, conn: Connection, event: EventLogEntry, event_id: int) -> None:  # noqa: ARG002
        """Only the last event of a batch determines how an asset stands."""
        if event.dagster_event and (key := event.dagster_event.asset_key):
            self._latest.setdefault(key.to_string(), {}).update(self._get_asset_entry_values(event, event_id, True))

    def _keep_latest(self) -> None:
        for key, values in self._latest.items():
            if values:
                statement = insert(AssetKeyTable).values(asset_key=key, **values)
                with self.index_connection() as connection:
                    connection.execute(statement.on_conflict_do_update(index_elements=["asset_key"], set_=values))

    @contextmanager
    def _connect(self, shard: str) -> Iterator[Connection]:
        if shard not in self._initialized_dbs:
            with super()._connect(shard):
                """Dagster has created the file or migrated it."""
        # Single-threaded, as in Dagster: a file's connection is never shared between threads.
        with self._db_lock:
            if self._in_batch is None:
                with self._transaction(shard) as connection:
                    yield connection
            else:
                if shard not in self._in_batch:
                    self._in_batch[shard] = self._ends_batch.enter_context(self._transaction(shard))
                yield self._in_batch[shard]

    @contextmanager
    def _transaction(self, shard: str) -> Iterator[Connection]:
        engine = self._engine(shard)
        try:
            with engine.connect() as connection, connection.begin():
                yield connection
        except BaseException:
            # After any error, the next use opens the file again.
            self._engines.pop(shard, None)
            engine.dispose()
            raise

    def has_table(self, table_name: str) -> bool:
        """Whether the index has the table; asked once, since none is ever dropped."""
        if table_name not in self._found and super().has_table(table_name):
            self._found.add(table_name)
        return table_name in self._found

    def _engine(self, shard: str) -> Engine:
        if shard not in self._engines:
            self._engines[shard] = engine = create_engine(
                self.conn_string_for_shard(shard),
                poolclass=StaticPool,
                connect_args={"timeout": _BUSY_SECONDS, "check_same_thread": False},
            )
            # In the mode that Dagster chooses for the file (WAL) this waits for the disk at checkpoints only.
            listen(engine, "connect", lambda file, _: file.execute("pragma synchronous = normal"))
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
