"""The header is read right without decoding the rest, and hostile bytes give a typed error."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc2_pipeline.errors import EngineError
from sc2_pipeline.game_messages import sc2api_pb2 as api
from sc2_pipeline.sc2_client.header import STUB_GAME_LOOP, Kind, Status, read_header


def observation(**fields) -> api.Response:
    message = api.Response(status=api.in_replay, id=7)
    message.observation.observation.game_loop = fields.get("game_loop", 40)
    message.observation.actions.add(game_loop=39)
    message.observation.observation.raw_data.units.add(tag=1 << 40, unit_type=48)
    return message


def test_an_observation_tells_its_loop_status_and_request():
    header = read_header(observation(game_loop=8000).SerializeToString())

    assert (header.kind, header.game_loop, header.status, header.request_id) == (
        Kind.OBSERVATION,
        8000,
        Status.IN_REPLAY,
        7,
    )
    assert not header.has_result


def test_the_answers_bytes_are_those_of_the_message_inside():
    message = observation()
    content = message.SerializeToString()
    header = read_header(content)

    assert content[header.start : header.end] == message.observation.SerializeToString()


def test_a_result_is_noticed():
    message = observation()
    message.observation.player_result.add(player_id=1, result=api.Victory)

    assert read_header(message.SerializeToString()).has_result


def test_a_stub_has_the_loop_that_is_no_loop():
    assert read_header(observation(game_loop=2**32 - 1).SerializeToString()).game_loop == STUB_GAME_LOOP


def test_an_observation_without_a_loop_has_none():
    message = observation()
    message.observation.observation.ClearField("game_loop")

    assert read_header(message.SerializeToString()).game_loop is None


def test_errors_are_told_with_the_status():
    header = read_header(api.Response(status=api.ended, error=["first", "second"]).SerializeToString())

    assert (header.kind, header.errors, header.status) == (None, ("first", "second"), Status.ENDED)


def test_unknown_fields_are_passed_over():
    strange = b"\xc2\x3e\x03abc" + b"\xcd\x3e\x01\x02\x03\x04" + b"\xc9\x3e12345678"

    assert read_header(strange + observation().SerializeToString()).game_loop == 40


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff" * 64, observation().SerializeToString()[:-9], b"\x52\xff\xff\xff\xff\x0f", b"\x98\x06", b"\x0b"],
)
def test_bytes_that_are_no_reply_are_garbled(content):
    with pytest.raises(EngineError) as caught:
        read_header(content)

    assert (caught.value.reason, caught.value.is_retryable) == ("garbled_reply", True)


@given(st.binary(max_size=400))
def test_any_bytes_give_a_header_or_a_typed_error(content):
    with contextlib.suppress(EngineError):
        header = read_header(content)
        assert 0 <= header.start <= header.end <= len(content)
