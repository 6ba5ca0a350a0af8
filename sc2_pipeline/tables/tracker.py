"""Raw tables that the tracker source fills from a replay's event stream."""

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, Table, identity_columns

UNIT_EVENTS = ("born", "init", "done", "died", "type_change", "owner_change")

_CATEGORIES = ("army", "economy", "technology")
_PLAIN_STATS = {
    "minerals_current": "Minerals in the bank.",
    "vespene_current": "Vespene in the bank.",
    "minerals_collection_rate": "Minerals gathered per minute of the client, as it estimates that: 960 game loops before 3.2 and in co-op, else 1,344.",
    "vespene_collection_rate": "Vespene gathered per minute of the client, as it estimates that: 960 game loops before 3.2 and in co-op, else 1,344.",
    "workers_active_count": "Workers alive, those inside gas buildings included.",
}
_CATEGORY_STATS = {
    "used_in_progress": "spent on what is being made",
    "used_current": "tied up in what stands",
    "lost": "lost with units and structures that died",
    "killed": "worth of what the player destroyed",
    "friendly_fire": "worth of own things the player destroyed",
}
_FORCES_STATS = {
    "minerals_used_active_forces": "Minerals tied up in fighting units alive.",
    "vespene_used_active_forces": "Vespene tied up in fighting units alive.",
}


def _wire_name(stat: str) -> str:
    return "m_scoreValue" + "".join(part.capitalize() for part in stat.split("_"))


def _stat(name: str, description: str, unit: str) -> Column:
    return Column(name, pa.int32(), description, unit=unit, origin=f"tracker SPlayerStatsEvent.{_wire_name(name)}")


def _category_stats() -> tuple[Column, ...]:
    return tuple(
        _stat(f"{resource}_{kind}_{category}", f"{resource.capitalize()} {meaning}: {category}.", resource)
        for kind, meaning in _CATEGORY_STATS.items()
        for resource in ("minerals", "vespene")
        for category in _CATEGORIES
    )


def _event_columns() -> tuple[Column, ...]:
    return (
        *identity_columns(),
        Column(
            "event_index",
            pa.int32(),
            "Place of the event in the tracker stream, from 0, all kinds counted.",
            required=True,
            minimum=0,
        ),
        Column("game_loop", pa.int32(), "When it happened.", unit="game loops", required=True, minimum=0),
    )


def _supply(name: str, meaning: str, wire: str) -> Column:
    origin = f"tracker SPlayerStatsEvent.m_scoreValue{wire} / 4096"
    return Column(name, pa.float32(), meaning, unit="supply", origin=origin)


UNIT_EVENTS_TABLE = Table(
    name="unit_events",
    description="What happened to units and structures, as the replay's tracker stream tells it.",
    grain="One row per replay and unit event.",
    key=("event_index",),
    parts=("streams",),
    columns=(
        *_event_columns(),
        Column("event", pa.string(), "What happened.", required=True, vocabulary=UNIT_EVENTS),
        Column(
            "unit_tag",
            pa.int64(),
            "The unit, unique in its game: (index << 18) + recycle.",
            origin="tracker unitTagIndex, unitTagRecycle",
            required=True,
            minimum=0,
        ),
        Column("unit_type", pa.string(), "Type's name at that moment; NULL for events that carry none (done, died)."),
        Column(
            "player_id",
            pa.int16(),
            "Who controls the unit; 0 is neutral; NULL for events that carry none.",
            origin="tracker m_controlPlayerId",
            minimum=0,
            maximum=16,
        ),
        Column(
            "upkeep_player_id",
            pa.int16(),
            "Whose supply the unit takes; differs from player_id for shared and neutral units.",
            origin="tracker m_upkeepPlayerId",
            minimum=0,
            maximum=16,
        ),
        Column("x", pa.float32(), "Place, from the left edge of the map.", unit="map cells"),
        Column("y", pa.float32(), "Place, from the lower edge of the map.", unit="map cells"),
        Column("killer_player_id", pa.int16(), "Died: the player who killed it; NULL when nobody did.", minimum=0),
        Column("killer_unit_tag", pa.int64(), "Died: the unit that killed it, since base build 27950.", minimum=0),
        Column("creator_unit_tag", pa.int64(), "Born: the unit that made it, since base build 55505.", minimum=0),
        Column("creator_ability", pa.string(), "Born: the ability that made it, since base build 55505."),
    ),
)

PLAYER_STATS_TABLE = Table(
    name="player_stats",
    description="Each player's economy as the client writes it into the replay.",
    grain="One row per replay, player and sample (game loops 1, 160, 320, ... and one at the end).",
    key=("event_index",),
    parts=("streams",),
    columns=(
        *_event_columns(),
        Column("player_id", pa.int16(), "Whose economy.", required=True, minimum=0, maximum=16),
        *(
            _stat(name, text, "workers" if name.startswith("workers") else name.split("_")[0])
            for name, text in _PLAIN_STATS.items()
        ),
        *_category_stats(),
        *(_stat(name, text, name.split("_")[0]) for name, text in _FORCES_STATS.items()),
        _supply("supply_used", "Supply in use, units in production included.", "FoodUsed"),
        _supply("supply_cap", "Supply provided; may pass 200, which the game then caps.", "FoodMade"),
    ),
)

UPGRADE_EVENTS_TABLE = Table(
    name="upgrade_events",
    description="Upgrades as they complete; cosmetics (Spray*, Reward*) are here too, as the stream has them.",
    grain="One row per replay and upgrade event.",
    key=("event_index",),
    parts=("streams",),
    columns=(
        *_event_columns(),
        Column("player_id", pa.int16(), "Whose upgrade.", required=True, minimum=0, maximum=16),
        Column("upgrade", pa.string(), "Upgrade's name.", origin="tracker m_upgradeTypeName", required=True),
        Column("count", pa.int32(), "Levels gained; may be 0 or negative in co-op and arcade games."),
    ),
)

UNIT_POSITIONS_TABLE = Table(
    name="unit_positions",
    description="Places of units that dealt or took damage lately (at most 255 of them), every 240 game loops.",
    grain="One row per replay, sample and unit.",
    key=("event_index", "item_index"),
    parts=("streams",),
    columns=(
        *_event_columns(),
        Column("item_index", pa.int16(), "Place in the sample, from 0.", required=True, minimum=0),
        Column("unit_index", pa.int32(), "Index half of the unit's tag (tag >> 18).", required=True, minimum=0),
        Column(
            "unit_tag",
            pa.int64(),
            "The unit: the last one born or begun with that index; NULL where there is none.",
            minimum=0,
        ),
        Column("x", pa.float32(), "Place, from the left edge of the map.", unit="map cells"),
        Column("y", pa.float32(), "Place, from the lower edge of the map.", unit="map cells"),
    ),
)

TRACKER_TABLES = (UNIT_EVENTS_TABLE, PLAYER_STATS_TABLE, UPGRADE_EVENTS_TABLE, UNIT_POSITIONS_TABLE)
