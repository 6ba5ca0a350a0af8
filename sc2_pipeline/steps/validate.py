"""Filter rules: every rule gives an outcome for every replay, with the observed and the wanted value."""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from sc2_pipeline.config import Settings
from sc2_pipeline.filters import FilterSet
from sc2_pipeline.packs import PACK_REASONS
from sc2_pipeline.replay_format import DECODER_VERSION
from sc2_pipeline.replay_format.lobby import ReplayLobby, read_lobby
from sc2_pipeline.replay_format.mpq import Archive
from sc2_pipeline.replay_format.tracker import MEMBER
from sc2_pipeline.sources.base import ReplayFile
from sc2_pipeline.sources.bounds import within_budget
from sc2_pipeline.sources.tracker import read_replay
from sc2_pipeline.steps.replay_faults import replay_fault

_PASSING_FAULTS = PACK_REASONS | {
    "unreadable_file",
    "vanished_file",
    "changed_file",
    "killed_workers",
    "too_costly",
    "internal_error",
}
"""too_costly: after raising a budget, users expect the file to be read again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplayFacts:
    """Facts that the rules use, read from a replay's lobby. Unknown APM, MMR and results are None."""

    base_build: int
    data_version: str | None
    game_version: str
    map_name: str
    cache_files: tuple[str, ...]
    local_map_path: str
    duration_game_loops: int
    game_mode: str
    player_count: int
    is_coop: bool
    is_vs_ai: bool
    are_bots: bool
    has_tracker_stream: bool
    apms: tuple[float | None, ...]
    mmrs: tuple[int | None, ...]
    results: tuple[str | None, ...]
    player_names: tuple[str, ...]
    races: tuple[str | None, ...]
    """As played, or as requested where only that is known."""

    @property
    def matchup(self) -> str | None:
        """The races of a game of two players, such as PvT; None for other games and unknown races."""
        is_known = len(self.races) == 2 and all(race and race.lower() != "random" for race in self.races)
        return "v".join(sorted(race[0].upper() for race in self.races if race)) if is_known else None

    def to_json(self) -> str:
        """The format in which the manifest stores facts."""
        return json.dumps(dataclasses.asdict(self), ensure_ascii=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableFacts:
    """Why a lobby could not be read; ``reason`` is a key of ``errors.REASONS``."""

    reason: str
    detail: str

    @property
    def is_passing_fault(self) -> bool:
        """Whether the fault may be gone next time, so that it is not stored."""
        return self.reason in _PASSING_FAULTS

    def to_json(self) -> str:
        """The format in which the manifest stores facts."""
        return json.dumps({"reason": self.reason, "detail": self.detail}, ensure_ascii=False)


def facts_version(kind: type[ReplayFacts] = ReplayFacts, changes: int = 3) -> str:
    """Version of stored facts: those of another are read again.

    It tells the decoder, how often the same fields got another meaning, and a hash of the fields, so that facts with other fields are
    never taken for these, even if two branches changed them at once.
    """
    fields = ",".join(f"{field.name}:{field.type}" for field in dataclasses.fields(kind))
    return f"{DECODER_VERSION}.{changes}.{hashlib.sha256(fields.encode()).hexdigest()[:8]}"


FACTS_VERSION = facts_version()


def facts_from_json(text: str) -> ReplayFacts | UnreadableFacts:
    """Parses the output of ``to_json``."""
    values: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()
    }
    return UnreadableFacts(**values) if "reason" in values else ReplayFacts(**values)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleOutcome:
    """Outcome of one rule for one replay, with the observed and the wanted value in words."""

    rule: str
    passed: bool
    observed: str
    wanted: str


Answer = tuple[bool, str, str] | None
"""Passed, observed, wanted; None if the filter set does not use the rule."""


def long_enough(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """The game lasted at least ``min_game_loops``."""
    wanted = filters.min_game_loops
    if wanted is None:
        return None
    seen = facts.duration_game_loops
    return seen >= wanted, f"{seen} game loops", f"at least {wanted} game loops"


def short_enough(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """The game lasted at most ``max_game_loops``."""
    wanted = filters.max_game_loops
    if wanted is None:
        return None
    seen = facts.duration_game_loops
    return seen <= wanted, f"{seen} game loops", f"at most {wanted} game loops"


def right_player_count(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """As many players as ``player_count``, computers included, observers not."""
    wanted = filters.player_count
    if wanted is None:
        return None
    return facts.player_count == wanted, f"{facts.player_count} players", f"{wanted} players"


def wanted_game_mode(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """The game mode is one of ``game_modes``."""
    if filters.game_modes is None:
        return None
    return facts.game_mode in filters.game_modes, facts.game_mode, " or ".join(filters.game_modes)


def apm_high_enough(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """Every player made at least ``min_apm`` actions a minute, as the client reports; unknown as ``missing`` says."""
    if filters.min_apm is None:
        return None
    return _each_at_least(facts.apms, filters.min_apm, filters.missing, "APM")


def mmr_high_enough(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """Every player was rated at least ``min_mmr`` before the game; unknown as ``missing`` says."""
    if filters.min_mmr is None:
        return None
    return _each_at_least(facts.mmrs, filters.min_mmr, filters.missing, "MMR")


def _each_at_least(seen: tuple[float | None, ...], wanted: float, missing: str, unit: str) -> Answer:
    passed = all(value >= wanted if value is not None else missing == "keep" for value in seen)
    if missing == "drop" and not seen:
        passed = False
    shown = " and ".join("unknown" if value is None else f"{value:g}" for value in seen) or "unknown"
    unknown = "unknown kept" if missing == "keep" else "unknown dropped"
    return passed, f"{unit} {shown}", f"{unit} at least {wanted:g} for every player, {unknown}"


def game_is_decided(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """Every player won or lost, where ``is_decided`` asks for it."""
    if filters.is_decided is None:
        return None
    is_decided = bool(facts.results) and all(result in ("victory", "defeat") for result in facts.results)
    shown = " and ".join(result or "no result" for result in facts.results) or "no result"
    return is_decided == filters.is_decided, shown, "victory or defeat" if filters.is_decided else "no victory"


def coop_as_wanted(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """Co-op with commanders, or not, as ``is_coop`` says."""
    return _as_wanted(facts.is_coop, filters.is_coop, "co-op")


def computers_as_wanted(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """Against the computer, or not, as ``is_vs_ai`` says."""
    return _as_wanted(facts.is_vs_ai, filters.is_vs_ai, "against the computer")


def bots_as_wanted(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """Played through the API by programs (no account, no rating), or not, as ``are_bots`` says."""
    return _as_wanted(facts.are_bots, filters.are_bots, "played by bots")


def _as_wanted(seen: bool, wanted: bool | None, name: str) -> Answer:
    if wanted is None:
        return None
    return seen == wanted, name if seen else f"not {name}", name if wanted else f"not {name}"


def base_build_in_range(facts: ReplayFacts, filters: FilterSet) -> Answer:
    """The base build lies from ``min_base_build`` to ``max_base_build``."""
    low, high = filters.min_base_build, filters.max_base_build
    if low is None and high is None:
        return None
    passed = (low is None or facts.base_build >= low) and (high is None or facts.base_build <= high)
    return passed, f"base build {facts.base_build}", f"base build {low or 'any'} to {high or 'any'}"


RULES: tuple[Callable[[ReplayFacts, FilterSet], Answer], ...] = (
    long_enough,
    short_enough,
    right_player_count,
    wanted_game_mode,
    apm_high_enough,
    mmr_high_enough,
    game_is_decided,
    coop_as_wanted,
    computers_as_wanted,
    bots_as_wanted,
    base_build_in_range,
)
"""All rules; a rule's name is its key in the manifest, its docstring its text in the docs."""


def rule_outcomes(facts: ReplayFacts, filters: FilterSet) -> list[RuleOutcome]:
    """Outcomes of all rules that the filter set uses, in the order of ``RULES``."""
    return [
        RuleOutcome(rule=rule.__name__, passed=answer[0], observed=answer[1], wanted=answer[2])
        for rule in RULES
        if (answer := rule(facts, filters)) is not None
    ]


def has_tracker_stream(facts: ReplayFacts) -> RuleOutcome:
    """The replay holds tracker events, which games record since 2.0.4; a rule of the tracker source only."""
    seen = "a tracker stream" if facts.has_tracker_stream else f"no tracker stream in version {facts.game_version}"
    return RuleOutcome(
        rule="no_tracker_stream", passed=facts.has_tracker_stream, observed=seen, wanted="a tracker stream"
    )


def playable_here(facts: ReplayFacts, builds: Collection[int], missing: str) -> RuleOutcome:
    """A game client of the replay's base build is installed; a rule of the sc2 source only."""
    return RuleOutcome(
        rule="engine_version_missing",
        passed=facts.base_build in builds,
        observed=f"base build {facts.base_build}" if facts.base_build in builds else missing,
        wanted="an installed client of that base build",
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsTask:
    """Some replays whose facts one worker reads."""

    replays: tuple[ReplayFile, ...]
    settings: Settings


def read_facts_task(task: FactsTask) -> dict[str, ReplayFacts | UnreadableFacts]:
    """Reads facts by replay, in a worker; an unreadable replay gets the reason instead."""
    return {replay.replay_id: read_facts(replay, task.settings) for replay in task.replays}


def read_facts(replay: ReplayFile, settings: Settings) -> ReplayFacts | UnreadableFacts:
    """The facts of one replay, or why it is unreadable."""
    try:
        data = read_replay(replay, settings)
        return within_budget(lambda: _read_facts(data), len(data), settings)
    except Exception as error:  # noqa: BLE001 - the border of one replay's work: its neighbours go on
        fault = replay_fault(replay.replay_id, error)
        return UnreadableFacts(reason=fault.reason, detail=fault.detail)


def _read_facts(data: bytes) -> ReplayFacts:
    archive = Archive(data)
    return _facts(read_lobby(archive), has_stream=MEMBER in archive)


def _facts(lobby: ReplayLobby, *, has_stream: bool) -> ReplayFacts:
    people = [player for player in lobby.players if not player.is_computer]
    return ReplayFacts(
        base_build=lobby.base_build,
        data_version=lobby.data_version,
        game_version=lobby.game_version,
        map_name=lobby.map_name,
        cache_files=lobby.cache_files,
        local_map_path=lobby.local_map_path,
        duration_game_loops=lobby.duration_game_loops,
        game_mode=lobby.game_mode,
        player_count=len(lobby.players),
        is_coop=lobby.is_coop,
        is_vs_ai=lobby.is_vs_ai,
        are_bots=bool(people) and all(player.toon_handle is None for player in people),
        has_tracker_stream=has_stream,
        apms=tuple(player.apm for player in lobby.players),
        mmrs=tuple(player.mmr for player in lobby.players),
        results=tuple(player.result for player in lobby.players),
        player_names=tuple(player.name for player in lobby.players),
        races=tuple(player.race_actual or player.race_requested for player in lobby.players),
    )
