"""What the solver knows of one player before it looks at any step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sc2_pipeline.build_orders.chrono import ChronoRules, boosts, chrono_rules
from sc2_pipeline.build_orders.coop import TimeFactors, time_factors
from sc2_pipeline.build_orders.issued import Issued, chrono_casts, issued
from sc2_pipeline.build_orders.ordered import Ordered, ordered
from sc2_pipeline.build_orders.record import GameRecord, UpgradeDone
from sc2_pipeline.build_orders.rules import PlayerRules, player_rules, type_facts
from sc2_pipeline.build_orders.units import Unit
from sc2_pipeline.build_orders.work import Boost, combined
from sc2_pipeline.replay_format.game_events import Orders
from sc2_pipeline.replay_format.lobby_players import ReplayPlayer

_WARP_GATE_SPEED_SINCE: Final = (5, 0, 16)
_WARP_GATE_HALVES_SINCE: Final = date(2026, 7, 16)
"""Since 5.0.16 finished Warp Gate Research takes 40% off what Gateways train, since 5.0.16b 50% (patch notes, after
spawningtool 3.0.0). What is under way when the research ends is sped up for the rest, as births show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerContext:
    """One player of one game."""

    player: ReplayPlayer
    rules: PlayerRules
    factors: TimeFactors
    units: list[Unit]
    """Everything the player had, in order of appearance."""
    upgrades: list[UpgradeDone]
    """In order of completion."""
    commands: Issued
    """Commands without target, by structure."""
    ordered: Ordered
    """Commands of which it is known what they order."""
    knows_boosts: bool
    """Every speed-up of the player's structures is in ``boosts``: no Chrono Boost, or a player whose commands are known."""
    boosts: Mapping[int, list[Boost]]
    """Chrono Boost by structure."""
    fastest_rate: float
    """The most that a speed-up can do of which the record says nothing."""
    warp_gates_since: int | None
    """When Warp Gate Research was done, where that speeds Gateways up."""
    warp_gate_rate: float

    def boosts_of(self, tag: int | None) -> Sequence[Boost]:
        """When that structure worked faster."""
        return self.boosts.get(tag, ()) if tag is not None else ()

    def speeds_of(self, maker: Unit, end: int) -> Sequence[Boost]:
        """When that structure worked faster for whatever reason, as it was just before ``end``."""
        chrono = self.boosts_of(maker.tag)
        if self.warp_gates_since is None or maker.type_at(end - 1) != "Gateway":
            return chrono
        return combined(chrono, self.warp_gates_since, self.warp_gate_rate)


def player_contexts(record: GameRecord) -> list[PlayerContext]:
    """Everyone who built something: people and computers, but not the computers of co-op."""
    lobby = record.lobby
    players = [player for player in lobby.players if not (lobby.is_coop and player.is_computer)]
    units: dict[int, list[Unit]] = {player.player_id: [] for player in players}
    for unit in record.units.values():
        if unit.player_id in units:
            units[unit.player_id].append(unit)
    orders = record.events.orders if record.events else None
    makers = {unit.tag for owned in units.values() for unit in owned if is_maker(unit)}
    commands = issued(orders, makers) if orders else Issued()
    is_numbered = orders is not None and not lobby.is_coop and lobby.game_mode != "arcade"
    known = ordered(orders, lobby.base_build, record.units) if orders and is_numbered else Ordered()
    return [_context(record, player, units[player.player_id], commands, known) for player in players]


def is_maker(unit: Unit) -> bool:
    """Whether commands to the unit can start something: structures, by what they were first."""
    facts = type_facts().get(unit.first_type)
    return facts.is_structure if facts else unit.init is not None or unit.born == 0


def _context(
    record: GameRecord, player: ReplayPlayer, units: list[Unit], commands: Issued, known: Ordered
) -> PlayerContext:
    lobby = record.lobby
    orders = record.events.orders if record.events else None
    is_hots = _is_hots(record, player.player_id)
    factors = time_factors(player.commander, player.commander_level, player.commander_mastery_talents)
    upgrades = [done for done in record.upgrades if done.player_id == player.player_id]
    is_protoss = player.race_actual == "protoss"
    chrono = chrono_rules(
        base_build=lobby.base_build,
        is_hots=is_hots,
        is_coop=lobby.is_coop,
        played_on=record.played_on,
        mastery=factors.chrono_rate,
    )
    return PlayerContext(
        player=player,
        rules=player_rules(
            commander=player.commander,
            is_coop=lobby.is_coop,
            is_hots=is_hots,
            version=record.version,
            played_on=record.played_on,
        ),
        factors=factors,
        units=units,
        upgrades=upgrades,
        commands=commands,
        ordered=known,
        knows_boosts=not is_protoss or _has_commands(record, player.player_id),
        boosts=_boosts(units, orders, chrono) if is_protoss and orders else {},
        fastest_rate=chrono.rate if is_protoss else 1.0,
        warp_gates_since=_warp_gates_since(record, upgrades),
        warp_gate_rate=2.0 if (record.played_on or _WARP_GATE_HALVES_SINCE) >= _WARP_GATE_HALVES_SINCE else 1 / 0.6,
    )


def _is_boostable(unit_type: str) -> bool:
    """Whether the structure makes something. Other structures only get rallies and charges from a Nexus."""
    facts = type_facts().get(unit_type)
    return facts is None or facts.category in ("townhall", "production", "technology")


def _has_commands(record: GameRecord, player_id: int) -> bool:
    """Whether some command of the player is in the record: some replays hold only one side's."""
    users = {user for user, of_player in record.player_of_user.items() if of_player == player_id}
    return record.events is not None and any(minute.user_id in users for minute in record.events.user_minutes)


def _boosts(units: list[Unit], orders: Orders, rules: ChronoRules) -> dict[int, list[Boost]]:
    nexuses = {unit.tag: unit.ready for unit in units if unit.first_type == "Nexus" and unit.ready is not None}
    targets = {unit.tag for unit in units if is_maker(unit) and _is_boostable(unit.first_type)}
    return boosts(chrono_casts(orders, nexuses, targets), nexuses, rules)


def _warp_gates_since(record: GameRecord, upgrades: list[UpgradeDone]) -> int | None:
    if record.lobby.is_coop or record.version < _WARP_GATE_SPEED_SINCE:
        return None
    return next((done.game_loop for done in upgrades if done.upgrade == "WarpGateResearch"), None)


def _is_hots(record: GameRecord, player_id: int) -> bool:
    """Games before Legacy of the Void begin with 6 supply, later ones with 12; versions alone do not tell."""
    if record.lobby.is_coop or record.version >= (4,):
        return False
    samples = record.supply.get(player_id)
    return record.version < (3,) or not samples or samples.used[0] < 12
