"""Filter sets: thresholds for wanted replays, by name or from a user's TOML file."""

import dataclasses
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.game import GAME_MODES

MISSING = ("keep", "drop")


@dataclass(frozen=True, slots=True, kw_only=True)
class FilterSet:
    """Thresholds that a replay must meet; None disables one.

    ``missing`` decides on unknown APM or MMR: ``keep`` passes it, ``drop`` does not. Lengths are in game loops; APM and
    MMR apply to every player.
    """

    name: str
    min_game_loops: int | None = None
    max_game_loops: int | None = None
    player_count: int | None = None
    game_modes: tuple[str, ...] | None = None
    min_apm: float | None = None
    min_mmr: int | None = None
    missing: str = "keep"
    is_decided: bool | None = None
    is_coop: bool | None = None
    is_vs_ai: bool | None = None
    are_bots: bool | None = None
    min_base_build: int | None = None
    max_base_build: int | None = None

    def __post_init__(self) -> None:
        if self.missing not in MISSING:
            raise SettingsError(f"filters {self.name}: missing is {self.missing!r}; give keep or drop")
        for mode in self.game_modes or ():
            if mode not in GAME_MODES:
                raise SettingsError(
                    f"filters {self.name}: unknown game mode {mode!r}; give any of {', '.join(GAME_MODES)}"
                )

    @property
    def digest_text(self) -> str:
        """The set as text, as recorded with runs."""
        asked = {k: v for k, v in dataclasses.asdict(self).items() if v is not None and k != "name"}
        return f"{self.name} ({', '.join(f'{k}={v}' for k, v in asked.items())})"


FILTER_SETS: dict[str, FilterSet] = {
    filters.name: filters
    for filters in (
        FilterSet(name="all"),
        FilterSet(name="standard", game_modes=("1v1",), min_game_loops=1000, min_apm=10, min_mmr=1000),
        # pysc2 4.0.0, bin/replay_actions.py, valid_replay: unknown ratings are read as 0 there, and so fail.
        FilterSet(name="pysc2", player_count=2, min_game_loops=1000, min_apm=10, min_mmr=1000, missing="drop"),
        # MSC (Wu et al. 2017): the seed's rules with at least 10,000 game loops.
        FilterSet(name="msc", player_count=2, min_game_loops=10_000, min_apm=10, min_mmr=1000, missing="drop"),
        # AlphaStar Unplugged (Mathieu et al. 2023): games of players rated 3500 and more.
        FilterSet(name="unplugged", min_mmr=3500, missing="drop"),
        # SC2EGSet (Bialecki et al. 2023): tournament games, two players, won or lost; ratings are rare there.
        FilterSet(name="egset", player_count=2, is_decided=True),
        FilterSet(name="aiarena", are_bots=True),
        FilterSet(name="coop", is_coop=True),
    )
}
"""Built-in filter sets by name."""

DEFAULT_FILTERS = {"tracker": "all", "sc2": "standard", "auto": "all"}
"""Default filter set of each source."""


def read_filters(name_or_file: str) -> FilterSet:
    """The filter set of that name, or from that TOML file; raises SettingsError with the way out."""
    if name_or_file in FILTER_SETS:
        return FILTER_SETS[name_or_file]
    path = Path(name_or_file)
    if not path.is_file():
        raise SettingsError(
            f"no filter set {name_or_file!r} (known: {', '.join(FILTER_SETS)}) and no such file; name one or write a TOML file"
        )
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path} is not a readable TOML file ({error}); mend it") from error
    return _from_values(path, values)


def _from_values(path: Path, values: dict[str, Any]) -> FilterSet:
    fields = {field.name: field for field in dataclasses.fields(FilterSet)}
    given: dict[str, Any] = {"name": path.stem}
    for name, value in values.items():
        if name not in fields:
            raise SettingsError(f"{path}: unknown threshold {name!r} (known: {', '.join(fields)}); mend it")
        given[name] = _fitting(path, name, value)
    return FilterSet(**given)


def _fitting(path: Path, name: str, value: Any) -> Any:
    if name == "game_modes":
        if isinstance(value, list) and all(isinstance(mode, str) for mode in value):
            return tuple(value)
        raise SettingsError(f"{path}: game_modes is {value!r}; give a list of texts")
    wanted: tuple[type, ...]
    if name in ("name", "missing"):
        wanted = (str,)
    elif name.startswith(("is_", "are_")):
        wanted = (bool,)
    else:
        wanted = (int, float) if name == "min_apm" else (int,)
    if not isinstance(value, wanted) or (bool not in wanted and isinstance(value, bool)):
        raise SettingsError(f"{path}: {name} is {value!r}; give {' or '.join(kind.__name__ for kind in wanted)}")
    return value
