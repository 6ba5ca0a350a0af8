"""Reconciliation of the manifest with the warehouse and the lake."""

from collections.abc import Collection

from sc2_pipeline.lake.receipts import standing_folders
from sc2_pipeline.manifest import Manifest, Verdict
from sc2_pipeline.pipeline.session import Session


def reconcile_loads(manifest: Manifest, held: Collection[str]) -> None:
    """After a crash between the commits of warehouse and manifest, marks exactly what the warehouse holds as loaded."""
    held = set(held)
    believed = manifest.loaded_replays()
    known = manifest.replays(held - believed)
    manifest.record_verdicts(
        [
            *(Verdict(replay_id=i, status="extracted", stage="extract") for i in sorted(believed - held)),
            *(
                Verdict(replay_id=i, status="loaded", stage="load")
                for i in sorted(held - believed)
                if i in known and known[i]["status"] == "extracted"
            ),
        ]
    )


def record_standing(manifest: Manifest, *, loaded: Collection[str], unextracted: Collection[str]) -> None:
    """Corrects the status of replays that are in fact loaded, or that have no extraction."""
    standing = manifest.replays({*loaded, *unextracted})
    verdicts = [
        *(Verdict(replay_id=i, status="loaded", stage="load") for i in sorted(loaded)),
        *(Verdict(replay_id=i, status="found", stage="validate") for i in sorted(unextracted)),
    ]
    manifest.record_verdicts(v for v in verdicts if v.status != standing[v.replay_id]["status"])


def standing_replays(session: Session, replay_ids: Collection[str]) -> list[str]:
    """The replays whose folders are in the lake; the others are marked to be extracted again."""
    extractions = session.manifest.current_extractions(replay_ids)
    there = standing_folders(session.lake, [e.folder for e in extractions])
    whole = {e.replay_id for e in extractions if e.folder in there}
    record_standing(session.manifest, loaded=(), unextracted=[i for i in replay_ids if i not in whole])
    return [replay_id for replay_id in replay_ids if replay_id in whole]
