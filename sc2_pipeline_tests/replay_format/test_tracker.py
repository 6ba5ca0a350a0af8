import random
import tracemalloc

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sc2_pipeline.game import unit_tag
from sc2_pipeline.replay_format import tracker_bulk
from sc2_pipeline.replay_format.tracker import TrackerEvents, as_batches, decode_tracker, position_scale
from sc2_pipeline.replay_format.tracker_careful import EventReader, read_to_the_end
from sc2_pipeline.replay_format.tracker_fields import STATS
from sc2_pipeline.storable import storable

BATCHES = ("unit_events", "player_stats", "upgrade_events", "unit_positions", "player_setups")


def vint(value: int) -> bytes:
    """A number in the wire's own way: sign, 6 bits, then 7 a byte."""
    head, rest = (abs(value) & 0x3F) << 1 | (value < 0), abs(value) >> 6
    out = bytearray()
    while rest:
        out.append(head | 0x80)
        head, rest = rest & 0x7F, rest >> 7
    out.append(head)
    return bytes(out)


def number(value: int) -> bytes:
    return b"\x09" + vint(value)


def text(value: str) -> bytes:
    content = value.encode()
    return b"\x02" + vint(len(content)) + content


def maybe(value: bytes | None) -> bytes:
    return b"\x04\x00" if value is None else b"\x04\x01" + value


def array(values: list[int]) -> bytes:
    return b"\x00" + vint(len(values)) + b"".join(number(value) for value in values)


def structure(*fields: bytes) -> bytes:
    return b"\x05" + vint(len(fields)) + b"".join(vint(tag) + value for tag, value in enumerate(fields))


def event(event_id: int, *fields: bytes, delta: int = 0) -> bytes:
    size = 0 if delta < 2**6 else 1 if delta < 2**14 else 2 if delta < 2**22 else 3
    return b"\x03" + vint(size) + number(delta) + number(event_id) + structure(*fields)


def born(index: int, recycle: int, name: str = "Drone", *, delta: int = 0, creator: bytes | None = None) -> bytes:
    fields = [*map(number, (index, recycle)), text(name), *map(number, (1, 1, 40, 41))]
    return event(
        1, *fields, maybe(creator), maybe(creator), maybe(None if creator is None else text("Train")), delta=delta
    )


def died(index: int, recycle: int, *, delta: int = 0, killer: int | None = None) -> bytes:
    by = None if killer is None else number(killer)
    return event(2, *map(number, (index, recycle)), maybe(by), *map(number, (7, 8)), maybe(by), maybe(by), delta=delta)


def stats(player_id: int, values: range, *, delta: int = 0) -> bytes:
    return event(0, number(player_id), structure(*map(number, values)), delta=delta)


STREAM = b"".join(
    [
        event(9, number(1), number(1), maybe(number(0)), maybe(number(0))),
        event(9, number(2), number(2), maybe(None), maybe(number(1))),
        born(200, 1),
        born(201, 1, "Überläufer", creator=number(3)),
        stats(1, range(1000, 1000 + len(STATS)), delta=1),
        event(6, *map(number, (300, 2)), text("Nexus"), *map(number, (2, 2, 255, 0)), delta=70),
        event(7, *map(number, (300, 2)), delta=20000),
        event(4, *map(number, (200, 1)), text("Egg")),
        event(3, *map(number, (200, 1)), number(0), number(2)),
        event(8, number(200), array([0, 5, 6, 1, 7, 8, 99, 9, 10])),
        died(200, 1, killer=2),
        died(201, 1, delta=2**32 - 2**15),
        born(200, 2),
        event(8, number(200), array([0, 1, 2])),
        event(5, number(2), text("zerglingmovementspeed"), number(-3)),
        event(8, number(17), array([])),
    ]
)


def test_every_kind_of_event_reaches_its_columns():
    events = decode_tracker(STREAM)

    assert events.is_complete
    assert events.event_count == 16
    units = events.unit_events.to_pylist()
    assert units[0] == {
        "event_index": 2,
        "game_loop": 0,
        "event": "born",
        "unit_tag": unit_tag(200, 1),
        "unit_type": "Drone",
        "player_id": 1,
        "upkeep_player_id": 1,
        "x": 40,
        "y": 41,
        "killer_player_id": None,
        "killer_unit_tag": None,
        "creator_unit_tag": None,
        "creator_ability": None,
    }
    assert [unit["event"] for unit in units] == [
        *("born", "born", "init", "done", "type_change", "owner_change", "died", "died", "born")
    ]
    assert (units[1]["unit_type"], units[1]["creator_ability"], units[1]["creator_unit_tag"]) == (
        *("Überläufer", "Train"),
        unit_tag(3, 3),
    )
    assert (units[6]["killer_player_id"], units[6]["killer_unit_tag"]) == (2, unit_tag(2, 2))
    assert events.player_stats.to_pylist() == [
        {"event_index": 4, "game_loop": 1, "player_id": 1} | dict(zip(STATS, range(1000, 1039), strict=True))
    ]
    assert events.upgrade_events.drop_columns(["event_index", "game_loop"]).to_pylist() == [
        {"player_id": 2, "upgrade": "zerglingmovementspeed", "count": -3}
    ]
    assert events.player_setups.drop_columns(["event_index", "game_loop"]).to_pylist() == [
        {"player_id": 1, "type": 1, "user_id": 0, "slot_id": 0},
        {"player_id": 2, "type": 2, "user_id": None, "slot_id": 1},
    ]


def test_a_position_stands_for_the_last_unit_born_with_its_index():
    positions = decode_tracker(STREAM).unit_positions.to_pydict()

    assert positions["item_index"] == [0, 1, 2, 0]
    assert positions["unit_index"] == [200, 201, 300, 200]
    assert positions["unit_tag"] == [unit_tag(200, 1), unit_tag(201, 1), unit_tag(300, 2), unit_tag(200, 2)]
    assert positions["x"] == [5, 7, 9, 1]


def test_the_loop_counter_is_modulo_2_to_the_32():
    loops = decode_tracker(STREAM).unit_events["game_loop"].to_pylist()

    assert loops == [0, 0, 71, *[20071] * 4, (20071 - 2**15) % 2**32, (20071 - 2**15) % 2**32]


def test_earlier_schemas_leave_their_later_fields_null():
    stream = event(1, *map(number, (5, 1)), text("SCV"), *map(number, (1, 1, 9, 9)))
    stream += event(2, *map(number, (5, 1)), maybe(None), number(9), number(9))
    stream += stats(1, range(33))

    events = decode_tracker(stream)

    assert events.is_complete
    assert events.unit_events["creator_ability"].null_count == 2
    assert events.player_stats["food_made"].to_pylist() == [30]
    assert events.player_stats["minerals_friendly_fire_army"].to_pylist() == [None]


def test_places_are_in_cells_since_build_27950():
    assert (position_scale(27949), position_scale(27950)) == (4, 1)


def test_a_corrupt_stream_keeps_the_events_before_its_fault():
    good = born(1, 1) * 3

    events = decode_tracker(good + b"\x03\x00\x09\x00\x09\x66\x05\x00" + born(2, 1))

    assert not events.is_complete
    assert events.fault == f"unknown event 51, after 3 good events (byte {len(good) + 7} of {len(good) * 4 // 3 + 8})"
    assert events.unit_events.num_rows == 3


def test_an_unusual_but_valid_event_is_read_and_so_is_all_behind_it():
    # Fields in another order, and one that no schema has.
    odd = b"\x03\x00\x09\x04\x09\x0e\x05\x06\x0a\x06\x01\x02\x09\x06\x00\x09\x02"

    events = decode_tracker(born(1, 1) + odd + died(1, 1))

    assert events.is_complete
    assert events.unit_events["event"].to_pylist() == ["born", "done", "died"]
    assert events.unit_events["unit_tag"].to_pylist() == [unit_tag(1, 1), unit_tag(1, 3), unit_tag(1, 1)]
    assert events.unit_events["game_loop"].to_pylist() == [0, 2, 2]


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (event(7, number(1)), "an event of kind 7 without its tag_recycle"),
        (event(5, number(1)), "an event of kind 5 without its upgrade"),
        (event(0), "player statistics without their player"),
        (event(8), "unit positions without their first unit"),
    ],
)
def test_an_event_without_what_every_build_writes_is_where_the_good_prefix_ends(gap, said):
    events = decode_tracker(born(1, 1) + gap + born(2, 1))

    assert events.event_count == 1
    assert events.fault.startswith(f"{said}, after 1 good events")


def test_an_empty_stream_has_no_events():
    events = decode_tracker(b"")

    assert events.is_complete
    assert [getattr(events, name).num_rows for name in BATCHES] == [0] * 5
    assert events.unit_events.schema.field("unit_type").type == pa.string()


def carefully(data: bytes) -> TrackerEvents:
    """What the careful reader alone makes of a stream."""
    return as_batches(read_to_the_end(EventReader(data)))


def test_the_bulk_reader_reads_all_of_a_usual_stream():
    reader = EventReader(STREAM)

    tracker_bulk.read_events(STREAM, reader)

    assert reader.cursor.left == 0


@settings(max_examples=500, deadline=4000)
@given(
    changes=st.lists(st.tuples(st.integers(0, len(STREAM) - 1), st.integers(0, 255)), max_size=4),
    length=st.integers(0, len(STREAM)),
)
def test_both_readers_agree_on_any_damage(changes, length):
    data = bytearray(STREAM)
    for place, value in changes:
        data[place] = value
    damaged = bytes(data[:length])

    assert decode_tracker(damaged) == carefully(damaged)


@settings(max_examples=300, deadline=4000)
@given(st.lists(st.sampled_from([born(1, 1), died(1, 1), stats(1, range(39)), b"\x03\x00\x09", b"\x09", b"\x80"])))
def test_both_readers_agree_on_any_mixture(parts):
    data = b"".join(parts)

    assert decode_tracker(data) == carefully(data)


@settings(max_examples=300, deadline=4000)
@given(st.binary(max_size=500))
def test_any_bytes_are_decoded_to_their_good_prefix(data):
    events = decode_tracker(data)

    assert events.is_complete == (events.fault is None)


def test_a_name_may_hold_what_looks_like_an_event():
    trap = died(9, 9).decode("latin-1")
    name = "x" + "".join(letter for letter in trap if ord(letter) < 128)
    stream = born(1, 1, name) + died(1, 1)

    assert decode_tracker(stream).unit_events["event"].to_pylist() == ["born", "died"]
    assert decode_tracker(stream).unit_events["unit_type"].to_pylist() == [storable(name), None]


@pytest.mark.slow
def test_a_stream_of_32_mb_is_read_whole():
    generator = random.Random(7)
    block = b"".join(born(generator.randrange(16384), generator.randrange(99), delta=3) for _ in range(5000))
    repeats = 32 * 2**20 // len(block) + 1

    events = decode_tracker(block * repeats)

    assert events.is_complete
    assert events.event_count == 5000 * repeats


@pytest.mark.parametrize(
    "shortest",
    [b"\x03\x00\x09\x00\x09\x0e\x05\x04\x02\x09\x02\x00\x09\x02", event(7, number(1), number(1))],
    ids=["fields in another order", "usual"],
)
def test_a_hostile_stream_of_tiny_events_stops_at_the_cap(shortest):
    events = decode_tracker(shortest * 1005, max_events=1000)

    assert events.fault.startswith("more than 1000 events")
    assert events.unit_events.num_rows == 1000


def renamed_backwards(index: int, recycle: int, name: str) -> bytes:
    fields = vint(2) + text(name) + vint(1) + number(recycle) + vint(0) + number(index)
    return b"\x03\x00" + number(0) + number(4) + b"\x05" + vint(3) + fields


@pytest.mark.parametrize("read", [born, renamed_backwards], ids=["usual", "fields in another order"])
def test_a_name_longer_than_any_real_one_is_a_fault(read):
    events = decode_tracker(born(1, 1, "D" * 1024) + read(2, 1, "D" * 1025))

    assert events.fault.startswith("a name of 1025 bytes, after 1 good events")
    assert events.unit_events["unit_type"].to_pylist() == ["D" * 1024]


@pytest.mark.parametrize(
    ("event_id", "opening"), [(0, b"\x05\x4e"), (8, b"\x00" + vint(1023))], ids=["statistics", "positions"]
)
def test_beginnings_of_events_that_all_claim_the_same_bytes_do_not_fill_the_memory(event_id, opening):
    beginning = b"\x03\x00" + number(0) + number(event_id) + b"\x05\x04\x00" + number(1) + b"\x02" + opening
    stream = born(1, 1) + beginning * (2**20 // len(beginning))

    tracemalloc.start()
    events = decode_tracker(stream)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert events.event_count == 1
    assert peak < 100 * 2**20


def test_an_array_that_claims_more_than_the_stream_has_left_is_a_fault():
    claim = b"\x03\x00" + number(0) + number(8) + b"\x05\x04\x00" + number(1) + b"\x02\x00" + vint(1023)

    events = decode_tracker(born(1, 1) + claim + number(1) * 100)

    assert events.fault.startswith("a length of 1023 with 200 bytes left, after 1 good events")


def test_numbers_of_more_bits_than_a_column_has_are_a_fault():
    events = decode_tracker(born(1, 1) + event(7, number(2**62), number(0)))

    assert events.fault.startswith("a number of 63 bits")
    assert events.event_count == 1
