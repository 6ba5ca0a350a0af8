"""Map drawings: where units died and where the players fought."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from sc2_pipeline.browsing.ground import NO_EXTENT, Extent, Ground, ground_of
from sc2_pipeline.report.drawing import COLOURS, nothing
from sc2_pipeline.report.text import escaped

_WIDTH = 480


def _height(ground: Ground) -> float:
    """Height of the drawing, with square cells."""
    return _WIDTH * (ground.top - ground.bottom) / (ground.right - ground.left)


def _place(ground: Ground, x: float, y: float) -> tuple[float, float]:
    """Converts map coordinates to drawing coordinates."""
    scale = _WIDTH / (ground.right - ground.left)
    return (x - ground.left) * scale, (ground.top - y) * scale


@dataclass(frozen=True, slots=True, kw_only=True)
class Fight:
    """A battle on the map; ``label`` is drawn in it, ``said`` is its tooltip."""

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
        at_x, at_y = _place(ground, x, y)
        parts.append(
            f'<circle class="death" cx="{at_x:.1f}" cy="{at_y:.1f}" r="2.2" fill="var(--c{colour % COLOURS})"/>'
        )
    for x, y, colour, is_start in towns:
        at_x, at_y = _place(ground, x, y)
        size = 9 if is_start else 6
        fill = f";fill:var(--c{colour % COLOURS})" if is_start else ""
        parts.append(
            f'<rect class="town" x="{at_x - size:.1f}" y="{at_y - size:.1f}" width="{2 * size}" height="{2 * size}" '
            f'rx="3" style="stroke:var(--c{colour % COLOURS}){fill}"/>'
        )
    for fight in fights:
        at_x, at_y = _place(ground, fight.x, fight.y)
        radius = max(11.0, fight.radius * _WIDTH / (ground.right - ground.left))
        parts.append(
            f'<g><title>{escaped(fight.said)}</title><circle class="fight" cx="{at_x:.1f}" cy="{at_y:.1f}" '
            f'r="{radius:.1f}"/><text x="{at_x:.1f}" y="{at_y + 5:.1f}" text-anchor="middle">{escaped(fight.label)}</text></g>'
        )
    return _svg(title, ground, "".join(parts))


def heat_map(
    title: str, cells: Sequence[tuple[float, float, float]], *, size: float, extent: Extent = NO_EXTENT
) -> str:
    """Squares of ``size`` map cells, (left, bottom, count), shaded by the square root of the count, so that small
    counts stay visible."""
    ground = ground_of([(x, y) for x, y, _ in cells] + [(x + size, y + size) for x, y, _ in cells], extent)
    if ground is None:
        return nothing("nobody died")
    most = max(count for _, _, count in cells)
    parts = []
    for x, y, count in cells:
        at_x, at_y = _place(ground, x, y + size)
        wide = size * _WIDTH / (ground.right - ground.left)
        parts.append(
            f'<rect x="{at_x:.1f}" y="{at_y:.1f}" width="{wide:.1f}" height="{wide:.1f}" '
            f'fill="rgba(var(--heat),{math.sqrt(count / most):.2f})"><title>{count:g} deaths</title></rect>'
        )
    return _svg(title, ground, "".join(parts))


def _svg(title: str, ground: Ground, content: str) -> str:
    return (
        f'<svg class="chart map" viewBox="0 0 {_WIDTH} {_height(ground):.0f}" role="img" aria-label="{escaped(title)}">'
        f"{content}</svg>"
    )
