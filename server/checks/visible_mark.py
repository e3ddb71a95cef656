"""Visible marks: the words that a label demands, the marks that services print.

Looks along the upper and lower edge, for that is where marks are; over the whole picture only
when asked. A mark is short, small and at the edge: words amid other words are a picture of text.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from server import marks, ocr, shapes, spotting
from server.errors import CheckUnavailable, WeightsError
from server.evidence import Claim, Evidence, Param, Strength
from server.image import Image, Pixels, resize
from server.marks import Match
from server.ocr import Box
from server.shapes import Shape

NAME = "visible_mark"
#: Below this shorter side the letters of a mark cannot be read: 5 % of it are 5 pixels.
SMALLEST = 96
#: The shorter side at which text is looked for; small pictures are enlarged twice at most. In
#: the middle marks are large, and the picture is large too.
SCALE, WHOLE_SCALE, ENLARGED, LONGEST = 960, 640, 2.0, 2400
#: Height of the strips at the edges, as a share of the shorter side.
STRIP = 1 / 6
#: Text-like: so many of a cell's pixels (ocr.STEP wide) differ so much from the next but one.
STEEP, SHARE = 12, 0.04
#: Height of a mark's letters as a share of the shorter side. The law asks for 5 %; marks of
#: services go down to 2.9 %; what is much larger is a headline.
LOW, LAWFUL, HIGH = 0.018, 0.05, 0.15
#: Height of the finder's box over that of the letters (median on composites).
BOX = 1.34
#: A mark's distance from the edge, as a share of the shorter side.
EDGE = 0.1
#: Letters of a line that may belong to no mark.
REST = 6
#: Lines of one text are of one height, up to this factor; so many of them beside a mark make it
#: a part of a text.
LIKE, NEIGHBOURS = 1.4, 2
#: How sure the reader must be of a line, and of one that is a bare name.
SURE, SURER = 0.6, 0.8
#: Lines to read at most: a page of text has hundreds.
READINGS = 8
#: So much more is read to the left and right, in heights: the finder cuts faint ends. Where that
#: is no mark, so much.
BESIDE, FURTHER = 0.6, 4.0


#: Bands to read in each corner: height and distance from the edge as shares of the shorter side,
#: length in heights; at what height letters are looked for in them, in pixels.
BANDS, BAND, LOOKED = ((0.055, 0.02), (0.055, 0.035), (0.07, 0.01), (0.09, 0.003)), 6.5, 64
#: A band is read where so many of its cells are so steep: letters on a smooth ground have that.
DENSE, CELLS = 0.15, 3


class Line(NamedTuple):
    """A line of text in a picture."""

    text: str
    sure: float
    box: Box


def check(image: Image, *, whole: bool = False) -> list[Evidence]:
    """Find marks; `whole` looks for words in the middle of the picture too.

    Raises CheckUnavailable for tiny pictures, and without weights where no shape was found.
    """
    if min(image.width, image.height) < SMALLEST:
        size = {"width": image.width, "height": image.height, "limit": SMALLEST}
        raise CheckUnavailable("visible_mark_too_small", size)
    pixels = image.pixels
    found = [_of_shape(shape, pixels) for shape in shapes.find(pixels)]
    try:
        return [*_of_text(pixels, whole), *found]
    except WeightsError as e:
        if found:
            return found
        raise CheckUnavailable("visible_mark_no_weights") from e


def _of_text(pixels: Pixels, whole: bool) -> Iterator[Evidence]:
    boxes = list(_boxes(pixels, whole))
    small = [box for box in boxes if LOW <= _share(box, pixels) <= HIGH]
    # What a strip cuts off is larger than a mark, but may be the neighbour of one.
    entire = [box for box in small if whole or not _is_cut(box, pixels)]
    nearest = sorted(entire, key=lambda box: _from_corner(box, pixels))[:READINGS]
    lines = [_read(pixels, box) for box in nearest]
    found = _marks(lines, boxes, pixels)
    # Where words of a mark are refused, a piece of their line would only hide the reason.
    if not found and not whole and not any(marks.match(line.text) for line in lines):
        bands = (_marks([line], boxes, pixels) for line in _bands(pixels, boxes))
        found = next(filter(None, bands), [])
    for line, match in found:
        names = (marks.named(other.text) for other in lines if _touch(line.box, other.box))
        yield _evidence(line, match, match.service or next(filter(None, names), ""), pixels)


def _marks(lines: Sequence[Line], boxes: Sequence[Box], pixels: Pixels) -> list[tuple[Line, Match]]:
    matched = ((line, match) for line in lines if (match := marks.match(line.text)))
    return [each for each in matched if not refusal(*each, boxes, pixels)]


def _bands(pixels: Pixels, boxes: Sequence[Box]) -> Iterator[Line]:
    """Read the corners where the finder sees no line: thin letters on leaves, crowds, fabric.

    What the finder saw and what is no mark by its size or length is none by a part of it either.
    """
    for band in _corner_bands(pixels):
        area = _cut(pixels, band, 0)
        if any(_is_part(band, box, pixels) for box in boxes) or not _is_lettered(area):
            continue
        chances = ocr.read(area)
        if spot := spotting.spot(chances):
            step = band.width / len(chances)
            letters = (spot.last - spot.first) * step / spot.span
            middle, high = (band.top + band.bottom) / 2, letters * BOX / 2
            start, end = band.left + spot.first * step, band.left + spot.last * step
            if letters <= band.height:
                yield Line(spot.text(chances), SURE, Box(start, middle - high, end, middle + high))


def _is_part(band: Box, box: Box, pixels: Pixels) -> bool:
    """Tell whether a band holds a part of a line that is too large or goes on beyond it."""
    beside = band.right <= box.left or box.right <= band.left
    if beside or band.bottom <= box.top or box.bottom <= band.top:
        return False
    beyond = max(band.left - box.left, box.right - band.right)
    large = _share(box, pixels) > HIGH or _is_cut(box, pixels)
    return bool(large or beyond > band.height)


def _corner_bands(pixels: Pixels) -> Iterator[Box]:
    height, width = pixels.shape[:2]
    short = min(height, width)
    for below, right in ((True, True), (True, False), (False, True), (False, False)):
        for share, apart in BANDS:
            high, near = share * short, apart * short
            wide = min(BAND * high, width)
            top, left = height - near - high if below else near, width - wide if right else 0
            yield Box(left, top, left + wide, top + high)


def _read(pixels: Pixels, box: Box) -> Line:
    """Read a line, then with more to its left and right; a mark may stand behind the guess."""
    first = None
    for beside in (BESIDE, FURTHER):
        chances = ocr.read(_cut(pixels, box, beside))
        line = Line(*ocr.text(chances), box)
        if marks.match(line.text):
            return line
        if spot := spotting.spot(chances):
            return Line(spot.text(chances), max(line.sure, SURE), box)
        first = first or line
    return first or line


def refusal(line: Line, match: Match, boxes: Sequence[Box], pixels: Pixels) -> str:
    """Say by which rule words are no mark: what they are like in a picture of text; '' = a mark."""
    beside = sum(_touch(line.box, box) for box in boxes)
    where = place(line.box, pixels)
    if line.sure < (SURER if match.only else SURE):
        return "unsure"
    if match.rest > REST:
        return "long_text"
    if beside >= NEIGHBOURS:
        return "inside_text"
    if where != match.only if match.only else where == "middle":
        return "not_its_place"
    return ""


def place(box: Box, pixels: Pixels) -> str:
    """Name the edge or corner that a box is at: bottom_right, top, …; middle = at none."""
    height, width = pixels.shape[:2]
    near = EDGE * min(height, width)
    rows = {"top": box.top, "bottom": height - box.bottom}
    columns = {"left": box.left, "right": width - box.right}
    at = [min(side, key=side.__getitem__) for side in (rows, columns)]
    found = [name for name, side in zip(at, (rows, columns), strict=True) if side[name] <= near]
    return "_".join(found) or "middle"


def _boxes(pixels: Pixels, whole: bool) -> Iterator[Box]:
    """Find lines of text in the strips at the edges, or everywhere."""
    height, width = pixels.shape[:2]
    short = min(height, width)
    scale = min((WHOLE_SCALE if whole else SCALE) / short, ENLARGED, LONGEST / max(height, width))
    deep = height if whole else round(short * STRIP)
    for top in (0,) if whole else (0, height - deep):
        strip = pixels[top : top + deep]
        strip = resize(strip, round(width * scale), max(1, round(deep * scale)))
        left, right = text_like(strip)
        for box in ocr.find(strip[:, left:right]) if right > left else ():
            yield box.moved(left, 0).scaled(1 / scale).moved(0, top)


def _is_cut(box: Box, pixels: Pixels) -> bool:
    height, width = pixels.shape[:2]
    deep = round(min(height, width) * STRIP)
    return bool(abs(box.bottom - deep) <= 2 or abs(box.top - (height - deep)) <= 2)


def text_like(strip: Pixels) -> tuple[int, int]:
    """Return from where to where there are edges as letters have them; (0, 0) = nowhere."""
    cells = _edges(strip)
    columns = cells.shape[1]
    if not columns:
        return 0, strip.shape[1]
    busy = np.flatnonzero((cells >= SHARE).any(axis=0))
    if not busy.size:
        return 0, 0
    last = strip.shape[1] if busy[-1] >= columns - 2 else int(busy[-1] + 2) * ocr.STEP
    return max(0, int(busy[0] - 1) * ocr.STEP), last


def _edges(strip: Pixels) -> npt.NDArray[np.float64]:
    """Return the share of steep pixels in each cell: (rows, columns)."""
    light = strip[..., 1].astype(np.int16)
    steep = np.abs(light[:, 2:] - light[:, :-2]) >= STEEP
    cell = ocr.STEP
    rows, columns = max(1, steep.shape[0] // cell), steep.shape[1] // cell
    cells = steep[: rows * cell, : columns * cell].reshape(rows, -1, columns, cell)
    found: npt.NDArray[np.float64] = cells.mean(axis=(1, 3))
    return found


def _is_lettered(band: Pixels) -> bool:
    """Tell whether a band has as many edges as a line of letters: the reader costs more."""
    cells = _edges(resize(band, round(LOOKED * BAND), LOOKED)).mean(axis=0)
    return int((cells >= DENSE).sum()) >= CELLS


def _cut(pixels: Pixels, box: Box, beside: float) -> Pixels:
    more = box.height * beside
    left, right = max(0, round(box.left - more)), round(box.right + more)
    return pixels[max(0, round(box.top)) : max(1, round(box.bottom)), left:right]


def _share(box: Box, pixels: Pixels) -> float:
    """Estimate the height of a line's letters, as a share of the shorter side."""
    return float(box.height / BOX / min(pixels.shape[:2]))


def _from_corner(box: Box, pixels: Pixels) -> float:
    height, width = pixels.shape[:2]
    return float(min(box.left, width - box.right) + min(box.top, height - box.bottom))


def _touch(one: Box, other: Box) -> bool:
    """Tell whether two boxes stand as lines of one text do, one above or beside the other."""
    if one == other or not 1 / LIKE <= other.height / one.height <= LIKE:
        return False
    near = max(one.height, other.height)
    apart_x = max(one.left, other.left) - min(one.right, other.right)
    apart_y = max(one.top, other.top) - min(one.bottom, other.bottom)
    return (apart_x <= 0 and apart_y <= near) or (apart_y <= 0 and apart_x <= 3 * near)


def _evidence(line: Line, match: Match, service: str, pixels: Pixels) -> Evidence:
    share = _share(line.box, pixels)
    where = place(line.box, pixels)
    met = {
        "words": marks.lawful(line.text),
        "place": where != "middle",
        "size": share >= LAWFUL,
    }
    params: dict[str, Param] = {
        "text": line.text,
        "service": service,
        "place": where,
        "height": round(100 * share, 1),
        "rule": match.rule,
        "law": ", ".join(name for name, holds in met.items() if holds),
        "box": _written(line.box),
    }
    return Evidence(NAME, Claim.SUSPECTED_AI, Strength.DECLARATION, "visible_mark_text", params)


def _of_shape(shape: Shape, pixels: Pixels) -> Evidence:
    params: dict[str, Param] = {
        "service": shape.service,
        "place": "bottom_right",
        "height": round(100 * shape.box.height / min(pixels.shape[:2]), 1),
        "rule": shape.kind,
        # The standard asks for words: a shape alone is at the right place and no more.
        "law": "place",
        "box": _written(shape.box),
    }
    code = f"visible_mark_{shape.kind}"
    return Evidence(NAME, Claim.SUSPECTED_AI, Strength.DECLARATION, code, params)


def _written(box: Box) -> str:
    left, top, width, height = box.left, box.top, box.width, box.height
    return " ".join(str(round(value)) for value in (left, top, width, height))
