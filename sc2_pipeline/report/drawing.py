"""Charts as inline SVG. Colours are CSS variables of the page, so that they follow light and dark mode."""

import json
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sc2_pipeline.game import clock
from sc2_pipeline.report.text import escaped

WIDTH, HEIGHT = 480, 250
LEFT, RIGHT, TOP, BOTTOM = 48, 10, 10, 30

WIDE_WIDTH, WIDE_HEIGHT, WIDE_LEFT = 980, 350, 72
"""Size of a chart over the full page width; its text is larger on a phone (page.css)."""

COLOURS = 8
"""Variables --c0 to --c7 of the page: Okabe and Ito's palette, which is safe for colour-blind readers."""

DASHES = ("", "7 4", "2 3", "10 3 2 3")
"""Dash patterns beside colours, so that lines differ in print too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """One line of a chart: ``points`` are (x, y); ``is_step`` holds a value until the next point."""

    label: str
    points: Sequence[tuple[float, float]]
    colour: int = 0
    dash: int = 0
    is_step: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """A shaded span of x with its tooltip."""

    start: float
    end: float
    label: str
    kind: str = "band"


def ticks(low: float, high: float, most: int = 5) -> list[float]:
    """Round numbers from low to high.

    >>> ticks(0, 87)
    [0.0, 20.0, 40.0, 60.0, 80.0]
    """
    span = high - low
    if span <= 0:
        return [low]
    raw = span / most
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= raw)
    first = math.ceil(low / step - 1e-9)
    return [round(i * step, 10) for i in range(first, math.floor(high / step + 1e-9) + 1)]


def minute_ticks(seconds: float, most: int = 8) -> list[float]:
    """Full minutes in seconds, few enough for an axis."""
    step = next(
        step for step in (30, 60, 120, 300, 600, 1200, 3600, 36_000) if seconds / step <= most or step == 36_000
    )
    return [float(at) for at in range(0, int(seconds) + 1, step)]


def short(value: float) -> str:
    """A number for an axis.

    >>> short(12500)
    '12.5k'
    """
    if abs(value) >= 1000:
        return f"{value / 1000:.10g}k"
    return f"{value:.10g}"


def line_chart(
    title: str,
    series: Sequence[Series],
    *,
    unit: str,
    bands: Sequence[Band] = (),
    is_clock: bool = True,
    is_wide: bool = False,
    end: float | None = None,
) -> str:
    """Line chart over time in seconds, or over a number if ``is_clock`` is false, with values as tooltips.

    The axis goes to ``end``, by default to the last point.
    """
    points = [point for line in series for point in line.points]
    if not points:
        return nothing("no samples")
    width, height, left = (WIDE_WIDTH, WIDE_HEIGHT, WIDE_LEFT) if is_wide else (WIDTH, HEIGHT, LEFT)
    x_max = end or max(x for x, _ in points) or 1
    y_max = max(*(y for _, y in points), 1) * 1.05
    bottom = BOTTOM + 14 * is_wide
    plot_width, plot_height = width - left - RIGHT, height - TOP - bottom

    def x_of(x: float) -> float:
        return left + plot_width * x / x_max

    def y_of(y: float) -> float:
        return TOP + plot_height * (1 - y / y_max)

    parts = [_shaded(bands, x_of, plot_height)]
    for tick in ticks(0, y_max):
        parts.append(
            f'<line class="grid" x1="{left}" x2="{width - RIGHT}" y1="{y_of(tick):.1f}" y2="{y_of(tick):.1f}"/>'
        )
        parts.append(f'<text x="{left - 6}" y="{y_of(tick) + 4:.1f}" text-anchor="end">{short(tick)}</text>')
    for tick in minute_ticks(x_max) if is_clock else ticks(0, x_max, 8):
        label = clock(tick) if is_clock else short(tick)
        parts.append(f'<text x="{x_of(tick):.1f}" y="{height - 8}" text-anchor="middle">{label}</text>')
    for line in series:
        path = _path([(x_of(x), y_of(y)) for x, y in line.points], line.is_step)
        dash = f' stroke-dasharray="{DASHES[line.dash]}"' if DASHES[line.dash] else ""
        parts.append(f'<path class="line" style="stroke:var(--c{line.colour % COLOURS})"{dash} d="{path}"/>')
    parts.append(f'<line class="cursor" y1="{TOP}" y2="{height - bottom}" x1="-9" x2="-9"/>')
    values = {
        "left": left,
        "right": width - RIGHT,
        "width": width,
        "max": x_max,
        "clock": is_clock,
        "unit": unit,
        "lines": [
            {"label": line.label, "points": [[round(x, 1), round(y, 1)] for x, y in line.points]} for line in series
        ],
    }
    drawing = _svg(title, "".join(parts), width=width, height=height, values=values, kind="wide" if is_wide else "")
    return drawing + _legend(series) + '<p class="readout" aria-hidden="true"></p>'


def _shaded(bands: Sequence[Band], x_of: Callable[[float], float], plot_height: int) -> str:
    return "".join(
        f'<rect class="{escaped(band.kind)}" x="{x_of(band.start):.1f}" y="{TOP}" height="{plot_height}" '
        f'width="{max(1.5, x_of(band.end) - x_of(band.start)):.1f}"><title>{escaped(band.label)}</title></rect>'
        for band in bands
    )


def _path(points: Sequence[tuple[float, float]], is_step: bool) -> str:
    parts = [f"M{points[0][0]:.1f} {points[0][1]:.1f}"] if points else []
    for x, y in points[1:]:
        parts.append(f"H{x:.1f}V{y:.1f}" if is_step else f"L{x:.1f} {y:.1f}")
    return "".join(parts)


def _legend(series: Sequence[Series]) -> str:
    keys = "".join(
        f'<span><svg class="key" viewBox="0 0 26 8" aria-hidden="true"><path class="line" d="M1 4H25" '
        f'style="stroke:var(--c{line.colour % COLOURS})" stroke-dasharray="{DASHES[line.dash]}"/></svg>'
        f"<bdi>{escaped(line.label)}</bdi></span>"
        for line in series
    )
    return f'<p class="legend">{keys}</p>'


def histogram(title: str, bins: Sequence[tuple[str, float]], *, unit: str) -> str:
    """Vertical bars, one per label."""
    if not bins:
        return nothing("nothing to count")
    y_max = max(*(count for _, count in bins), 1) * 1.05
    plot_width, plot_height = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM
    step = plot_width / len(bins)
    every = math.ceil(len(bins) / max(1, plot_width / (9 * max(len(label) for label, _ in bins))))
    parts = []
    for tick in ticks(0, y_max):
        y = TOP + plot_height * (1 - tick / y_max)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{short(tick)}</text>')
    for i, (label, count) in enumerate(bins):
        height, x = plot_height * count / y_max, LEFT + i * step
        parts.append(
            f'<rect class="bar" x="{x + 1:.1f}" y="{TOP + plot_height - height:.1f}" width="{max(1, step - 2):.1f}" '
            f'height="{height:.1f}"><title>{escaped(label)}: {count:g} {escaped(unit)}</title></rect>'
        )
        if i % every == 0:
            parts.append(f'<text x="{x + step / 2:.1f}" y="{HEIGHT - 10}" text-anchor="middle">{escaped(label)}</text>')
    return _svg(title, "".join(parts))


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """One row of a box plot: minimum, quartiles, maximum; ``note`` is printed at its end."""

    label: str
    numbers: tuple[float, float, float, float, float]
    note: str = ""
    colour: int = 0


def strips(title: str, rows: Sequence[Strip], *, unit: str, is_clock: bool = False, start: float = 0) -> str:
    """Box plots with median and whiskers from minimum to maximum, one row per item."""
    if not rows:
        return nothing("too few games")
    left, note_width, row_height = 158, 44, 26
    height = TOP + row_height * len(rows) + BOTTOM
    x_max = max(row.numbers[4] for row in rows)
    span = (x_max - start) or 1

    def x_of(value: float) -> float:
        return left + (WIDTH - left - note_width) * (value - start) / span

    parts = []
    for tick in [t for t in minute_ticks(x_max, 5) if t >= start] if is_clock else ticks(start, x_max, 5):
        parts.append(
            f'<line class="grid" x1="{x_of(tick):.1f}" x2="{x_of(tick):.1f}" y1="{TOP}" y2="{height - BOTTOM}"/>'
        )
        label = clock(tick) if is_clock else short(tick)
        parts.append(f'<text x="{x_of(tick):.1f}" y="{height - 10}" text-anchor="middle">{label}</text>')
    for i, row in enumerate(rows):
        y = TOP + row_height * i + row_height / 2
        low, first, middle, third, high = (x_of(value) for value in row.numbers)
        said = [clock(v) if is_clock else f"{v:,.0f}" for v in row.numbers]
        parts.append(
            f'<g style="--c:var(--c{row.colour % COLOURS})"><title>{escaped(row.label)}: median {said[2]} {escaped(unit)}, '
            f"half between {said[1]} and {said[3]}, all between {said[0]} and {said[4]}</title>"
            f'<line class="whisker" x1="{low:.1f}" x2="{high:.1f}" y1="{y}" y2="{y}"/>'
            f'<rect class="box" x="{first:.1f}" y="{y - 7}" width="{max(2, third - first):.1f}" height="14" rx="3"/>'
            f'<line class="median" x1="{middle:.1f}" x2="{middle:.1f}" y1="{y - 9}" y2="{y + 9}"/></g>'
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escaped(_cut(row.label, 18))}</text>'
            f'<text class="note" x="{WIDTH - 4}" y="{y + 4}" text-anchor="end">{escaped(row.note)}</text>'
        )
    return _svg(title, "".join(parts), height=height)


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """A rate from 0 to 1 with its confidence interval and the counts behind it."""

    label: str
    rate: float
    low: float
    high: float
    note: str
    colour: int = 0


def intervals(title: str, rows: Sequence[Interval]) -> str:
    """Rates as dots with their intervals, and a line at one half."""
    if not rows:
        return nothing("too few games")
    left, note_width, row_height = 158, 60, 26
    height = TOP + row_height * len(rows) + BOTTOM

    def x_of(value: float) -> float:
        return left + (WIDTH - left - note_width) * value

    parts = []
    for tick in (0, 0.25, 0.5, 0.75, 1):
        kind = "half" if tick == 0.5 else "grid"
        parts.append(
            f'<line class="{kind}" x1="{x_of(tick):.1f}" x2="{x_of(tick):.1f}" y1="{TOP}" y2="{height - BOTTOM}"/>'
        )
        parts.append(f'<text x="{x_of(tick):.1f}" y="{height - 10}" text-anchor="middle">{100 * tick:.0f}%</text>')
    for i, row in enumerate(rows):
        y = TOP + row_height * i + row_height / 2
        parts.append(
            f'<g style="--c:var(--c{row.colour % COLOURS})"><title>{escaped(row.label)}: {100 * row.rate:.0f}%, '
            f"likely {100 * row.low:.0f} to {100 * row.high:.0f}%, {escaped(row.note)}</title>"
            f'<line class="reach" x1="{x_of(row.low):.1f}" x2="{x_of(row.high):.1f}" y1="{y}" y2="{y}"/>'
            f'<circle class="dot" cx="{x_of(row.rate):.1f}" cy="{y}" r="5"/></g>'
            f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escaped(_cut(row.label, 18))}</text>'
            f'<text class="note" x="{WIDTH - 4}" y="{y + 4}" text-anchor="end">{escaped(row.note)}</text>'
        )
    return _svg(title, "".join(parts), height=height)


def bars(rows: Sequence[tuple[str, float]], *, note: str = "") -> str:
    """Horizontal bars as an HTML table, which needs no alternative text; ``note`` is the heading of the numbers."""
    if not rows:
        return nothing("nothing to count")
    most = max(*(value for _, value in rows), 1)
    lines = "".join(
        f'<tr><th scope="row"><bdi>{escaped(label)}</bdi></th><td class="barcell">'
        f'<span class="hbar" style="width:{100 * value / most:.1f}%"></span></td><td class="num">{value:,.10g}</td></tr>'
        for label, value in rows
    )
    head = f'<caption class="sr">{escaped(note)}</caption>' if note else ""
    return f'<table class="bars">{head}{lines}</table>'


def _cut(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _svg(
    title: str, content: str, *, width: float = WIDTH, height: float = HEIGHT, values: object = None, kind: str = ""
) -> str:
    chart = f' data-chart="{escaped(json.dumps(values, ensure_ascii=True))}"' if values is not None else ""
    return (
        f'<svg class="chart {kind}" viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escaped(title)}"{chart}>'
        f"{content}</svg>"
    )


def nothing(why: str) -> str:
    """Placeholder for a chart without data."""
    return f'<p class="nothing">{escaped(why)}</p>'
