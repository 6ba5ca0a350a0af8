"""Work that is sped up for a while, forwards and backwards."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sc2_pipeline.build_orders.work import Boost, combined, finish, game_loops_saved, latest_start


@st.composite
def boosts(draw):
    edges = sorted(draw(st.lists(st.integers(0, 2000), max_size=6, unique=True)))
    rates = st.sampled_from([1.15, 1.5, 2.0])
    return [Boost(start, end, draw(rates)) for start, end in zip(edges[::2], edges[1::2], strict=False)]


@pytest.mark.parametrize(
    ("start", "work", "windows", "end"),
    [
        (100, 272, [], 372),
        (100, 272, [Boost(0, 448, 1.5)], 282),
        (100, 960, [Boost(100, 548, 1.5)], 836),
        (0, 271, [Boost(0, 448, 1.5)], 181),
        (0, 300, [Boost(300, 400, 2.0)], 300),
    ],
)
def test_boosted_work_ends_sooner(start, work, windows, end):
    assert finish(start, work, windows) == end


@given(st.integers(0, 1500), st.integers(1, 900), boosts())
def test_the_latest_start_is_the_last_one_that_ends_in_time(start, work, windows):
    end = finish(start, work, windows)

    found = latest_start(end, work, windows)

    assert start <= found
    assert finish(found, work, windows) == end
    assert finish(found + 1, work, windows) > end


@given(st.integers(0, 1500), st.integers(1, 900), boosts())
def test_what_is_saved_is_what_it_would_have_taken_longer(start, work, windows):
    end = finish(start, work, windows)

    assert abs((end - start) + game_loops_saved(start, end, windows) - work) <= 2


def test_two_speed_ups_multiply():
    assert combined([Boost(10, 20, 1.5)], 15, 2.0) == [
        Boost(10, 15, 1.5),
        Boost(15, 20, 3.0),
        Boost(20, 1 << 30, 2.0),
    ]
