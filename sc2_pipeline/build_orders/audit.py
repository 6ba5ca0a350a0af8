"""Detects impossible starts in build orders from any source."""

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from sc2_pipeline.build_orders.makers import REACTOR_HOSTS, is_trained
from sc2_pipeline.build_orders.record import GameRecord
from sc2_pipeline.build_orders.units import Unit

QUEUE_ERRORS: Final = ("before its maker stood", "before the previous unit left", "before its technology stood")


@dataclass(frozen=True, slots=True, kw_only=True)
class ImpossibleStart:
    """A start that the replay itself contradicts."""

    unit: Unit
    start: float
    why: str
    """One of QUEUE_ERRORS."""
    possible_since: int


def trained_units(record: GameRecord) -> list[Unit]:
    """Units trained by a structure, by birth: those whose start is not in the replay."""
    found = [unit for unit in record.units.values() if unit.born and is_trained(unit) and _maker(record, unit)]
    return sorted(found, key=lambda unit: (unit.born or 0, unit.first_event_index))


def impossible_starts(record: GameRecord, starts: Mapping[int, float]) -> Iterator[ImpossibleStart]:
    """Every impossible start in ``starts`` (by unit tag).

    A structure makes one thing at a time, with a reactor two: nothing starts while that many are in production.
    """
    made: dict[int, list[Unit]] = defaultdict(list)
    for unit in trained_units(record):
        maker = _maker(record, unit)
        if maker is not None:
            made[maker.tag].append(unit)
    for tag, units in made.items():
        for at, unit in enumerate(units):
            if unit.tag in starts:
                yield from _contradictions(record, unit, starts, record.units[tag], units[:at])


def _contradictions(
    record: GameRecord, unit: Unit, starts: Mapping[int, float], maker: Unit, earlier: list[Unit]
) -> Iterator[ImpossibleStart]:
    start = starts[unit.tag]
    lines = 2 if maker.type_at((unit.born or 0) - 1).startswith(REACTOR_HOSTS) else 1
    # Units without a claimed start are not counted against this one.
    spans = [(starts[other.tag], other.born or 0) for other in earlier if other.tag in starts]
    crowded = [
        sorted(end for begin, end in spans if begin <= moment < end)[-lines]
        for moment in (start, *(begin for begin, _ in spans if begin > start))
        if sum(begin <= moment < end for begin, end in spans) >= lines
    ]
    free_since = max(crowded, default=None)
    limits = (maker.ready or 0, free_since, _technology_since(record, unit))
    for why, since in zip(QUEUE_ERRORS, limits, strict=True):
        if since is not None and start < since:
            yield ImpossibleStart(unit=unit, start=start, why=why, possible_since=since)


def _technology_since(record: GameRecord, unit: Unit) -> int | None:
    """When the first structure that the unit requires was completed; None if it requires none or none is known."""
    unit_type = record.rules.types.get(unit.first_type)
    needed = unit_type.needs if unit_type is not None else ()
    stood = [
        other.ready
        for other in record.units.values()
        if other.player_id == unit.player_id and other.ready is not None and other.first_type in needed
    ]
    return min(stood, default=None)


def _maker(record: GameRecord, unit: Unit) -> Unit | None:
    """The structure that trained the unit; None for larva eggs, whose start is in the replay."""
    maker = record.units.get(unit.creator_tag) if unit.creator_tag is not None else None
    return None if maker is None or "Egg" in maker.type_names or "Larva" in maker.type_names else maker
