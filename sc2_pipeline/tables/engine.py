"""All raw tables that the sc2 source fills, apart from the lobby's."""

from sc2_pipeline.tables.declaration import Table
from sc2_pipeline.tables.engine_game_data import ENGINE_GAME_DATA_TABLES
from sc2_pipeline.tables.engine_players import CHAT_MESSAGES_TABLE, ENGINE_PLAYER_TABLES
from sc2_pipeline.tables.engine_summaries import ENGINE_SUMMARY_TABLES
from sc2_pipeline.tables.engine_units import ENGINE_UNIT_TABLES
from sc2_pipeline.tables.engine_world import ENGINE_WORLD_TABLES, GAME_INFO_TABLE

OBSERVED_TABLES: tuple[Table, ...] = (
    *ENGINE_UNIT_TABLES,
    *ENGINE_PLAYER_TABLES,
    CHAT_MESSAGES_TABLE,
    *ENGINE_WORLD_TABLES,
)
"""Tables filled from observations, pass by pass."""

ENGINE_TABLES: tuple[Table, ...] = (
    *OBSERVED_TABLES,
    *ENGINE_SUMMARY_TABLES,
    GAME_INFO_TABLE,
    *ENGINE_GAME_DATA_TABLES,
)
