"""The app's pages without its server: a folder of a collection, or one file of a game, with the answers that they show."""

from sc2_pipeline.report.folder import write_folder
from sc2_pipeline.report.game_file import game_file

__all__ = ["game_file", "write_folder"]
