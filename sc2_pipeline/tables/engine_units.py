"""Raw tables of units as the game engine reports them."""

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, Table
from sc2_pipeline.tables.engine_columns import (
    UNITS,
    amount,
    fogged_column,
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
_KEY = ("pass_player_id", "game_loop", "api_tag", "repeat_index")

_REPEAT = Column(
    "repeat_index",
    pa.int16(),
    "0; counts on where one observation lists a tag again (structures only planned may share one).",
    required=True,
    minimum=0,
)


def _flag(name: str, description: str) -> Column:
    return value(name, pa.bool_(), description, f"{UNITS}.{name}")


def _float(name: str, description: str, unit: str | None = None) -> Column:
    return amount(name, _F32, description, f"{UNITS}.{name}", unit)


def _int(name: str, description: str, unit: str | None = None) -> Column:
    return value(name, _I32, description, f"{UNITS}.{name}", unit)


def _unit_columns() -> tuple[Column, ...]:
    """The first columns of a table with a list per unit: the unit, and the game loop."""
    return (*observed_columns(), *tag_columns("", f"{UNITS}.tag", "The unit"), _REPEAT)


def _who_and_where() -> tuple[Column, ...]:
    return (
        Column(
            "player_id",
            pa.int16(),
            "Whose unit; 16 is neutral. NULL where the observed player cannot know.",
            origin=f"sc2 {UNITS}.owner",
            minimum=0,
            maximum=16,
        ),
        word("alliance", "self, ally, neutral or enemy, as seen by the observed player.", f"{UNITS}.alliance"),
        word("display_type", "visible, snapshot (remembered), hidden or placeholder.", f"{UNITS}.display_type"),
        *named("unit_type", f"{UNITS}.unit_type", "Type at that moment"),
        *place("", f"{UNITS}.pos", "Where it is"),
    )


UNIT_SNAPSHOTS_TABLE = Table(
    name="unit_snapshots",
    description="Every unit at every observation, from the pass of its owner: the one that knows all of it. "
    "Neutral units and those of unobserved players come from the first pass.",
    grain="One row per replay, observation and unit.",
    key=_KEY,
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *_unit_columns(),
        fogged_column(),
        *_who_and_where(),
        value("facing", _F32, "Direction it looks in.", f"{UNITS}.facing", "radians"),
        _float("radius", "Its size.", "map cells"),
        _float("build_progress", "Share of it that is built; 1 when done."),
        word("cloak", "cloaked_unknown, cloaked, cloaked_detected, not_cloaked or cloaked_allied.", f"{UNITS}.cloak"),
        _float("health", "Health left.", "hit points"),
        _float("health_max", "Health when whole.", "hit points"),
        _float("shield", "Shield left.", "hit points"),
        _float("shield_max", "Shield when whole.", "hit points"),
        _float("energy", "Energy left.", "energy"),
        _float("energy_max", "Energy when full.", "energy"),
        _float("detect_range", "Range within which it detects.", "map cells"),
        _float("radar_range", "Range of its radar.", "map cells"),
        _flag("is_selected", "The observed player has it selected."),
        _flag("is_on_screen", "It is on the observed player's screen."),
        _flag("is_blip", "Seen by radar only."),
        _flag("is_powered", "A pylon powers it."),
        _flag("is_active", "It makes something, or (for animated structures) works."),
        _flag("is_flying", "It flies."),
        _flag("is_burrowed", "It is burrowed."),
        _flag("is_hallucination", "It is an illusion."),
        _int("attack_upgrade_level", "Level of its weapon upgrade."),
        _int("armor_upgrade_level", "Level of its armour upgrade."),
        _int("shield_upgrade_level", "Level of its shield upgrade."),
        _int("mineral_contents", "Minerals left in it.", "minerals"),
        _int("vespene_contents", "Vespene left in it.", "vespene"),
        *tag_columns("add_on_", f"{UNITS}.add_on_tag", "Its add-on"),
        _int("cargo_space_taken", "Cargo it carries.", "cargo slots"),
        _int("cargo_space_max", "Cargo it can carry.", "cargo slots"),
        _int("assigned_harvesters", "Workers sent to gather at it.", "workers"),
        _int("ideal_harvesters", "Workers that suit it.", "workers"),
        value("weapon_cooldown", _F32, "Time until it can fire again.", f"{UNITS}.weapon_cooldown", "game loops"),
        *tag_columns("engaged_target_", f"{UNITS}.engaged_target_tag", "The unit it attacks"),
        _int("buff_duration_remain", "Time left of its timed buff.", "game loops"),
        _int("buff_duration_max", "Whole time of its timed buff.", "game loops"),
        Column(
            "visible_to",
            pa.list_(pa.int16()),
            "Other observed players whose fogged pass showed it as visible at that very game loop, in order, its owner "
            "never among them; empty: nobody. NULL where that is not known: without --fog both, and for neutral units.",
        ),
    ),
)

UNIT_ORDERS_TABLE = Table(
    name="unit_orders",
    description="What units are told to do, first order first. Owners' passes only: the API hides enemies' orders.",
    grain="One row per replay, observation, unit and order.",
    key=(*_KEY, "order_index"),
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *_unit_columns(),
        index_of("order_index", f"{UNITS}.orders"),
        *named("ability", f"{UNITS}.orders.ability_id", "The order's ability"),
        *place("target_", f"{UNITS}.orders.target_world_space_pos", "The point it aims at"),
        *tag_columns("target_", f"{UNITS}.orders.target_unit_tag", "The unit it aims at"),
        amount("progress", _F32, "Share that is done of what is made.", f"{UNITS}.orders.progress"),
    ),
)

UNIT_BUFFS_TABLE = Table(
    name="unit_buffs",
    description="Buffs on units.",
    grain="One row per replay, observation, unit and buff.",
    key=(*_KEY, "buff_index"),
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *_unit_columns(),
        index_of("buff_index", f"{UNITS}.buff_ids"),
        *named("buff", f"{UNITS}.buff_ids", "The buff"),
    ),
)

_PASSENGERS = f"{UNITS}.passengers"

UNIT_PASSENGERS_TABLE = Table(
    name="unit_passengers",
    description="Units inside other units. They are in no other table while they are inside.",
    grain="One row per replay, observation, carrier and passenger.",
    key=(*_KEY, "passenger_index"),
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *_unit_columns(),
        index_of("passenger_index", _PASSENGERS),
        *tag_columns("passenger_", f"{_PASSENGERS}.tag", "The unit inside"),
        *named("unit_type", f"{_PASSENGERS}.unit_type", "Type of the unit inside"),
        *(
            amount(f"{vital}{end}", _F32, f"{vital.capitalize()} {meaning}.", f"{_PASSENGERS}.{vital}{end}")
            for vital in ("health", "shield", "energy")
            for end, meaning in (("", "left"), ("_max", "when whole"))
        ),
    ),
)

_RALLIES = f"{UNITS}.rally_targets"

UNIT_RALLY_TARGETS_TABLE = Table(
    name="unit_rally_targets",
    description="Where what is made will go.",
    grain="One row per replay, observation, structure and rally target.",
    key=(*_KEY, "rally_index"),
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *_unit_columns(),
        index_of("rally_index", _RALLIES),
        *place("target_", f"{_RALLIES}.point", "The point"),
        *tag_columns("target_", f"{_RALLIES}.tag", "The unit, where the rally is on one"),
    ),
)

UNIT_SIGHTINGS_TABLE = Table(
    name="unit_sightings",
    description="What each player saw, or remembered, of others' units: fogged passes only. A unit of unit_snapshots "
    "was visible to the pass_player_id of each of its sightings with display_type visible; with --fog both, "
    "unit_snapshots says so in visible_to. With --fog on, all passes but the first list what is neutral here.",
    grain="One row per replay, seeing player, observation and unit of another player.",
    key=_KEY,
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *_unit_columns(),
        *_who_and_where(),
        _float("build_progress", "Share of it that is built; 1 when done."),
        word("cloak", "cloaked_unknown, cloaked, cloaked_detected, not_cloaked or cloaked_allied.", f"{UNITS}.cloak"),
        _float("health", "Health left; NULL where not seen.", "hit points"),
        _float("shield", "Shield left; NULL where not seen.", "hit points"),
        _float("energy", "Energy left; NULL where not seen.", "energy"),
        _flag("is_blip", "Seen by radar only."),
        _flag("is_hallucination", "It is an illusion."),
    ),
)

ENGINE_UNIT_TABLES = (
    UNIT_SNAPSHOTS_TABLE,
    UNIT_ORDERS_TABLE,
    UNIT_BUFFS_TABLE,
    UNIT_PASSENGERS_TABLE,
    UNIT_RALLY_TARGETS_TABLE,
    UNIT_SIGHTINGS_TABLE,
)
