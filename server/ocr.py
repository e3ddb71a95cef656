"""Finds and reads lines of text in RGB pixels, by the reader's two networks.

Only the numbers are ours: scale, threshold, boxes, the decoding of letters. The networks are
PP-OCR's (text detection by differentiable binarisation, recognition by CTC).
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from server import weights
from server.image import Pixels, resize

Floats = npt.NDArray[np.float32]

#: The networks' own scales of brightness, blue first: mean and deviation of 0…255.
FINDS = ((103.53, 116.28, 123.675), (57.375, 57.12, 58.395))
READS = ((127.5, 127.5, 127.5), (127.5, 127.5, 127.5))
#: The finder's input must be a multiple of this; the reader's lines have this height.
STEP, LINE = 32, 48
#: A pixel belongs to a text from here on; a box's pixels must be this sure on average: less than
#: usual, for a translucent mark is a faint text, and a box too many costs one reading.
ON, SURE = 0.3, 0.4
#: A row of a line's core holds this share of its columns; a core of fewer rows is no line.
FULL, THIN = 0.3, 3
#: The finder marks a text's core: a box grows by this times its area over its circumference.
GROW = 1.6
#: Widest line, in line heights: a mark is short; what is longer is squeezed, and hardly read.
WIDEST = 16


class Box(NamedTuple):
    """A rectangle in pixels, right and bottom outside."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """From left to right."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """From top to bottom."""
        return self.bottom - self.top

    def moved(self, x: float, y: float) -> "Box":
        """The same rectangle elsewhere."""
        return Box(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def scaled(self, factor: float) -> "Box":
        """The same rectangle at another scale."""
        return Box(*(value * factor for value in self))


def find(area: Pixels) -> list[Box]:
    """Return the boxes of upright lines of text. Raises WeightsError."""
    height, width = area.shape[:2]
    below, beside = -height % STEP, -width % STEP
    padded = np.pad(area, ((0, below), (0, beside), (0, 0)), mode="edge")
    chance = weights.load_reader()["find"].run(_normal(padded, FINDS))[0, 0, :height, :width]
    return [box for part in _parts(chance > ON) if (box := _box(chance, part))]


def read(area: Pixels) -> Floats:
    """Return the chance of each letter at each step along one line: (steps, letters).

    Raises WeightsError.
    """
    height, width = area.shape[:2]
    wide = round(min(max(1, width / height), WIDEST) * LINE)
    network = weights.load_reader()["read"]
    found: Floats = network.run(_normal(resize(area, wide, LINE), READS))[0]
    return found


def text(chances: Floats) -> tuple[str, float]:
    """Return the best guess of a line's text and how sure the reader is, 0…1."""
    best = chances.argmax(axis=1)
    # CTC: 0 is "nothing", and a letter that goes on is one letter.
    kept = (best > 0) & np.concatenate([[True], best[1:] != best[:-1]])
    if not kept.any():
        return "", 0.0
    letters = alphabet()
    found = "".join(letters[number] for number in best[kept])
    return found, float(chances.max(axis=1)[kept].mean())


def alphabet() -> tuple[str, ...]:
    """Return the reader's letters by number: 0 is nothing, the last the space."""
    return _letters(weights.load_reader()["read"].notes["character"])


@lru_cache(maxsize=2)
def _letters(note: str) -> tuple[str, ...]:
    return ("", *note.split("\n"), " ")


def _normal(area: Pixels, scale: tuple[tuple[float, ...], ...]) -> Floats:
    mean, deviation = (np.array(row, np.float32) for row in scale)
    values = (area[..., ::-1].astype(np.float32) - mean) / deviation
    return np.ascontiguousarray(values.transpose(2, 0, 1)[None])


def _box(chance: Floats, part: tuple[slice, slice]) -> Box | None:
    """Grow a core to its line of text; None where there is none or the finder was not sure."""
    inner = chance[part]
    on = inner > ON
    if inner[on].mean() < SURE:
        return None
    columns = np.flatnonzero(on.any(axis=0))
    # A line is straight: rows that few of its columns reach are rough edges.
    rows = np.flatnonzero(on.sum(axis=1) >= FULL * columns.size)
    if rows.size < THIN:
        return None
    top, left = part[0].start + int(rows[0]), part[1].start + int(columns[0])
    high, wide = int(rows[-1] - rows[0]) + 1, int(columns[-1] - columns[0]) + 1
    grow = GROW * high * wide / (2 * (high + wide))
    height, width = chance.shape
    return Box(
        max(0.0, left - grow),
        max(0.0, top - grow),
        min(float(width), left + wide + grow),
        min(float(height), top + high + grow),
    )


def _parts(on: npt.NDArray[np.bool_]) -> Iterator[tuple[slice, slice]]:
    """Yield where each connected part lies; looked for in cells of 2 × 2 pixels."""
    height, width = (size // 2 for size in on.shape)
    cells = on[: 2 * height, : 2 * width].reshape(height, 2, width, 2).any(axis=(1, 3))
    left = {(int(y), int(x)) for y, x in np.argwhere(cells)}
    while left:
        front = [left.pop()]
        part = list(front)
        while front:
            y, x = front.pop()
            near = {(y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)} & left
            left -= near
            front += near
            part += near
        rows, columns = [y for y, _ in part], [x for _, x in part]
        yield (
            slice(2 * min(rows), 2 * max(rows) + 2),
            slice(2 * min(columns), 2 * max(columns) + 2),
        )
