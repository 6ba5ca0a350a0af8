"""SQL macros shared by models, questions and users' SQL: the game's clocks and regions, generated from
``sc2_pipeline.game``, and the eras of its rules."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from sqlglot import exp

from sc2_pipeline.game import (
    BATTLE_LINK_GAME_LOOPS,
    GAME_LOOPS_PER_5_SECONDS,
    GAME_LOOPS_PER_MINUTE,
    GAME_LOOPS_PER_NORMAL_SECOND,
    GAME_LOOPS_PER_SAMPLE,
    REGIONS,
)
from sc2_pipeline.game_rules import shown_names
from sc2_pipeline.game_rules.rules import EXPANSION_MARK, WORD_BORDER
from sc2_pipeline.identity import CHECKSUM_BYTES, GAME_EVENTS_BYTES, GAME_EVENTS_TAIL_BYTES, TRACKER_TAIL_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Macro:
    """A scalar macro: one SQL expression over its parameters, which may have defaults."""

    name: str
    parameters: str
    expression: str
    description: str

    @property
    def relation(self) -> str:
        """Schema and name. DuckDB searches ``main`` by default, even from a view of an attached file under another
        name."""
        return f"main.{self.name}"

    @property
    def signature(self) -> str:
        """Name and parameters as declared in SQL."""
        return f"{self.name}({self.parameters})"

    @property
    def version(self) -> str:
        """sha256 of the definition, without the description."""
        return hashlib.sha256(f"{self.signature}\0{self.expression}".encode()).hexdigest()


# Five times a large integer could overflow its type, so five is a bigint. Medians are fractional, and // keeps the
# fraction: hence floor.
_SECONDS = f"game_loop * 5::bigint / {GAME_LOOPS_PER_5_SECONDS}"
_NORMAL_SECONDS = f"game_loop / {GAME_LOOPS_PER_NORMAL_SECOND}"
_SHOWN_SECOND = f"floor(if(shows_normal_seconds, {_NORMAL_SECONDS}, {_SECONDS}))::integer"
# split_part over handles that are all NULL fails in DuckDB 2.0 where the optimizer moves a filter to it.
_REGION = " ".join(f"when starts_with(toon_handle, '{number}-') then '{region}'" for number, region in REGIONS.items())
_REGIONS = ", ".join(f"{number} {region}" for number, region in REGIONS.items())
_FIRST_LOOP = f"(minute * {GAME_LOOPS_PER_MINUTE})::integer"


def _display_name() -> str:
    quoted = ((known.replace("'", "''"), shown.replace("'", "''")) for known, shown in shown_names().items())
    known_names = ", ".join(f"'{known}': '{shown}'" for known, shown in quoted)
    words = rf"regexp_replace(regexp_replace(type_name, '{EXPANSION_MARK}', '\1'), '{WORD_BORDER}', '\1 \2', 'g')"
    return f"coalesce(map {{{known_names}}}[type_name], {words})"


def _same_so_far(tail_bytes: int) -> str:
    """Of two lists of checksums; see ``identity.StreamEvidence``."""
    place = f"(byte_count - {tail_bytes}) // {CHECKSUM_BYTES}"
    return f"{place} <= 0 or checksums[{place}] = other_checksums[{place}]"


def _wilson(sign: str) -> str:
    """An end of Wilson's score interval at 95%: right for few games and for shares near 0 and 1 too."""
    share, zz = "(wins / nullif(games, 0))", f"{1.96**2:.4f}"
    half = f"1.96 * sqrt({share} * (1 - {share}) / games + {zz} / (4 * games ** 2))"
    return f"({share} + {zz} / (2 * games) {sign} {half}) / (1 + {zz} / games)"


MACROS = (
    Macro(
        name="game_seconds",
        parameters="game_loop",
        expression=_SECONDS,
        description="Seconds at speed Faster, the ladder's, of a game loop or of a number of game loops.",
    ),
    Macro(
        name="normal_seconds",
        parameters="game_loop",
        expression=_NORMAL_SECONDS,
        description="Seconds at speed Normal, which screens count in co-op and before Legacy of the Void.",
    ),
    Macro(
        name="race_name",
        parameters="race",
        expression="upper(left(race, 1)) || lower(right(race, -1))",
        description="A race as people write it (Zerg), of any way to write it; the raw tables have the lower case of the game's API.",
    ),
    Macro(
        name="game_minute",
        parameters="game_loop",
        expression=f"floor(game_loop / {GAME_LOOPS_PER_MINUTE})::integer",
        description="Minute of game time at speed Faster that a game loop is in, from 0.",
    ),
    Macro(
        name="clock",
        parameters="game_loop, shows_normal_seconds := false",
        expression=f"format('{{}}:{{:02d}}', {_SHOWN_SECOND} // 60, {_SHOWN_SECOND} % 60)",
        description="A game loop as the game's clock shows it: minutes and seconds at speed Faster, or at speed Normal where"
        " shows_normal_seconds is true, rounded down.",
    ),
    Macro(
        name="shown_seconds",
        parameters="game_loop, clock_speed",
        expression=f"if(clock_speed = 'normal', {_NORMAL_SECONDS}, {_SECONDS})",
        description="Seconds of a game loop on the game's own clock; clock_speed as dim_replays has it.",
    ),
    Macro(
        name="game_loops",
        parameters="seconds",
        expression=f"floor(seconds * {GAME_LOOPS_PER_5_SECONDS} / 5)::integer",
        description="Game loops in a number of seconds at speed Faster, rounded down.",
    ),
    Macro(
        name="game_loop_at",
        parameters="minute",
        expression=_FIRST_LOOP,
        description="Game loop at which a minute of game time at speed Faster begins.",
    ),
    Macro(
        name="sample_loop_at",
        parameters="minute",
        expression=f"{_FIRST_LOOP} // {GAME_LOOPS_PER_SAMPLE} * {GAME_LOOPS_PER_SAMPLE}",
        description=f"Game loop of the last sample of the players' statistics, one every {GAME_LOOPS_PER_SAMPLE} game loops,"
        " by the time a minute begins.",
    ),
    Macro(
        name="battle_link_game_loops",
        parameters="",
        expression=f"{BATTLE_LINK_GAME_LOOPS}::integer",
        description="Game loops between two deaths at most for them to be of one battle; `--sample battles:N` goes by it too.",
    ),
    Macro(
        name="have_same_events",
        parameters="checksums, other_checksums, byte_count",
        expression=_same_so_far(GAME_EVENTS_TAIL_BYTES),
        description="Whether two game event streams are the same for a number of bytes, but the last few: who leaves is told there.",
    ),
    Macro(
        name="have_same_tracker",
        parameters="checksums, other_checksums, byte_count",
        expression=_same_so_far(TRACKER_TAIL_BYTES),
        description="Whether two tracker streams are the same for a number of bytes, but the last statistics.",
    ),
    Macro(
        name="is_short_stream",
        parameters="byte_count",
        expression=f"byte_count < {GAME_EVENTS_BYTES}",
        description="Whether game events are too few to tell games apart by themselves.",
    ),
    Macro(
        name="is_reached",
        parameters="base_build, data_build, played_on, point_base_build, point_data_build, point_day",
        expression="base_build > point_base_build or"
        " (base_build = point_base_build and data_build >= point_data_build and played_on >= point_day)",
        description="Whether a game was played at a point of the rules or later, as known_rules has points: some patches"
        " share a base build, and begin with a data build or on a day.",
    ),
    Macro(
        name="display_name",
        parameters="type_name",
        expression=_display_name(),
        description="What players call a unit type or an upgrade: Hellbat for HellionTank, Lurker for LurkerMPBurrowed,"
        " Metabolic Boost for zerglingmovementspeed.",
    ),
    Macro(
        name="wilson_low",
        parameters="wins, games",
        expression=_wilson("-"),
        description="Lower end of Wilson's 95% interval of a share; NULL of no games.",
    ),
    Macro(
        name="wilson_high",
        parameters="wins, games",
        expression=_wilson("+"),
        description="Upper end of Wilson's 95% interval of a share; NULL of no games.",
    ),
    Macro(
        name="region_of",
        parameters="toon_handle",
        expression=f"case {_REGION} end",
        description=f"Battle.net region of an account, from the first number of its toon handle: {_REGIONS};"
        " NULL for other numbers.",
    ),
)
"""No macro calls another: a model's version covers only the macros that it calls itself."""


def called_macros(select: exp.Query) -> Iterable[Macro]:
    """The macros that a statement calls, in the order of :data:`MACROS`."""
    names = {function.name.lower() for function in select.find_all(exp.Anonymous)}
    return (macro for macro in MACROS if macro.name in names)
