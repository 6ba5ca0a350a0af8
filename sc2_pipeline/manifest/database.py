"""The manifest's SQLite file: opening, migrating, and reading while another process writes."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from sc2_pipeline.durable_files import make_folders, sync_folder
from sc2_pipeline.errors import HomeError
from sc2_pipeline.machine_faults import machine_error
from sc2_pipeline.manifest.faults import later_release, unusable
from sc2_pipeline.stopping import finished_first

SECONDS_TO_WAIT = 60.0
"""Seconds a process waits for another one's write lock; our writes take milliseconds."""

SCHEMA_VERSION = 9
"""2 added ``compacted_files``; an earlier release would look for rows where they no longer are. 3 added
``replays.batch``, 4 ``written_warehouse`` and ``unmirrored_replays``, 5 ``attempts.is_alone`` and ``is_forgiven``: an
earlier release would count deaths by another rule. 6 replaced ``extractions.source`` and ``compacted_files.source`` by
``part``: one extraction became several. 7 added ``attempts.fault_folder``. 8 added no
column: the folder of an extraction may be one in a bundle. 9 renamed ``settings`` to ``settings_digest``."""

_LATER_COLUMNS = (
    ("replays", "batch", "text"),
    ("attempts", "is_alone", "integer not null default 0"),
    ("attempts", "is_forgiven", "integer not null default 0"),
    ("attempts", "fault_folder", "text"),
)
"""Columns to add to tables that an earlier release created without them."""

_RENAMED = {"settings": "settings_digest"}
"""Columns that had another name before 0.1.0."""

EACH = "select value from json_each(?)"
"""SQL for the values of a list made by :func:`listed`."""


def now() -> str:
    """The current time in UTC, in the manifest's format."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def listed(values: Iterable[str]) -> str:
    """Values as one parameter for :data:`EACH`."""
    return json.dumps(list(values))


class ManifestFile:
    """The manifest file of one home, with its connection and transactions."""

    def __init__(self, path: Path) -> None:
        """Opens the file, creating it if it does not exist; raises HomeError if it cannot be used.

        ``is_new``: the file was empty, so it does not know what the home holds.
        """
        self.path = path
        self.is_new = False
        try:
            make_folders(path.parent)
            is_there = path.exists()
            self._connection = sqlite3.connect(path, timeout=SECONDS_TO_WAIT, isolation_level=None)
            try:
                self._connection.row_factory = sqlite3.Row
                self._connection.execute("pragma journal_mode=wal")
                self._connection.execute("pragma synchronous=normal")
                self._migrate()
            except BaseException:
                self._connection.close()
                raise
            if not is_there:
                sync_folder(path.parent)
        except OSError as error:
            raise machine_error(error, path.parent) or HomeError(
                f"the manifest {path} cannot be used ({error}); check the folder or give another --home"
            ) from error
        except sqlite3.Error as error:
            raise machine_error(error, path.parent) or unusable(path, error) from error

    def _migrate(self) -> None:
        version = self._connection.execute("pragma user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise later_release(self.path, version, SCHEMA_VERSION)
        if version < SCHEMA_VERSION:
            self.is_new = version == 0
            self._add_columns()
            self._rename_columns()
            self._divide_extractions()
            text = files("sc2_pipeline").joinpath("manifest", "schema.sql").read_text(encoding="utf-8")
            self._connection.executescript(text)
            self._connection.execute(f"pragma user_version = {SCHEMA_VERSION}")

    def _add_columns(self) -> None:
        with self._transaction() as db:
            for table, column, kind in _LATER_COLUMNS:
                columns = [row["name"] for row in db.execute(f"pragma table_info({table})")]
                if columns and column not in columns:
                    db.execute(f"alter table {table} add column {column} {kind}")

    def _rename_columns(self) -> None:
        with self._transaction() as db:
            for table in ("attempts", "extractions", "compacted_files"):
                columns = [row["name"] for row in db.execute(f"pragma table_info({table})")]
                for earlier, name in _RENAMED.items():
                    if earlier in columns:
                        db.execute(f"alter table {table} rename column {earlier} to {name}")

    def _divide_extractions(self) -> None:
        """Migrates an earlier release's extraction by source to the part with which it is renewed."""
        with self._transaction() as db:
            for table in ("extractions", "compacted_files"):
                columns = [row["name"] for row in db.execute(f"pragma table_info({table})")]
                if "source" in columns:
                    db.execute(f"alter table {table} rename column source to part")
                    db.execute(f"update {table} set part = case part when 'sc2' then 'observation' else 'streams' end")
                    if table == "compacted_files":
                        db.execute("delete from compacted_files where part = 'observation' and table_name = 'commands'")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        """Closes the file; an SQLite error in the block is raised as one of our errors."""
        self.close()
        if isinstance(error, sqlite3.Error):
            raise machine_error(error, self.path.parent) or unusable(self.path, error) from error

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with finished_first():
            try:
                self._connection.execute("begin immediate")
            except sqlite3.OperationalError:
                # A process that has timed out once is about to exit and should not wait again to record that.
                self._connection.execute("pragma busy_timeout = 0")
                raise
            try:
                yield self._connection
            except BaseException:
                # SQLite rolls back by itself on a full disk, for example.
                if self._connection.in_transaction:
                    self._connection.execute("rollback")
                raise
            self._connection.execute("commit")

    @contextmanager
    def _lasting_transaction(self) -> Iterator[sqlite3.Connection]:
        """A transaction that is synced to disk when it ends, with all earlier ones; others may be lost in a power
        cut."""
        self._connection.execute("pragma synchronous=full")
        try:
            with self._transaction() as db:
                yield db
        finally:
            self._connection.execute("pragma synchronous=normal")

    def table(self, name: str, replay_ids: Iterable[str] | None = None) -> list[dict[str, Any]]:
        """All rows of one of the manifest's tables as mappings, or only those of the replays named."""
        if name not in (
            "replay_files",
            "replays",
            "attempts",
            "rule_outcomes",
            "extractions",
            "compacted_files",
            "runs",
        ):
            raise HomeError(f"the manifest has no table {name}")
        if replay_ids is None:
            rows = self._connection.execute(f"select * from {name}")
        else:
            rows = self._connection.execute(f"select * from {name} where replay_id in ({EACH})", (listed(replay_ids),))
        return [dict(row) for row in rows]


def read_only(path: Path, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
    """Rows of a query on a manifest opened read-only, under today's column names; raises HomeError if it cannot be read."""
    if not path.is_file():
        raise HomeError(f"no manifest at {path}; run `sc2-pipeline run` first, or give the right --home")
    try:
        with closing(sqlite3.connect(_reading_uri(path), uri=True, timeout=SECONDS_TO_WAIT)) as connection:
            connection.row_factory = sqlite3.Row
            [version] = connection.execute("pragma user_version").fetchone()
            if version > SCHEMA_VERSION:
                raise later_release(path, version, SCHEMA_VERSION)
            found = connection.execute(sql, parameters)
            names = [_RENAMED.get(name, name) for name, *_ in found.description]
            return [dict(zip(names, row, strict=True)) for row in found]
    except sqlite3.Error as error:
        raise machine_error(error, path.parent) or unusable(path, error) from error


def _reading_uri(path: Path) -> str:
    # Reading during writes needs a file beside the manifest. If none can be created and there is no log, nobody is
    # writing.
    is_still = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_still else ''}"
