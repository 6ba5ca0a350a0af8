"""What the game's source adds to a training set: unit sets, actions with their targets, and map layers."""

from collections.abc import Iterator
from typing import Any, Final

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sc2_pipeline.errors import SettingsError
from sc2_pipeline.export.anonymise import Anonymity, anonymous_rows
from sc2_pipeline.export.files import ExportedFile
from sc2_pipeline.export.unfinished import Unfinished
from sc2_pipeline.training.columns import LAYERS, UNIT_LISTS
from sc2_pipeline.training.shards import written_shards

_LISTS: Final = ", ".join(
    f"list(units.{source} order by units.player_id, units.unit_tag, units.repeat_index, units.api_tag) as {name}"
    for name, source in UNIT_LISTS.items()
)
_UNIT_SETS: Final = f"""
select
    games.game_key,
    units.replay_id,
    units.pass_player_id as player_id,
    games.split,
    units.is_fogged,
    units.game_loop,
    {_LISTS}
from marts.fct_unit_snapshots as units
inner join training_games as games using (replay_id)
where units.replay_id = '{{replay}}'
group by all
order by units.is_fogged, units.pass_player_id, units.game_loop
"""
"""A row for each observation of a replay, with lists of one length, sorted by owner and unit."""

_ACTIONS: Final = """
with observations as (
    select distinct pass_player_id as player_id, game_loop from marts.fct_unit_snapshots where replay_id = '{replay}'
)
select
    games.game_key,
    actions.replay_id,
    actions.player_id,
    games.split,
    actions.action_game_loop as game_loop,
    observations.game_loop as observed_game_loop,
    actions.action_index::integer as action_index,
    actions.kind,
    actions.ability_id,
    actions.ability,
    actions.is_queued,
    actions.unit_tags,
    actions.target_unit_tag,
    actions.target_x,
    actions.target_y,
    actions.result
from marts.fct_actions as actions
inner join training_games as games using (replay_id)
asof left join observations on actions.player_id = observations.player_id and actions.action_game_loop > observations.game_loop
where actions.replay_id = '{replay}'
order by actions.player_id, actions.action_game_loop, actions.game_loop, actions.action_index
"""
"""A row for each action, at the game loop at which it was given, with the last observation before it."""

_MAPS: Final = f"""
select map_key, map_width, map_height, {", ".join(f"{layer}_{part}" for layer in LAYERS for part in ("bits_per_pixel", "width", "height", "pixels"))}
from marts.dim_maps
where map_width is not null
    and map_key in (select map_key from training_players)
order by map_key
"""


def observed_files(
    connection: duckdb.DuckDBPyConnection, export: Unfinished, splits: tuple[str, ...], anonymity: Anonymity, salt: str
) -> Iterator[ExportedFile]:
    """Writes ``unit_sets``, ``actions`` and ``maps`` of the games that were run through the game; nothing where none was."""
    for split in splits:
        replays = connection.execute(
            "select replay_id from training_games semi join raw.game_info using (replay_id) where split = $split order by number",
            {"split": split},
        ).fetchall()
        for table, query in (("unit_sets", _UNIT_SETS), ("actions", _ACTIONS)):

            def groups(first: int, query: str = query, replays: list[tuple[str]] = replays) -> Iterator[pa.Table]:
                for (replay,) in replays[first:]:
                    rows = connection.sql(query.format(replay=replay)).to_arrow_table()
                    yield anonymous_rows(rows, anonymity, salt) if anonymity.is_anonymous else rows

            yield from written_shards(export, table, split, groups)
    maps = connection.sql(_MAPS).to_arrow_table()
    yield from written_shards(export, "maps", "all", lambda first: iter([maps][first:]))


def map_layer(row: dict[str, Any], layer: str) -> npt.NDArray[np.uint8]:
    """A layer of a row of ``maps`` as an array of (height, width), in the order of the game's rows; 0 or 1 where it has one bit.

    ``layer`` is ``pathing_grid``, ``terrain_height`` or ``placement_grid``. Raises SettingsError for another.
    """
    if layer not in LAYERS:
        raise SettingsError(f"layer is {layer!r}; give one of {', '.join(LAYERS)}")
    pixels = np.frombuffer(row[f"{layer}_pixels"], dtype=np.uint8)
    height, width = row[f"{layer}_height"], row[f"{layer}_width"]
    if row[f"{layer}_bits_per_pixel"] == 1:
        pixels = np.unpackbits(pixels)[: height * width]
    return pixels.reshape(height, width)
