"""Images of the API become squares of one size, the upper edge first."""

import numpy as np

from sc2_pipeline.export.minimaps import MapImage


def test_one_bit_a_pixel_is_read_high_bit_first_and_turned_over():
    # Two rows of eight: the lower one has its first cell set, the upper one its last.
    image = MapImage.of(bytes([0b10000000, 0b00000001]), 1, 8, 2, is_upwards=True)

    resampled = image.resampled(8)

    assert resampled.shape == (8, 8)
    assert np.argwhere(resampled).tolist() == [[6, 7], [7, 0]]


def test_rows_downwards_and_eight_bits_are_the_same_image_and_smaller_ones_take_the_nearest():
    image = MapImage.of(bytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16]), 8, 4, 4, is_upwards=False)

    assert image.resampled(2).tolist() == [[2, 4], [10, 12]]


def test_an_image_of_too_few_bytes_is_none():
    assert MapImage.of(b"\1", 8, 4, 4, is_upwards=True) is None
    assert MapImage.of(None, None, None, None, is_upwards=True) is None
