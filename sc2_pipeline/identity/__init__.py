"""By what files of one game are known: evidence of one file, kept with its rows, so that files are compared without being read again.

A *game* is played once. A *recording* is one client's file of it: copies differ in where they end, in clocks and languages. A
*continuation* is a recording of a game that was resumed from a replay: it repeats the original's events, and goes on otherwise.
``int_recordings`` compares the evidence.
"""

from sc2_pipeline.identity.evidence import (
    CHECKSUM_BYTES,
    GAME_EVENTS_BYTES,
    GAME_EVENTS_TAIL_BYTES,
    TRACKER_BYTES,
    TRACKER_TAIL_BYTES,
    StreamEvidence,
    game_events_evidence,
    tracker_evidence,
)
from sc2_pipeline.identity.families import related_files

__all__ = [
    "CHECKSUM_BYTES",
    "GAME_EVENTS_BYTES",
    "GAME_EVENTS_TAIL_BYTES",
    "TRACKER_BYTES",
    "TRACKER_TAIL_BYTES",
    "StreamEvidence",
    "game_events_evidence",
    "related_files",
    "tracker_evidence",
]
