"""The steps in order: the only room, beside the Dagster graph, that knows it."""

from sc2_pipeline.pipeline.job import run
from sc2_pipeline.pipeline.report import RunReport
from sc2_pipeline.pipeline.session import Progress, Session, open_session

__all__ = ["Progress", "RunReport", "Session", "open_session", "run"]
