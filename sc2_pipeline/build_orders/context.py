"""What the solver knows of a player before it computes any step."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sc2_pipeline.build_orders.chrono import ChronoRules, boosts, chrono_rules
from sc2_pipeline.build_orders.coop import TimeFactors, time_factors
from sc2_pipeline.build_orders.issued import Issued, chrono_casts, issued
from sc2_pipeline.build_orders.ordered import Ordered, ordered
from sc2_pipeline.build_orders.record import GameRecord, UpgradeDone
from sc2_pipeline.build_orders.units import Unit
from sc2_pipeline.build_orders.work import Boost, combined
from sc2_pipeline.game_rules import GameRules, coop_modes, melee_modes, rules_at
from sc2_pipeline.replay_format.game_events import Orders
from sc2_pipeline.replay_format.lobby_players import ReplayPlayer


@dataclass(frozen=True, slots=True, kw_only=True)
class PlayerContext:
    """One player of one game."""

    player: ReplayPlayer
    rules: GameRules
    factors: TimeFactors
    units: list[Unit]
    """All units and structures of the player, by first appearance."""
    upgrades: list[UpgradeDone]
    """By completion."""
    commands: Issued
    """Commands without target, by structure."""
    ordered: Ordered
    """Commands whose ordered item is known."""
    knows_boosts: bool
    """Whether ``boosts`` is complete: the player has no Chrono Boost, or the commands are known."""
    boosts: Mapping[int, list[Boost]]
    """Chrono Boost by structure."""
    fastest_rate: float
    """Maximum rate of a speed-up that is not in the record."""
    warp_gates_since: int | None
    """Completion of Warp Gate Research, where it speeds up Gateways."""
    warp_gate_rate: float

    def boosts_of(self, tag: int | None) -> Sequence[Boost]:
        """Chrono Boost of that structure."""
        return self.boosts.get(tag, ()) if tag is not None else ()

    def speeds_of(self, maker: Unit, end: int) -> Sequence[Boost]:
        """All speed-ups of that structure, with its rate just before ``end``."""
        chrono = self.boosts_of(maker.tag)
        if self.warp_gates_since is None or maker.type_at(end - 1) != "Gateway":
            return chrono
        return combined(chrono, self.warp_gates_since, self.warp_gate_rate)


def player_contexts(record: GameRecord) -> list[PlayerContext]:
    """Contexts of every human and computer player who built something, without the computers of co-op."""
    lobby = record.lobby
    players = [player for player in lobby.players if not (lobby.is_coop and player.is_computer)]
    units: dict[int, list[Unit]] = {player.player_id: [] for player in players}
    for unit in record.units.values():
        if unit.player_id in units:
            units[unit.player_id].append(unit)
    orders = record.events.orders if record.events else None
    rules = {player.player_id: _rules(record, player) for player in players}
    makers = {unit.tag for owned in units.values() for unit in owned if is_maker(unit, rules[unit.player_id])}
    commands = issued(orders, makers) if orders else Issued()
    is_numbered = orders is not None and not lobby.is_coop and lobby.game_mode != "arcade"
    known = ordered(orders, record.rules, record.units) if orders and is_numbered else Ordered()
    return [
        _context(record, player, rules[player.player_id], units[player.player_id], commands=commands, known=known)
        for player in players
    ]


def is_maker(unit: Unit, rules: GameRules) -> bool:
    """Whether commands to the unit can start production: structures, judged by their first type."""
    unit_type = rules.types.get(unit.first_type)
    return unit_type.is_structure if unit_type else unit.init is not None or unit.born == 0


def _rules(record: GameRecord, player: ReplayPlayer) -> GameRules:
    """The player's rules. For a melee game, the player's starting supply may be needed to tell the expansion."""
    if record.lobby.is_coop:
        return rules_at(coop_modes(player.commander), record.moment)
    samples = record.supply.get(player.player_id)
    return rules_at(melee_modes(record.moment, samples.used[0] if samples else None), record.moment)


def _context(
    record: GameRecord, player: ReplayPlayer, rules: GameRules, units: list[Unit], *, commands: Issued, known: Ordered
) -> PlayerContext:
    orders = record.events.orders if record.events else None
    factors = (
        time_factors(rules, player.commander_level, player.commander_mastery_talents)
        if player.commander is not None
        else TimeFactors()
    )
    upgrades = [done for done in record.upgrades if done.player_id == player.player_id]
    is_protoss = player.race_actual == "protoss"
    chrono = chrono_rules(rules, mastery=factors.chrono_rate)
    warp_gate_rate = rules.value("WarpGateResearch", "gateway_rate")
    return PlayerContext(
        player=player,
        rules=rules,
        factors=factors,
        units=units,
        upgrades=upgrades,
        commands=commands,
        ordered=known,
        knows_boosts=not is_protoss or _has_commands(record, player.player_id),
        boosts=_boosts(units, orders, rules, chrono) if is_protoss and orders else {},
        fastest_rate=chrono.rate if is_protoss else 1.0,
        warp_gates_since=None if warp_gate_rate is None else _warp_gates_since(upgrades),
        warp_gate_rate=warp_gate_rate or 1.0,
    )


def _is_boostable(unit_type: str, rules: GameRules) -> bool:
    """Whether the structure produces anything. Commands at other structures from a Nexus are rallies and recharges."""
    known = rules.types.get(unit_type)
    return known is None or known.category in ("townhall", "production", "technology")


def _has_commands(record: GameRecord, player_id: int) -> bool:
    """Whether the record has any command of the player: some replays contain only one side's."""
    users = {user for user, of_player in record.player_of_user.items() if of_player == player_id}
    return record.events is not None and any(minute.user_id in users for minute in record.events.user_minutes)


def _boosts(units: list[Unit], orders: Orders, rules: GameRules, chrono: ChronoRules) -> dict[int, list[Boost]]:
    nexuses = {unit.tag: unit.ready for unit in units if unit.first_type == "Nexus" and unit.ready is not None}
    targets = {unit.tag for unit in units if is_maker(unit, rules) and _is_boostable(unit.first_type, rules)}
    return boosts(chrono_casts(orders, nexuses, targets), nexuses, chrono)


def _warp_gates_since(upgrades: list[UpgradeDone]) -> int | None:
    return next((done.game_loop for done in upgrades if done.upgrade == "WarpGateResearch"), None)
