"""Passes over a replay: which player is observed, with fog or without, and which rows each pass gives."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from sc2_pipeline.tables.declaration import Table
from sc2_pipeline.tables.engine import OBSERVED_TABLES

_UNITS = frozenset({"unit_snapshots", "unit_orders", "unit_buffs", "unit_passengers", "unit_rally_targets"})
_FIELD = _UNITS | {"effects", "power_sources", "radar"}
_PLAYERS = frozenset(
    {"player_snapshots", "upgrades_seen", "alerts", "actions", "action_errors", "chat_messages", "dead_units"}
)
_OWNED = _UNITS | {"effects"}
_ALLY, _NEUTRAL, _ENEMY = 2, 3, 4


class Detail(StrEnum):
    """Level of detail. ``full`` adds map layers and available abilities to all units; ``economy`` has no unit rows."""

    ECONOMY = "economy"
    UNITS = "units"
    FULL = "full"


class Fog(StrEnum):
    """``off``: every pass sees everything; ``on``: what its player saw; ``both``: passes of either kind."""

    OFF = "off"
    ON = "on"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class ObservedPass:
    """One run of a replay through the game.

    ``gives_truth``: the pass gives its player's economy, actions and units. ``gives_sight``: it is fogged and gives
    what the player saw of others. ``takes_rest``: it also gives the units without a pass of their owner (neutral,
    computers), that is, units not owned by ``others``, the players with a pass of their own.
    """

    player_id: int
    is_fogged: bool
    gives_truth: bool
    gives_sight: bool
    takes_rest: bool
    others: frozenset[int]


def plan_passes(player_ids: Sequence[int], fog: Fog, detail: Detail) -> tuple[ObservedPass, ...]:
    """The passes of a replay, in order: passes that only give sights come first, so that the truth can name the units
    seen.

    ``player_ids``: the observed players, which are the participants unless computers are included. Each unit comes from
    exactly one pass that gives the truth.
    """
    has_sights = fog is Fog.BOTH and detail is not Detail.ECONOMY
    sights = [_sight(player, player_ids) for player in player_ids] if has_sights else []
    truths = [_truth(player, player_ids, is_fogged=fog is Fog.ON, detail=detail) for player in player_ids]
    return (*sights, *truths)


def with_fog(passes: Sequence[ObservedPass], detail: Detail) -> tuple[ObservedPass, ...]:
    """The passes as played by a game that cannot disable fog; passes of the truth also give sights if no other pass
    does."""
    give_sights = detail is not Detail.ECONOMY and not any(one.gives_sight for one in passes)
    return tuple(replace(one, is_fogged=True, gives_sight=one.gives_sight or give_sights) for one in passes)


def _truth(player: int, player_ids: Sequence[int], *, is_fogged: bool, detail: Detail) -> ObservedPass:
    return ObservedPass(
        player_id=player,
        is_fogged=is_fogged,
        gives_truth=True,
        gives_sight=is_fogged and detail is not Detail.ECONOMY,
        takes_rest=player == player_ids[0],
        others=frozenset(player_ids) - {player},
    )


def _sight(player: int, player_ids: Sequence[int]) -> ObservedPass:
    others = frozenset(player_ids) - {player}
    return ObservedPass(
        player_id=player, is_fogged=True, gives_truth=False, gives_sight=True, takes_rest=False, others=others
    )


def tables_of_pass(observed: ObservedPass, detail: Detail) -> tuple[Table, ...]:
    """The tables that a pass fills, in the order of declaration."""
    names: set[str] = set()
    if observed.gives_truth:
        names |= _PLAYERS if detail is Detail.ECONOMY else _PLAYERS | _FIELD
    if observed.gives_sight:
        names.add("unit_sightings")
    if detail is Detail.FULL:
        names |= {"map_layers", "available_abilities"} if observed.gives_truth else {"map_layers"}
    return tuple(table for table in OBSERVED_TABLES if table.name in names)


class RowRule(Protocol):
    """Which units (or effects) of an observation become rows of a table, by owner and alliance; -1 is unset."""

    def mask(self, owners: NDArray[np.int64], alliances: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Boolean array: which of the units are kept."""
        ...

    def keeps(self, owner: int, alliance: int) -> bool:
        """Whether a single unit is kept."""
        ...


@dataclass(frozen=True, slots=True)
class OwnRows:
    """Units of the pass's player; with ``takes_rest`` also those of players without a pass."""

    observed: ObservedPass

    def mask(self, owners: NDArray[np.int64], alliances: NDArray[np.int64]) -> NDArray[np.bool_]:  # noqa: ARG002
        """Boolean array: which of the units are kept."""
        if self.observed.takes_rest:
            return ~np.isin(owners, list(self.observed.others))
        return np.equal(owners, self.observed.player_id)

    def keeps(self, owner: int, alliance: int) -> bool:  # noqa: ARG002
        """Whether a single unit is kept."""
        return owner == self.observed.player_id or (self.observed.takes_rest and owner not in self.observed.others)


@dataclass(frozen=True, slots=True)
class SightedRows:
    """Units of other players: allies and enemies; with ``takes_neutral`` also of nobody."""

    takes_neutral: bool = False

    @property
    def _alliances(self) -> tuple[int, ...]:
        return (_ALLY, _NEUTRAL, _ENEMY) if self.takes_neutral else (_ALLY, _ENEMY)

    def mask(self, owners: NDArray[np.int64], alliances: NDArray[np.int64]) -> NDArray[np.bool_]:  # noqa: ARG002
        """Boolean array: which of the units are kept."""
        return np.isin(alliances, self._alliances)

    def keeps(self, owner: int, alliance: int) -> bool:  # noqa: ARG002
        """Whether a single unit is kept."""
        return alliance in self._alliances


def row_rule(table: Table, observed: ObservedPass) -> RowRule | None:
    """The rule for a table's rows; None if every row is kept."""
    if table.name == "unit_sightings":
        # The first pass of the truth has what is neutral among its own units.
        return SightedRows(takes_neutral=observed.gives_truth and not observed.takes_rest)
    return OwnRows(observed) if table.name in _OWNED else None
