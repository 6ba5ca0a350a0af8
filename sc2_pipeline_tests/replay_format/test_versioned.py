from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.errors import CorruptReplayError
from sc2_pipeline.replay_format import protocols, versioned

TYPES = [
    ("_int", [(0, 32)]),  # 0
    ("_blob", [(0, 8)]),  # 1
    ("_optional", [0]),  # 2
    ("_array", [(0, 8), 0]),  # 3
    ("_bool", []),  # 4
    ("_fourcc", []),  # 5
    ("_bitarray", [(0, 8)]),  # 6
    ("_choice", [(0, 2), {0: ("m_number", 0)}]),  # 7
    ("_real32", []),  # 8
    ("_real64", []),  # 9
    ("_struct", [[("m_a", 0, 0), ("m_b", 1, 1)]]),  # 10
    ("_null", []),  # 11
]
NEWEST = protocols.protocol(protocols.builds()[-1])


def decoded(hexadecimal: str, typeid: int):
    return versioned.decode(bytes.fromhex(hexadecimal), TYPES, typeid, reason="corrupt_details")


@pytest.mark.parametrize(
    ("hexadecimal", "typeid", "value"),
    [
        ("09 00", 0, 0),
        ("09 02", 0, 1),
        ("09 03", 0, -1),
        ("09 7e", 0, 63),
        ("09 8001", 0, 64),
        ("09 feffffff1f", 0, 2**32 - 1),
        ("02 06 616263", 1, b"abc"),
        ("04 00", 2, None),
        ("04 01 09 0a", 2, 5),
        ("00 04 09 02 09 04", 3, [1, 2]),
        ("06 01", 4, True),
        ("07 00005332", 5, b"\0\0S2"),
        ("01 12 ff01", 6, (9, b"\xff\x01")),
        ("03 00 09 02", 7, {"m_number": 1}),
        ("03 02 09 02", 7, {}),
        ("07 3f800000", 8, 1.0),
        ("08 3ff0000000000000", 9, 1.0),
        ("05 04 00 09 02 02 02 02 78", 10, {"m_a": 1, "m_b": b"x"}),
        ("05 00", 10, {}),
        ("", 11, None),
    ],
)
def test_every_kind_of_value_is_read(hexadecimal, typeid, value):
    assert decoded(hexadecimal, typeid) == value


@pytest.mark.parametrize(
    "unknown",
    [
        *("00 02 06 01", "01 06 05", "02 02 78", "03 08 09 02", "04 00", "04 01 06 01"),
        *("05 02 00 09 02", "06 01", "07 00000000", "08 0000000000000000", "09 feff03"),
    ],
)
def test_a_field_that_the_schema_does_not_know_is_skipped_by_its_kind(unknown):
    assert decoded(f"05 04 0a {unknown} 02 02 02 78", 10) == {"m_b": b"x"}


@pytest.mark.parametrize(
    ("hexadecimal", "typeid", "sentence"),
    [
        ("09", 0, "the data ends inside a value"),
        ("02 00", 0, "a value of kind 2 where one of kind 9 belongs"),
        ("02 06 6162", 1, "a length of 3 with 2 bytes left"),
        ("02 07", 1, "a length of -3 with 0 bytes left"),
        ("00 feffffff1f", 3, "a length of 4294967295 with 0 bytes left"),
        ("09" + "ff" * 10 + "01", 0, "a number of more than 10 bytes"),
        ("05 02 0a " + "0400" * 0 + "0401" * 40 + "0900", 10, "values nested deeper than 32"),
        ("07 000000", 5, "the data ends inside a value"),
    ],
)
def test_bytes_that_are_no_value_are_an_error_that_says_where(hexadecimal, typeid, sentence):
    with pytest.raises(CorruptReplayError, match=rf"{sentence} \(byte \d+ of \d+\)") as raised:
        decoded(hexadecimal, typeid)

    assert raised.value.reason == "corrupt_details"


def test_unknown_values_are_not_stepped_over_for_ever():
    with pytest.raises(CorruptReplayError, match="more than 100000 values that no schema knows"):
        decoded("05 02 0a 00 80e218" + "06 00" * 200_000, 10)


def test_a_number_of_ten_bytes_is_the_longest():
    assert decoded("09" + "fe" + "ff" * 8 + "01", 0) == 2**63 - 1


@settings(max_examples=400, deadline=2000)
@given(st.binary(max_size=400), st.sampled_from([NEWEST.header_typeid, NEWEST.details_typeid]))
def test_any_bytes_are_a_value_or_an_error(data, typeid):
    with suppress(CorruptReplayError):
        versioned.decode(data, NEWEST.typeinfos, typeid, reason="corrupt_header")


@settings(max_examples=200, deadline=2000)
@given(st.lists(st.sampled_from(["0502", "0401", "0002", "0300", "0006", "0568", "02"]), max_size=300))
def test_values_nested_at_will_end_at_the_limit(parts):
    data = bytes.fromhex("05020a" + "".join(parts))

    with suppress(CorruptReplayError):
        versioned.decode(data, TYPES, 10, reason="corrupt_header")
