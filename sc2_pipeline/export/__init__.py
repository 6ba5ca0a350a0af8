"""Training datasets from the published warehouse: files with leak-free splits, a dataset card and a manifest."""

from sc2_pipeline.export.anonymise import Anonymity
from sc2_pipeline.export.dataset import LICENSES, ExportPlan, ExportReport, export_dataset
from sc2_pipeline.export.frames import FramesReport, export_frames
from sc2_pipeline.export.splits import SplitPlan

__all__ = [
    "LICENSES",
    "Anonymity",
    "ExportPlan",
    "ExportReport",
    "FramesReport",
    "SplitPlan",
    "export_dataset",
    "export_frames",
]
