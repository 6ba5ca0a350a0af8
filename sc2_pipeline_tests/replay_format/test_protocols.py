import gzip
import importlib.util

import pytest

from sc2_pipeline.errors import UnknownProtocolError
from sc2_pipeline.replay_format import protocols
from sc2_pipeline.replay_format.protocols import generate


def test_a_build_without_a_protocol_is_an_error_that_names_the_way_out():
    with pytest.raises(
        UnknownProtocolError, match=r"no protocol for base build 38215 .*protocols.nearest\(38215\)"
    ) as raised:
        protocols.protocol(38215)

    assert raised.value.reason == "unknown_protocol"


def test_the_nearest_builds_are_the_exact_one_then_higher_ones_then_lower_ones():
    assert protocols.nearest(97364)[:4] == [97364, 97425, 97563, 98310]
    assert protocols.nearest(96883)[0] == 97364
    assert protocols.nearest(10**6)[0] == protocols.builds()[-1]
    assert sorted(protocols.nearest(40000)) == list(protocols.builds())
    assert protocols.nearest(40000)[-2:] == [16561, 15405]


def test_builds_with_equal_tables_share_them():
    assert protocols.same_types(protocols.protocol(80949), protocols.protocol(98310))
    assert not protocols.same_types(protocols.protocol(80669), protocols.protocol(80949))


@pytest.mark.skipif(importlib.util.find_spec("s2protocol") is None, reason="s2protocol is not installed here")
def test_every_protocol_equals_the_one_in_s2protocol():
    for module in generate.protocol_modules():
        published = generate.assignments(module)

        ours = protocols.protocol(generate.base_build(module))

        assert ours.typeinfos == published["typeinfos"]
        assert ours.game_event_types == published["game_event_types"]
        assert ours.message_event_types == published["message_event_types"]
        assert ours.tracker_event_types == published["tracker_event_types"]
        assert ours.header_typeid == published["replay_header_typeid"]
        assert ours.details_typeid == published["game_details_typeid"]
        assert ours.initdata_typeid == published["replay_initdata_typeid"]
        assert ours.game_eventid_typeid == published["game_eventid_typeid"]
        assert ours.message_eventid_typeid == published["message_eventid_typeid"]
        assert ours.tracker_eventid_typeid == published["tracker_eventid_typeid"]
        assert ours.svaruint32_typeid == published["svaruint32_typeid"]
        assert ours.replay_userid_typeid == published["replay_userid_typeid"]


@pytest.mark.skipif(importlib.util.find_spec("s2protocol") is None, reason="s2protocol is not installed here")
def test_the_data_file_is_what_the_script_makes(tmp_path):
    generate.write(tmp_path / "again.json.gz")

    # Not byte for byte: other builds of zlib compress in other ways.
    assert gzip.decompress((tmp_path / "again.json.gz").read_bytes()) == gzip.decompress(
        protocols.DATA_FILE.read_bytes()
    )
