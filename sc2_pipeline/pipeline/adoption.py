"""Reuse of observations made by an earlier release with an equivalent shape, so that the game does not run again."""

from collections.abc import Collection

from sc2_pipeline.lake import Lake
from sc2_pipeline.lake.receipts import shape_told
from sc2_pipeline.manifest import Manifest
from sc2_pipeline.sources.base import shape_digest


def adopt_observations(manifest: Manifest, lake: Lake, digest: str, replay_ids: Collection[str]) -> None:
    """Gives the replays' current observations the digest if the shape in their receipts now has that
    digest."""
    known = manifest.finished_extractions("observation", digest, replay_ids)
    current = manifest.current_extractions(set(replay_ids) - known.keys())
    others = [e for e in current if e.part == "observation"]
    contents = lake.receipts([e.folder for e in others])
    shapes = {e: shape_told(contents.get(e.folder, {})) for e in others}
    manifest.rename_digests((e, digest) for e, shape in shapes.items() if shape and shape_digest(shape) == digest)
