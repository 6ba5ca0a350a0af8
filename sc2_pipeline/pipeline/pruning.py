"""Removal of superseded extractions from the lake on request; every run also does it after publishing."""

from dataclasses import dataclass

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.session import Watch, nobody
from sc2_pipeline.pipeline.warehouse_stages import open_writer


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneReport:
    """What was, or would be, removed: folders relative to the lake, and their total bytes when written."""

    folders: tuple[str, ...]
    bytes: int
    is_dry_run: bool


def prune_lake(settings: Settings, *, is_dry_run: bool = False, watch: Watch = nobody) -> PruneReport:
    """Removes superseded extractions, or only lists them. Publishes first, so that no view reads them any more.

    Raises what :func:`~sc2_pipeline.pipeline.warehouse_stages.load_replays` raises.
    """
    with open_writer(settings, "prune", watch) as writer:
        found = writer.superseded()
        if not is_dry_run:
            writer.publish()
    return PruneReport(folders=tuple(e.folder for e in found), bytes=sum(e.bytes for e in found), is_dry_run=is_dry_run)
