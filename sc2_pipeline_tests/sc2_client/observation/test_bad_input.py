"""What no healthy engine sends: right rows, or one typed error."""

import pytest
from google.protobuf.unknown_fields import UnknownFieldSet

from sc2_pipeline.errors import EngineError
from sc2_pipeline.game_messages import raw_pb2, sc2api_pb2
from sc2_pipeline.sc2_client.observation.observation_tables import RouteMaker
from sc2_pipeline.sc2_client.observation.plain_route import PlainRoute
from sc2_pipeline.sc2_client.observation.ptars_route import PtarsRoute
from sc2_pipeline_tests.sc2_client.observation.collecting import collect, collect_with_tables
from sc2_pipeline_tests.sc2_client.observation.messages import LIVE, add_unit, observation

pytestmark = pytest.mark.parametrize("route", [PtarsRoute, PlainRoute])


def _varint(number: int) -> bytes:
    low, rest = number & 0x7F, number >> 7
    return bytes([low | 0x80]) + _varint(rest) if rest else bytes([low])


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _in_unit(unit: bytes, *, game_loop: int = 8) -> bytes:
    """An observation of one unit given by its bytes."""
    units = _field(5, _field(2, unit))
    return _field(3, _varint(9 << 3) + _varint(game_loop) + units)


def test_fields_of_later_releases_are_passed_over(route: RouteMaker) -> None:
    unit = add_unit(observation(8), LIVE | 5).SerializeToString()
    payload = _in_unit(unit + _field(99, b"news") + _varint(98 << 3) + _varint(7)) + _field(77, b"more")
    parsed = sc2api_pb2.ResponseObservation.FromString(payload)
    assert len(UnknownFieldSet(parsed)) == 1

    [row] = collect([payload], route=route).rows("unit_snapshots")

    assert (row["unit_tag"], row["unit_type_id"], row["health"]) == (5, 48, 45.0)


def test_an_enum_value_of_a_later_release_is_told_by_its_number(route: RouteMaker) -> None:
    unit = add_unit(observation(8), LIVE | 5)
    unit.ClearField("display_type")
    unit.ClearField("cloak")
    payload = _in_unit(unit.SerializeToString() + _varint(1 << 3) + _varint(9) + _varint(10 << 3) + _varint(77))

    [row] = collect([payload], route=route).rows("unit_snapshots")

    assert (row["display_type"], row["cloak"], row["alliance"]) == ("unknown_9", "unknown_77", "self")


def test_unknown_alerts_and_action_results_keep_their_numbers(route: RouteMaker) -> None:
    payload = observation(8).SerializeToString() + _field(3, _varint(10 << 3) + _varint(500))
    payload += _field(2, _varint(3 << 3) + _varint(999))

    collected = collect([payload], route=route)

    assert [(row["alert_id"], row["alert"]) for row in collected.rows("alerts")] == [(500, "unknown_500")]
    assert [(row["result_id"], row["result"]) for row in collected.rows("action_errors")] == [(999, "unknown_999")]


def test_without_a_score_the_economy_stays_and_the_score_is_null(route: RouteMaker) -> None:
    [row] = collect([observation(8, minerals=0).SerializeToString()], route=route).rows("player_snapshots")

    assert (row["minerals"], row["vespene"], row["score"], row["minerals_collected"]) == (0, None, None, None)


def test_without_raw_data_there_are_no_units_and_no_camera(route: RouteMaker) -> None:
    message = observation(8)
    message.observation.ClearField("raw_data")

    collected = collect([message.SerializeToString()], route=route)

    assert set(collected.batches) == {"player_snapshots"}
    assert collected.rows("player_snapshots")[0]["camera_x"] is None


def test_a_stub_gives_its_results_and_no_rows(route: RouteMaker) -> None:
    stub = sc2api_pb2.ResponseObservation()
    stub.observation.game_loop = 2**32 - 1
    stub.player_result.add(player_id=1, result=sc2api_pb2.Victory)
    stub.player_result.add(player_id=2, result=sc2api_pb2.Defeat)

    collected, tables = collect_with_tables([observation(8).SerializeToString(), stub.SerializeToString()], route=route)

    assert [row["game_loop"] for row in collected.rows("player_snapshots")] == [8]
    assert (tables.results, tables.observations) == ({1: "victory", 2: "defeat"}, 1)


def test_missing_and_unknown_results_are_no_results(route: RouteMaker) -> None:
    message = observation(8)
    message.player_result.add(player_id=1)
    message.player_result.add(result=sc2api_pb2.Victory)
    payload = message.SerializeToString() + _field(4, _varint(1 << 3) + _varint(2) + _varint(2 << 3) + _varint(9))

    _, tables = collect_with_tables([payload, observation(16).SerializeToString()], route=route)

    assert tables.results == {}


def test_the_last_loop_observed_twice_is_one_observation(route: RouteMaker) -> None:
    again = observation(8)
    again.player_result.add(player_id=1, result=sc2api_pb2.Tie)

    collected, tables = collect_with_tables(
        [observation(8).SerializeToString(), again.SerializeToString()], route=route
    )

    assert len(collected.rows("player_snapshots")) == 1
    assert tables.results == {1: "tie"}


def test_a_game_of_no_units_and_a_game_of_nothing(route: RouteMaker) -> None:
    assert set(collect([observation(0).SerializeToString()], route=route).batches) == {"player_snapshots"}
    assert collect([], route=route).batches == {}
    assert collect([b""], route=route).batches == {}


def test_two_thousand_units_are_two_thousand_rows(route: RouteMaker) -> None:
    message = observation(8)
    for number in range(2000):
        add_unit(message, LIVE | number << 18 | 1)

    table = collect([message.SerializeToString()], route=route).table("unit_snapshots")

    assert table.num_rows == 2000
    assert len(table["unit_tag"].unique()) == 2000


def test_units_that_share_a_tag_are_told_apart(route: RouteMaker) -> None:
    message = observation(8)
    for _ in range(3):
        add_unit(message, 0).orders.add(ability_id=1)
    add_unit(message, LIVE | 1)

    collected = collect([message.SerializeToString()], route=route)

    assert [(row["api_tag"], row["repeat_index"]) for row in collected.rows("unit_snapshots")] == [
        (0, 0),
        (0, 1),
        (0, 2),
        (LIVE | 1, 0),
    ]
    assert [row["repeat_index"] for row in collected.rows("unit_orders")] == [0, 1, 2]


def test_a_unit_without_tag_place_or_type_is_a_row_of_nulls(route: RouteMaker) -> None:
    [row] = collect([_in_unit(b"")], route=route).rows("unit_snapshots")

    filled = {name for name, value in row.items() if value is not None}
    assert filled == {"replay_id", "source", "pass_player_id", "is_fogged", "game_loop", "repeat_index"}


def test_broken_utf8_in_a_chat_line_is_marked_and_kept(route: RouteMaker) -> None:
    message = observation(8)
    message.chat.add(player_id=2, message="gg wp")
    payload = message.SerializeToString().replace(b"gg wp", b"gg\xff\xfep")
    second = observation(16)
    second.chat.add(player_id=1, message="привет")

    rows = collect([payload, second.SerializeToString()], route=route).rows("chat_messages")

    assert [(row["message_index"], row["game_loop"], row["player_id"], row["text"]) for row in rows] == [
        (0, 8, 2, "gg\ufffd\ufffdp"),
        (1, 16, 1, "привет"),
    ]


def test_an_effect_without_a_place_is_one_row_and_with_two_places_two(route: RouteMaker) -> None:
    message = observation(8)
    message.observation.raw_data.effects.add(effect_id=3, owner=1)
    storm = message.observation.raw_data.effects.add(effect_id=1, owner=1, alliance=raw_pb2.Self, radius=1.5)
    storm.pos.add(x=1.0, y=2.0)
    storm.pos.add(x=3.0)

    rows = collect([message.SerializeToString()], route=route).rows("effects")

    assert [(row["effect_id"], row["effect_index"], row["position_index"], row["x"], row["y"]) for row in rows] == [
        (3, 0, None, None, None),
        (1, 1, 0, 1.0, 2.0),
        (1, 1, 1, 3.0, None),
    ]


@pytest.mark.parametrize("payload", [b"\xff", b"\x1a\x05ab", b"\x0b", bytes(range(256))])
def test_bytes_that_are_no_message_are_a_garbled_reply_that_says_which(route: RouteMaker, payload: bytes) -> None:
    with pytest.raises(EngineError, match=r"observation 2 of a group of 3 .* does not decode") as caught:
        collect([observation(8).SerializeToString(), payload, observation(16).SerializeToString()], route=route)

    assert (caught.value.reason, caught.value.is_retryable) == ("garbled_reply", True)


def test_a_half_message_is_a_garbled_reply(route: RouteMaker) -> None:
    message = observation(8)
    add_unit(message, LIVE | 1)
    payload = message.SerializeToString()

    with pytest.raises(EngineError, match="does not decode"):
        collect([payload[:-3]], route=route)


def test_an_observation_without_a_game_loop_is_a_garbled_reply(route: RouteMaker) -> None:
    message = observation(8)
    message.observation.ClearField("game_loop")

    with pytest.raises(EngineError, match="after game loop 8 has no game loop"):
        collect([observation(8).SerializeToString(), message.SerializeToString()], route=route)


def test_a_game_loop_that_falls_is_a_garbled_reply(route: RouteMaker) -> None:
    with pytest.raises(EngineError, match="fell from 16 to 8"):
        collect([observation(loop).SerializeToString() for loop in (16, 8)], route=route)


@pytest.mark.parametrize(
    ("field", "number", "column"),
    [("unit_type", 2**32 - 1, "unit_type_id"), ("owner", 2**31 - 1, "player_id")],
)
def test_a_number_beyond_its_column_is_a_garbled_reply(route: RouteMaker, field: str, number: int, column: str) -> None:
    message = observation(8)
    setattr(add_unit(message, LIVE | 1), field, number)

    with pytest.raises(EngineError, match=f"sent a {column} that no ") as caught:
        collect([message.SerializeToString()], route=route)

    assert caught.value.reason == "garbled_reply"
