"""Observed behaviour of the installed game where it may differ from the assumptions; written by ``probe``, used by
extraction."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline.durable_files import whole_file
from sc2_pipeline.errors import HomeError, SettingsError
from sc2_pipeline.game import GAME_LOOPS_PER_MINUTE
from sc2_pipeline.sc2_client.settings import GameSettings

MINUTE_OF_RATES = GAME_LOOPS_PER_MINUTE
"""Game loops of the minute on which collection rates are based, as in the tracker (a minute at Faster)."""

NEUTRAL_OWNER = 16
"""Owner of neutral units, as recorded from a real game."""

TRAITS_FILE = "sc2_traits.json"
"""File in the home folder, written by ``probe``."""

ROW_TRAITS = (
    "can_disable_fog",
    "tags_are_the_trackers",
    "neutral_owner",
    "rate_minute_game_loops",
    "collected_vespene_works",
    "dead_units_are_complete",
)
"""The traits that affect rows; the others only affect how the game is run."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GameTraits:
    """The defaults are the assumptions of docs/real_engine.md; ``probe`` saves measured values.

    * ``accepts_pipelining``: else requests are sent one at a time.
    * ``can_disable_fog``: else passes are fogged and marked as such; each player's own rows are complete all the same.
    * ``tags_are_the_trackers``: the low 32 bits of a tag are the tracker's; else units get tags outside the tracker's
      range.
    * ``neutral_owner``: owner of neutral units; rows say 16.
    * ``rate_minute_game_loops``: game loops of the minute of ``collection_rate_*``; rows are converted to 1,344.
    * ``collected_vespene_works``: else the column is NULL.
    * ``dead_units_are_complete``: else units that vanish count as deaths too, and are marked as such.
    * ``tells_data_version``: else the data version that the game reports is not compared with the one requested.
    * ``restart_every``: replays per instance that its memory growth allows; ``instance_bytes``: largest memory of one.
    * ``start_seconds``, ``game_loops_per_second``, ``observations_per_second``, ``processor_seconds_per_1000_loops`` (of all
      the game's processes): measured; 0 if not.
    * ``game_version``: the game that was probed; empty if none was.
    """

    accepts_pipelining: bool = True
    can_disable_fog: bool = True
    tags_are_the_trackers: bool = True
    neutral_owner: int = NEUTRAL_OWNER
    rate_minute_game_loops: int = MINUTE_OF_RATES
    collected_vespene_works: bool = True
    dead_units_are_complete: bool = True
    tells_data_version: bool = True
    restart_every: int = 300
    instance_bytes: int = 2 * 2**30
    start_seconds: float = 0.0
    game_loops_per_second: float = 0.0
    observations_per_second: float = 0.0
    processor_seconds_per_1000_loops: float = 0.0
    game_version: str = ""

    @property
    def differences(self) -> str | None:
        """Traits that affect rows and differ from the assumptions, as text; None if there are none.

        >>> GameTraits(neutral_owner=0).differences
        'neutral_owner=0'
        """
        found = [f"{n}={getattr(self, n)}" for n in ROW_TRAITS if getattr(self, n) != getattr(ASSUMED, n)]
        return ", ".join(found).lower() or None


ASSUMED = GameTraits()
"""The traits of a game that has not been probed."""


def settings_that_follow(settings: GameSettings, traits: GameTraits) -> GameSettings:
    """The settings, limited to what the game supports."""
    return dataclasses.replace(
        settings,
        pipeline_depth=settings.pipeline_depth if traits.accepts_pipelining else 1,
        restart_every=min(settings.restart_every, traits.restart_every),
        checks_data_version=settings.checks_data_version and traits.tells_data_version,
    )


def read_traits(path: Path) -> GameTraits:
    """Traits saved by an earlier probe; the assumptions if there was none. Raises SettingsError for an invalid file."""
    if not path.is_file():
        return ASSUMED
    try:
        saved = json.loads(path.read_text(encoding="utf-8"))
        traits = GameTraits(**saved)
        wrong = [name for name in saved if type(saved[name]) is not type(getattr(ASSUMED, name))]
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{path} is not what probe saves ({error}); remove it or run probe again") from error
    if wrong:
        raise SettingsError(f"{path} is not what probe saves (see {', '.join(wrong)}); remove it or run probe again")
    return traits


def write_traits(path: Path, traits: GameTraits) -> None:
    """Saves the traits, replacing the file atomically. Raises HomeError if the folder is not writable."""
    try:
        with whole_file(path) as partial:
            partial.write_text(json.dumps(dataclasses.asdict(traits), indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise HomeError(f"{path} cannot be written ({error.strerror or error}); give another --home") from error
