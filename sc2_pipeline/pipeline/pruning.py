"""The lake rid of extractions that others have taken the place of, for whoever asks; every run does it after publishing."""

from dataclasses import dataclass

from sc2_pipeline.config import Settings
from sc2_pipeline.pipeline.session import Watch, nobody
from sc2_pipeline.pipeline.warehouse_stages import open_writer


@dataclass(frozen=True, slots=True, kw_only=True)
class PruneReport:
    """What was removed, or would be: the folders, relative to the lake, and the bytes in them when they were written."""

    folders: tuple[str, ...]
    bytes: int
    is_dry_run: bool


def prune_lake(settings: Settings, *, is_dry_run: bool = False, watch: Watch = nobody) -> PruneReport:
    """Removes superseded extractions, or says which it would remove. Publishes first, so that nobody reads them any more.

    Raises what :func:`~sc2_pipeline.pipeline.warehouse_stages.load_replays` raises.
    """
    with open_writer(settings, "prune", watch) as writer:
        found = writer.superseded()
        if not is_dry_run:
            writer.publish()
    return PruneReport(folders=tuple(e.folder for e in found), bytes=sum(e.bytes for e in found), is_dry_run=is_dry_run)
