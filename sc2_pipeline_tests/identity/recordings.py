"""Recordings of games as bytes, and what the warehouse makes of some of them together."""

import hashlib
from collections.abc import Container, Mapping
from functools import cache, lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pyarrow as pa

from sc2_pipeline.config import Settings
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.sql_models import Model
from sc2_pipeline.warehouse.declared import insert_rows, make_input_tables
from sc2_pipeline.warehouse.relations import build_models
from sc2_pipeline_demo.synthetic.encoding.mpq_writer import archive_bytes
from sc2_pipeline_tests.marts.scripted import our_models
from sc2_pipeline_tests.warehouse.rows import ONE_THREAD

GAME_EVENTS = "replay.game.events"
TRACKER = "replay.tracker.events"

LOBBY_TABLES = ("replays", "takeovers")

Rows = dict[str, pa.Table]

_MODELS = ("int_recordings", "int_recording_pairs", "int_games", "int_game_standings")


@cache
def identity_models() -> tuple[Model, ...]:
    """The models that tell which files are of one game, with what they read."""
    wanted = {f"intermediate.{name}" for name in _MODELS}
    for model in reversed(our_models()):
        if model.relation in wanted:
            wanted |= set(model.depends_on)
    return tuple(model for model in our_models() if model.relation in wanted)


def repacked(replay: bytes, changes: Mapping[str, bytes], *, header: bytes | None = None) -> bytes:
    """The replay with other members, or another header."""
    archive = Archive(replay)
    listed = archive.read("(listfile)").decode().split()
    members = {name: archive.read(name) for name in listed if name in archive}
    return archive_bytes(members | dict(changes), user_data=header or archive.header_block)


def member(replay: bytes, name: str) -> bytes:
    """A member's content."""
    return Archive(replay).read(name)


def extracted(replay: bytes, *, commands: bool = False, tables: Container[str] = LOBBY_TABLES) -> Rows:
    """Rows of these tables, by default the lobby's."""
    return {name: rows for name, rows in _rows_of(replay, commands).items() if name in tables}


@lru_cache(maxsize=256)
def _rows_of(replay: bytes, commands: bool) -> Rows:
    """Read once, though the same recordings are compared in one set after another."""
    sha256 = hashlib.sha256(replay).hexdigest()
    batches: dict[str, list[pa.RecordBatch]] = {}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "one.SC2Replay"
        path.write_bytes(replay)
        source = TrackerSource(Settings(commands=commands), needs_tracker=False)
        source.extract(
            ReplayFile(replay_id=sha256[:16], sha256=sha256, path=path),
            lambda name, batch: batches.setdefault(name, []).append(batch),
        )
    return {name: pa.Table.from_batches(found) for name, found in batches.items()}


def games(replays: Mapping[str, bytes]) -> dict[str, dict[str, Any]]:
    """What the warehouse says of each of those files when it holds all of them; other files are told by these names."""
    names = {hashlib.sha256(replay).hexdigest()[:16]: name for name, replay in replays.items()}
    with duckdb.connect(config=ONE_THREAD) as connection:
        make_input_tables(connection)
        for replay in replays.values():
            for name, rows in extracted(replay).items():
                insert_rows(connection, f"raw.{name}", rows)
        build_models(connection, identity_models())
        told = connection.sql(
            "select replay_id, game_key, game_known_by, is_canonical, canonical_by, is_resumed, resumed_at_game_loop,"
            " continues_replay_id from intermediate.int_game_standings join intermediate.int_recordings using (replay_id)"
        ).to_arrow_table()
    return {
        names[row["replay_id"]]: row | {"continues_replay_id": names.get(row["continues_replay_id"])}
        for row in told.to_pylist()
    }


def grouped(told: Mapping[str, Mapping[str, Any]]) -> list[set[str]]:
    """Names of the files of each game, by their first."""
    keys = {row["game_key"] for row in told.values()}
    return sorted(({name for name, row in told.items() if row["game_key"] == key} for key in keys), key=min)


def standing(told: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Names of the files that stand for their games, and by what."""
    return {name: row["canonical_by"] for name, row in told.items() if row["is_canonical"]}
