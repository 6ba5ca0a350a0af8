"""The solver's input: one replay's players, units, upgrades, supply and commands."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pyarrow as pa

from sc2_pipeline.build_orders.units import Unit, unit_lives
from sc2_pipeline.game_rules import LADDER, GameRules, Moment, coop_modes, rules_at
from sc2_pipeline.replay_format.game_events import GAME_EVENTS_MEMBER, GameEvents, decode_game_events
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import MEMBER as TRACKER_MEMBER
from sc2_pipeline.replay_format.tracker import TrackerEvents, decode_tracker, position_scale

SUPPLY_SCALE: Final = 4096
"""Supply in player statistics is fixed point with 12 fractional bits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UpgradeDone:
    """Completion of one level of an upgrade."""

    game_loop: int
    player_id: int
    upgrade: str


@dataclass(slots=True, kw_only=True)
class SupplySamples:
    """One player's supply as recorded by the client, every 160 game loops."""

    game_loops: list[int] = field(default_factory=list)
    used: list[float] = field(default_factory=list)
    cap: list[float] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class GameRecord:
    """The solver's input for one game."""

    lobby: ReplayLobby
    last_game_loop: int
    units: dict[int, Unit]
    upgrades: list[UpgradeDone]
    supply: dict[int, SupplySamples]
    """By player_id."""
    events: GameEvents | None
    """None if commands are not wanted or the replay has none."""
    player_of_user: dict[int, int]
    """player_id by user_id; both partners of an archon map to their one player."""

    @property
    def moment(self) -> Moment:
        """When the game was played: base build, data build and date (UTC)."""
        return self.lobby.moment

    @property
    def rules(self) -> GameRules:
        """The rules common to all players, whatever each of them builds by."""
        return rules_at(coop_modes(None) if self.lobby.is_coop else LADDER, self.moment)

    @property
    def has_creators(self) -> bool:
        """Whether births name their maker; otherwise starts are known by type only."""
        return names_makers(self.lobby)


def names_makers(lobby: ReplayLobby) -> bool:
    """Whether births in the replay name the unit that made them."""
    return rules_at(LADDER, lobby.moment).value("replay", "births_name_makers") is not None


def read_game(archive: Archive, *, with_commands: bool = True) -> GameRecord:
    """The solver's input from a replay.

    Raises CorruptReplayError as ``read_lobby`` and ``Archive.read`` do: a replay without tracker stream has no build
    order. A damaged stream gives the events before the damage.
    """
    lobby = read_lobby(archive)
    tracker = decode_tracker(archive.read_prefix(TRACKER_MEMBER)[0])
    events = None
    if with_commands and GAME_EVENTS_MEMBER in archive:
        events = decode_game_events(archive.read_prefix(GAME_EVENTS_MEMBER)[0], lobby.base_build)
    return game_record(lobby, tracker, events)


def game_record(lobby: ReplayLobby, tracker: TrackerEvents, events: GameEvents | None) -> GameRecord:
    """The solver's input from decoded streams."""
    stats = tracker.player_stats
    used, cap = ([_supply(food) for food in stats.column(name).to_pylist()] for name in ("food_used", "food_made"))
    return GameRecord(
        lobby=lobby,
        last_game_loop=lobby.duration_game_loops,
        units=unit_lives(tracker.unit_events, position_scale(lobby.base_build)),
        upgrades=upgrades_done(tracker.upgrade_events),
        supply=supply_samples(stats, used, cap),
        events=events,
        player_of_user=player_of_user(lobby),
    )


def upgrades_done(events: pa.RecordBatch | pa.Table) -> list[UpgradeDone]:
    """Completed levels from rows with game_loop, player_id, upgrade and count."""
    columns = (events.column(name).to_pylist() for name in ("game_loop", "player_id", "upgrade", "count"))
    return [
        UpgradeDone(game_loop=loop, player_id=player, upgrade=name)
        for loop, player, name, count in zip(*columns, strict=True)
        if name is not None and (count is None or count > 0)
    ]


def supply_samples(
    stats: pa.RecordBatch | pa.Table, used: Sequence[float | None], cap: Sequence[float | None]
) -> dict[int, SupplySamples]:
    """Samples by player_id, from rows with player_id and game_loop; rows without used or cap are left out."""
    samples: dict[int, SupplySamples] = defaultdict(SupplySamples)
    identity = (stats.column(name).to_pylist() for name in ("player_id", "game_loop"))
    for player, loop, supply_used, supply_cap in zip(*identity, used, cap, strict=True):
        if supply_used is not None and supply_cap is not None:
            of_player = samples[player]
            of_player.game_loops.append(loop)
            of_player.used.append(supply_used)
            of_player.cap.append(supply_cap)
    return dict(samples)


def _supply(food: int | None) -> float | None:
    return None if food is None else food / SUPPLY_SCALE


def player_of_user(lobby: ReplayLobby) -> dict[int, int]:
    """player_id by user_id; both partners of an archon map to their one player."""
    users: dict[int, int] = {}
    for player in lobby.players:
        for user_id in (player.user_id, player.partner.user_id if player.partner else None):
            if user_id is not None:
                users[user_id] = player.player_id
    return users
