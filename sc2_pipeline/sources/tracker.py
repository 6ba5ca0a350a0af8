"""The replay's own events: always at hand, tens of milliseconds a replay."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import CorruptReplayError, ReplayError
from sc2_pipeline.machine_faults import is_out_of_files
from sc2_pipeline.replay_format import DECODER_VERSION
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import TrackerEvents, position_scale
from sc2_pipeline.sources.base import ReplayFile, Take
from sc2_pipeline.sources.bounds import BoundedRows, refuse_costly_events, within_budget
from sc2_pipeline.sources.declared_rows import declared_batch
from sc2_pipeline.sources.lobby_rows import player_rows, replay_row
from sc2_pipeline.sources.played_rows import BUILD_ORDER_VERSION, PlayedRows, game_events_of, read_tracker
from sc2_pipeline.tables import RAW_TABLES, schema_version, tables_of

FOOD_SCALE = 4096
"""Food is fixed point with 12 fractional bits; sc2reader divides by 4096 too."""

Columns = Mapping[str, pa.Array]


class TrackerSource:
    """Decodes the event streams a replay carries. Keeps nothing between replays."""

    name = "tracker"

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._with_commands = settings.commands

    def shape(self) -> Mapping[str, str | int | bool | None]:
        """Versions of decoder, solver and tables, and whether commands are read."""
        return {
            "source": self.name,
            "decoder": DECODER_VERSION,
            "schema": schema_version(tables_of(self.name)),
            "commands": self._with_commands,
            "build_orders": BUILD_ORDER_VERSION if self._with_commands else None,
        }

    def extract(self, replay: ReplayFile, take: Take) -> bool:
        """Gives lobby and tracker tables, and with commands what was ordered, written and built.

        Whether the tracker stream was read to its end; a fault of the game event stream is told in ``replays`` alone.
        """
        data = read_replay(replay)
        bounded = BoundedRows(take, len(data))
        return within_budget(lambda: self._give(replay, data, bounded.take), len(data), self._settings)

    def _give(self, replay: ReplayFile, data: bytes, take: Take) -> bool:
        archive = Archive(data)
        lobby = read_lobby(archive)
        tracker = read_tracker(archive, lobby.duration_game_loops)
        if tracker is None:
            raise ReplayError(
                "no_tracker_stream", f"{replay.path.name} has no tracker events: recorded before 2.0.4, or stripped"
            )
        events, fault = tracker.events, tracker.fault
        if fault and not events.event_count:
            raise CorruptReplayError(tracker.reason, f"{replay.path.name} has no readable tracker event: {fault}")
        scale = position_scale(lobby.base_build)
        refuse_costly_events(events, scale, len(data))
        game_events = game_events_of(archive, lobby) if self._with_commands else None
        commands = game_events.reading if game_events else None
        row = replay_row(replay, self.name, lobby, file_bytes=len(data), stream=tracker.state, commands=commands)
        take("replays", row)
        take("replay_players", player_rows(replay, self.name, lobby))
        for name, batch in _event_tables(replay, self.name, events, scale):
            take(name, batch)
        if self._with_commands:
            PlayedRows(replay.replay_id, self.name, take, file_bytes=len(data)).give(
                archive, lobby, events, game_events
            )
        return fault is None

    def close(self) -> None:
        """Nothing is kept."""


def read_replay(replay: ReplayFile) -> bytes:
    """The replay's bytes; raises ReplayError when they are gone or no longer those discovered."""
    path: Path = replay.path
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ReplayError("vanished_file", f"{path.name} was there at discovery and is gone") from error
    except OSError as error:
        if is_out_of_files(error):
            raise
        raise ReplayError("unreadable_file", f"{path.name} cannot be read ({error.strerror})") from error
    if hashlib.sha256(data).hexdigest() != replay.sha256:
        raise ReplayError("changed_file", f"{path.name} has other bytes than at discovery; run again")
    return data


def _event_tables(
    replay: ReplayFile, source: str, events: TrackerEvents, scale: int
) -> list[tuple[str, pa.RecordBatch]]:
    places = {
        "unit_events": _scaled(events.unit_events, scale),
        "unit_positions": _scaled(events.unit_positions, scale),
    }
    return [
        (name, _declared(name, replay.replay_id, source, columns))
        for name, columns in (
            ("unit_events", places["unit_events"]),
            ("player_stats", _with_supply(events.player_stats)),
            ("upgrade_events", _columns(events.upgrade_events)),
            ("unit_positions", places["unit_positions"]),
        )
    ]


def _columns(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    return dict(zip(batch.schema.names, batch.columns, strict=True))


def _scaled(batch: pa.RecordBatch, scale: int) -> dict[str, pa.Array]:
    columns = _columns(batch)
    if scale == 1:
        return columns
    return columns | {axis: pc.multiply(columns[axis], scale) for axis in ("x", "y")}


def _with_supply(batch: pa.RecordBatch) -> dict[str, pa.Array]:
    columns = _columns(batch)
    for supply, food in (("supply_used", "food_used"), ("supply_cap", "food_made")):
        columns[supply] = pc.divide(pc.cast(columns[food], pa.float64()), FOOD_SCALE)
    return columns


def _declared(name: str, replay_id: str, source: str, columns: Columns) -> pa.RecordBatch:
    count = len(columns["event_index"])
    identity = {"replay_id": pa.repeat(replay_id, count), "source": pa.repeat(source, count)}
    return declared_batch(RAW_TABLES[name], {**columns, **identity}, reason="corrupt_tracker")
