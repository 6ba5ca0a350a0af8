"""Maps as seen from above: where units died and where sides fought."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sc2_pipeline.report.drawing import COLOURS, nothing
from sc2_pipeline.report.text import escaped

_WIDTH = 480
_MARGIN = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """The rectangle of map cells that a picture shows; y grows upwards, as in the game."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """Height of the picture, with its cells as wide as high."""
        return _WIDTH * (self.top - self.bottom) / (self.right - self.left)

    def place(self, x: float, y: float) -> tuple[float, float]:
        """Where in the picture a place of the map is."""
        scale = _WIDTH / (self.right - self.left)
        return (x - self.left) * scale, (self.top - y) * scale


Extent = Sequence[float | None]
"""A map's playable rectangle from ``dim_maps``: left, bottom, right, top; None when no game was run on the map."""

NO_EXTENT: Extent = (None,) * 4


def ground_of(places: Sequence[tuple[float, float]], extent: Extent = NO_EXTENT) -> Ground | None:
    """The playable map extended to all places beyond it; all places with a margin when it is unknown. None without places."""
    if not places:
        return None
    xs, ys = [x for x, _ in places], [y for _, y in places]
    known = [edge for edge in extent if edge is not None]
    if len(known) == len(NO_EXTENT) and known[0] < known[2] and known[1] < known[3]:
        left, bottom, right, top = known
        return Ground(left=min(left, *xs), bottom=min(bottom, *ys), right=max(right, *xs), top=max(top, *ys))
    left, bottom = max(0.0, min(xs) - _MARGIN), max(0.0, min(ys) - _MARGIN)
    return Ground(left=left, bottom=bottom, right=max(xs) + _MARGIN, top=max(ys) + _MARGIN)


@dataclass(frozen=True, slots=True, kw_only=True)
class Fight:
    """A battle on the map, with its ``label``; ``said`` is its tooltip."""

    x: float
    y: float
    radius: float
    label: str
    said: str


def fight_map(
    title: str,
    ground: Ground | None,
    *,
    towns: Sequence[tuple[float, float, int, bool]],
    deaths: Sequence[tuple[float, float, int]],
    fights: Sequence[Fight],
) -> str:
    """Town halls (x, y, colour, is the start), deaths (x, y, colour of the owner) and the largest fights."""
    if ground is None:
        return nothing("nothing was built and nothing died")
    parts = []
    for x, y, colour in deaths:
        at_x, at_y = ground.place(x, y)
        parts.append(
            f'<circle class="death" cx="{at_x:.1f}" cy="{at_y:.1f}" r="2.2" fill="var(--c{colour % COLOURS})"/>'
        )
    for x, y, colour, is_start in towns:
        at_x, at_y = ground.place(x, y)
        size = 9 if is_start else 6
        fill = f";fill:var(--c{colour % COLOURS})" if is_start else ""
        parts.append(
            f'<rect class="town" x="{at_x - size:.1f}" y="{at_y - size:.1f}" width="{2 * size}" height="{2 * size}" '
            f'rx="3" style="stroke:var(--c{colour % COLOURS}){fill}"/>'
        )
    for fight in fights:
        at_x, at_y = ground.place(fight.x, fight.y)
        radius = max(11.0, fight.radius * _WIDTH / (ground.right - ground.left))
        parts.append(
            f'<g><title>{escaped(fight.said)}</title><circle class="fight" cx="{at_x:.1f}" cy="{at_y:.1f}" '
            f'r="{radius:.1f}"/><text x="{at_x:.1f}" y="{at_y + 5:.1f}" text-anchor="middle">{escaped(fight.label)}</text></g>'
        )
    return _svg(title, ground, "".join(parts))


def heat_map(
    title: str, cells: Sequence[tuple[float, float, float]], *, size: float, extent: Extent = NO_EXTENT
) -> str:
    """Squares of ``size`` map cells, (left, bottom, count), darker for higher counts, by square root so that low ones show."""
    ground = ground_of([(x, y) for x, y, _ in cells] + [(x + size, y + size) for x, y, _ in cells], extent)
    if ground is None:
        return nothing("nobody died")
    most = max(count for _, _, count in cells)
    parts = []
    for x, y, count in cells:
        at_x, at_y = ground.place(x, y + size)
        wide = size * _WIDTH / (ground.right - ground.left)
        parts.append(
            f'<rect x="{at_x:.1f}" y="{at_y:.1f}" width="{wide:.1f}" height="{wide:.1f}" '
            f'fill="rgba(var(--heat),{math.sqrt(count / most):.2f})"><title>{count:g} deaths</title></rect>'
        )
    return _svg(title, ground, "".join(parts))


def _svg(title: str, ground: Ground, content: str) -> str:
    return (
        f'<svg class="chart map" viewBox="0 0 {_WIDTH} {ground.height:.0f}" role="img" aria-label="{escaped(title)}">'
        f"{content}</svg>"
    )
