"""Square images of the map around a frame, as arrays of one size for every map: to train on."""

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from sc2_pipeline.errors import SettingsError

Image = NDArray[np.uint8]

LAYERS = ("height", "pathing", "creep", "visibility", "player_relative")
"""Height of the ground, 0 to 255; 1 where ground units may walk; 1 under creep; 0 never seen, 1 before, 2 now; and whose unit
stands there, as pysc2 numbers it: 1 self, 2 ally, 3 neutral, 4 enemy, 0 nobody."""

MAX_SIDE = 256
_ALLIANCES = {"self": 1, "ally": 2, "neutral": 3, "enemy": 4}
_EIGHT_BITS = 8
"""Of a pathing grid: only engines of 2017 write so, with rows downwards and 255 where nothing may walk."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MapImage:
    """Pixels of an image of the API, by row and column, rows from the lower edge up."""

    pixels: Image

    @classmethod
    def of(
        cls, data: bytes | None, bits: int | None, width: int | None, height: int | None, *, is_upwards: bool
    ) -> "MapImage | None":
        """The image; None where there is none, or where its bytes are not of its size."""
        if not data or not width or not height:
            return None
        raw = np.frombuffer(data, np.uint8)
        values = np.unpackbits(raw) if bits == 1 else raw if bits == _EIGHT_BITS else raw[::4]
        if values.size < width * height:
            return None
        rows = values[: width * height].reshape(height, width)
        return cls(pixels=rows if is_upwards else rows[::-1])

    def resampled(self, side: int) -> Image:
        """The pixels nearest to the cells of a square around the map's lower left corner, rows from the upper edge down."""
        height, width = self.pixels.shape
        scale = max(height, width) / side
        places = ((np.arange(side) + 0.5) * scale).astype(int)
        image = np.zeros((side, side), np.uint8)
        rows, columns = places[places < height], places[places < width]
        image[: rows.size, : columns.size] = self.pixels[np.ix_(rows, columns)]
        return image[::-1]


class Minimaps:
    """The images of one replay's frames, ``side`` pixels square."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, replay_id: str, side: int) -> None:
        """Raises SettingsError for a side that no image can have."""
        if not 1 <= side <= MAX_SIDE:
            raise SettingsError(f"minimap is {side}; give 1 to {MAX_SIDE} pixels a side")
        self._side = side
        found = connection.sql("select * from raw.game_info where replay_id = ?", params=[replay_id]).to_arrow_table()
        # Without the game's description of the map, no layer is known.
        info = found.to_pylist()[0] if found.num_rows else dict.fromkeys(found.column_names)
        self._is_upwards = info["pathing_grid_bits_per_pixel"] != _EIGHT_BITS
        self._cells = max(info["map_width"] or 0, info["map_height"] or 0)
        pathing = self._grid(info, "pathing_grid")
        self._still = {
            "height": self._grid(info, "terrain_height"),
            "pathing": None
            if pathing is None
            else (pathing == 1 if self._is_upwards else pathing == 0).astype(np.uint8),
        }
        self._layers: dict[tuple[str, int, bool], tuple[list[int], list[Image]]] = {}
        rows = connection.execute(
            "select layer, pass_player_id, is_fogged, game_loop, pixels, bits_per_pixel, width, height from raw.map_layers"
            " where replay_id = ? order by game_loop",
            [replay_id],
        )
        while row := rows.fetchone():
            image = MapImage.of(*row[4:], is_upwards=self._is_upwards)
            if image is not None:
                loops, images = self._layers.setdefault((row[0], row[1], row[2]), ([], []))
                loops.append(row[3])
                images.append(image.resampled(side))

    def with_images(self, frames: pa.Table) -> pa.Table:
        """The frames with ``minimap_LAYER`` columns: lists of side * side numbers, row by row from the upper left corner.

        NULL where the layer is not known: map layers are, from the last one stored, with ``--detail full`` alone.
        """
        rows = frames.select(["player_id", "game_loop", "is_fogged", "units"]).to_pylist()
        kind = pa.list_(pa.uint8(), self._side**2)
        for layer in LAYERS:
            images = [self._image(layer, row) for row in rows]
            values = [None if image is None else image.ravel() for image in images]
            frames = frames.append_column(f"minimap_{layer}", pa.array(values, kind))
        return frames

    def _image(self, layer: str, row: Mapping[str, Any]) -> Image | None:
        if layer in self._still:
            return self._still[layer]
        if layer == "player_relative":
            return None if row["units"] is None or not self._cells else self._relative(row["units"])
        loops, images = self._layers.get((layer, row["player_id"], bool(row["is_fogged"])), ([], []))
        place = bisect_right(loops, row["game_loop"])
        return images[place - 1] if place else None

    def _relative(self, units: Iterable[Mapping[str, Any]]) -> Image:
        image = np.zeros((self._side, self._side), np.uint8)
        for unit in units:
            if unit["x"] is not None and unit["y"] is not None:
                column, row = (int(unit[axis] * self._side / self._cells) for axis in ("x", "y"))
                if 0 <= column < self._side and 0 <= row < self._side:
                    shown = _ALLIANCES.get(unit["alliance"], 0)
                    image[self._side - 1 - row, column] = max(image[self._side - 1 - row, column], shown)
        return image

    def _grid(self, info: Mapping[str, Any], name: str) -> Image | None:
        parts: Sequence[Any] = [info[f"{name}_{part}"] for part in ("pixels", "bits_per_pixel", "width", "height")]
        image = MapImage.of(*parts, is_upwards=self._is_upwards)
        return None if image is None else image.resampled(self._side)
