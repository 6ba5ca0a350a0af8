"""Datasets for training, from the published warehouse: files with splits that do not leak, a card and a manifest."""

from sc2_pipeline.export.dataset import ExportPlan, ExportReport, export_dataset
from sc2_pipeline.export.splits import SplitPlan

__all__ = ["ExportPlan", "ExportReport", "SplitPlan", "export_dataset"]
