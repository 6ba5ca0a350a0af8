"""Translates the lobby's numbers and markup into our vocabulary."""

import html
import re
from collections.abc import Mapping
from math import isfinite
from typing import Final

from sc2_pipeline.storable import storable, text_of

GAME_SPEEDS: Final = ("slower", "slow", "normal", "fast", "faster")

RESULTS: Final = {0: None, 1: "victory", 2: "defeat", 3: "tie"}
"""``m_result`` of the details. 0 means "not known when the recording ended"; the metadata may have the result."""

METADATA_RESULTS: Final = {"Win": "victory", "Loss": "defeat", "Tie": "tie", "Undecided": "undecided"}

SLOT_RACES: Final = {None: "random", 0: "terran", 1: "zerg", 2: "protoss"}
"""``m_racePref.m_race`` of a lobby slot."""

DIFFICULTIES: Final = {
    1: "very_easy",
    2: "easy",
    3: "medium",
    4: "medium_hard",
    5: "hard",
    6: "harder",
    7: "very_hard",
    8: "cheat_vision",
    9: "cheat_money",
    10: "cheat_insane",
}
"""``m_difficulty`` in the API's words (sc2api.proto, Difficulty). Screens say Hard for 4, Harder for 5, Very Hard for 6,
Elite for 7. Checked on the names of 20 computers: "A.I. 1 (Very Easy)" has 1, "(Elite)" 7, "Cheater 1 (Insane)" 10."""

COOP_DIFFICULTIES: Final = {1: "casual", 2: "normal", 3: "hard", 4: "brutal"}
"""The same number of a computer in a co-op mission, as the mission's screens say it."""

AI_BUILDS: Final = {1: "random_build", 2: "rush", 3: "timing", 4: "power", 5: "macro", 6: "air"}
"""``m_aiBuild`` in the API's words (sc2api.proto, AIBuild); 0 where nobody chose."""

CONTROL_PERSON: Final = 2
CONTROL_COMPUTER: Final = 3
"""``m_control`` of slots and details; 0 is open, 1 closed."""

_MAX_MMR: Final = 2**31 - 1
"""The largest value of the column; the best players have some 7,000."""

_TOON_HANDLE: Final = re.compile(r"\d+-S2-\d+-[1-9]\d*")

_RACE_STEMS: Final = {"ter": "terran", "zer": "zerg", "pro": "protoss", "ran": "random"}


def metadata_race(word: object) -> str | None:
    """A race from the metadata's four letters; co-op has variants such as ``TerT`` (Terran Tychus)."""
    return _RACE_STEMS.get(word[:3].lower()) if isinstance(word, str) else None


def details_race(word: bytes) -> str | None:
    """A race from the details where the recording client spoke English; None for every other language's word."""
    return {b"Terran": "terran", b"Zerg": "zerg", b"Protoss": "protoss"}.get(word)


def name_and_clan(markup: bytes) -> tuple[str, str | None]:
    """A player's name and clan from the details: ``&lt;WoS&gt;<sp/>StoicLoofah`` or ``[mYi]<sp/>Stardust``."""
    clan, separator, name = text_of(markup).rpartition("<sp/>")
    if not separator:
        return _unescaped(name), None
    return _unescaped(name), _unescaped(clan).strip("<>[]") or None


def _unescaped(markup: str) -> str:
    try:
        return storable(html.unescape(markup))
    except ValueError:
        # A character's number of thousands of digits, which Python refuses to read.
        return markup


def slot_toon_handle(text: bytes) -> str | None:
    """An account from a lobby slot; None for computers and for games of the API, which put a name there."""
    handle = text_of(text)
    return handle if _TOON_HANDLE.fullmatch(handle) else None


def toon_handle(region: int, program: bytes, realm: int, account: int) -> str | None:
    """An account as ``region-S2-realm-id``; None for computers and for players without one."""
    return f"{region}-{text_of(program.strip(bytes(1)))}-{realm}-{account}" if account else None


def mmr(player: Mapping[str, object]) -> tuple[int | None, str]:
    """A player's rating in the metadata, and its status: known, absent, null, zero, negative (-36400) or unreadable."""
    if "MMR" not in player:
        return None, "absent"
    value = player["MMR"]
    if value is None:
        return None, "null"
    number = metadata_number(value)
    if number is None or number > _MAX_MMR:
        return None, "unreadable"
    if number > 0:
        return int(number), "known"
    return None, "zero" if number == 0 else "negative"


def metadata_number(value: object) -> int | float | None:
    """A value of the metadata if it is a finite number; None for any other JSON value, booleans included."""
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        return None
    return value
