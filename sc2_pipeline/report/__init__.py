"""Pages about what was published: one of the whole collection, and one of each game; a file each, that opens offline."""

from sc2_pipeline.report.collection_page import collection_page
from sc2_pipeline.report.game_page import game_page

__all__ = ["collection_page", "game_page"]
