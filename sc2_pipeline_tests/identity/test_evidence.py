"""What is kept of a stream says of two of them what their bytes say."""

from hypothesis import given
from hypothesis import strategies as st

from sc2_pipeline.identity import (
    CHECKSUM_BYTES,
    GAME_EVENTS_BYTES,
    game_events_evidence,
    related_files,
    tracker_evidence,
)


@given(st.binary(min_size=1, max_size=8), st.integers(1, 3_000), st.integers(0, 24_000))
def test_checksums_are_equal_exactly_as_far_as_streams_are(pattern, repeats, parted_at):
    stream = pattern * repeats
    other = bytearray(stream)
    if parted_at < len(stream):
        other[parted_at] ^= 1
    ours, theirs = game_events_evidence(stream), game_events_evidence(bytes(other))

    assert ours is not None
    assert theirs is not None
    same = [one == two for one, two in zip(ours.checksums, theirs.checksums, strict=True)]
    assert same == [
        (number + 1) * CHECKSUM_BYTES <= parted_at or parted_at >= len(stream) for number in range(len(same))
    ]
    assert (ours.family == theirs.family) == (parted_at >= min(len(stream), GAME_EVENTS_BYTES))
    assert ours.size == len(stream)


def test_nothing_is_no_evidence():
    assert game_events_evidence(b"") is None
    assert tracker_evidence(b"") is None


def test_files_without_game_events_bring_those_together_that_have_their_tracker():
    files = [
        ("a", "g1", "t1"),
        ("b", None, "t1"),
        ("c", "g1", "t2"),
        ("d", "g2", "t1"),
        ("e", "g3", "t3"),
        ("f", None, None),
    ]

    assert related_files(files) == [["a", "b", "c", "d"], ["e"], ["f"]]
    assert related_files(file for file in files if file[0] != "b") == [["a", "c"], ["d"], ["e"], ["f"]]


@given(
    st.dictionaries(
        st.text("abcdefgh", min_size=1, max_size=2),
        st.tuples(st.none() | st.sampled_from("123"), st.none() | st.sampled_from("456")),
    )
)
def test_every_file_is_in_one_group_and_alike_ones_are_together(streams):
    groups = related_files((name, *families) for name, families in streams.items())

    assert sorted(name for group in groups for name in group) == sorted(streams)
    group_of = {name: number for number, group in enumerate(groups) for name in group}
    for one, (events, tracker) in streams.items():
        for other, (other_events, other_tracker) in streams.items():
            by_events = events is not None and events == other_events
            by_tracker = None in (events, other_events) and tracker is not None and tracker == other_tracker
            assert group_of[one] == group_of[other] or not (by_events or by_tracker)
