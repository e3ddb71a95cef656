"""Drawings as SVG inside a page: readable without colour, on paper, and by a screen reader."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np

Point = tuple[float, float]
WIDTH, HEIGHT = 560, 380
LEFT, RIGHT, TOP, BOTTOM = 60, 24, 14, 46
#: One way to draw a line for each curve: dashes tell them apart, colour does not.
DASHES = ("none", "8 4", "2 3", "10 3 2 3", "14 6", "5 2 1 2 1 2")


@dataclass(frozen=True)
class Curve:
    """A named line; `band` = (low, high) of each point, drawn as an area."""

    name: str
    points: Sequence[Point]
    band: Sequence[Point] = ()


@dataclass(frozen=True)
class Axis:
    """What an axis shows: its title, and its marks as (place 0…1, text)."""

    title: str
    marks: Sequence[tuple[float, str]]


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM)


def _path(points: Iterable[Point]) -> str:
    return "M" + "L".join(f"{_x(x):.1f} {_y(y):.1f}" for x, y in points)


def frame(title: str, across: Axis, up: Axis, content: str) -> str:
    """Draw axes with their marks around some content; `title` is what a screen reader says."""
    parts = [
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
    ]
    for place, text in across.marks:
        parts.append(f'<path class="grid" d="{_path([(place, 0), (place, 1)])}"/>')
        where = f'x="{_x(place):.1f}" y="{_y(0) + 16:.1f}" text-anchor="middle"'
        parts.append(f"<text {where}>{escape(text)}</text>")
    for place, text in up.marks:
        parts.append(f'<path class="grid" d="{_path([(0, place), (1, place)])}"/>')
        where = f'x="{LEFT - 6}" y="{_y(place) + 4:.1f}" text-anchor="end"'
        parts.append(f"<text {where}>{escape(text)}</text>")
    where = f'x="{_x(0.5):.1f}" y="{HEIGHT - 8}" text-anchor="middle"'
    parts.append(f"<text {where}>{escape(across.title)}</text>")
    middle = _y(0.5)
    parts.append(
        f'<text x="14" y="{middle:.1f}" text-anchor="middle" '
        f'transform="rotate(-90 14 {middle:.1f})">{escape(up.title)}</text>'
    )
    return "\n".join([*parts, content, "</svg>"])


PERCENT = [(share, f"{share:.0%}") for share in (0, 0.2, 0.4, 0.6, 0.8, 1)]


def _logarithmic(rate: float) -> float:
    """Place a rate of 0.1 % to 100 % on an axis of three decades."""
    return (float(np.log10(max(rate, 0.001))) + 3) / 3


def roc(curves: Sequence[Curve]) -> str:
    """Draw ROC curves over a logarithmic false positive rate; the band is that of the first."""
    marks = [(_logarithmic(rate), text) for rate, text in ROC_MARKS]
    parts = []
    for number, curve in enumerate(curves):
        placed = [(_logarithmic(x), y) for x, y in curve.points]
        if not number and curve.band:
            low = [(x, band[0]) for (x, _), band in zip(placed, curve.band, strict=True)]
            high = [(x, band[1]) for (x, _), band in zip(placed, curve.band, strict=True)]
            parts.append(f'<path class="band" d="{_path([*low, *high[::-1]])}Z"/>')
        dash = DASHES[number % len(DASHES)]
        parts.append(f'<path class="line" stroke-dasharray="{dash}" d="{_path(placed)}"/>')
        parts.append(_legend(number, dash, curve.name))
    chance = [(rate, rate) for rate in np.geomspace(0.001, 1, 40)]
    line = _path([(_logarithmic(x), y) for x, y in chance])
    parts.append(f'<path class="chance" d="{line}"/>')
    across = Axis("false positive rate (logarithmic)", marks)
    names = ", ".join(curve.name for curve in curves)
    up = Axis("recall", PERCENT)
    return frame(f"ROC curve of {names}", across, up, "\n".join(parts))


ROC_MARKS = ((0.001, "0.1%"), (0.01, "1%"), (0.05, "5%"), (0.1, "10%"), (1, "100%"))


def _legend(number: int, dash: str, name: str) -> str:
    # Down on the right, where no curve that is worth drawing comes.
    x, y = WIDTH - 360, HEIGHT - BOTTOM - 112 + 18 * number
    return (
        f'<path class="line" stroke-dasharray="{dash}" d="M{x} {y - 4}h34"/>'
        f'<text x="{x + 40}" y="{y}">{escape(name)}</text>'
    )


def calibration(points: Sequence[Point]) -> str:
    """Draw the share of AI over the mean score of each bin; on the thin line they are equal."""
    parts = [f'<path class="chance" d="{_path([(0, 0), (1, 1)])}"/>']
    parts.append(f'<path class="line" d="{_path(points)}"/>')
    for x, y in points:
        parts.append(f'<circle cx="{_x(x):.1f}" cy="{_y(y):.1f}" r="4"/>')
    across, up = Axis("mean score of the bin", PERCENT), Axis("share of AI in the bin", PERCENT)
    return frame("Calibration: share of AI over the score", across, up, "\n".join(parts))


def dots(title: str, rows: Sequence[tuple[str, tuple[float, float, float]]]) -> str:
    """Draw one value with its interval a row, all from 0 to 100 %."""
    step, left = 24, 190
    height = step * len(rows) + 40

    def x(share: float) -> float:
        return left + share * (WIDTH - left - RIGHT)

    parts = [
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{escape(title)}">',
        f"<title>{escape(title)}</title>",
    ]
    for share, text in PERCENT:
        parts.append(f'<path class="grid" d="M{x(share):.1f} 6V{height - 28}"/>')
        parts.append(
            f'<text x="{x(share):.1f}" y="{height - 10}" text-anchor="middle">{text}</text>'
        )
    for number, (name, (value, low, high)) in enumerate(rows):
        y = 20 + step * number
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{escape(name)}</text>')
        parts.append(f'<path class="line" d="M{x(low):.1f} {y}H{x(high):.1f}"/>')
        parts.append(f'<circle cx="{x(value):.1f}" cy="{y}" r="4"/>')
    return "\n".join([*parts, "</svg>"])
