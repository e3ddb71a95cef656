"""Marks without words: Gemini's sparkle and DALL-E 2's colour bar, by their known geometry.

Both are drawn here from their measures. Pictures are shrunk on their way, so the size is looked
for; the place follows from the size.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from server.image import Pixels, resize
from server.ocr import Box

Floats = npt.NDArray[np.float64]

#: Shorter side at which the sparkle is looked for; larger pictures are shrunk to it.
SHORT = 512
#: The sparkle: 48 pixels wide, 32 from the right and lower edge; 96 and 64 where both sides
#: exceed 1,024. As a share of the shorter side, over the sizes that Gemini gives.
SMALLEST, LARGEST, MARGIN = 0.022, 0.095, 2 / 3
#: One size to the next.
FINER = 1.035
#: Fewest pixels that have the sparkle's form.
LEAST = 8
#: Each of its four sides is an arc: centre and radius in half widths.
ARC, RADIUS = 58 / 48, 56.5 / 48
#: It is white at half opacity (0.51); edges lose some of it when a picture is shrunk.
OPACITY_LOW, OPACITY_HIGH = 0.3, 0.72
#: How far it may lie from its place, in its own widths.
SLACK = 0.12
#: How like the drawing its edges must be (correlation); of few pixels, where many a small sign
#: looks so, more.
ALIKE, FEW, ALIKE_OF_FEW = 0.42, 16, 0.5
#: On a busy ground its outline alone tells: the edges where the drawing has some (so steep, of 1)
#: are this much like it. In none of 2,922 real pictures a place for FEW pixels reaches 0.45.
STEEP, OUTLINE = 0.1, 0.66

#: DALL-E 2's five squares of 16 pixels, in the lower right corner.
BAR = ((255, 255, 102), (66, 255, 255), (81, 218, 76), (255, 110, 60), (60, 70, 255))
#: Sizes of a square to try: of 16 pixels, shrunk to a quarter and enlarged by two.
SQUARES = tuple(4 * 1.04**step for step in range(54))
#: How far a square's mean colour may be off, per channel, and how rough a square may be.
OFF, ROUGH = 36, 26


class Shape(NamedTuple):
    """A mark found: its kind (a code of the catalogue), its place, how alike it is, 0…1."""

    kind: str
    service: str
    box: Box
    alike: float


class Star(NamedTuple):
    """The best place for a sparkle of one size, in pixels of the corner that was looked at."""

    alike: float
    outline: float
    opacity: float
    box: Box


def find(pixels: Pixels) -> list[Shape]:
    """Return the marks without words."""
    return [shape for shape in (sparkle(pixels), colour_bar(pixels)) if shape]


def sparkle(pixels: Pixels) -> Shape | None:
    """Find Gemini's four-pointed star at the lower right."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    scale = min(1.0, SHORT / short)
    reach = round(short * LARGEST * (2 + MARGIN))
    corner = pixels[height - reach :, width - reach :]
    side = round(reach * scale)
    light = (resize(corner, side, side) if scale < 1 else corner) @ np.array([0.299, 0.587, 0.114])
    stars = [_sparkle_of(light, size) for size in _sizes(short * scale)]
    best = _sparkle_among(stars)
    if best is None:
        return None
    box = best.box.scaled(reach / side).moved(width - reach, height - reach)
    return Shape("sparkle", "Gemini", box, round(best.alike, 3))


def _sparkle_among(stars: list[Star]) -> Star | None:
    """Take the size that is most alike, else the one whose outline is; None where neither is."""
    if not stars:
        return None
    whole = max(stars)
    wanted = ALIKE if whole.box.width >= FEW else ALIKE_OF_FEW
    if whole.alike >= wanted and _is_translucent(whole):
        return whole
    outlined = max(stars, key=lambda star: star.outline if star.box.width >= FEW else 0.0)
    return outlined if outlined.outline >= OUTLINE and _is_translucent(outlined) else None


def _is_translucent(star: Star) -> bool:
    return OPACITY_LOW <= star.opacity <= OPACITY_HIGH


def _sizes(short: float) -> list[int]:
    count = int(np.log(LARGEST / SMALLEST) / np.log(FINER)) + 1
    sizes = {round(short * SMALLEST * FINER**step) for step in range(count)}
    return sorted(size for size in sizes if size >= LEAST)


def _sparkle_of(light: Floats, size: int) -> Star:
    """Return the best place for this size.

    Compared by its edges: what lies behind the star (a table's rim, a shadow) has few of them.
    """
    frame = max(2, size // 6)
    wide = size + 2 * frame
    drawing = draw_sparkle(size, frame)
    middle = light.shape[0] - size * (MARGIN + 0.5)
    slack = max(2, round(size * SLACK))
    first = round(middle - wide / 2) - slack
    first, last = max(0, first), min(light.shape[0] - wide, first + 2 * slack)
    if last < first:
        return Star(0.0, 0.0, 0.0, Box(0, 0, size, size))
    seen = light[first : last + wide, first : last + wide]
    shared = energy = np.zeros((last - first + 1, last - first + 1))
    wanted = 0.0
    for axis in (0, 1):
        drawn = np.diff(drawing, axis=axis)
        edges = _windows(np.diff(seen, axis=axis), drawn.shape)
        shared = shared + np.tensordot(edges, drawn, axes=((2, 3), (0, 1)))
        energy = energy + np.einsum("ijkl,ijkl->ij", edges, edges)
        wanted += float((drawn**2).sum())
    alike = shared / np.sqrt(energy * wanted + 1e-6)
    top, left = (int(at) for at in np.unravel_index(int(alike.argmax()), alike.shape))
    part = seen[top : top + wide, left : left + wide]
    # Its light over the ground's: white at half opacity adds half of what is missing to white.
    rise = float(shared[top, left]) / wanted
    opacity = rise / max(255 - float(part.mean() - rise * drawing.mean()), 1)
    box = Box(0, 0, size, size).moved(first + left + frame, first + top + frame)
    return Star(float(alike[top, left]), _outline(part, drawing), opacity, box)


def _outline(part: Floats, drawing: Floats) -> float:
    """Tell how like the drawing's edges a part's are (correlation), there alone."""
    seen, drawn = (
        np.concatenate([np.diff(each, axis=axis).ravel() for axis in (0, 1)])
        for each in (part, drawing)
    )
    on = np.abs(drawn) >= STEEP
    seen, drawn = seen[on], drawn[on]
    return float((seen @ drawn) / np.sqrt((seen @ seen) * (drawn @ drawn) + 1e-6))


def _windows(values: Floats, shape: tuple[int, ...]) -> Floats:
    found: Floats = np.lib.stride_tricks.sliding_window_view(values, shape)
    return found


@lru_cache(maxsize=64)
def draw_sparkle(size: int, frame: int = 0) -> Floats:
    """Draw the star, 0…1, this many pixels wide, with a frame of nothing around it."""
    finer = 4
    span = size * finer
    at = np.abs((np.arange(span) + 0.5) / span * 2 - 1)
    x, y = at[None, :], at[:, None]
    inside = (np.hypot(x - ARC, y - ARC) >= RADIUS).astype(np.float64)
    star = inside.reshape(size, finer, size, finer).mean(axis=(1, 3))
    return np.pad(star, frame)


def colour_bar(pixels: Pixels) -> Shape | None:
    """Find DALL-E 2's five coloured squares, flush with the lower right corner."""
    height, width = pixels.shape[:2]
    for square in SQUARES:
        if 5 * square > width / 2 or square > height / 2:
            break
        if _is_bar(pixels[height - round(square) :, width - round(5 * square) :], square):
            box = Box(width - 5 * square, height - square, float(width), float(height))
            return Shape("colour_bar", "DALL-E 2", box, 1.0)
    return None


def _is_bar(area: Pixels, square: float) -> bool:
    """Look at the middle of each square: its neighbours' colours run into its edge."""
    edge = max(1, round(square * 0.25))
    for number, colour in enumerate(BAR):
        left, right = round(number * square) + edge, round((number + 1) * square) - edge
        inner = area[edge : max(edge + 1, area.shape[0] - edge), left : max(left + 1, right)]
        values = inner.reshape(-1, 3).astype(np.float64)
        if np.abs(values.mean(axis=0) - colour).max() > OFF or values.std(axis=0).max() > ROUGH:
            return False
    return True
