"""Observations that an earlier release made: what the game showed is the same, so no game runs for them again."""

from collections.abc import Collection

from sc2_pipeline.lake import Lake
from sc2_pipeline.lake.receipts import shape_told
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.sources.base import shape_digest


def adopt_observations(manifest: Manifest, lake: Lake, settings: str, replay_ids: Collection[str]) -> None:
    """Gives current observations of those replays the digest ``settings``, where what shaped their rows has that digest now."""
    known = manifest.finished_extractions("observation", settings, replay_ids)
    current = manifest.current_extractions(set(replay_ids) - known.keys())
    others = [e for e in current if e.part == "observation"]
    contents = lake.receipts([e.folder for e in others])
    shapes = {e: shape_told(contents.get(e.folder, {})) for e in others}
    manifest.rename_settings((e, settings) for e, shape in shapes.items() if shape and shape_digest(shape) == settings)
