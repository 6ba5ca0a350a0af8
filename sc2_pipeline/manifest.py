"""What became of every replay, and why: one SQLite file that can be read at any time."""

import json
import os
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from importlib.resources import files
from pathlib import Path
from typing import Any, Self

from sc2_pipeline.errors import HomeError

SCHEMA_VERSION = 3
"""2 added ``compacted_files``; an earlier release would look for rows where they no longer lie. 3 added ``replays.batch``."""

DEADLY_REASONS = ("killed_workers", "engine_crashed", "engine_stalled", "memory_exceeded")
"""Outcomes of tries that cost a worker or a game; tries that never came back count with them."""

_EACH = "select value from json_each(?)"
STATUSES = ("found", "rejected", "failed", "extracted", "loaded")


def now() -> str:
    """This moment in UTC, as the manifest writes it."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Where a replay stands. ``reason`` is a key of ``errors.REASONS`` or a rule's name."""

    replay_id: str
    status: str
    stage: str
    reason: str | None = None
    detail: str | None = None
    is_retryable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """One folder of the lake. ``folder`` is relative to the lake; ``is_complete``: the source was read to its end."""

    replay_id: str
    source: str
    settings: str
    folder: str
    rows: int
    bytes: int
    seconds: float
    is_complete: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactedFile:
    """Where the rows of one extraction's table lie since they were compacted.

    ``path`` is relative to the home; ``held_replays``: of how many replays that file holds rows.
    """

    replay_id: str
    source: str
    settings: str
    table_name: str
    path: str
    held_replays: int


def _listed(values: Iterable[str]) -> str:
    return json.dumps(list(values))


class Manifest:
    """The manifest of one home. Every method is one transaction; safe beside other processes."""

    def __init__(self, path: Path) -> None:
        """Opens the file, making it when it is not there; raises HomeError when it cannot be used."""
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._connection = sqlite3.connect(path, timeout=60, isolation_level=None)
            self._connection.row_factory = sqlite3.Row
            self._connection.execute("pragma journal_mode=wal")
            self._connection.execute("pragma synchronous=normal")
            self._migrate()
        except (OSError, sqlite3.Error) as error:
            raise HomeError(
                f"the manifest {path} cannot be used ({error}); check the folder or give another --home"
            ) from error

    def _migrate(self) -> None:
        version = self._connection.execute("pragma user_version").fetchone()[0]
        if version > SCHEMA_VERSION:
            raise HomeError(
                f"{self.path} was made by a later version of sc2_pipeline (manifest {version}, known {SCHEMA_VERSION}); "
                "upgrade sc2_pipeline or give another --home"
            )
        if version < SCHEMA_VERSION:
            self._add_batch()
            text = files("sc2_pipeline").joinpath("manifest_schema.sql").read_text(encoding="utf-8")
            self._connection.executescript(text)
            self._connection.execute(f"pragma user_version = {SCHEMA_VERSION}")

    def _add_batch(self) -> None:
        """What version 3 adds to a table that an earlier one made."""
        with self._transaction() as db:
            columns = [row["name"] for row in db.execute("pragma table_info(replays)")]
            if columns and "batch" not in columns:
                db.execute("alter table replays add column batch text")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        self._connection.execute("begin immediate")
        try:
            yield self._connection
        except BaseException:
            self._connection.execute("rollback")
            raise
        self._connection.execute("commit")

    # Runs

    def begin_run(self, run_id: str, *, command: str, source: str, filters: str) -> None:
        """Remembers that a run began."""
        with self._transaction() as db:
            db.execute(
                "insert into runs (run_id, started_at, command, source, filters) values (?, ?, ?, ?, ?)",
                (run_id, now(), command, source, filters),
            )

    def end_run(self, run_id: str, *, outcome: str, counts: Mapping[str, Any]) -> None:
        """Remembers how a run ended: finished, cancelled or failed, with its counts."""
        with self._transaction() as db:
            db.execute(
                "update runs set finished_at = ?, outcome = ?, counts = ? where run_id = ?",
                (now(), outcome, json.dumps(dict(counts)), run_id),
            )

    # Files and replays

    def known_files(self, paths: Sequence[str]) -> dict[str, tuple[str, int, int]]:
        """``(sha256, file_bytes, modified_ns)`` of those paths that were seen before and could be read."""
        rows = self._connection.execute(
            "select f.path, r.sha256, f.file_bytes, f.modified_ns from replay_files f join replays r using (replay_id)"
            f" where r.sha256 is not null and f.path in ({_EACH})",
            (_listed(paths),),
        )
        return {row[0]: (row[1], row[2], row[3]) for row in rows}

    def record_files(self, found: Iterable[Mapping[str, Any]]) -> None:
        """Remembers found files: mappings of path, replay_id, sha256, file_bytes, modified_ns.

        A replay seen for the first time becomes ``found``; one that was seen keeps its standing.
        A path that now has other bytes points at the new replay.
        """
        moment = now()
        rows = [{**row, "now": moment} for row in found]
        with self._transaction() as db:
            db.executemany(
                "insert into replay_files (path, replay_id, file_bytes, modified_ns, first_seen_at, last_seen_at)"
                " values (:path, :replay_id, :file_bytes, :modified_ns, :now, :now)"
                " on conflict (path) do update set replay_id = excluded.replay_id, file_bytes = excluded.file_bytes,"
                " modified_ns = excluded.modified_ns, last_seen_at = excluded.last_seen_at",
                rows,
            )
            db.executemany(
                "insert into replays (replay_id, sha256, path, file_bytes, status, stage, first_seen_at, updated_at)"
                " values (:replay_id, :sha256, :path, :file_bytes, 'found', 'discover', :now, :now)"
                " on conflict (replay_id) do update set path = excluded.path",
                rows,
            )
            # A placeholder of a file that could not be read goes when its path can be.
            db.execute(
                "delete from replays where sha256 is null"
                " and not exists (select 1 from replay_files f where f.replay_id = replays.replay_id)"
            )

    def record_verdicts(self, verdicts: Iterable[Verdict]) -> None:
        """Moves replays to their new standing."""
        moment = now()
        with self._transaction() as db:
            db.executemany(
                "update replays set status = ?, stage = ?, reason = ?, detail = ?, is_retryable = ?, updated_at = ?"
                " where replay_id = ?",
                [(v.status, v.stage, v.reason, v.detail, v.is_retryable, moment, v.replay_id) for v in verdicts],
            )

    # Batches

    def put_in_batches(self, replay_ids: Sequence[str], *, day: str, size: int) -> dict[str, str]:
        """The batch of each known replay named; those without one are put into new batches of at most ``size``.

        A batch is called by its day and a number, ``2026-11-28-0001``. It is never added to.
        """
        with self._transaction() as db:
            batches = self._batches(db, replay_ids)
            homeless = [i for i in replay_ids if i in batches and batches[i] is None]
            [taken] = db.execute(
                "select coalesce(max(cast(substr(batch, ?) as integer)), 0) from replays where batch glob ?",
                (len(day) + 2, f"{day}-*"),
            ).fetchone()
            made = {i: f"{day}-{taken + 1 + place // size:04}" for place, i in enumerate(homeless)}
            db.executemany("update replays set batch = ? where replay_id = ?", [(made[i], i) for i in homeless])
        return {i: batch for i in replay_ids if (batch := made.get(i) or batches.get(i))}

    def batches(self, replay_ids: Iterable[str]) -> dict[str, str]:
        """The batch of each replay named that is in one."""
        return {i: batch for i, batch in self._batches(self._connection, replay_ids).items() if batch is not None}

    @staticmethod
    def _batches(db: sqlite3.Connection, replay_ids: Iterable[str]) -> dict[str, str | None]:
        rows = db.execute(f"select replay_id, batch from replays where replay_id in ({_EACH})", (_listed(replay_ids),))
        return {row[0]: row[1] for row in rows}

    def replays_in_batches(self, batches: Iterable[str]) -> dict[str, list[str]]:
        """Replays by batch, of those batches that hold any, in the order in which they were first seen."""
        rows = self._connection.execute(
            f"select batch, replay_id from replays where batch in ({_EACH}) order by batch, first_seen_at, replay_id",
            (_listed(batches),),
        )
        members: dict[str, list[str]] = {}
        for batch, replay_id in rows:
            members.setdefault(batch, []).append(replay_id)
        return members

    def record_rule_outcomes(self, filters: str, outcomes: Iterable[tuple[str, str, bool, str, str]]) -> None:
        """Replaces the rule outcomes of each replay named: ``(replay_id, rule, passed, observed, wanted)``."""
        rows = list(outcomes)
        with self._transaction() as db:
            db.executemany("delete from rule_outcomes where replay_id = ?", [(r,) for r in {row[0] for row in rows}])
            db.executemany(
                "insert into rule_outcomes (replay_id, filters, rule, passed, observed, wanted) values (?, ?, ?, ?, ?, ?)",
                [(row[0], filters, *row[1:]) for row in rows],
            )

    def record_lobby_facts(self, decoder_version: str, facts: Mapping[str, str]) -> None:
        """Keeps the lobby facts (JSON text) of replays, by id."""
        with self._transaction() as db:
            db.executemany(
                "insert or replace into lobby_facts (replay_id, decoder_version, facts) values (?, ?, ?)",
                [(replay_id, decoder_version, text) for replay_id, text in facts.items()],
            )

    def lobby_facts(self, decoder_version: str, replay_ids: Iterable[str]) -> dict[str, str]:
        """Lobby facts (JSON text) that this version of the decoder read before, of the replays named."""
        rows = self._connection.execute(
            f"select replay_id, facts from lobby_facts where decoder_version = ? and replay_id in ({_EACH})",
            (decoder_version, _listed(replay_ids)),
        )
        return {row[0]: row[1] for row in rows}

    # Attempts and extractions

    def begin_attempts(self, run_id: str, *, source: str, settings: str, replay_ids: Sequence[str]) -> dict[str, int]:
        """Counts one try of each replay *before* it happens; attempt ids by replay."""
        moment = now()
        ids: dict[str, int] = {}
        with self._transaction() as db:
            for replay_id in replay_ids:
                cursor = db.execute(
                    "insert into attempts (replay_id, run_id, source, settings, started_at) values (?, ?, ?, ?, ?)",
                    (replay_id, run_id, source, settings, moment),
                )
                ids[replay_id] = cursor.lastrowid or 0
            db.executemany("update replays set attempts = attempts + 1 where replay_id = ?", [(r,) for r in replay_ids])
        return ids

    def end_attempts(self, outcomes: Iterable[tuple[int, str, str | None, bool]]) -> None:
        """Says how tries ended: ``(attempt_id, outcome, detail, is_retryable)``; outcome ``extracted`` or a reason."""
        moment = now()
        with self._transaction() as db:
            db.executemany(
                "update attempts set finished_at = ?, outcome = ?, detail = ?, is_retryable = ? where attempt_id = ?",
                [(moment, outcome, detail, retryable, attempt) for attempt, outcome, detail, retryable in outcomes],
            )

    def end_open_attempts(self, run_id: str, outcome: str, detail: str) -> None:
        """Says how those tries of a run ended that nobody will hear of; another may succeed."""
        with self._transaction() as db:
            db.execute(
                "update attempts set finished_at = ?, outcome = ?, detail = ?, is_retryable = 1"
                " where run_id = ? and outcome is null",
                (now(), outcome, detail, run_id),
            )

    def last_attempts(self, source: str, settings: str, replay_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The latest try of each replay with those settings, by id, and in ``deaths`` how many were deadly or never came back."""
        rows = self._connection.execute(
            "select *, max(attempt_id) as latest,"
            f" sum(outcome is null or outcome in {DEADLY_REASONS}) as deaths from attempts"
            f" where source = ? and settings = ? and replay_id in ({_EACH}) group by replay_id",
            (source, settings, _listed(replay_ids)),
        )
        return {row["replay_id"]: dict(row) for row in rows}

    def record_extractions(self, extractions: Iterable[Extraction]) -> None:
        """Remembers finished folders; each becomes the current one of its replay and source."""
        moment = now()
        with self._transaction() as db:
            for e in extractions:
                db.execute(
                    "update extractions set is_current = 0 where replay_id = ? and source = ?", (e.replay_id, e.source)
                )
                db.execute(
                    "insert or replace into extractions (replay_id, source, settings, folder, rows, bytes, seconds,"
                    " extracted_at, is_current, is_complete) values (?, ?, ?, ?, ?, ?, ?, ?, 1, ?)",
                    (e.replay_id, e.source, e.settings, e.folder, e.rows, e.bytes, e.seconds, moment, e.is_complete),
                )

    def finished_extractions(self, source: str, settings: str, replay_ids: Iterable[str]) -> dict[str, Extraction]:
        """Finished folders of that source and settings, by replay."""
        rows = self._connection.execute(
            "select replay_id, source, settings, folder, rows, bytes, seconds, is_complete from extractions"
            f" where source = ? and settings = ? and replay_id in ({_EACH})",
            (source, settings, _listed(replay_ids)),
        )
        return {row[0]: Extraction(**{**dict(row), "is_complete": bool(row["is_complete"])}) for row in rows}

    def current_extractions(self, replay_ids: Iterable[str]) -> list[Extraction]:
        """The current folder of every source, of the replays named."""
        rows = self._connection.execute(
            "select replay_id, source, settings, folder, rows, bytes, seconds, is_complete from extractions"
            f" where is_current and replay_id in ({_EACH}) order by replay_id, source",
            (_listed(replay_ids),),
        )
        return [Extraction(**{**dict(row), "is_complete": bool(row["is_complete"])}) for row in rows]

    def record_compacted_files(self, files: Iterable[CompactedFile]) -> None:
        """Remembers in which compacted file the rows of each extraction's table lie now."""
        with self._transaction() as db:
            db.executemany(
                "insert or replace into compacted_files (replay_id, source, settings, table_name, path, held_replays)"
                " values (:replay_id, :source, :settings, :table_name, :path, :held_replays)",
                [asdict(file) for file in files],
            )

    def compacted_files(self, replay_ids: Iterable[str] | None = None) -> list[CompactedFile]:
        """Where compacted rows lie, of all replays or of those named, in whatever settings."""
        return [CompactedFile(**row) for row in self.table("compacted_files", replay_ids)]

    def loaded_replays(self) -> set[str]:
        """Replays that the manifest believes loaded."""
        return {row[0] for row in self._connection.execute("select replay_id from replays where status = 'loaded'")}

    def replay_ids(self, *statuses: str) -> list[str]:
        """Replays whose bytes could be read, of those statuses or of any, in the order in which they were first seen."""
        rows = self._connection.execute(
            f"select replay_id from replays where sha256 is not null and status in ({_EACH})"
            " order by first_seen_at, replay_id",
            (_listed(statuses or STATUSES),),
        )
        return [row[0] for row in rows]

    # Reading

    def table(self, name: str, replay_ids: Iterable[str] | None = None) -> list[dict[str, Any]]:
        """All rows of one of the manifest's tables, or those of the replays named, as mappings."""
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
            rows = self._connection.execute(
                f"select * from {name} where replay_id in ({_EACH})", (_listed(replay_ids),)
            )
        return [dict(row) for row in rows]

    def replays(self, replay_ids: Iterable[str]) -> dict[str, dict[str, Any]]:
        """The standing of the replays named, by id."""
        return {row["replay_id"]: row for row in self.table("replays", replay_ids)}


def read_only(path: Path, sql: str, parameters: Sequence[Any] | Mapping[str, Any] = ()) -> list[dict[str, Any]]:
    """Rows of a query on a manifest, without opening it for writing; raises HomeError where it cannot be read."""
    if not path.is_file():
        raise HomeError(f"no manifest at {path}; run `sc2-pipeline run` first, or give the right --home")
    try:
        with closing(sqlite3.connect(_reading_uri(path), uri=True, timeout=60)) as connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql, parameters)]
    except sqlite3.Error as error:
        raise HomeError(
            f"the manifest {path} cannot be read ({error}); restore the file, or move the home away and run again"
        ) from error


def _reading_uri(path: Path) -> str:
    # Reading beside a writer takes a file next to the manifest. Where none can be made and no log is left, nobody writes.
    is_still = not os.access(path.parent, os.W_OK) and not path.with_name(f"{path.name}-wal").exists()
    return f"{path.absolute().as_uri()}?mode=ro{'&immutable=1' if is_still else ''}"
