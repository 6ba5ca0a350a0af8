"""Both encodings are undone by our decoders and, where it can be imported, by s2protocol's."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sc2_pipeline.replay_format import bitpacked, versioned
from sc2_pipeline.replay_format.protocols import protocol
from sc2_pipeline_demo.synthetic.encoding.bitpacked_encoder import BitPackedEncoder
from sc2_pipeline_demo.synthetic.encoding.versioned_encoder import VersionedEncoder, vint
from sc2_pipeline_tests.synthetic.encoding.type_values import values_of
from sc2_pipeline_tests.synthetic.readers import needs_s2protocol, typeid_of

NEWEST = protocol(92440)
BUILDS = (26490, 32283, 51702, 75689, 92440, 98310)
SETTINGS = settings(
    max_examples=100, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def game_event_types(known):
    return sorted({typeid for typeid, _ in known.game_event_types.values()})


def tracker_event_types(known):
    return sorted({typeid for typeid, _ in known.tracker_event_types.values()})


@pytest.mark.parametrize("build", BUILDS)
@SETTINGS
@given(data=st.data())
def test_versioned_values_come_back_from_our_decoder(build, data):
    known = protocol(build)
    typeid = data.draw(st.sampled_from([known.header_typeid, known.details_typeid, *tracker_event_types(known)]))
    value = data.draw(values_of(known.typeinfos, typeid))

    encoded = VersionedEncoder(known.typeinfos).encode(typeid, value)

    assert versioned.decode(encoded, known.typeinfos, typeid, reason="corrupt_details") == value


@pytest.mark.parametrize("build", BUILDS)
@SETTINGS
@given(data=st.data())
def test_bit_packed_values_come_back_from_our_decoder(build, data):
    known = protocol(build)
    typeid = data.draw(st.sampled_from([known.initdata_typeid, *game_event_types(known)]))
    value = data.draw(values_of(known.typeinfos, typeid))

    encoded = BitPackedEncoder(known.typeinfos).encode(typeid, value)

    decoded, bits_left = bitpacked.decode(encoded, known.typeinfos, typeid, reason="corrupt_details")
    assert decoded == value
    assert 0 <= bits_left < 8 or encoded == b""


@needs_s2protocol
@SETTINGS
@given(data=st.data())
def test_values_come_back_from_s2protocol(data):
    from s2protocol.decoders import BitPackedDecoder
    from s2protocol.decoders import VersionedDecoder as TheirDecoder

    packed = data.draw(st.sampled_from([NEWEST.initdata_typeid, *game_event_types(NEWEST)]))
    described = data.draw(st.sampled_from([NEWEST.header_typeid, NEWEST.details_typeid, *tracker_event_types(NEWEST)]))
    packed_value = data.draw(values_of(NEWEST.typeinfos, packed))
    described_value = data.draw(values_of(NEWEST.typeinfos, described))

    packed_bytes = BitPackedEncoder(NEWEST.typeinfos).encode(packed, packed_value)
    described_bytes = VersionedEncoder(NEWEST.typeinfos).encode(described, described_value)

    assert BitPackedDecoder(packed_bytes, NEWEST.typeinfos).instance(packed) == packed_value
    assert TheirDecoder(described_bytes, NEWEST.typeinfos).instance(described) == described_value


def test_a_field_that_is_left_out_of_a_bit_packed_value_is_the_types_zero():
    known = NEWEST
    typeid = typeid_of(known, "m_gameOptions")

    encoded = BitPackedEncoder(known.typeinfos).encode(typeid, {"m_amm": True, "m_clientDebugFlags": 265})

    decoded, _ = bitpacked.decode(encoded, known.typeinfos, typeid, reason="corrupt_details")
    assert decoded["m_amm"] is True
    assert decoded["m_clientDebugFlags"] == 265
    assert decoded["m_fog"] == 0
    assert decoded["m_practice"] is False


@pytest.mark.parametrize("encoder", [VersionedEncoder, BitPackedEncoder])
def test_a_field_that_the_type_lacks_is_refused_or_dropped_as_told(encoder):
    typeid = typeid_of(NEWEST, "m_thumbnail")
    value = {"m_file": b"Minimap.tga", "m_files": b""}

    with pytest.raises(ValueError, match="no field m_files"):
        encoder(NEWEST.typeinfos).encode(typeid, value)

    assert encoder(NEWEST.typeinfos, is_strict=False).encode(typeid, value) == encoder(NEWEST.typeinfos).encode(
        typeid, {"m_file": b"Minimap.tga"}
    )


@pytest.mark.parametrize("encoder", [VersionedEncoder, BitPackedEncoder])
@pytest.mark.parametrize(
    ("field", "value"),
    [("m_gameSpeed", 8), ("m_gameSpeed", -1), ("m_mapFileName", b"x" * 3000), ("m_cacheHandles", [b"short"])],
)
def test_values_out_of_bounds_are_refused(encoder, field, value):
    known = NEWEST
    typeid = known.details_typeid if encoder is VersionedEncoder else typeid_of(known, "m_gameDescription")
    encoder = encoder(known.typeinfos, is_strict=False)

    with pytest.raises(ValueError, match="out of bounds"):
        encoder.encode(typeid, {field: value})


@given(st.integers(-(2**62), 2**62))
def test_a_vint_is_read_back(number):
    cursor = versioned.Cursor(vint(number))

    assert cursor.vint() == number
    assert cursor.left == 0
