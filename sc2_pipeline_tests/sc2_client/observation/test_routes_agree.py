"""Whatever bytes come: what plain protobuf reads, the fast route reads the same, and what it refuses is no crash.

The fast route passes over two kinds of bytes that protobuf refuses and the game never writes: an unmatched group and a
field number of more than 32 bits.
"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.errors import EngineError
from sc2_pipeline.game_messages import raw_pb2
from sc2_pipeline.sc2_client.observation.observation_tables import RouteMaker
from sc2_pipeline.sc2_client.observation.plain_route import PlainRoute
from sc2_pipeline.sc2_client.observation.ptars_route import PtarsRoute
from sc2_pipeline_tests.sc2_client.observation.collecting import collect
from sc2_pipeline_tests.sc2_client.observation.messages import LIVE, add_unit, observation

Outcome = dict[str, str] | str


def _crowded() -> bytes:
    """An observation with something in every list."""
    message = observation(8)
    for number in range(3):
        unit = add_unit(message, LIVE | number, owner=number, alliance=raw_pb2.Enemy if number == 2 else raw_pb2.Self)
        unit.orders.add(ability_id=3, progress=0.5).target_world_space_pos.x = 4.0
        unit.orders.add(ability_id=3).target_unit_tag = 2 << 32 | 7
        unit.buff_ids.extend([5, 6])
        unit.passengers.add(tag=LIVE | 9, health=3.0, unit_type=48)
        unit.rally_targets.add(tag=LIVE | 9).point.y = 2.0
    raw = message.observation.raw_data
    raw.event.dead_units.extend([LIVE | 4, 2 << 32 | 4])
    raw.effects.add(effect_id=1, owner=1).pos.add(x=1.0)
    raw.radar.add(radius=4.0).pos.x = 2.0
    raw.player.power_sources.add(tag=LIVE | 3, radius=6.5).pos.y = 1.0
    raw.player.upgrade_ids.extend([16, 7])
    raw.map_state.creep.bits_per_pixel = 1
    raw.map_state.creep.data = b"\x80"
    message.observation.score.score_details.food_used.army = 0.5
    message.observation.alerts.append(1)
    message.observation.abilities.add(ability_id=16, requires_point=True)
    message.actions.add(game_loop=7).action_raw.unit_command.unit_tags.extend([LIVE | 4, 2 << 32 | 4])
    message.actions.add(game_loop=7).action_raw.toggle_autocast.unit_tags.append(LIVE | 4)
    message.actions.add().action_ui.select_army.selection_add = True
    message.actions.add().action_feature_layer.camera_move.center_minimap.x = 3
    message.actions.add().action_chat.message = "glhf"
    message.actions.add()
    message.action_errors.add(unit_tag=LIVE | 4, ability_id=3, result=214)
    message.chat.add(player_id=1, message="glhf")
    message.player_result.add(player_id=1, result=1)
    return message.SerializeToString()


CROWDED = _crowded()


def _outcome(payloads: list[bytes], route: RouteMaker) -> Outcome:
    try:
        # As text: changed bytes make NaN, which is equal to nothing.
        return {name: repr(table.to_pylist()) for name, table in collect(payloads, route=route).tables().items()}
    except EngineError as error:
        return error.reason


def test_an_observation_with_something_in_every_list_fills_every_table_alike() -> None:
    fast = collect([CROWDED], route=PtarsRoute).tables()

    assert set(fast) == {
        "unit_snapshots", "unit_orders", "unit_buffs", "unit_passengers", "unit_rally_targets", "unit_sightings",
        "player_snapshots", "upgrades_seen", "alerts", "available_abilities", "actions", "action_errors",
        "chat_messages", "effects", "power_sources", "radar", "dead_units", "map_layers",
    }  # fmt: skip
    assert fast == collect([CROWDED], route=PlainRoute).tables()


def test_actions_name_their_kind_and_their_units() -> None:
    rows = collect([CROWDED]).rows("actions")

    assert [(row["kind"], row["unit_tags"], row["api_tags"]) for row in rows] == [
        ("raw.unit_command", [4, None], [LIVE | 4, 2 << 32 | 4]),
        ("raw.toggle_autocast", [4], [LIVE | 4]),
        ("ui.select_army", None, None),
        ("feature_layer.camera_move", None, None),
        ("chat", None, None),
        (None, None, None),
    ]
    assert [(row["action_index"], row["action_game_loop"]) for row in rows][:3] == [(0, 7), (1, 7), (2, None)]
    assert [row["is_selection_added"] for row in rows] == [None, None, True, None, None, None]
    assert rows[4]["chat_text"] == "glhf"


def _assert_agreement(payloads: list[bytes]) -> None:
    plain, fast = _outcome(payloads, PlainRoute), _outcome(payloads, PtarsRoute)
    assert fast == plain or plain == "garbled_reply"


@pytest.mark.slow
@settings(max_examples=300, deadline=None)
@given(st.data())
def test_what_protobuf_reads_of_changed_bytes_both_routes_read_alike(data: st.DataObject) -> None:
    changed = bytearray(CROWDED)
    for _ in range(data.draw(st.integers(1, 3))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))

    _assert_agreement([observation(4).SerializeToString(), bytes(changed)])


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(cut=st.integers(0, len(CROWDED)), start=st.integers(0, len(CROWDED)))
def test_what_protobuf_reads_of_pieces_both_routes_read_alike(cut: int, start: int) -> None:
    for piece in (CROWDED[:cut], CROWDED[start:], CROWDED[:start] + CROWDED[cut:]):
        _assert_agreement([piece])
