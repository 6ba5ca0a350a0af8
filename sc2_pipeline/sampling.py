"""Which game loops of a replay are observed: what ``--sample`` may ask for, and the plan of steps made of it."""

import re
from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.game import MAX_GAME_LOOPS

FORMS = "every:N, actions, actions:unplugged, battles:N, at:LOOP+LOOP, from:LOOP or until:LOOP"
"""What a list may consist of."""

LONGEST_STEP = 1_000
"""Most game loops that one request steps over, so that none takes long to answer; some seconds at the game's speed."""

_NUMBERED = ("every", "battles", "from", "until")
_PLAIN = ("actions", "actions:unplugged")
_LOOP = re.compile("0*[1-9][0-9]{0,8}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """What is asked for, of whatever replay.

    * ``every``: multiples of so many game loops; 0 for none.
    * ``actions``: the loop before each command of a player.
    * ``unplugged``: the loops that AlphaStar Unplugged observes, by ``raw_action_skips`` of pysc2's replay converter, and
      the next one of each, where the game reports the action.
    * ``battles``: multiples of so many loops inside fights; 0 for none.
    * ``at``: these loops.
    * ``since``, ``until``: nothing before or after, but for the first observation.
    """

    every: int = 0
    actions: bool = False
    unplugged: bool = False
    battles: int = 0
    at: tuple[int, ...] = ()
    since: int = 0
    until: int | None = None

    @property
    def text(self) -> str:
        """The list that asks for this, in one order."""
        parts = (
            f"every:{self.every}" if self.every else "",
            "actions" if self.actions else "",
            "actions:unplugged" if self.unplugged else "",
            f"battles:{self.battles}" if self.battles else "",
            f"at:{'+'.join(map(str, self.at))}" if self.at else "",
            f"from:{self.since}" if self.since else "",
            f"until:{self.until}" if self.until else "",
        )
        return ",".join(filter(None, parts))

    @property
    def is_even(self) -> bool:
        """Whether nothing about a replay but its length decides which loops are observed, and each is one step on."""
        return bool(self.every) and not (self.actions or self.unplugged or self.battles or self.at or self.since)

    def observed_loops(self, game_loops: int) -> int:
        """Game loops that a pass over a replay of that length runs."""
        return game_loops if self.until is None else min(game_loops, self.until)


def read_sampling(text: str | None, *, step_mul: int, until: int | None) -> Sampling:
    """The sampling that a list asks for; ``step_mul`` stands for ``every`` where the list has no loops, and ``until`` for the
    last loop where it has none.

    Raises SettingsError for a part that is no sampling, or is given twice.
    """
    parts = [] if text is None else [part.strip() for part in text.split(",")]
    asked: dict[str, Any] = {}
    for part in parts:
        name, value = _read_part(part)
        if name in asked and name != "at":
            raise SettingsError(f"sample has {part.partition(':')[0]} twice; give it once")
        asked[name] = (*asked.get("at", ()), *value) if name == "at" else value
    if not asked.keys() - {"since", "until"}:
        asked["every"] = step_mul
    if until is not None:
        asked["until"] = min(until, asked.get("until", until))
    if asked.get("until", MAX_GAME_LOOPS) < asked.get("since", 0):
        raise SettingsError(f"sample ends at {asked['until']}, before it begins at {asked['since']}")
    return Sampling(**asked | {"at": tuple(sorted(set(asked.get("at", ()))))})


def _read_part(part: str) -> tuple[str, Any]:
    """Field of Sampling, and its value."""
    name, _, value = part.partition(":")
    if part in _PLAIN:
        return ("unplugged" if value else "actions"), True
    loops = value.split("+") if name == "at" else [value]
    if name in ("at", *_NUMBERED) and all(map(_LOOP.fullmatch, loops)):
        numbers = tuple(map(int, loops))
        return ("since" if name == "from" else name), numbers if name == "at" else numbers[0]
    raise SettingsError(f"sample has {part!r}; give a list of {FORMS}, such as every:16,actions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """What a sampling goes by in one replay; empty where it does not ask, or where the replay does not tell.

    ``commands`` and ``unplugged``: game loops by player. ``fights``: their first and last game loops.
    """

    game_loops: int
    commands: Mapping[int, Sequence[int]] = field(default_factory=dict)
    unplugged: Mapping[int, Sequence[int]] = field(default_factory=dict)
    fights: Sequence[tuple[int, int]] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PassPlan:
    """Which loops a pass observes: 1, multiples of ``step_mul`` from ``since`` on, those in ``chosen``, each with the parts
    that asked for it, and ``end``; nothing after ``until``.

    Multiples (the seed has 1, 9, 17), so that samples coincide with those of the tracker, at multiples of 160.
    """

    step_mul: int = 8
    since: int = 0
    until: int | None = None
    chosen: Mapping[int, str] = field(default_factory=dict)
    end: int | None = None
    _ordered: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        ends = () if self.end is None else (self.end,)
        object.__setattr__(self, "_ordered", tuple(sorted({*self.chosen, *ends})))

    @property
    def last_loop(self) -> int:
        """The last loop for which an observation is requested; the simulation itself ends at 524,288."""
        return MAX_GAME_LOOPS if self.until is None else min(self.until, MAX_GAME_LOOPS)

    def loop_after(self, game_loop: int) -> int:
        """The loop to observe after ``game_loop``."""
        place = bisect_right(self._ordered, game_loop)
        later = list(self._ordered[place : place + 1])
        if self.step_mul:
            later.append(max(game_loop // self.step_mul + 1, -(-self.since // self.step_mul)) * self.step_mul)
        return min(*later, self.last_loop) if later else min(game_loop + LONGEST_STEP, self.last_loop)

    def sampled_for(self, game_loop: int) -> str | None:
        """The parts of the sampling that asked for the loop, such as ``every+actions``; None if none did."""
        is_even = self.step_mul and game_loop >= self.since and game_loop % self.step_mul == 0
        return "+".join(filter(None, ("every" if is_even else "", self.chosen.get(game_loop, "")))) or None

    def loops(self, game_loops: int) -> Iterator[int]:
        """The loops that are observed of a replay of that length."""
        game_loop, last = min(1, game_loops), min(game_loops, self.last_loop)
        while game_loop < last:
            yield game_loop
            game_loop = min(self.loop_after(game_loop), last)
        yield game_loop


def pass_plan(sampling: Sampling, moments: Moments, players: Collection[int]) -> PassPlan:
    """The plan of a pass that samples for these players."""
    last = moments.game_loops if sampling.until is None else sampling.until
    asked: dict[int, list[str]] = {}
    for name, loops in _asked(sampling, moments, players):
        for loop in sorted(set(loops)):
            if max(sampling.since, 1) <= loop <= last:
                asked.setdefault(loop, []).append(name)
    return PassPlan(
        step_mul=sampling.every,
        since=sampling.since,
        until=sampling.until,
        chosen={loop: "+".join(names) for loop, names in asked.items()},
        end=None if sampling.every else moments.game_loops,
    )


def _asked(sampling: Sampling, moments: Moments, players: Collection[int]) -> Iterator[tuple[str, Iterable[int]]]:
    if sampling.actions:
        yield "actions", (max(loop - 1, 1) for player in players for loop in moments.commands.get(player, ()))
    if sampling.unplugged:
        acted = [loop for player in players for loop in moments.unplugged.get(player, ())]
        yield "unplugged", (loop + later for loop in acted for later in (0, 1))
    if sampling.battles:
        step = sampling.battles
        yield (
            "battles",
            (loop for begin, end in moments.fights for loop in range(-(-begin // step) * step, end + 1, step)),
        )
    yield "at", sampling.at
