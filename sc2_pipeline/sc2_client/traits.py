"""How the game at hand really behaves where we could only assume it; what ``probe`` finds out and extraction heeds."""

import dataclasses
import json
from dataclasses import dataclass
from pathlib import Path

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.sc2_client.settings import GameSettings

MINUTE_OF_RATES = 1344
"""Game loops of the minute in which collection rates are told, as in the tracker (a minute at Faster)."""

NEUTRAL_OWNER = 16
"""Owner of what nobody owns, as recorded from a real game."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GameTraits:
    """The defaults are the assumptions of docs/real_engine.md; ``probe`` saves what it measured instead.

    * ``accepts_pipelining``: else requests are sent one at a time.
    * ``can_disable_fog``: else passes are fogged and said to be; each player's own rows are the truth all the same.
    * ``tags_are_the_trackers``: the low 32 bits of a tag are the tracker's; else no join of the two is made.
    * ``neutral_owner``: owner of neutral units.
    * ``rate_minute_game_loops``: game loops of the minute of ``collection_rate_*``.
    * ``collected_vespene_works``: else the column is NULL.
    * ``dead_units_are_complete``: else units that vanish are deaths too.
    * ``tells_data_version``: else the data version that the game reports is not compared with the one asked for.
    * ``restart_every``: replays per instance that its growth allows; ``instance_bytes``: memory of one at its largest.
    * ``start_seconds``, ``game_loops_per_second``, ``observations_per_second``: measured, 0 until they are.
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


def settings_that_follow(settings: GameSettings, traits: GameTraits) -> GameSettings:
    """The settings with what the game does not bear taken out."""
    return dataclasses.replace(
        settings,
        pipeline_depth=settings.pipeline_depth if traits.accepts_pipelining else 1,
        restart_every=min(settings.restart_every, traits.restart_every),
        checks_data_version=settings.checks_data_version and traits.tells_data_version,
    )


def read_traits(path: Path) -> GameTraits:
    """What an earlier probe saved, the assumptions where none did. Raises SettingsError for a file that is not ours."""
    if not path.is_file():
        return GameTraits()
    try:
        return GameTraits(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError) as error:
        raise SettingsError(f"{path} is not what probe saves ({error}); remove it or run probe again") from error


def write_traits(path: Path, traits: GameTraits) -> None:
    """Saves them, the old file whole until the new one is."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f"{path.name}.partial")
    partial.write_text(json.dumps(dataclasses.asdict(traits), indent=2) + "\n", encoding="utf-8")
    partial.replace(path)
