"""Which real files are of one game, and files made from them as clients and tools make them."""

import pytest

from sc2_pipeline.game import game_seconds
from sc2_pipeline_tests.identity.recordings import (
    GAME_EVENTS,
    TRACKER,
    extracted,
    games,
    grouped,
    member,
    repacked,
    standing,
)


@pytest.fixture(scope="module")
def original(shared):
    return (shared / "cases/resumed/original.SC2Replay").read_bytes()


@pytest.fixture(scope="module")
def continuation(shared):
    return (shared / "cases/resumed/continuation.SC2Replay").read_bytes()


@pytest.fixture(scope="module")
def other_continuation(continuation):
    """Somebody else took the same seat another time."""
    events = member(continuation, GAME_EVENTS)
    assert events.count(b"P1abcdefg") == 1
    return repacked(continuation, {GAME_EVENTS: events.replace(b"P1abcdefg", b"P3abcdefg")})


def test_a_continuation_is_of_its_originals_game_and_counts(original, continuation):
    told = games({"original": original, "continuation": continuation})

    assert grouped(told) == [{"continuation", "original"}]
    assert standing(told) == {"continuation": "takeover"}
    assert told["original"]["canonical_by"] == "takeover"
    assert told["continuation"]["continues_replay_id"] == "original"
    assert [(row["is_resumed"], row["resumed_at_game_loop"]) for row in told.values()] in (
        [(False, None), (True, 14_848)],
        [(True, 14_848), (False, None)],
    )


def test_a_continuation_without_its_original_is_marked_all_the_same(continuation):
    told = games({"continuation": continuation})

    [row] = told.values()
    assert (row["is_resumed"], row["resumed_at_game_loop"], row["continues_replay_id"]) == (True, 14_848, None)
    assert (row["is_canonical"], row["canonical_by"]) == (True, "alone")


def test_two_continuations_of_one_original_are_one_game(original, continuation, other_continuation):
    told = games({"original": original, "first": continuation, "second": other_continuation})

    assert grouped(told) == [{"first", "original", "second"}]
    assert len(standing(told)) == 1
    assert not told["original"]["is_canonical"]
    assert {told[name]["continues_replay_id"] for name in ("first", "second")} == {"original"}
    assert grouped(games({"first": continuation, "second": other_continuation})) == [{"first", "second"}]


@pytest.mark.parametrize("lost", [3, 21, 1_000, 100_000])
def test_a_recording_that_ended_earlier_is_a_copy(original, lost):
    events, tracker = member(original, GAME_EVENTS), member(original, TRACKER)
    last_to_leave = bytes([0x04, 0xC2, 0x05])
    shorter = repacked(original, {GAME_EVENTS: events[:-lost] + last_to_leave, TRACKER: tracker[: len(tracker) // 2]})

    told = games({"longer": original, "shorter": shorter})

    assert grouped(told) == [{"longer", "shorter"}]
    assert told["shorter"]["is_resumed"] is False
    assert standing(told) == {"longer": "tracker_complete"}


def test_streams_that_part_without_a_takeover_are_of_different_games(original):
    events = member(original, GAME_EVENTS)
    another = repacked(original, {GAME_EVENTS: events[:50_000] + bytes(reversed(events[50_000:]))})

    assert grouped(games({"one": original, "other": another})) == [{"one"}, {"other"}]


def test_bots_of_one_seed_play_different_games(shared):
    bots = {path.stem: path.read_bytes() for path in sorted((shared / "cases/same_seed_bots").glob("*.SC2Replay"))}

    assert grouped(games(bots)) == [{"29"}, {"42"}]


def test_a_resumed_game_of_2013_is_known_by_both_its_signs(shared):
    [row] = extracted((shared / "cases/older/2.0.11.26825_4.SC2Replay").read_bytes())["replays"].to_pylist()

    assert row["first_game_loop"] == 3_200
    assert round(game_seconds(row["first_game_loop"])) == 143


def test_takeovers_are_found_without_decoding_every_stream(shared, continuation):
    resumed = [continuation, (shared / "cases/older/2.0.11.26825_4.SC2Replay").read_bytes()]

    for replay in resumed:
        assert extracted(replay)["takeovers"].equals(extracted(replay, commands=True)["takeovers"])


def test_who_took_which_seat_is_told(continuation):
    [row] = extracted(continuation)["takeovers"].to_pylist()

    assert (row["game_loop"], row["user_id"], row["method"]) == (14_848, 0, 0)
    assert row["seat_user_ids"] == [0, 1]
    assert row["seat_names"] == ["P1abcdefg", "P2abcde"]
    assert row["seat_toon_handles"] == ["2-S2-1-1234567", "2-S2-1-2234567"]
    assert row["seat_roles"] == [0, 0]


def test_no_two_of_the_shared_replays_are_of_one_game(shared_replays):
    replays = {}
    for path in sorted(shared_replays.rglob("*.SC2Replay")) + sorted(shared_replays.rglob("*.sc2replay")):
        try:
            extracted(content := path.read_bytes())
        except Exception:  # noqa: BLE001 - those that nobody can read
            continue
        replays[str(path)] = content

    assert len(replays) > 100
    assert [game for game in grouped(games(replays)) if len(game) > 1] == []
