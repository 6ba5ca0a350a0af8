"""One player's bank, supply and score at any loop, interpolated between tracker samples."""

from bisect import bisect_right
from dataclasses import dataclass

from sc2_pipeline.game_messages import sc2api_pb2, score_pb2
from sc2_pipeline.replay_format.tracker import TrackerEvents

_FIXED_POINT = 4096
"""Food is fixed point in the tracker, with 12 fractional bits."""
_CATEGORIES = ("army", "economy", "technology")
_STARTING_MINERALS = 50


@dataclass(frozen=True, slots=True)
class Economy:
    """The samples of one player: loops, and the values of each statistic."""

    loops: list[int]
    values: dict[str, list[int]]

    def at(self, game_loop: int) -> dict[str, float]:
        """Every statistic at that loop: exact at a sample, linearly interpolated between two."""
        if not self.loops:
            return dict.fromkeys(self.values, 0.0)
        after = bisect_right(self.loops, game_loop)
        before = max(after - 1, 0)
        if after in (0, len(self.loops)):
            return {name: float(values[before]) for name, values in self.values.items()}
        span = self.loops[after] - self.loops[before]
        share = (game_loop - self.loops[before]) / span
        return {name: v[before] + (v[after] - v[before]) * share for name, v in self.values.items()}


def economies(events: TrackerEvents) -> dict[int, Economy]:
    """The samples of every player who has any."""
    rows = events.player_stats.to_pylist()
    found: dict[int, Economy] = {}
    for row in rows:
        economy = found.setdefault(row["player_id"], Economy([], {}))
        if economy.loops and economy.loops[-1] == row["game_loop"]:
            continue
        economy.loops.append(row["game_loop"])
        for name, value in row.items():
            if name not in ("event_index", "game_loop", "player_id"):
                economy.values.setdefault(name, []).append(value or 0)
    return found


def player_common(player_id: int, now: dict[str, float], *, army_count: int, larva_count: int) -> bytes:
    """``PlayerCommon`` at that loop. Food is an integer, as on the wire."""
    supply_used = now.get("food_used", 0) / _FIXED_POINT
    workers = int(now.get("workers_active_count", 0))
    return _serialised(
        sc2api_pb2.PlayerCommon(
            player_id=player_id,
            minerals=int(now.get("minerals_current", 0)),
            vespene=int(now.get("vespene_current", 0)),
            food_cap=int(now.get("food_made", 0) / _FIXED_POINT),
            food_used=int(supply_used),
            food_army=max(int(supply_used) - workers, 0),
            food_workers=workers,
            idle_worker_count=0,
            army_count=army_count,
            warp_gate_count=0,
            larva_count=larva_count,
        )
    )


def score(now: dict[str, float], at_start: dict[str, float]) -> bytes:
    """``Score`` at that loop. Values that the tracker lacks (damage, idle time) are zero, as at the start of a real
    game."""
    details = score_pb2.ScoreDetails(
        idle_production_time=0,
        idle_worker_time=0,
        collected_minerals=_collected("minerals", now, at_start) - _STARTING_MINERALS,
        collected_vespene=_collected("vespene", now, at_start),
        collection_rate_minerals=now.get("minerals_collection_rate", 0),
        collection_rate_vespene=now.get("vespene_collection_rate", 0),
        spent_minerals=_spent("minerals", now) - _spent("minerals", at_start),
        spent_vespene=_spent("vespene", now) - _spent("vespene", at_start),
        total_value_units=_sum("minerals", "used_current", now) + _sum("vespene", "used_current", now),
        total_value_structures=0,
        killed_value_units=_sum("minerals", "killed", now) + _sum("vespene", "killed", now),
        killed_value_structures=0,
        current_apm=0,
        current_effective_apm=0,
    )
    # Multiples of one half, as on the wire; interpolated values are rounded down.
    supply_used = 2 * now.get("food_used", 0) // _FIXED_POINT / 2
    workers = int(now.get("workers_active_count", 0))
    details.food_used.CopyFrom(_by_category({"army": max(supply_used - workers, 0), "economy": workers}))
    for resource in ("minerals", "vespene"):
        for field, kinds in _SCORED.items():
            amounts = {c: sum(now.get(f"{resource}_{kind}_{c}", 0) for kind in kinds) for c in _CATEGORIES}
            getattr(details, f"{field}_{resource}").CopyFrom(_by_category(amounts))
    for field in ("total_damage_dealt", "total_damage_taken", "total_healed"):
        getattr(details, field).CopyFrom(score_pb2.VitalScoreDetails(life=0, shields=0, energy=0))
    total = int(details.collected_minerals + details.collected_vespene)
    return _serialised(score_pb2.Score(score_type=score_pb2.Score.Melee, score=total, score_details=details))


_SCORED = {
    "killed": ("killed",),
    "lost": ("lost",),
    "friendly_fire": ("friendly_fire",),
    "used": ("used_current",),
    "total_used": ("used_current", "lost"),
}
"""Fields of ``ScoreDetails`` (before the resource) and the tracker's statistics that sum up to them."""


def _by_category(amounts: dict[str, float]) -> score_pb2.CategoryScoreDetails:
    return score_pb2.CategoryScoreDetails(none=0, upgrade=0, **{c: amounts.get(c, 0) for c in _CATEGORIES})


def _sum(resource: str, kind: str, now: dict[str, float]) -> float:
    return sum(now.get(f"{resource}_{kind}_{category}", 0) for category in _CATEGORIES)


def _spent(resource: str, now: dict[str, float]) -> float:
    return sum(_sum(resource, kind, now) for kind in ("used_in_progress", "used_current", "lost"))


def _collected(resource: str, now: dict[str, float], at_start: dict[str, float]) -> float:
    return now.get(f"{resource}_current", 0) + _spent(resource, now) - _spent(resource, at_start)


def _serialised(message: sc2api_pb2.PlayerCommon | score_pb2.Score) -> bytes:
    content: bytes = message.SerializeToString()
    return content
