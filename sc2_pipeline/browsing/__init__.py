"""What can be looked up in a published warehouse: the collection, games, one game, its playback, what to do better, comparisons, players, maps, the fate of files.

Functions take a connection and return plain values, so that every door (Python, the HTTP API) gives the same answers.
"""

from sc2_pipeline.browsing.advice import advice
from sc2_pipeline.browsing.collection import collection
from sc2_pipeline.browsing.compare import compare_games, compare_players
from sc2_pipeline.browsing.files import fates
from sc2_pipeline.browsing.game import game
from sc2_pipeline.browsing.games import SORTS, GamesAsked, games, games_statement
from sc2_pipeline.browsing.maps import map_family, maps
from sc2_pipeline.browsing.playback import playback
from sc2_pipeline.browsing.players import player, players

__all__ = [
    "SORTS",
    "GamesAsked",
    "advice",
    "collection",
    "compare_games",
    "compare_players",
    "fates",
    "game",
    "games",
    "games_statement",
    "map_family",
    "maps",
    "playback",
    "player",
    "players",
]
