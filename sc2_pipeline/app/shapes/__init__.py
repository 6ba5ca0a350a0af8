"""The answers of the API, as its document describes them. Moments are ISO 8601 in UTC; null is unknown."""

from sc2_pipeline.app.shapes.asked import FilesAsked, GamesAsked, GamesCompared, Paging, Statement
from sc2_pipeline.app.shapes.base import Refusal
from sc2_pipeline.app.shapes.collection import Collection, Home
from sc2_pipeline.app.shapes.comparisons import ComparedGames, ComparedPlayers
from sc2_pipeline.app.shapes.files import Files
from sc2_pipeline.app.shapes.games import Games
from sc2_pipeline.app.shapes.one_game import Advice, Playback, WholeGame
from sc2_pipeline.app.shapes.people_and_maps import Maps, Players, WholeMap, WholePlayer
from sc2_pipeline.app.shapes.questions import Answer, Questions, Relations, Table

__all__ = [
    "Advice",
    "Answer",
    "Collection",
    "ComparedGames",
    "ComparedPlayers",
    "Files",
    "FilesAsked",
    "Games",
    "GamesAsked",
    "GamesCompared",
    "Home",
    "Maps",
    "Paging",
    "Playback",
    "Players",
    "Questions",
    "Refusal",
    "Relations",
    "Statement",
    "Table",
    "WholeGame",
    "WholeMap",
    "WholePlayer",
]
