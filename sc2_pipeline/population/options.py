"""The options that choose games, and values typed for them."""

import datetime
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, Literal, get_args

from sc2_pipeline.errors import SettingsError

Value = str | int | float | None
OptionType = Literal["text", "integer", "number", "matchup", "replay", "date", "range", "flag", "mode"]
OPTION_TYPES: Final[tuple[OptionType, ...]] = get_args(OptionType)

PLACE: Final = re.compile(r"\$([a-z_]+)")
"""An option's value in SQL or in words; no text of ours has a dollar sign before a letter."""

MODES: Final = ("melee", "1v1", "2v2", "3v3", "4v4", "archon", "ffa", "other", "coop", "arcade", "any")

_MATCHUP: Final = re.compile("([PTZptz]+)[vV]([PTZptz]+)")
_RANGE: Final = re.compile(r"(\d*)-(\d*)")
_ANOTHER: Final = "another"


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationOption:
    """An option: ``keeps`` is the condition on ``marts.games`` for a value; other games are counted as ``left_out``.

    ``keeps`` maps values to conditions, None for no condition; ``another`` stands for all others. ``states`` says in the
    answer what was kept. A flag lifts its condition.
    """

    name: str
    type: OptionType
    default: Value = None
    description: str
    keeps: Mapping[str, str | None]
    states: str
    left_out: str

    @property
    def flag(self) -> str:
        """As it is typed: ``--until-date``."""
        return "--" + self.name.replace("_", "-")

    def condition(self, value: Value) -> str | None:
        """The condition in SQL with its value inlined; None where it lets every game pass."""
        if self.type == "flag":
            return None if value else self.keeps[_ANOTHER]
        if value is None:
            return None
        condition = self.keeps.get(str(value), self.keeps[_ANOTHER])
        return condition and PLACE.sub(
            lambda _: bounds(str(value)) if self.type == "range" else literal(value), condition
        )

    def statement(self, value: Value) -> str:
        """In words what is kept."""
        return PLACE.sub(lambda _: str(value), self.states)


OPTIONS: Final = (
    PopulationOption(
        name="mode",
        type="mode",
        default="melee",
        description=f"{', '.join(MODES[:-1])} or {MODES[-1]}; in melee everybody begins with the standard start of a race.",
        keeps={"any": None, "melee": "games.is_melee", _ANOTHER: "games.game_mode = $mode"},
        states="$mode",
        left_out="of other modes",
    ),
    PopulationOption(
        name="include_ai",
        type="flag",
        description="Games with computers and bots count too.",
        keeps={_ANOTHER: "not games.has_ai"},
        states="people only",
        left_out="with computers or bots",
    ),
    PopulationOption(
        name="include_resumed",
        type="flag",
        description="Games that were resumed from a replay count too.",
        keeps={_ANOTHER: "not games.is_resumed"},
        states="not resumed",
        left_out="resumed",
    ),
    PopulationOption(
        name="include_short",
        type="flag",
        description="Games of less than a minute count too.",
        keeps={_ANOTHER: "not games.is_short"},
        states="at least a minute",
        left_out="under a minute",
    ),
    PopulationOption(
        name="patch",
        type="text",
        description="Only that patch, such as 5.0.14, or all that begin so, such as 5.0.",
        keeps={_ANOTHER: "games.patch = $patch or starts_with(games.patch, $patch || '.')"},
        states="patch $patch",
        left_out="of other patches",
    ),
    PopulationOption(
        name="era",
        type="integer",
        description="Only games that begin with so many workers: 6 (before Legacy of the Void), 12, or 8 (since 5.0.16).",
        keeps={_ANOTHER: "games.start_workers = $era"},
        states="$era workers at the start",
        left_out="with another start",
    ),
    PopulationOption(
        name="since",
        type="date",
        description="Only games played on that day (UTC) or later, such as 2024-06-01.",
        keeps={_ANOTHER: "games.played_on >= $since"},
        states="since $since",
        left_out="played earlier or nobody knows when",
    ),
    PopulationOption(
        name="until_date",
        type="date",
        description="Only games played on that day (UTC) or before.",
        keeps={_ANOTHER: "games.played_on <= $until_date"},
        states="until $until_date",
        left_out="played later or nobody knows when",
    ),
    PopulationOption(
        name="mmr",
        type="range",
        description="Only games whose players' mean rating is in that range: 4000-4500, 4000- or -3000.",
        keeps={_ANOTHER: "games.mmr between $mmr"},
        states="MMR $mmr",
        left_out="of other ratings or unrated",
    ),
    PopulationOption(
        name="map",
        type="text",
        description="Only maps of which a title, in any language, contains this.",
        keeps={
            _ANOTHER: "games.map_key in ("
            "select map_key from marts.dim_maps where contains(lower(array_to_string(map_names_seen, chr(10))), lower($map)))"
        },
        states="on $map",
        left_out="on other maps",
    ),
    PopulationOption(
        name="matchup",
        type="matchup",
        description="Only that matchup, such as PvZ.",
        keeps={_ANOTHER: "games.matchup = $matchup"},
        states="$matchup",
        left_out="of other matchups",
    ),
    PopulationOption(
        name="player",
        type="text",
        description="Only that player: a name, or an account such as 2-S2-1-1234567.",
        keeps={
            _ANOTHER: "games.replay_id in ("
            "select replay_id from marts.player_game_summary where lower($player) in (lower(player_key), lower(name)))"
        },
        states="of $player",
        left_out="of other players",
    ),
)
"""In the order in which games are left out: each game counts for the first option that does not keep it."""


def population_options() -> Mapping[str, PopulationOption]:
    """:data:`OPTIONS` by name."""
    return {option.name: option for option in OPTIONS}


def converted(name: str, kind: OptionType, text: str) -> Value:
    """The value that was typed; raises SettingsError for one that does not fit the type."""
    flag = "--" + name.replace("_", "-")
    if kind in _CONVERTERS:
        try:
            return _CONVERTERS[kind](text)
        except ValueError as error:
            raise SettingsError(f"{flag} is {text}; give {_WANTED[kind]}") from error
    return text


def normal_matchup(text: str) -> str:
    """A matchup in the warehouse's spelling: races within a side and sides in alphabetical order; else ValueError.

    >>> normal_matchup("zvp")
    'PvZ'
    """
    found = _MATCHUP.fullmatch(text.strip())
    if not found:
        raise ValueError(text)
    return "v".join(sorted("".join(sorted(side.upper())) for side in found.groups()))


def _range(text: str) -> str:
    found = _RANGE.fullmatch(text.strip())
    if not found or text.strip() == "-":
        raise ValueError(text)
    return text.strip()


_TRUTHS: Final = {"true": 1, "1": 1, "yes": 1, "false": 0, "0": 0, "no": 0}


def _mode(text: str) -> str:
    if text.lower() not in MODES:
        raise ValueError(text)
    return text.lower()


def _flag(text: str) -> int:
    if text.lower() not in _TRUTHS:
        raise ValueError(text)
    return _TRUTHS[text.lower()]


_CONVERTERS: Final[Mapping[str, Callable[[str], Value]]] = {
    "integer": int,
    "number": float,
    "matchup": normal_matchup,
    "date": lambda text: datetime.date.fromisoformat(text.strip()).isoformat(),
    "range": _range,
    "flag": _flag,
    "mode": _mode,
}
_WANTED: Final = {
    "integer": "a number",
    "number": "a number",
    "matchup": "races such as PvZ",
    "date": "a day such as 2024-06-01",
    "range": "a range such as 4000-4500, 4000- or -3000",
    "flag": "true or false, or nothing",
    "mode": f"one of {', '.join(MODES)}",
}


def bounds(text: str) -> str:
    """A range as SQL's ``between`` takes it.

    >>> bounds("4000-")
    "4000 and 'infinity'::double"
    """
    low, high = _RANGE.fullmatch(text).groups()  # type: ignore[union-attr]
    return f"{low or 0} and {high or chr(39) + 'infinity' + chr(39) + '::double'}"


def literal(value: Value) -> str:
    """A value as a SQL literal."""
    if value is None:
        return "null"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else str(value)
