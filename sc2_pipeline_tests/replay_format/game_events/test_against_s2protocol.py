"""Every row the decoder keeps, against Blizzard's own decoder, on every real replay whose build that has."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from sc2_pipeline.errors import ReplayError
from sc2_pipeline.replay_format.game_events import GAME_EVENTS_MEMBER
from sc2_pipeline.replay_format.game_events.compiler import USER_BITS
from sc2_pipeline.replay_format.game_events.schema import (
    OLDEST_BUILD,
    WANTED_GAME_EVENTS,
    WANTED_MESSAGES,
    game_event_decoder,
    message_decoder,
)
from sc2_pipeline.replay_format.game_events.streams import decoded_stream
from sc2_pipeline.replay_format.lobby import read_header
from sc2_pipeline.replay_format.message_events import MESSAGES_MEMBER
from sc2_pipeline.replay_format.mpq import Archive, open_archive
from sc2_pipeline.replay_format.protocols import builds

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(sys.version_info >= (3, 12), reason="s2protocol cannot be imported on Python 3.12 and later"),
]

BRANCHES = {"None": 0, "Mask": 1, "OneIndices": 2, "ZeroIndices": 3, "TargetPoint": 1, "TargetUnit": 2, "Data": 3}
"""Number of each branch of the choices that rows name."""


def real_archives(folder: Path) -> Iterator[tuple[str, int, Archive]]:
    for path in sorted(folder.glob("*/*")):
        if path.suffix.lower() != ".sc2replay":
            continue
        try:
            archive = open_archive(path)
            build = read_header(archive)["m_version"]["m_baseBuild"]
        except ReplayError:
            continue
        if build in builds() and build >= OLDEST_BUILD:
            yield path.name, build, archive


def in_stream_order(length: int, value: int, first_bit: int) -> int:
    """s2protocol's number of a bit array as one whose bit 0 is the first in the stream."""
    bits = []
    while length:
        taken = min(length, 8 - first_bit)
        piece = value >> (length - taken) & (1 << taken) - 1
        bits += [piece >> bit & 1 for bit in range(taken)]
        length -= taken
        first_bit = 0
    return sum(bit << place for place, bit in enumerate(bits))


def field(event: Mapping[str, Any], path: str) -> Any:
    """The value at a dotted path of an s2protocol event; None where it is not there."""
    value: Any = event
    for part in path.split("."):
        if not isinstance(value, dict) or part not in value:
            return None
        value = value[part]
    return value


def assert_same(event: Mapping[str, Any], paths: list[str], kept: Any) -> None:
    """That ``kept`` is what s2protocol has at the one of ``paths`` that the event holds."""
    value = next((value for path in paths if (value := field(event, path)) is not None), None)
    match value:
        case dict():
            assert kept == BRANCHES[next(iter(value))]
        case list():
            assert kept == tuple(value)
        case (length, number):
            # s2protocol does not say at which bit of a byte the array began: one of eight readings must be ours.
            assert kept in {(length, in_stream_order(length, number, bit)) for bit in range(8)}
        case _:
            assert kept == value


def assert_equal_streams(theirs: Iterator[Mapping[str, Any]], stream: Any, wanted: Mapping[str, Any]) -> int:
    """Every row and mark of ``stream`` against the events; gives the number of events."""
    rows, marks = iter(stream.log), iter(stream.marks)
    count = 0
    for event in theirs:
        name = event["_event"].rsplit(".", 1)[-1]
        if name in wanted and not wanted[name]:
            assert next(marks) == event["_gameloop"] << USER_BITS | event["_userid"]["m_userId"]
        elif name in wanted:
            row = next(rows)
            assert row[:4] == (count, event["_gameloop"], event["_userid"]["m_userId"], event["_eventid"])
            for column, kept in zip(stream.decoder.columns[name], row[4:], strict=True):
                assert_same(event, [path for path, into in wanted[name].items() if into == column], kept)
        count += 1
    assert next(rows, None) is None
    assert next(marks, None) is None
    return count


def test_game_events_are_those_of_s2protocol(shared_replays):
    from s2protocol import versions

    compared = events = 0
    for name, build, archive in real_archives(shared_replays):
        data = archive.read(GAME_EVENTS_MEMBER)
        stream = decoded_stream(data, build, game_event_decoder)
        if stream.reading.protocol_build != build or not stream.reading.is_complete:
            assert build == OLDEST_BUILD, name
            continue
        count = assert_equal_streams(versions.build(build).decode_replay_game_events(data), stream, WANTED_GAME_EVENTS)
        assert stream.reading.event_count == count, name
        compared, events = compared + 1, events + count

    assert compared >= 60
    assert events > 500_000


def test_chat_is_that_of_s2protocol(shared_replays):
    from s2protocol import versions

    compared = 0
    for name, build, archive in real_archives(shared_replays):
        if MESSAGES_MEMBER not in archive:
            continue
        data = archive.read(MESSAGES_MEMBER)
        stream = decoded_stream(data, build, message_decoder)
        theirs = versions.build(build).decode_replay_message_events(data)
        assert stream.reading.event_count == assert_equal_streams(theirs, stream, WANTED_MESSAGES), name
        compared += 1

    assert compared >= 60
