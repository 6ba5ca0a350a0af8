"""Which source reads a replay, from the settings; and the sources a worker process keeps open."""

from dataclasses import dataclass

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.sources.base import ReplaySource
from sc2_pipeline.sources.tracker import TrackerSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A source and all its settings; hashable, and it travels to workers."""

    name: str


_OPEN: dict[SourceSpec, ReplaySource] = {}
"""Sources of this process, kept between replays."""


def open_source(spec: SourceSpec) -> ReplaySource:
    """A source ready to extract; raises SettingsError for an unknown name."""
    if spec.name == "tracker":
        return TrackerSource()
    raise SettingsError(f"no source {spec.name!r} (known: tracker)")


def kept_source(spec: SourceSpec) -> ReplaySource:
    """This process's source of that spec, opened at the first call and kept."""
    if spec not in _OPEN:
        _OPEN[spec] = open_source(spec)
    return _OPEN[spec]
