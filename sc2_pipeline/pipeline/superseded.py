"""Extractions that others have taken the place of in the warehouse, out of the lake."""

from collections.abc import Mapping

from sc2_pipeline.lake import Lake
from sc2_pipeline.manifest import Extraction, Manifest

Loads = Mapping[tuple[str, str], str | None]
"""Settings by replay_id and part, as the warehouse holds them."""


def superseded(manifest: Manifest, held: Loads) -> list[Extraction]:
    """Extractions that are neither current nor what the warehouse holds, of replays that are loaded."""
    return [e for e in manifest.superseded_extractions() if held.get((e.replay_id, e.part)) != e.settings]


def remove_superseded(manifest: Manifest, lake: Lake, held: Loads) -> None:
    """Removes them from the lake; only while people have what the warehouse holds, for their views name files."""
    if found := superseded(manifest, held):
        for extraction in found:
            lake.remove(extraction.folder)
        manifest.forget_extractions(found)
