"""HTML reports on the published warehouse: one page for the collection and one per game, each a single file that works
offline."""

from sc2_pipeline.report.collection_page import collection_page
from sc2_pipeline.report.game_page import game_page

__all__ = ["collection_page", "game_page"]
