"""Games as arrays to train from: written once per home, read in batches without a database."""

from sc2_pipeline.training.elements import GRID
from sc2_pipeline.training.loader import Sequence, batches, sequences
from sc2_pipeline.training.observed import map_layer
from sc2_pipeline.training.write import TrainingPlan, TrainingReport, write_training_set

__all__ = [
    "GRID",
    "Sequence",
    "TrainingPlan",
    "TrainingReport",
    "batches",
    "map_layer",
    "sequences",
    "write_training_set",
]
