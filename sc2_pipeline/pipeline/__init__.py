"""The pipeline's stages in order. Only this package and the Dagster graph know the order."""

from sc2_pipeline.pipeline.job import run
from sc2_pipeline.pipeline.report import RunReport
from sc2_pipeline.pipeline.session import Progress, Session, open_session

__all__ = ["Progress", "RunReport", "Session", "open_session", "run"]
