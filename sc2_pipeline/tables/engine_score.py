"""The 78 values of the engine's score details, as columns."""

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column
from sc2_pipeline.tables.engine_columns import value

_DETAILS = "observation.score.score_details"
_F32 = pa.float32()

_SINGLE = {
    "idle_production_time": ("idle_production_time", "Time that structures stood idle, as the client sums it.", None),
    "idle_worker_time": ("idle_worker_time", "Time that workers stood idle, as the client sums it.", None),
    "total_value_units": ("total_value_units", "Worth of all units made so far.", "minerals + vespene"),
    "total_value_structures": ("total_value_structures", "Worth of all structures made so far.", "minerals + vespene"),
    "killed_value_units": ("killed_value_units", "Worth of enemy units destroyed.", "minerals + vespene"),
    "killed_value_structures": (
        "killed_value_structures",
        "Worth of enemy structures destroyed.",
        "minerals + vespene",
    ),
    "minerals_collected": ("collected_minerals", "Minerals gathered so far.", "minerals"),
    "vespene_collected": ("collected_vespene", "Vespene gathered so far.", "vespene"),
    "minerals_per_minute": (
        "collection_rate_minerals",
        "Collection rate, per minute of speed Faster (1,344 game loops).",
        "minerals",
    ),
    "vespene_per_minute": (
        "collection_rate_vespene",
        "Collection rate, per minute of speed Faster (1,344 game loops).",
        "vespene",
    ),
    "minerals_spent": ("spent_minerals", "Minerals spent so far, what was cancelled taken off.", "minerals"),
    "vespene_spent": ("spent_vespene", "Vespene spent so far, what was cancelled taken off.", "vespene"),
}
"""Our name -> the API's, what it is, unit."""

_BY_CATEGORY = {
    "supply_used": ("food_used", "Supply in use, halves included", "supply"),
    "minerals_killed": ("killed_minerals", "Minerals of enemy things destroyed", "minerals"),
    "vespene_killed": ("killed_vespene", "Vespene of enemy things destroyed", "vespene"),
    "minerals_lost": ("lost_minerals", "Minerals lost with own things", "minerals"),
    "vespene_lost": ("lost_vespene", "Vespene lost with own things", "vespene"),
    "minerals_friendly_fire": ("friendly_fire_minerals", "Minerals of own things the player destroyed", "minerals"),
    "vespene_friendly_fire": ("friendly_fire_vespene", "Vespene of own things the player destroyed", "vespene"),
    "minerals_used_current": ("used_minerals", "Minerals tied up in what stands", "minerals"),
    "vespene_used_current": ("used_vespene", "Vespene tied up in what stands", "vespene"),
    "minerals_used_total": ("total_used_minerals", "Minerals put into things so far", "minerals"),
    "vespene_used_total": ("total_used_vespene", "Vespene put into things so far", "vespene"),
}
"""Our name -> the API's, what it is, unit; one column for each category."""

_CATEGORIES = ("none", "army", "economy", "technology", "upgrade")

_BY_VITAL = {
    "damage_dealt": ("total_damage_dealt", "Damage dealt so far"),
    "damage_taken": ("total_damage_taken", "Damage taken so far"),
    "healed": ("total_healed", "Healed so far"),
}

_VITALS = ("life", "shields", "energy")

_APM = {
    "apm": ("current_apm", "Actions per minute since the start, as the client counts them."),
    "effective_apm": ("current_effective_apm", "Actions per minute since the start that had an effect."),
}


def _figure(name: str, field: str, description: str, unit: str | None) -> Column:
    return value(name, _F32, description, f"{_DETAILS}.{field}", unit)


def score_columns() -> tuple[Column, ...]:
    """All 78 columns, in the API's order."""
    return (
        *(_figure(name, field, text, unit) for name, (field, text, unit) in _SINGLE.items()),
        *(
            _figure(f"{name}_{category}", f"{field}.{category}", f"{text}: {category}.", unit)
            for name, (field, text, unit) in _BY_CATEGORY.items()
            for category in _CATEGORIES
        ),
        *(
            _figure(f"{name}_{vital}", f"{field}.{vital}", f"{text}: {vital}.", None)
            for name, (field, text) in _BY_VITAL.items()
            for vital in _VITALS
        ),
        *(_figure(name, field, text, "actions") for name, (field, text) in _APM.items()),
    )
