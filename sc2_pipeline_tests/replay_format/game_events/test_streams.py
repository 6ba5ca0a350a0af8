"""Streams that are whole, damaged, of unknown builds, or hostile."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.game_events import GAME_EVENTS_MEMBER, decode_game_events, streams
from sc2_pipeline.replay_format.lobby import read_header
from sc2_pipeline.replay_format.message_events import MESSAGES_MEMBER, decode_messages
from sc2_pipeline.replay_format.mpq import open_archive
from sc2_pipeline.replay_format.protocols import builds
from sc2_pipeline_tests.replay_format.game_events.bit_writer import BitWriter

BUILD = 92440
COMMAND, DELTA, CONTROL_GROUP, CAMERA, LEAVE, STATE, TARGET_UNIT = 27, 28, 29, 49, 101, 103, 105


def command(writer: BitWriter, *, link: int, index: int, flags: int = 0x100) -> BitWriter:
    """The content of a command without a target."""
    writer.number(flags, 27).number(1, 1).number(link, 16).number(index, 5).number(0, 1)
    return writer.number(0, 2).number(0, 32).number(0, 1).number(0, 1)


def one_of_each() -> bytes:
    writer = BitWriter()
    # Two units join the active selection: no mask, no subgroups, two tags.
    writer.event(10, 3, DELTA).number(10, 4).number(0, 9).number(0, 2).number(0, 9).number(2, 9)
    writer.number(262145, 32).number(524289, 32)
    command(writer.event(5, 3, COMMAND), link=175, index=2)
    # A new target for the last command, then the word that it was given again.
    writer.event(7, 3, TARGET_UNIT).number(0, 16).number(0, 8).number(786433, 32).number(44, 16).number(0, 1)
    writer.number(0, 1).number(4096 * 20, 20).number(4096 * 30 + 1, 20).number(0, 32)
    writer.event(0, 3, STATE).number(1, 2).number(0, 1)
    # Only where the camera looks.
    writer.event(60, 3, CAMERA).number(1, 1).number(500, 16).number(600, 16).number(0, 5)
    writer.event(1, 3, LEAVE).number(4, 4)
    return writer.content


def test_a_repeated_command_is_spelt_out_with_its_new_target():
    first, repeat = decode_game_events(one_of_each(), BUILD).orders.commands

    assert (first.game_loop, first.user_id, first.ability_link, first.ability_index) == (15, 3, 175, 2)
    assert (first.target_kind, first.target_tag, first.is_repeat) == ("none", None, False)
    assert (repeat.game_loop, repeat.ability_link, repeat.ability_index, repeat.is_repeat) == (22, 175, 2, True)
    assert (repeat.target_kind, repeat.target_tag, repeat.target_link) == ("unit", 786433, 44)
    assert (repeat.x, repeat.y) == (4096 * 20, 4096 * 30 + 1)


def test_commands_know_the_units_selected_for_them():
    orders = decode_game_events(one_of_each(), BUILD).orders

    assert [orders.selections[command.selection] for command in orders.commands] == [(262145, 524289)] * 2


def test_camera_moves_and_commands_are_counted_per_user_and_minute():
    [minute] = decode_game_events(one_of_each(), BUILD).user_minutes

    assert (minute.user_id, minute.game_minute) == (3, 0)
    assert (minute.command_count, minute.camera_update_count) == (2, 1)


def test_who_leaves_is_kept():
    [leave] = decode_game_events(one_of_each(), BUILD).leaves

    assert (leave.game_loop, leave.user_id, leave.reason) == (83, 3, 4)


def test_what_stands_before_a_fault_is_kept_and_the_fault_told():
    whole = one_of_each()

    events = decode_game_events(whole + bytes([4 << 2, 127 << 5 & 0xFF, 0xFF]), BUILD)

    assert not events.reading.is_complete
    assert events.reading.event_count == 6
    assert f"event 6 at byte {len(whole)}" in events.reading.fault
    assert len(events.orders.commands) == 2


def test_a_stream_that_ends_inside_an_event_keeps_the_events_before():
    events = decode_game_events(one_of_each()[:-1], BUILD)

    assert (events.reading.event_count, events.reading.is_complete) == (5, False)
    assert events.leaves == []


def test_of_a_build_without_a_schema_only_a_whole_reading_is_kept():
    assert 92441 not in builds()

    whole = decode_game_events(one_of_each(), 92441)
    cut = decode_game_events(one_of_each()[:-1], 92441)

    assert whole.reading.is_complete
    assert whole.reading.protocol_build == min(build for build in builds() if build > 92441)
    assert cut.reading.protocol_build is None
    assert cut.orders.commands == []


def test_no_more_than_so_many_events_are_read():
    whole = decode_game_events(one_of_each(), BUILD, max_events=6)
    more = decode_game_events(one_of_each(), BUILD, max_events=5)
    none = decode_game_events(b"", BUILD, max_events=1)

    assert whole.reading.is_complete
    assert more.reading.event_count == 5
    assert more.reading.fault.endswith("more than 5 events")
    assert none.reading.is_complete


def test_all_schemas_that_are_tried_read_no_more_events_than_one(monkeypatch):
    counts = []
    read = streams._read

    def counted(*arguments):
        counts.append(read(*arguments))
        return counts[-1]

    monkeypatch.setattr(streams, "_read", counted)
    # Zeros are events of most schemas; that the last one is cut short, each finds out only at the end.
    reading = decode_game_events(bytes(100_001), 92441, max_events=20_000).reading

    assert reading.protocol_build is None
    assert sum(decoded.reading.event_count for decoded in counts) <= 20_000


def test_builds_before_user_ids_are_refused_with_a_sentence():
    reading = decode_game_events(one_of_each(), 23260).reading

    assert not reading.is_complete
    assert "23260" in reading.fault


def test_a_control_group_brings_its_units_back_without_those_that_are_gone():
    writer = BitWriter()
    writer.event(1, 0, DELTA).number(10, 4).number(0, 9).number(0, 2).number(0, 9).number(3, 9)
    writer.number(9, 32).number(5, 32).number(7, 32)
    writer.event(1, 0, CONTROL_GROUP).number(4, 4).number(0, 3).number(0, 2)
    # Keep nothing, select one other unit.
    writer.event(1, 0, DELTA).number(10, 4).number(0, 9).number(3, 2).number(0, 9).number(0, 9).number(1, 9).number(
        1, 32
    )
    # Recall group 4; of its three units, by tag, the second is gone.
    writer.event(1, 0, CONTROL_GROUP).number(4, 4).number(2, 3).number(1, 2).number(3, 9).number(0, 1).number(1, 1)
    writer.number(0, 1)
    command(writer.event(1, 0, COMMAND), link=1, index=0)

    orders = decode_game_events(writer.content, BUILD).orders

    assert orders.selections == [(5, 9)]


def test_a_selection_proved_wrong_is_unknown_until_the_next_fresh_one():
    writer = BitWriter()
    # Nobody is selected, and yet the third place is to be left.
    writer.event(1, 0, DELTA).number(10, 4).number(0, 9).number(2, 2).number(1, 9).number(2, 9).number(0, 9).number(
        0, 9
    )
    command(writer.event(1, 0, COMMAND), link=1, index=0)
    writer.event(1, 0, DELTA).number(10, 4).number(0, 9).number(3, 2).number(0, 9).number(0, 9).number(1, 9).number(
        1, 32
    )
    command(writer.event(1, 0, COMMAND), link=1, index=0)

    orders = decode_game_events(writer.content, BUILD).orders

    assert [command.selection for command in orders.commands] == [None, 0]
    assert orders.selections == [(1,)]


def test_chat_that_is_not_utf_8_is_replaced_not_refused():
    writer = BitWriter().number(0, 2).number(33, 6).number(2, 5).number(0, 4).number(1, 3).number(3, 11).aligned()
    for byte in b"a\xffb":
        writer.number(byte, 8)

    [message] = decode_messages(writer.content, BUILD).chat

    assert (message.game_loop, message.user_id, message.recipient, message.text) == (33, 2, "allies", "a\ufffdb")


@given(st.binary(max_size=400))
def test_any_bytes_give_a_reading(data):
    for build in (BUILD, 24944, 51702):
        reading = decode_game_events(data, build).reading
        assert reading.is_complete == (reading.fault is None)
        decode_messages(data, build)


@given(st.data())
def test_a_changed_byte_gives_a_reading(data):
    content = bytearray(one_of_each())
    content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))

    reading = decode_game_events(bytes(content), BUILD).reading

    assert reading.event_count <= len(content)


@pytest.mark.slow
def test_every_real_stream_since_hots_is_read_to_its_end_or_marked(shared_replays):
    marked = []
    for path in sorted(shared_replays.glob("*/*")):
        if path.suffix.lower() != ".sc2replay":
            continue
        try:
            archive = open_archive(path)
        except ReplayError:
            continue
        build = read_header(archive)["m_version"]["m_baseBuild"]
        reading = decode_game_events(archive.read(GAME_EVENTS_MEMBER), build).reading
        if MESSAGES_MEMBER in archive and build >= 24944:
            assert decode_messages(archive.read(MESSAGES_MEMBER), build).reading.is_complete
        if not reading.is_complete:
            assert reading.fault
            marked.append((path.name, build))

    # Four from before there were user ids, and one that no published schema fits.
    assert [name for name, build in marked if build >= 24944] == ["gameheart.SC2Replay"]
    assert len(marked) == 5
