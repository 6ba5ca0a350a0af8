"""Assumptions about the game: for each, what is expected, what was observed, and the fallback."""

import statistics
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from sc2_pipeline.game_messages import raw_pb2
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sc2_client.traits import MINUTE_OF_RATES, NEUTRAL_OWNER

_LOW_BITS = 0xFFFFFFFF
_TAKE_LONGER = "a longer replay tells more"
_NEARLY_ALL = 0.98
_RATE_TOLERANCE = 0.03
_KNOWN_MINUTES = (MINUTE_OF_RATES, 960)
"""Game loops of a minute at Faster and at Normal; a measured minute near one of them is rounded to it."""
_LOOKED_AT_EVERY = 160
"""Units are checked only in observations at multiples of this, where the tracker has its samples."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayTruth:
    """The replay's own tracker data, for comparison.

    ``town_halls`` counts each player's at loop 1. ``tags`` are those of all units; ``killed`` gives the loop of every
    death caused by a player. ``rates`` and ``vespene`` are the first player's, by loop: minerals collected per minute,
    and vespene in the bank or spent.
    """

    player_ids: tuple[int, ...]
    town_halls: dict[int, int]
    tags: frozenset[int]
    killed: dict[int, int]
    rates: dict[int, int]
    vespene: dict[int, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Whether one assumption holds. ``fallback`` is what extraction does if it does not."""

    name: str
    holds: bool
    wanted: str
    observed: str
    fallback: str


@dataclass(slots=True, kw_only=True)
class Evidence:
    """What a pass of player ``player_id`` showed, collected one observation at a time."""

    player_id: int
    game_info: api.ResponseGameInfo
    observations: int = 0
    last_loop: int = 0
    first_owners: Counter[int] = field(default_factory=Counter)
    neutral_owners: Counter[int] = field(default_factory=Counter)
    own_tags: set[int] = field(default_factory=set)
    dead_tags: set[int] = field(default_factory=set)
    rates: dict[int, float] = field(default_factory=dict)
    collected_vespene: dict[int, float] = field(default_factory=dict)

    def take(self, game_loop: int, payload: bytes) -> None:
        """Evaluates one ``ResponseObservation``."""
        message = api.ResponseObservation.FromString(payload)
        raw = message.observation.raw_data
        self.observations += 1
        self.last_loop = game_loop
        self.dead_tags.update(raw.event.dead_units)
        if self.observations == 1:
            self.first_owners.update(u.owner for u in raw.units if u.alliance != raw_pb2.Neutral)
        if self.observations == 1 or game_loop % _LOOKED_AT_EVERY == 0:
            self._look(game_loop, message)

    def neutral_owner(self) -> int:
        """The owner of most neutral units."""
        return self.neutral_owners.most_common(1)[0][0] if self.neutral_owners else NEUTRAL_OWNER

    def rate_minute(self, truth: ReplayTruth) -> int:
        """Game loops of the minute on which the game's collection rates are based, by comparison with the tracker's."""
        ratios = list(self._rate_ratios(truth))
        measured = round(MINUTE_OF_RATES * statistics.median(ratios)) if ratios else MINUTE_OF_RATES
        near = (minute for minute in _KNOWN_MINUTES if abs(measured / minute - 1) <= _RATE_TOLERANCE)
        return max(next(near, measured), 1)

    def has_rates(self, truth: ReplayTruth) -> bool:
        """Whether there are rates to compare."""
        return any(True for _ in self._rate_ratios(truth))

    def _rate_ratios(self, truth: ReplayTruth) -> Iterator[float]:
        """The game's rate divided by the tracker's, wherever both exist and are not negligible."""
        for loop, rate in self.rates.items():
            if truth.rates.get(loop, 0) > 100:
                yield rate / truth.rates[loop]

    def _look(self, game_loop: int, message: api.ResponseObservation) -> None:
        units = message.observation.raw_data.units
        self.neutral_owners.update(u.owner for u in units if u.alliance == raw_pb2.Neutral)
        self.own_tags.update(u.tag for u in units if u.owner == self.player_id)
        details = message.observation.score.score_details
        if details.HasField("collection_rate_minerals"):
            self.rates[game_loop] = details.collection_rate_minerals
        if details.HasField("collected_vespene"):
            self.collected_vespene[game_loop] = details.collected_vespene


def verdicts(evidence: Evidence, truth: ReplayTruth) -> tuple[Verdict, ...]:
    """Verdicts on all assumptions that the pass can test."""
    tags = _tags(evidence, truth)
    return (
        _fog(evidence, truth),
        tags,
        _neutral_owner(evidence),
        _rates(evidence, truth),
        _collected_vespene(evidence, truth),
        _dead_units(evidence, truth, are_tags_known=tags.holds),
        _grids(evidence),
    )


def pipelining(observed: str, *, holds: bool) -> Verdict:
    """Requests may be sent before earlier ones are answered."""
    return Verdict(
        name="accepts_pipelining",
        holds=holds,
        wanted="the same observations, sent ahead or one by one",
        observed=observed,
        fallback="requests are sent one at a time (slower)",
    )


def data_version(observed: str, *, holds: bool) -> Verdict:
    """The game reports the data version it was started with."""
    return Verdict(
        name="tells_data_version",
        holds=holds,
        wanted="ping answers the data version asked for",
        observed=observed or "none",
        fallback="only the base build is compared",
    )


def memory_growth(memory: list[int], restart_every: int, wanted: int) -> Verdict:
    """The game can be kept for as many replays as the settings say."""
    growth = (memory[-1] - memory[0]) / (len(memory) - 1) / 2**20
    return Verdict(
        name="memory_grows_little",
        holds=restart_every >= wanted,
        wanted=f"{wanted} replays below three quarters of the memory ceiling",
        observed=f"{memory[-1] >> 20} MB, {growth:.1f} MB more with every start",
        fallback=f"a fresh instance every {restart_every} replays",
    )


def _fog(evidence: Evidence, truth: ReplayTruth) -> Verdict:
    unseen = [player for player in truth.town_halls if not evidence.first_owners[player]]
    return Verdict(
        name="can_disable_fog",
        holds=not unseen,
        wanted="units of every player at the first loop",
        observed=f"{dict(sorted(evidence.first_owners.items()))} units by player"
        + (f", none of player {', '.join(map(str, unseen))}" if unseen else ""),
        fallback="passes are fogged and marked so; each player's own rows stay the truth",
    )


def _tags(evidence: Evidence, truth: ReplayTruth) -> Verdict:
    known = sum(1 for tag in evidence.own_tags if tag & _LOW_BITS in truth.tags)
    share = known / len(evidence.own_tags) if evidence.own_tags else 0.0
    return Verdict(
        name="tags_are_the_trackers",
        holds=share >= _NEARLY_ALL,
        wanted="the low 32 bits of every tag are a tag of the tracker",
        observed=f"{known} of {len(evidence.own_tags)} tags ({share:.1%})",
        fallback="units get tags of our own, which meet no tracker's",
    )


def _neutral_owner(evidence: Evidence) -> Verdict:
    owner = evidence.neutral_owner()
    return Verdict(
        name="neutral_owner",
        holds=set(evidence.neutral_owners) <= {NEUTRAL_OWNER},
        wanted=f"player {NEUTRAL_OWNER} owns what is neutral",
        observed=f"player {owner} does",
        fallback=f"player {owner} is taken for nobody",
    )


def _rates(evidence: Evidence, truth: ReplayTruth) -> Verdict:
    minute = evidence.rate_minute(truth)
    return Verdict(
        name="rate_minute_game_loops",
        holds=minute == MINUTE_OF_RATES,
        wanted=f"rates of {MINUTE_OF_RATES} loops, as the tracker's",
        observed=f"rates of {minute} loops" if evidence.has_rates(truth) else f"nothing was mined; {_TAKE_LONGER}",
        fallback=f"rates are multiplied by {MINUTE_OF_RATES}/{minute}",
    )


def _collected_vespene(evidence: Evidence, truth: ReplayTruth) -> Verdict:
    looked_at = range(0, evidence.last_loop + 1, _LOOKED_AT_EVERY)
    due = {loop: truth.vespene[loop] for loop in looked_at if truth.vespene.get(loop, 0) > 100}
    wrong = [loop for loop in due if not 0.5 <= evidence.collected_vespene.get(loop, 0) / due[loop] <= 2]
    return Verdict(
        name="collected_vespene_works",
        holds=not wrong,
        wanted="collected_vespene follows what the tracker's bank and spendings add up to",
        observed=f"far off at {len(wrong)} of {len(due)} samples" if due else f"no gas was mined; {_TAKE_LONGER}",
        fallback="the column is NULL",
    )


def _dead_units(evidence: Evidence, truth: ReplayTruth, *, are_tags_known: bool) -> Verdict:
    due = {tag for tag, loop in truth.killed.items() if loop <= evidence.last_loop}
    told = {tag & _LOW_BITS for tag in evidence.dead_tags} & due
    share = len(told) / len(due) if due else 1.0
    return Verdict(
        name="dead_units_are_complete",
        holds=are_tags_known and share >= _NEARLY_ALL,
        wanted="every unit that the tracker says was killed is among dead_units",
        observed=_told_of_due(len(told), len(due)) if are_tags_known else "not to be told by other tags",
        fallback="units that vanish between two observations are deaths too, and said to be",
    )


def _told_of_due(told: int, due: int) -> str:
    return f"{told} of {due} ({told / due:.1%})" if due else f"nobody was killed; {_TAKE_LONGER}"


def _grids(evidence: Evidence) -> Verdict:
    raw = evidence.game_info.start_raw
    bits = (raw.pathing_grid.bits_per_pixel, raw.placement_grid.bits_per_pixel, raw.terrain_height.bits_per_pixel)
    return Verdict(
        name="grids_have_few_bits",
        holds=bits == (1, 1, 8),
        wanted="pathing and placement of 1 bit a cell, height of 8",
        observed="pathing {}, placement {}, height {}".format(*bits),
        fallback="none needed: grids are stored with their bits per cell",
    )
