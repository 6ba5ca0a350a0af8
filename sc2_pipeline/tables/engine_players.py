"""Raw tables of players as the game engine reports them: economy, score, actions, messages."""

import pyarrow as pa

from sc2_pipeline.tables.declaration import Column, Table, identity_columns
from sc2_pipeline.tables.engine_columns import (
    amount,
    from_api,
    index_of,
    named,
    observed_columns,
    place,
    tag_columns,
    value,
    word,
)
from sc2_pipeline.tables.engine_score import score_columns

_F32 = pa.float32()
_I32 = pa.int32()
_COMMON = "observation.player_common"
_RAW = "actions.action_raw"
_UI = "actions.action_ui"


def _common(name: str, field: str, description: str, unit: str) -> Column:
    return amount(name, _I32, description, f"{_COMMON}.{field}", unit)


PLAYER_SNAPSHOTS_TABLE = Table(
    name="player_snapshots",
    description="The observed player's economy, score and camera at every observation.",
    grain="One row per replay, observed player and observation.",
    key=("pass_player_id", "game_loop"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        Column(
            "player_id",
            pa.int16(),
            "Whose economy; the pass's own player.",
            origin=from_api(f"{_COMMON}.player_id"),
            minimum=0,
            maximum=16,
        ),
        _common("minerals", "minerals", "Minerals in the bank.", "minerals"),
        _common("vespene", "vespene", "Vespene in the bank.", "vespene"),
        _common("supply_cap", "food_cap", "Supply provided.", "supply"),
        _common("supply_used", "food_used", "Supply in use, rounded down by the API.", "supply"),
        _common("supply_army", "food_army", "Supply of the army.", "supply"),
        _common("supply_workers", "food_workers", "Supply of workers.", "supply"),
        _common("idle_worker_count", "idle_worker_count", "Workers without an order.", "workers"),
        _common("army_count", "army_count", "Army units.", "units"),
        _common("warp_gate_count", "warp_gate_count", "Warp gates that are ready.", "structures"),
        _common("larva_count", "larva_count", "Larvae.", "units"),
        word("score_type", "curriculum or melee.", "observation.score.score_type"),
        value("score", _I32, "The game's own score.", "observation.score.score"),
        *score_columns(),
        *place("camera_", "observation.raw_data.player.camera", "Centre of the player's camera"),
        Column(
            "sampled_for",
            pa.string(),
            "Parts of the sampling that asked for this game loop, as every+actions; NULL for the first and the last "
            "observation, and those after a jump of the loop, unless they were asked for too.",
            is_later=True,
        ),
    ),
)

UPGRADES_SEEN_TABLE = Table(
    name="upgrades_seen",
    description="Upgrades that the observed player has, each at the first observation that lists it.",
    grain="One row per replay, observed player and upgrade.",
    key=("pass_player_id", "upgrade_id"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        *named("upgrade", "observation.raw_data.player.upgrade_ids", "The upgrade"),
    ),
)

ALERTS_TABLE = Table(
    name="alerts",
    description="Alerts shown to the observed player.",
    grain="One row per replay, observed player, observation and alert.",
    key=("pass_player_id", "game_loop", "alert_index"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        index_of("alert_index", "observation.alerts"),
        value("alert_id", _I32, "The alert, by the API's number.", "observation.alerts"),
        word("alert", "The alert.", "observation.alerts"),
    ),
)

AVAILABLE_ABILITIES_TABLE = Table(
    name="available_abilities",
    description="Abilities of the observed player's selection; only with --detail full.",
    grain="One row per replay, observed player, observation and ability.",
    key=("pass_player_id", "game_loop", "available_index"),
    parts=("observation",),
    stays_in_parquet=True,
    columns=(
        *observed_columns(),
        index_of("available_index", "observation.abilities"),
        *named("ability", "observation.abilities.ability_id", "The ability"),
        value("requires_point", pa.bool_(), "It wants a point as target.", "observation.abilities.requires_point"),
    ),
)

ACTIONS_TABLE = Table(
    name="actions",
    description="What the observed player did: commands, camera, control groups, panels, chat. Clicks on a rendered "
    "screen keep their kind only: passes have no screen.",
    grain="One row per replay, observed player, observation and action.",
    key=("pass_player_id", "game_loop", "action_index"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        index_of("action_index", "actions"),
        amount("action_game_loop", _I32, "When it ran, at or before game_loop.", "actions.game_loop", "game loops"),
        Column(
            "kind",
            pa.string(),
            "Interface and kind: raw.unit_command, raw.camera_move, ui.control_group, chat, ...; NULL when empty.",
            origin=from_api("branch of actions"),
        ),
        *named(
            "ability",
            f"{_RAW}.unit_command.ability_id | {_RAW}.toggle_autocast.ability_id | {_UI}.toggle_autocast.ability_id",
            "The ability used",
        ),
        value("is_queued", pa.bool_(), "Put behind earlier orders.", f"{_RAW}.unit_command.queue_command"),
        *place("target_", f"{_RAW}.unit_command.target_world_space_pos", "The point it aims at", "xy"),
        *tag_columns("target_", f"{_RAW}.unit_command.target_unit_tag", "The unit it aims at"),
        Column(
            "unit_tags",
            pa.list_(pa.int64()),
            "The units told to act, by the tag that tracker events use; NULL for none.",
            origin=from_api(f"low half of {_RAW}.unit_command.unit_tags | {_RAW}.toggle_autocast.unit_tags"),
        ),
        Column(
            "api_tags",
            pa.list_(pa.uint64()),
            "The units told to act, by the API's own tags; NULL for none.",
            origin=from_api(f"{_RAW}.unit_command.unit_tags | {_RAW}.toggle_autocast.unit_tags"),
        ),
        *place("camera_", f"{_RAW}.camera_move.center_world_space", "Where the camera went"),
        word("control_group_action", "recall, set, append, ...", f"{_UI}.control_group.action"),
        amount("control_group", _I32, "The control group.", f"{_UI}.control_group.control_group_index"),
        value(
            "is_selection_added",
            pa.bool_(),
            "Adds to the selection.",
            f"{_UI}.select_army.selection_add | {_UI}.select_warp_gates.selection_add",
        ),
        word("idle_worker_selection", "set, add, all or add_all.", f"{_UI}.select_idle_worker.type"),
        word("panel_action", "single_select, deselect_unit, ...", f"{_UI}.multi_panel.type"),
        value(
            "panel_unit_index",
            _I32,
            "The unit's place in the panel.",
            f"{_UI}.multi_panel.unit_index | {_UI}.cargo_panel.unit_index | {_UI}.production_panel.unit_index",
        ),
        word("chat_channel", "broadcast or team.", "actions.action_chat.channel"),
        value("chat_text", pa.string(), "What was said.", "actions.action_chat.message"),
    ),
)

ACTION_ERRORS_TABLE = Table(
    name="action_errors",
    description="Actions of the observed player that the game refused.",
    grain="One row per replay, observed player, observation and error.",
    key=("pass_player_id", "game_loop", "error_index"),
    parts=("observation",),
    columns=(
        *observed_columns(),
        index_of("error_index", "action_errors"),
        *tag_columns("", "action_errors.unit_tag", "The unit told to act"),
        *named("ability", "action_errors.ability_id", "The ability refused"),
        value("result_id", _I32, "Why, by the API's number.", "action_errors.result"),
        word("result", "Why.", "action_errors.result"),
    ),
)

CHAT_MESSAGES_TABLE = Table(
    name="chat_messages",
    description="What people said to each other.",
    grain="One row per replay, source, pass (NULL for the replay itself) and message.",
    key=("pass_player_id", "message_index"),
    parts=("streams", "observation"),
    columns=(
        *identity_columns(),
        Column(
            "pass_player_id",
            pa.int16(),
            "The player whose pass through the game heard it: each pass hears for itself. NULL where the replay itself "
            "tells it, to either source.",
            minimum=0,
            maximum=16,
        ),
        Column("message_index", pa.int32(), "Place among the messages, from 0.", required=True, minimum=0),
        Column(
            "game_loop",
            pa.int32(),
            "When it was said, or of a pass the observation that heard it.",
            unit="game loops",
            origin=from_api("observation.game_loop"),
            required=True,
            minimum=0,
        ),
        Column(
            "player_id",
            pa.int16(),
            "Who said it; NULL for observers.",
            origin=from_api("chat.player_id"),
            minimum=0,
            maximum=16,
        ),
        Column(
            "user_id",
            pa.int16(),
            "The person's number in the lobby, observers included; NULL for what a pass heard.",
            minimum=0,
        ),
        Column("recipient", pa.string(), "all, allies, individual, ...; NULL for what a pass heard."),
        Column(
            "text",
            pa.string(),
            "What was said; bytes that are no UTF-8 are U+FFFD.",
            origin=from_api("chat.message"),
        ),
    ),
)

ENGINE_PLAYER_TABLES = (
    PLAYER_SNAPSHOTS_TABLE,
    UPGRADES_SEEN_TABLE,
    ALERTS_TABLE,
    AVAILABLE_ABILITIES_TABLE,
    ACTIONS_TABLE,
    ACTION_ERRORS_TABLE,
)
