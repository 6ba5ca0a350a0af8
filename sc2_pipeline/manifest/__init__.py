"""The manifest: the status of every replay, and the reason for it, in one SQLite file that can be read at any time."""

from sc2_pipeline.manifest.attempts import DEADLY_REASONS, PROCESS_DEATHS, RUN_DIED, Attempts
from sc2_pipeline.manifest.batches import Batches
from sc2_pipeline.manifest.database import SCHEMA_VERSION, now, read_only
from sc2_pipeline.manifest.extractions import Extractions
from sc2_pipeline.manifest.mirror import Mirroring, Unmirrored, WrittenWarehouse, written_warehouse
from sc2_pipeline.manifest.records import STATUSES, CompactedFile, Extraction, Verdict
from sc2_pipeline.manifest.recovery import NAMING, STRAY, Relearning
from sc2_pipeline.manifest.replay_status import Standing
from sc2_pipeline.manifest.runs import Runs


class Manifest(Runs, Standing, Batches, Attempts, Extractions, Mirroring, Relearning):
    """The manifest of one home. Every method is one transaction and safe beside other processes."""


__all__ = [
    "DEADLY_REASONS",
    "NAMING",
    "PROCESS_DEATHS",
    "RUN_DIED",
    "SCHEMA_VERSION",
    "STATUSES",
    "STRAY",
    "CompactedFile",
    "Extraction",
    "Manifest",
    "Unmirrored",
    "Verdict",
    "WrittenWarehouse",
    "now",
    "read_only",
    "written_warehouse",
]
