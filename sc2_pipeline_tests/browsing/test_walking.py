import pytest

from sc2_pipeline.browsing.walking import place, track


def test_a_unit_stands_until_it_is_sent_and_then_walks_straight():
    points = track([(0.0, 10.0, 10.0)], [(5.0, 10.0, 22.0, False)], 60.0, cells_per_second=4)

    assert points == [(0.0, 10.0, 10.0, True), (5.0, 10.0, 10.0, False), (8.0, 10.0, 22.0, False)]
    assert [place(points, at) for at in (4.0, 6.5, 30.0)] == [(10.0, 10.0), (10.0, 16.0), (10.0, 22.0)]


def test_a_queued_command_waits_for_its_turn_and_another_one_does_not():
    known, first = [(0.0, 0.0, 0.0)], (0.0, 8.0, 0.0, False)

    queued = track(known, [first, (1.0, 8.0, 4.0, True)], 60.0, cells_per_second=4)
    instead = track(known, [first, (1.0, 4.0, 4.0, False)], 60.0, cells_per_second=4)

    assert queued[-2:] == [(2.0, 8.0, 0.0, False), (3.0, 8.0, 4.0, False)]
    assert instead[-1] == (2.0, 4.0, 4.0, False)


def test_where_the_replay_says_that_it_is_it_is():
    points = track([(0.0, 0.0, 0.0), (1.0, 50.0, 50.0)], [(0.0, 8.0, 0.0, False)], 1.0, cells_per_second=4)

    assert points[-2:] == [(1.0, 4.0, 0.0, False), (1.0, 50.0, 50.0, True)]
    assert place(points, 1.0) == (50.0, 50.0)


@pytest.mark.parametrize("commands", [[], [(0.0, 5.0, 5.0, False)]])
def test_nobody_knows_where_a_unit_is_before_it_is_seen(commands):
    assert track([], commands, 10.0) == []
    assert place([(5.0, 1.0, 1.0, True)], 4.9) is None
