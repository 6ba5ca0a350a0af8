"""Raw tables of the game's own data (ResponseData): one set of rows per base build and data version."""

from collections.abc import Callable

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, Table
from sc2_pipeline.tables.shipped import UNIT_CATEGORIES

_F32 = pa.float32()
_I32 = pa.int32()

WEAPON = pa.struct(
    [
        ("target", pa.string()),
        ("damage", _F32),
        ("attacks", _I32),
        ("range", _F32),
        ("cooldown_normal_seconds", _F32),
        ("bonuses", pa.list_(pa.struct([("attribute", pa.string()), ("damage", _F32)]))),
    ]
)
"""One weapon. ``target`` is ground, air or any; ``cooldown_normal_seconds`` is in seconds at speed Normal, as in the
API."""


def _data_columns() -> tuple[Column, ...]:
    """Columns that identify the game data: its base build and data version."""
    return (
        Column("base_build", pa.int32(), "Build of the client that answered.", required=True, minimum=1),
        Column(
            "data_version", pa.string(), "Hash of the game's data; empty where the replay names none.", required=True
        ),
    )


def _id(message: str, name: str, field: str) -> Column:
    origin = f"ResponseData.{message}.{field}"
    return Column(name, _I32, "The API's number.", origin=origin, required=True, minimum=0)


def _columns_of(message: str) -> Callable[..., Column]:
    """Columns for one list of the message, from tuples of name, type, description, field and unit."""

    def column(name: str, kind: pa.DataType, description: str, field: str, unit: str | None = None) -> Column:
        return Column(name, kind, description, unit=unit, origin=f"ResponseData.{message}.{field}")

    return column


_unit = _columns_of("units")
_upgrade = _columns_of("upgrades")
_ability = _columns_of("abilities")
_buff = _columns_of("buffs")
_effect = _columns_of("effects")


def _known(name: str, kind: pa.DataType, description: str, unit: str | None = None) -> Column:
    return Column(name, kind, description, unit=unit, origin="ResponseData.units and game_rules")


UNIT_TYPES_TABLE = Table(
    name="unit_types",
    description="Unit types as the game's data has them.",
    grain="One row per base build, data version and unit type.",
    key=("base_build", "data_version", "unit_type_id"),
    once_per=("base_build", "data_version"),
    parts=("observation",),
    columns=(
        *_data_columns(),
        _id("units", "unit_type_id", "unit_id"),
        _unit("unit_type", pa.string(), "Name, as replays spell it.", "name"),
        _known("base_unit_type", pa.string(), "The type without its mode: SiegeTank for SiegeTankSieged."),
        _unit("race", pa.string(), "terran, zerg, protoss or neutral; NULL where unset.", "race"),
        Column(
            "category",
            pa.string(),
            "What it is for; NULL for what no replay names.",
            origin="game_rules",
            vocabulary=UNIT_CATEGORIES,
        ),
        _unit("is_available", pa.bool_(), "In the data of the ladder's mods.", "available"),
        _known("is_structure", pa.bool_(), "A player's structure."),
        _unit("attributes", pa.list_(pa.string()), "light, armored, biological, ...", "attributes"),
        _known("made_of", pa.string(), "The type that turns into it; NULL for none."),
        _known("minerals", _I32, "Price of making it, without what it is made of.", "minerals"),
        _known("vespene", _I32, "Price of making it, without what it is made of.", "vespene"),
        _known("minerals_total", _I32, "Worth of one: its price and that of all it is made of.", "minerals"),
        _known("vespene_total", _I32, "Worth of one: its price and that of all it is made of.", "vespene"),
        _unit(
            "mineral_cost", _I32, "Price as the API has it; minerals_total mends its gaps.", "mineral_cost", "minerals"
        ),
        _unit(
            "vespene_cost", _I32, "Price as the API has it; vespene_total mends its gaps.", "vespene_cost", "vespene"
        ),
        _unit("supply", _F32, "Supply it uses.", "food_required", "supply"),
        _unit("supply_provided", _F32, "Supply it provides.", "food_provided", "supply"),
        _unit("build_time_game_loops", _F32, "Time to make it, without chrono boost.", "build_time", "game loops"),
        _unit("build_time_seconds", _F32, "The same at speed Faster.", "build_time", "seconds"),
        _unit("cargo_size", _I32, "Room it takes in a transport.", "cargo_size", "cargo slots"),
        _unit("sight_range", _F32, "How far it sees.", "sight_range", "map cells"),
        _unit("movement_speed", _F32, "Speed, per second of speed Normal.", "movement_speed", "map cells"),
        _unit("armor", _F32, "Armour without upgrades.", "armor"),
        _unit("weapons", pa.list_(WEAPON), "Its weapons.", "weapons"),
        _unit("has_minerals", pa.bool_(), "It is a mineral field.", "has_minerals"),
        _unit("has_vespene", pa.bool_(), "It is a geyser.", "has_vespene"),
        _unit("ability_id", _I32, "The ability that makes it.", "ability_id"),
        _unit("unit_alias_id", _I32, "The type whose mode it is.", "unit_alias"),
        _unit("tech_alias_ids", pa.list_(_I32), "Types that it counts as for requirements.", "tech_alias"),
        _unit("tech_requirement_id", _I32, "The type that must stand first.", "tech_requirement"),
        _unit("requires_attached", pa.bool_(), "That type must be attached as an add-on.", "require_attached"),
    ),
)

UPGRADE_TYPES_TABLE = Table(
    name="upgrade_types",
    description="Upgrades as the game's data has them.",
    grain="One row per base build, data version and upgrade.",
    key=("base_build", "data_version", "upgrade_id"),
    once_per=("base_build", "data_version"),
    parts=("observation",),
    columns=(
        *_data_columns(),
        _id("upgrades", "upgrade_id", "upgrade_id"),
        _upgrade("upgrade", pa.string(), "Name, as replays spell it.", "name"),
        _upgrade("minerals", _I32, "Price.", "mineral_cost", "minerals"),
        _upgrade("vespene", _I32, "Price.", "vespene_cost", "vespene"),
        _upgrade("research_time_game_loops", _F32, "Time to research it.", "research_time", "game loops"),
        _upgrade("research_time_seconds", _F32, "The same at speed Faster.", "research_time", "seconds"),
        _upgrade("ability_id", _I32, "The ability that researches it.", "ability_id"),
    ),
)

ABILITY_TYPES_TABLE = Table(
    name="ability_types",
    description="Abilities as the game's data has them.",
    grain="One row per base build, data version and ability.",
    key=("base_build", "data_version", "ability_id"),
    once_per=("base_build", "data_version"),
    parts=("observation",),
    columns=(
        *_data_columns(),
        _id("abilities", "ability_id", "ability_id"),
        _ability(
            "ability",
            pa.string(),
            "Name for people (friendly_name), else link and index.",
            "friendly_name",
        ),
        _ability("link_name", pa.string(), "Name in the game's catalogue.", "link_name"),
        _ability("link_index", _I32, "Which command of that entry.", "link_index"),
        _ability("button_name", pa.string(), "Its button.", "button_name"),
        _ability("hotkey", pa.string(), "Its key.", "hotkey"),
        _ability("remaps_to_ability_id", _I32, "The general ability it is one of.", "remaps_to_ability_id"),
        _ability("is_available", pa.bool_(), "In the data of the ladder's mods.", "available"),
        _ability("target", pa.string(), "none, point, unit, point_or_unit or point_or_none.", "target"),
        _ability("allows_minimap", pa.bool_(), "Can be aimed on the minimap.", "allow_minimap"),
        _ability("allows_autocast", pa.bool_(), "Can cast by itself.", "allow_autocast"),
        _ability("is_building", pa.bool_(), "Places a structure.", "is_building"),
        _ability("footprint_radius", _F32, "Half the structure's width.", "footprint_radius", "map cells"),
        _ability("is_instant_placement", pa.bool_(), "Placed at once, as an add-on is.", "is_instant_placement"),
        _ability("cast_range", _F32, "How far it reaches.", "cast_range", "map cells"),
    ),
)

BUFF_TYPES_TABLE = Table(
    name="buff_types",
    description="Buffs as the game's data has them.",
    grain="One row per base build, data version and buff.",
    key=("base_build", "data_version", "buff_id"),
    once_per=("base_build", "data_version"),
    parts=("observation",),
    columns=(
        *_data_columns(),
        _id("buffs", "buff_id", "buff_id"),
        _buff("buff", pa.string(), "Name.", "name"),
    ),
)

EFFECT_TYPES_TABLE = Table(
    name="effect_types",
    description="Effects as the game's data has them.",
    grain="One row per base build, data version and effect.",
    key=("base_build", "data_version", "effect_id"),
    once_per=("base_build", "data_version"),
    parts=("observation",),
    columns=(
        *_data_columns(),
        _id("effects", "effect_id", "effect_id"),
        _effect("effect", pa.string(), "Name for people (friendly_name), else name.", "friendly_name"),
        _effect("effect_name", pa.string(), "Name in the game's catalogue.", "name"),
        _effect("radius", _F32, "Its size.", "radius", "map cells"),
    ),
)

ENGINE_GAME_DATA_TABLES = (
    UNIT_TYPES_TABLE,
    UPGRADE_TYPES_TABLE,
    ABILITY_TYPES_TABLE,
    BUFF_TYPES_TABLE,
    EFFECT_TYPES_TABLE,
)
