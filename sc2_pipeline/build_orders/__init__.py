"""Build orders: when each player started each unit, structure, upgrade and morph, and how precisely that is known."""

from sc2_pipeline.build_orders.macro import MacroAction, macro_actions
from sc2_pipeline.build_orders.record import GameRecord, game_record, read_game
from sc2_pipeline.build_orders.solve import BuildOrder, build_orders
from sc2_pipeline.build_orders.steps import KINDS, OUTCOMES, START_METHODS, BuildStep

__all__ = [
    "KINDS",
    "OUTCOMES",
    "START_METHODS",
    "BuildOrder",
    "BuildStep",
    "GameRecord",
    "MacroAction",
    "build_orders",
    "game_record",
    "macro_actions",
    "read_game",
]
