"""Raw tables of the map and of events on it, as the game engine reports them."""

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, Table, identity_columns
from sc2_pipeline.tables.engine_columns import (
    amount,
    fogged_column,
    from_api,
    index_of,
    named,
    observed_columns,
    place,
    tag_columns,
    value,
    word,
)

_F32 = pa.float32()
_I32 = pa.int32()
_EFFECTS = "observation.raw_data.effects"
_POWER = "observation.raw_data.player.power_sources"
_RADAR = "observation.raw_data.radar"

EFFECTS_TABLE = Table(
    name="effects",
    description="Storms, scans, force fields and their like. From the pass of the effect's owner, or the first.",
    grain="One row per replay, observation, effect and place of it (one with NULL where it has none).",
    key=("pass_player_id", "game_loop", "effect_index", "position_index"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        fogged_column(),
        index_of("effect_index", _EFFECTS),
        Column(
            "position_index",
            _I32,
            "Place among the effect's positions, from 0; NULL where it has none.",
            origin=from_api(f"index of {_EFFECTS}.pos"),
            minimum=0,
        ),
        *named("effect", f"{_EFFECTS}.effect_id", "The effect"),
        Column(
            "player_id",
            pa.int16(),
            "Whose effect; NULL from engines that do not say.",
            origin=from_api(f"{_EFFECTS}.owner"),
            minimum=0,
            maximum=16,
        ),
        word("alliance", "self, ally, neutral or enemy, as seen by the observed player.", f"{_EFFECTS}.alliance"),
        amount("radius", _F32, "Its size.", f"{_EFFECTS}.radius", "map cells"),
        *place("", f"{_EFFECTS}.pos", "Where it is", "xy"),
    ),
)

POWER_SOURCES_TABLE = Table(
    name="power_sources",
    description="Where the observed player's pylons and prisms give power.",
    grain="One row per replay, observed player, observation and source of power.",
    key=("pass_player_id", "game_loop", "power_index"),
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *observed_columns(),
        index_of("power_index", _POWER),
        *tag_columns("", f"{_POWER}.tag", "The unit that gives power"),
        *place("", f"{_POWER}.pos", "Its centre"),
        amount("radius", _F32, "How far it reaches.", f"{_POWER}.radius", "map cells"),
    ),
)

RADAR_TABLE = Table(
    name="radar",
    description="Rings of sensor towers that the observed player sees.",
    grain="One row per replay, observed player, observation and ring.",
    key=("pass_player_id", "game_loop", "ring_index"),
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *observed_columns(),
        index_of("ring_index", _RADAR),
        *place("", f"{_RADAR}.pos", "Its centre"),
        amount("radius", _F32, "How far it reaches.", f"{_RADAR}.radius", "map cells"),
    ),
)

_DEAD = "observation.raw_data.event.dead_units"

DEAD_UNITS_TABLE = Table(
    name="dead_units",
    description="Units that died since the observation before. Each pass tells what it noticed: two open passes tell "
    "the same deaths twice. Of a game that does not tell all, units that vanished are here too (is_told).",
    grain="One row per replay, observed player, observation and dead unit.",
    key=("pass_player_id", "game_loop", "death_index"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        fogged_column(),
        index_of("death_index", _DEAD),
        *tag_columns("", _DEAD, "The unit that died"),
        Column(
            "is_told",
            pa.bool_(),
            "The game told the death; else the unit was there at the observation before, and at none since.",
            required=True,
        ),
    ),
)

MAP_LAYER_NAMES = ("visibility", "creep")
_LAYER = "observation.raw_data.map_state.{layer}"

MAP_LAYERS_TABLE = Table(
    name="map_layers",
    description="Images of the map: what the pass's player saw (0 never, 1 before, 2 now), and creep (1). Only with "
    "--detail full. Rows run upwards in recordings of 4.10 and later, downwards in one of 2017.",
    grain="One row per replay, pass, observation and layer.",
    key=("pass_player_id", "is_fogged", "game_loop", "layer"),
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *observed_columns(),
        fogged_column(),
        Column("layer", pa.string(), "Which image.", required=True, vocabulary=MAP_LAYER_NAMES),
        amount("bits_per_pixel", pa.int16(), "1, 8 or 32.", f"{_LAYER}.bits_per_pixel", "bits"),
        amount("width", pa.int16(), "Pixels in a row.", f"{_LAYER}.size.x", "map cells"),
        amount("height", pa.int16(), "Rows.", f"{_LAYER}.size.y", "map cells"),
        value("pixels", pa.binary(), "The image; with 1 bit a pixel the high bit comes first.", f"{_LAYER}.data"),
    ),
)


def _grid(name: str, what: str) -> tuple[Column, ...]:
    origin = f"ResponseGameInfo.start_raw.{name}"
    return (
        Column(f"{name}_bits_per_pixel", pa.int16(), f"{what}: 1 or 8.", "bits", f"{origin}.bits_per_pixel"),
        Column(f"{name}_width", pa.int16(), f"{what}: pixels in a row.", "map cells", f"{origin}.size.x"),
        Column(f"{name}_height", pa.int16(), f"{what}: rows.", "map cells", f"{origin}.size.y"),
        Column(f"{name}_pixels", pa.binary(), f"{what}: the image as it came.", origin=f"{origin}.data"),
    )


def _cells(name: str, description: str, field: str) -> Column:
    return Column(name, _I32, description, "map cells", f"ResponseGameInfo.start_raw.{field}")


GAME_INFO_TABLE = Table(
    name="game_info",
    description="The map as the engine loaded it for this replay. Grids differ by engine: recordings of 4.10 and later "
    "have rows upwards, and 1 bit (high bit first) where 1 is free; one of 2017 has rows downwards, and 255 is blocked.",
    grain="One row per replay and source.",
    key=(),
    parts=("observation",),
    columns=(
        *identity_columns(),
        Column("map_name", pa.string(), "Map's title.", origin="ResponseGameInfo.map_name"),
        Column(
            "local_map_path", pa.string(), "The map's file, for the engine.", origin="ResponseGameInfo.local_map_path"
        ),
        Column("mod_names", pa.list_(pa.string()), "Mods that the map uses.", origin="ResponseGameInfo.mod_names"),
        _cells("map_width", "The whole map's width.", "map_size.x"),
        _cells("map_height", "The whole map's height.", "map_size.y"),
        _cells("playable_x_min", "Left edge of what can be played on.", "playable_area.p0.x"),
        _cells("playable_y_min", "Lower edge of what can be played on.", "playable_area.p0.y"),
        _cells("playable_x_max", "Right edge of what can be played on.", "playable_area.p1.x"),
        _cells("playable_y_max", "Upper edge of what can be played on.", "playable_area.p1.y"),
        Column(
            "start_locations",
            pa.list_(pa.struct([("x", _F32), ("y", _F32)])),
            "Where players may start, as the API lists them (a joined player's own place is left out).",
            "map cells",
            "ResponseGameInfo.start_raw.start_locations",
        ),
        *_grid("pathing_grid", "Where ground units may walk"),
        *_grid("terrain_height", "Height of the ground"),
        *_grid("placement_grid", "Where structures may stand"),
        Column(
            "game_differences",
            pa.string(),
            "What this game does otherwise than assumed and rows were mended for (docs/real_engine.md): "
            "can_disable_fog=false, neutral_owner=0, ...; NULL for nothing.",
        ),
        Column(
            "sampling",
            pa.string(),
            "Which game loops were asked for, as --sample has it: every:8, or every:16,actions, ...; "
            "NULL in rows of older releases, which are of every:N.",
            is_later=True,
        ),
    ),
)

ENGINE_WORLD_TABLES = (EFFECTS_TABLE, POWER_SOURCES_TABLE, RADAR_TABLE, DEAD_UNITS_TABLE, MAP_LAYERS_TABLE)
