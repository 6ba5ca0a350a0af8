from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format import bitpacked, protocols
from sc2_pipeline.replay_format.bitpacked import BitPackedDecoder

TYPES = [
    ("_int", [(0, 3)]),  # 0
    ("_int", [(-8, 12)]),  # 1
    ("_blob", [(0, 8)]),  # 2
    ("_optional", [0]),  # 3
    ("_array", [(0, 4), 0]),  # 4
    ("_bitarray", [(0, 6)]),  # 5
    ("_choice", [(0, 2), {0: ("m_a", 0), 2: ("m_b", 1)}]),  # 6
    ("_struct", [[("m_x", 0, -2), ("m_y", 2, -1)]]),  # 7
    ("_struct", [[("__parent", 7, -2), ("m_z", 0, -1)]]),  # 8
    ("_struct", [[("__parent", 0, -1)]]),  # 9
    ("_struct", [[("__parent", 0, -2), ("m_z", 10, -1)]]),  # 10
    ("_bool", []),  # 11
    ("_null", []),  # 12
    ("_array", [(0, 3), 8]),  # 13
]
NEWEST = protocols.protocol(protocols.builds()[-1])


def decoded(data: bytes, typeid: int):
    return bitpacked.decode(data, TYPES, typeid, reason="corrupt_initdata")


def test_numbers_take_bits_from_the_low_end_of_each_byte_and_fill_from_the_top():
    assert decoded(bytes([0b10000001, 0b01101111]), 1) == (0b10000001_1111 - 8, 4)


def test_blobs_begin_at_the_next_whole_byte():
    decoder = BitPackedDecoder(b"\x01\x03abc", TYPES, reason="corrupt_initdata")

    assert decoder.instance(11) is True
    decoder.byte_align()
    assert decoder.instance(2) == b"abc"
    assert decoder.is_done


def test_floats_and_four_letter_codes_are_read():
    types = [("_real32", []), ("_real64", []), ("_fourcc", [])]
    decoder = BitPackedDecoder(b"\x3f\x80\0\0" + b"\x3f\xf0" + bytes(6) + b"\0\0S2", types, reason="corrupt_initdata")

    assert [decoder.instance(typeid) for typeid in range(3)] == [1.0, 1.0, b"\0\0S2"]


@pytest.mark.parametrize(
    ("data", "typeid", "sentence"),
    [
        (b"", 0, "3 bits wanted, 0 left"),
        (b"\x09abc", 2, "9 bytes wanted, 3 left"),
        (b"\x0f", 4, "an array of 15 with 4 bits left"),
        (b"\x01", 6, "choice 1 of 2"),
    ],
)
def test_bits_that_are_no_value_are_an_error_that_says_where(data, typeid, sentence):
    with pytest.raises(CorruptReplayError, match=rf"{sentence} \(bit \d+ of \d+\)") as raised:
        decoded(data, typeid)

    assert raised.value.reason == "corrupt_initdata"


@settings(max_examples=600, deadline=2000)
@given(st.binary(max_size=60), st.integers(0, len(TYPES) - 1))
def test_any_bits_are_read_as_s2protocol_reads_them_or_refused(data, typeid):
    decoders = pytest.importorskip("s2protocol.decoders")
    theirs = decoders.BitPackedDecoder(data, TYPES)
    try:
        expected = theirs.instance(typeid), 8 * len(data) - theirs.used_bits()
    except (decoders.TruncatedError, decoders.CorruptedError):
        expected = None

    try:
        ours = decoded(data, typeid)
    except CorruptReplayError:
        ours = None

    assert ours == expected


@settings(max_examples=200, deadline=4000)
@given(st.binary(max_size=2000))
def test_any_bytes_are_a_lobby_or_an_error(data):
    with suppress(CorruptReplayError):
        bitpacked.decode(data, NEWEST.typeinfos, NEWEST.initdata_typeid, reason="corrupt_initdata")
