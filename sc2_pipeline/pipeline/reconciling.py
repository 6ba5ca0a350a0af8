"""Reconciliation of the manifest with the warehouse and the lake."""

from collections.abc import Collection

from sc2_pipeline.lake.receipts import standing_folders
from sc2_pipeline.manifest import Manifest, Verdict
from sc2_pipeline.pipeline.session import Session
from sc2_pipeline.tables import PARTS
from sc2_pipeline.warehouse.loaded_parts import Loads


def reconcile_loads(manifest: Manifest, held: Loads) -> None:
    """Marks as loaded exactly the replays of which the warehouse holds every current extraction and no other.

    They differ after a crash between the commits of warehouse and manifest, and after an extraction with another source
    or other settings: such a replay waits to be loaded.
    """
    differing = manifest.current_pairs() ^ {(replay, part, digest) for (replay, part), digest in held.items()}
    whole = {replay for replay, _ in held} - {replay for replay, *_ in differing}
    behind = manifest.loaded_replays() - whole
    manifest.record_verdicts(
        [
            *(Verdict(replay_id=i, status="extracted", stage="extract") for i in sorted(behind)),
            *(
                Verdict(replay_id=i, status="loaded", stage="load")
                for i in manifest.replay_ids("extracted")
                if i in whole
            ),
        ]
    )


def record_loads(manifest: Manifest, replay_ids: Collection[str], held: Loads) -> None:
    """Marks those of the replays as loaded whose current extractions the warehouse all holds."""
    pairs = ((replay, part) for replay in replay_ids for part in PARTS)
    manifest.record_loads(replay_ids, [(*pair, digest) for pair in pairs if (digest := held.get(pair))])


def record_unextracted(manifest: Manifest, replay_ids: Collection[str]) -> None:
    """Marks replays that have no extraction to load as found: they are to be extracted again."""
    manifest.record_verdicts(Verdict(replay_id=i, status="found", stage="validate") for i in sorted(replay_ids))


def standing_replays(session: Session, replay_ids: Collection[str]) -> list[str]:
    """The replays whose folders are in the lake; the others are marked to be extracted again."""
    extractions = session.manifest.current_extractions(replay_ids)
    there = standing_folders(session.lake, [e.folder for e in extractions])
    whole = {e.replay_id for e in extractions if e.folder in there}
    record_unextracted(session.manifest, [i for i in replay_ids if i not in whole])
    return [replay_id for replay_id in replay_ids if replay_id in whole]
