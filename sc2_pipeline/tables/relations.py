"""Relations between raw rows that hold in most replays but not in all valid ones; violations are counted, and no row is
dropped."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from sc2_pipeline.game import MAX_GAME_LOOPS
from sc2_pipeline.storable import REPLACEMENT

Frames = Mapping[str, pl.DataFrame]

REPLAY = ["replay_id", "source"]


@dataclass(frozen=True)
class Relation:
    """A relation whose violations are counted: SQL for ``replay_id, source, failed_rows`` of replays that violate it.
    ``meaning`` describes a violation."""

    name: str
    table_name: str
    meaning: str
    breaches: Callable[[Frames], pl.DataFrame]

    def __call__(self, frames: Frames) -> pl.DataFrame:
        """Counts per replay; only replays with a violation."""
        return self.breaches(frames).group_by(REPLAY).agg(pl.len().alias("failed_rows")).sort(REPLAY)


def _relation(table_name: str, meaning: str) -> Callable[[Callable[[Frames], pl.DataFrame]], Relation]:
    def made(function: Callable[[Frames], pl.DataFrame]) -> Relation:
        return Relation(function.__name__, table_name, meaning, function)

    return made


@_relation("unit_events", "a unit dies, is done or changes without having been born or initialised")
def unit_tags_were_born(frames: Frames) -> pl.DataFrame:
    """Events with a tag that no earlier event introduced; occurs in resumed games and arcade maps."""
    events = frames["unit_events"]
    tag = [*REPLAY, "unit_tag"]
    introduced = (
        events.filter(pl.col("event").is_in(["born", "init"]))
        .group_by(tag)
        .agg(pl.col("event_index").min().alias("first"))
    )
    later = events.filter(~pl.col("event").is_in(["born", "init"]))
    return later.join(introduced, on=tag, how="left").filter(
        pl.col("first").is_null() | (pl.col("event_index") < pl.col("first"))
    )


@_relation("unit_events", "the game loop falls from one event to the next")
def game_loops_never_fall(frames: Frames) -> pl.DataFrame:
    """Game loops lower than that of the event before, in the tracker stream."""
    events = frames["unit_events"].sort([*REPLAY, "event_index"])
    return events.filter(pl.col("game_loop") < pl.col("game_loop").shift(1).over(REPLAY))


@_relation("unit_events", "the event lies past the end of the simulation (loop 524288)")
def game_loops_within_simulation(frames: Frames) -> pl.DataFrame:
    """Game loops beyond the length of any game."""
    return frames["unit_events"].filter(pl.col("game_loop") > MAX_GAME_LOOPS)


@_relation("player_stats", "supply is below 0 or above 1000")
def supply_within_bounds(frames: Frames) -> pl.DataFrame:
    """Supply above what a ladder game allows; 200 is exceeded in co-op and arcade games, and by mind control."""
    stats = frames["player_stats"]
    return stats.filter(~pl.col("supply_used").is_between(0, 1000) | ~pl.col("supply_cap").is_between(0, 1000))


@_relation("player_stats", "minerals or vespene in the bank are below 0")
def bank_is_not_negative(frames: Frames) -> pl.DataFrame:
    """Negative banks, which occur in arcade maps only."""
    return frames["player_stats"].filter((pl.col("minerals_current") < 0) | (pl.col("vespene_current") < 0))


_TEXTS = {
    "replays": ("map_name", "file_name"),
    "replay_players": ("name", "clan_tag", "partner_name", "commander"),
    "unit_events": ("unit_type", "creator_ability"),
    "upgrade_events": ("upgrade",),
    "chat_messages": ("text",),
}
"""Texts stored exactly as they are in a replay, in the game or in a file name."""


def _texts_were_readable(table_name: str) -> Relation:
    def texts_were_readable(frames: Frames) -> pl.DataFrame:
        columns = [pl.col(name).str.contains(REPLACEMENT, literal=True) for name in _TEXTS[table_name]]
        return frames[table_name].filter(pl.any_horizontal(columns))

    return _relation(table_name, "a text holds U+FFFD, in place of what was no text or cannot be stored")(
        texts_were_readable
    )


RELATIONS = (
    *map(_texts_were_readable, _TEXTS),
    unit_tags_were_born,
    game_loops_never_fall,
    game_loops_within_simulation,
    supply_within_bounds,
    bank_is_not_negative,
)
