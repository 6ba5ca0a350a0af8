"""Images of the API become squares of one size, the upper edge first."""

import duckdb
import numpy as np
import pyarrow as pa

from sc2_pipeline.export.minimaps import LAYERS, MapImage, Minimaps
from sc2_pipeline.tables import RAW_TABLES


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


def test_without_the_games_description_of_the_map_every_image_is_unknown():
    unit = {"x": 1.0, "y": 1.0, "alliance": "self"}
    frames = pa.table({"player_id": [1], "game_loop": [0], "is_fogged": [True], "units": [[unit]]})
    with duckdb.connect() as connection:
        connection.execute("create schema raw")
        for name in ("game_info", "map_layers"):
            empty = RAW_TABLES[name].schema.empty_table()  # noqa: F841 - DuckDB reads it by its name
            connection.execute(f"create table raw.{name} as from empty")

        [row] = Minimaps(connection, "0123456789abcdef", 4).with_images(frames).to_pylist()

    assert {row[f"minimap_{layer}"] for layer in LAYERS} == {None}
