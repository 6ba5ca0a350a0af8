"""The manifest brought in line with what the warehouse holds and what the lake has."""

from collections.abc import Collection

from sc2_pipeline.lake.receipts import standing_folders
from sc2_pipeline.manifest import Manifest, Verdict
from sc2_pipeline.pipeline.session import Session


def reconcile_loads(manifest: Manifest, held: Collection[str]) -> None:
    """After a crash between the warehouse's commit and the manifest's: loaded is what the warehouse holds."""
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
    """Records replays that turn out to be loaded as they are, or to lack an extraction, where the manifest says otherwise."""
    standing = manifest.replays({*loaded, *unextracted})
    verdicts = [
        *(Verdict(replay_id=i, status="loaded", stage="load") for i in sorted(loaded)),
        *(Verdict(replay_id=i, status="found", stage="validate") for i in sorted(unextracted)),
    ]
    manifest.record_verdicts(v for v in verdicts if v.status != standing[v.replay_id]["status"])


def standing_replays(session: Session, replay_ids: Collection[str]) -> list[str]:
    """Those whose folders stand in the lake; the others are to be extracted again."""
    extractions = session.manifest.current_extractions(replay_ids)
    there = standing_folders(session.lake, [e.folder for e in extractions])
    whole = {e.replay_id for e in extractions if e.folder in there}
    record_standing(session.manifest, loaded=(), unextracted=[i for i in replay_ids if i not in whole])
    return [replay_id for replay_id in replay_ids if replay_id in whole]
