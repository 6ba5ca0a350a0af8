"""The replay's own events: available in every replay, decoded in tens of milliseconds."""

import hashlib
from collections.abc import Mapping

import pyarrow as pa
import pyarrow.compute as pc

from sc2_pipeline import game_rules
from sc2_pipeline.build_orders.record import game_record, player_of_user
from sc2_pipeline.config import Settings
from sc2_pipeline.errors import CorruptReplayError, ReplayError
from sc2_pipeline.packs import read_bytes
from sc2_pipeline.replay_format import DECODER_VERSION
from sc2_pipeline.replay_format.lobby import read_lobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import TrackerEvents, position_scale
from sc2_pipeline.sources.base import ReplayFile, Shape, Take, shape_digest
from sc2_pipeline.sources.bounds import BoundedRows, refuse_costly_events, within_budget
from sc2_pipeline.sources.declared_rows import declared_batch
from sc2_pipeline.sources.lobby_rows import StreamState, player_rows, replay_row, takeover_rows
from sc2_pipeline.sources.people_rows import give_people
from sc2_pipeline.sources.solved import SOLVER_VERSION, ReadRows, give_solved, record_of_rows
from sc2_pipeline.sources.streams import TrackerReading, read_game_events, read_tracker
from sc2_pipeline.tables import RAW_TABLES, schema_version, tables_of

FOOD_SCALE = 4096
"""Food is fixed point with 12 fractional bits; sc2reader divides by 4096 too."""

Columns = Mapping[str, pa.Array]


class TrackerSource:
    """Decodes a replay's event streams and solves its build orders. Keeps nothing between replays."""

    name = "tracker"

    def __init__(self, settings: Settings, *, needs_tracker: bool = True) -> None:
        """``needs_tracker``: whether to refuse a replay without a readable tracker event; False if the game will
        observe it."""
        self._settings = settings
        self._with_commands = settings.commands
        self._needs_tracker = needs_tracker

    def shapes(self) -> dict[str, Shape]:
        """Versions of decoder and tables for ``streams``; of the solver and the rules for ``solved``, which is absent
        without commands."""
        streams: Shape = {
            "part": "streams",
            "decoder": DECODER_VERSION,
            "schema": schema_version(tables_of("streams")),
            "commands": self._with_commands,
        }
        if not self._with_commands:
            return {"streams": streams}
        solved: Shape = {
            "part": "solved",
            "streams": shape_digest(streams),
            "solver": SOLVER_VERSION,
            "rules": game_rules.digest(),
            "schema": schema_version(tables_of("solved")),
        }
        return {"streams": streams, "solved": solved}

    def extract(self, replay: ReplayFile, take: Take) -> bool:
        """Passes on lobby and tracker tables and, with commands, orders, chat and build orders; a replay without
        tracker events has no build orders.

        Returns whether the tracker stream was read to its end; a fault in the game event stream is recorded in
        ``replays`` only. Raises ReplayError if the replay or its tracker stream cannot be read.
        """
        data = read_replay(replay, self._settings)
        bounded = BoundedRows(take, len(data))
        return within_budget(lambda: self._give(replay, data, bounded.take), len(data), self._settings)

    def solve(self, replay_id: str, read: ReadRows, take: Take) -> None:
        """Passes on ``solved``, computed from the rows of ``streams`` without the replay's file. Raises ReplayError
        ``too_costly`` as :meth:`extract` does."""
        file_bytes = int(read("replays").column("file_bytes")[0].as_py())
        take = BoundedRows(take, file_bytes).take
        within_budget(lambda: give_solved(replay_id, record_of_rows(read), take), file_bytes, self._settings)

    def _give(self, replay: ReplayFile, data: bytes, take: Take) -> bool:
        archive = Archive(data)
        lobby = read_lobby(archive)
        tracker = read_tracker(archive, lobby.duration_game_loops)
        if self._needs_tracker:
            _refuse_unreadable(replay, tracker)
        game_events = read_game_events(archive, lobby, with_commands=self._with_commands)
        row = replay_row(
            replay,
            lobby,
            file_bytes=len(data),
            stream=tracker.state if tracker else StreamState(),
            game_events=game_events,
        )
        scale = position_scale(lobby.base_build)
        if tracker is not None:
            refuse_costly_events(tracker.events, scale, len(data))
        take("replays", row)
        take("replay_players", player_rows(replay, lobby))
        if game_events.takeovers:
            take("takeovers", takeover_rows(replay, game_events.takeovers))
        for name, batch in _event_tables(replay, tracker.events, scale) if tracker else ():
            take(name, batch)
        if self._with_commands:
            give_people(
                replay.replay_id,
                take,
                archive=archive,
                events=game_events.events,
                base_build=lobby.base_build,
                players=player_of_user(lobby),
                file_bytes=len(data),
            )
            if tracker is not None and tracker.events.event_count:
                give_solved(replay.replay_id, game_record(lobby, tracker.events, game_events.events), take)
        return tracker is not None and tracker.fault is None

    def close(self) -> None:
        """Does nothing, as nothing is kept."""


def read_replay(replay: ReplayFile, settings: Settings) -> bytes:
    """The replay's bytes; raises ReplayError if they are missing, differ from those discovered, or are in a pack that
    cannot be opened."""
    try:
        data = read_bytes(replay.path, settings.pack_password)
    except ReplayError as error:
        if error.reason != "vanished_file":
            raise
        raise ReplayError("vanished_file", f"{replay.name} was there at discovery and is gone") from error
    if hashlib.sha256(data).hexdigest() != replay.sha256:
        raise ReplayError("changed_file", f"{replay.name} has other bytes than at discovery; run again")
    return data


def _refuse_unreadable(replay: ReplayFile, tracker: TrackerReading | None) -> None:
    if tracker is None:
        raise ReplayError(
            "no_tracker_stream", f"{replay.name} has no tracker events: recorded before 2.0.4, or stripped"
        )
    if tracker.fault and not tracker.events.event_count:
        raise CorruptReplayError(tracker.reason, f"{replay.name} has no readable tracker event: {tracker.fault}")


def _event_tables(replay: ReplayFile, events: TrackerEvents, scale: int) -> list[tuple[str, pa.RecordBatch]]:
    places = {
        "unit_events": _scaled(events.unit_events, scale),
        "unit_positions": _scaled(events.unit_positions, scale),
    }
    return [
        (name, _declared(name, replay.replay_id, columns))
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


def _declared(name: str, replay_id: str, columns: Columns) -> pa.RecordBatch:
    count = len(columns["event_index"])
    identity = {"replay_id": pa.repeat(replay_id, count), "source": pa.repeat("tracker", count)}
    return declared_batch(RAW_TABLES[name], {**columns, **identity}, reason="corrupt_tracker")
