"""Which source reads a replay, from the settings; and the sources a worker process keeps open."""

from dataclasses import dataclass, replace

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.sc2_client.traits import ASSUMED, TRAITS_FILE, GameTraits, read_traits
from sc2_pipeline.sources.base import ReplaySource
from sc2_pipeline.sources.tracker import TrackerSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A source, the settings it is opened with, and what is known of the game here; travels to workers."""

    name: str
    settings: Settings
    traits: GameTraits = ASSUMED


_OPEN: dict[SourceSpec, ReplaySource] = {}
"""Sources of this process, kept between replays."""


def heeding_probe(spec: SourceSpec) -> SourceSpec:
    """The source with what ``probe`` saved in the settings' home; raises SettingsError where probe did not save that."""
    return spec if spec.name != "sc2" else replace(spec, traits=read_traits(spec.settings.home / TRAITS_FILE))


def open_source(spec: SourceSpec) -> ReplaySource:
    """A source ready to extract; raises SettingsError for an unknown name."""
    if spec.name == "tracker":
        return TrackerSource(spec.settings)
    if spec.name == "sc2":
        from sc2_pipeline.sources.sc2 import Sc2Source  # noqa: PLC0415 - the game's packages take 0.5 s to import

        return Sc2Source(spec.settings, spec.traits)
    raise SettingsError(f"no source {spec.name!r} (known: tracker, sc2)")


def kept_source(spec: SourceSpec) -> ReplaySource:
    """This process's source of that spec, opened at the first call and kept."""
    if spec not in _OPEN:
        _OPEN[spec] = open_source(spec)
    return _OPEN[spec]


def close_sources() -> None:
    """Ends what this process's sources keep running."""
    for source in _OPEN.values():
        source.close()
    _OPEN.clear()
