"""Chooses the source that reads a replay from the settings, and keeps sources open in worker processes."""

from dataclasses import dataclass, replace

from sc2_pipeline.config import Settings
from sc2_pipeline.errors import SettingsError
from sc2_pipeline.sc2_client.traits import ASSUMED, TRAITS_FILE, GameTraits, read_traits
from sc2_pipeline.sources.base import ReplaySource
from sc2_pipeline.sources.tracker import TrackerSource


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceSpec:
    """A source, the settings it is opened with, and the known traits of the game on this machine; sent to workers.
    ``needs_tracker`` is as in :class:`TrackerSource`."""

    name: str
    settings: Settings
    needs_tracker: bool = True
    traits: GameTraits = ASSUMED


_OPEN: dict[tuple[str, SourceSpec], ReplaySource] = {}
"""Open sources of this process by owner, kept between replays."""


def heeding_probe(spec: SourceSpec) -> SourceSpec:
    """The spec with the traits that ``probe`` saved in the settings' home; raises SettingsError if the file there is
    not one of ``probe``."""
    return spec if spec.name != "sc2" else replace(spec, traits=read_traits(spec.settings.home / TRAITS_FILE))


def open_source(spec: SourceSpec) -> ReplaySource:
    """A source ready to extract; raises SettingsError for an unknown name."""
    if spec.name == "tracker":
        return TrackerSource(spec.settings, needs_tracker=spec.needs_tracker)
    if spec.name == "sc2":
        from sc2_pipeline.sources.sc2 import Sc2Source  # noqa: PLC0415 - the game's packages take 0.5 s to import

        return Sc2Source(spec.settings, spec.traits)
    raise SettingsError(f"no source {spec.name!r} (known: tracker, sc2)")


def kept_source(owner: str, spec: SourceSpec) -> ReplaySource:
    """This process's source for that spec and owner (a run); opened by the first call and kept until the owner closes
    it."""
    if (owner, spec) not in _OPEN:
        _OPEN[owner, spec] = open_source(spec)
    return _OPEN[owner, spec]


def close_sources(owner: str) -> None:
    """Closes this process's sources of that owner, and with them their games."""
    for key in [key for key in _OPEN if key[0] == owner]:
        _OPEN.pop(key).close()
