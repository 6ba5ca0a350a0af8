"""Reads one replay file into memory, without a home and without writing anything."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import ReplayError, SettingsError
from sc2_pipeline.public.rows import Rows
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.tracker import TrackerSource
from sc2_pipeline.steps.discover import identify
from sc2_pipeline.tables import RAW_TABLES, tables_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A replay's lobby, events and build orders.

    ``tables`` holds the raw tables described in docs/tables/raw.md, by name, including empty ones.
    ``is_complete`` is False if the tracker stream is corrupt in the middle; its rows then end at the corrupt event.
    """

    path: Path
    replay_id: str
    tables: Mapping[str, Rows]
    is_complete: bool

    @property
    def facts(self) -> dict[str, Any]:
        """The game's lobby facts: columns of ``raw.replays``."""
        [row] = self.table("replays")
        return row

    @property
    def players(self) -> list[dict[str, Any]]:
        """One dictionary per player: columns of ``raw.replay_players``."""
        return list(self.table("replay_players"))

    def table(self, name: str) -> Rows:
        """One of the tables; raises SettingsError for an unknown name."""
        if name not in self.tables:
            raise SettingsError(f"a replay has no table {name} (it has: {', '.join(sorted(self.tables))})")
        return self.tables[name]

    def build_order(self, player_id: int) -> Rows:
        """One player's build-order steps by start: columns of ``raw.build_steps``."""
        steps = self.table("build_steps").polars()
        mine = steps.filter(steps["player_id"] == player_id).sort("step_index")
        return Rows(mine.to_arrow())


def read_replay(path: str | Path, *, commands: bool = True, pack_password: str | None = None) -> Replay:
    """Reads one replay file, or one in a pack (``pack.zip!name.SC2Replay``). Without ``commands`` only the tracker stream is read, a third of the work.

    Raises ReplayError (``.reason`` is one of ``errors.REASONS``) if the file is not a readable replay.
    """
    batches: dict[str, list[pa.RecordBatch]] = defaultdict(list)
    source = TrackerSource(Settings(commands=commands, workers=1, pack_password=pack_password))
    found = identify(Path(path), {}, pack_password)
    if found.sha256 is None:
        raise ReplayError(str(found.reason), str(found.detail))
    replay = ReplayFile(replay_id=found.replay_id, sha256=found.sha256, path=found.path)
    is_complete = source.extract(replay, lambda name, batch: batches[name].append(batch))
    names = [table.name for part in ("streams", "solved") for table in tables_of(part)]
    tables = {name: Rows(pa.Table.from_batches(batches[name], RAW_TABLES[name].schema)) for name in names}
    return Replay(path=found.path, replay_id=replay.replay_id, tables=tables, is_complete=is_complete)
