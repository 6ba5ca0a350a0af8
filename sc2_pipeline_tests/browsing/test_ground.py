"""What part of a map is shown."""

import pytest

from sc2_pipeline.browsing.ground import Ground, ground_of


@pytest.mark.parametrize(
    ("extent", "ground"),
    [
        ((0, 0, 100, 80), Ground(left=0, bottom=0, right=100, top=90)),
        ((None, 0, 100, 80), Ground(left=4, bottom=4, right=26, top=96)),
        ((50, 50, 50, 50), Ground(left=4, bottom=4, right=26, top=96)),
    ],
)
def test_what_lies_beyond_a_map_is_shown_and_a_map_of_no_size_is_not(extent, ground):
    assert ground_of([(10, 10), (20, 90)], extent) == ground
