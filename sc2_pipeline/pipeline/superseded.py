"""Removal of superseded extractions from the lake."""

from sc2_pipeline.lake import FolderLake
from sc2_pipeline.manifest import Extraction, Manifest
from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.stopping import is_told_to_stop
from sc2_pipeline.warehouse.loaded_parts import Loads


def superseded(manifest: Manifest, held: Loads) -> list[Extraction]:
    """Extractions of loaded replays that are neither current nor held by the warehouse."""
    return [e for e in manifest.superseded_extractions() if held.get((e.replay_id, e.part)) != e.settings_digest]


def remove_superseded(session: Session, held: Loads) -> None:
    """Removes superseded extractions from the lake, and their localised files from the home.

    Call it only after publishing, since published views name files. If told to stop, it leaves the rest to the next
    run.
    """
    at_home = FolderLake(session.home.lake.absolute())
    lakes = {at_home, session.lake}
    removed = []
    for extraction in superseded(session.manifest, held):
        if is_told_to_stop():
            break
        for lake in lakes:
            lake.remove(extraction.folder)
        removed.append(extraction)
    if removed:
        session.manifest.forget_extractions(removed)
