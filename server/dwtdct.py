"""What the blocks of a picture say of a dwtDct or dwtDctSvd mark, each for the bit it carries.

The encoder (invisible-watermark 0.2.0, MIT) takes the chroma U, its Haar average (half the
resolution), squares of 4 x 4 of it in rows; block k carries bit k mod n. It moves one value of
the block, the largest in size (dwtDct) or the largest singular value (dwtDctSvd), to 9 (bit 0)
or 27 (bit 1) above a multiple of 36. Two things can be read back:

- the phase of that value in 36: sharp, lost when quantisation moves it by more than about 9;
- the lift: a one raises the block's mean by 18/16 more than a zero does. Weak in one block, but
  JPEG keeps low frequencies, and in smooth places the neighbours tell what the mean would be.
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from server.watermarks import Doubles, Floats

MODULUS = 36.0
SIDE = 4
#: Of the power iteration; what has not settled by then is a block of two equal values.
ROUNDS = 6
#: OpenCV's zero of U in the Haar average: 128 levels of 8 bits, or half a level in floats.
ZEROS = {"uint8": 256.0, "float32": 1.0}
#: Haar average of OpenCV's U from the means of JFIF's Cb and Cr over 2 x 2 pixels; `bgr`: the
#: encoder was given red for blue (diffusers before pull request 7013).
CHANNELS = {"rgb": (1.74365, 0.0), "bgr": (-0.32258, 1.63479)}
SCALE = 1.74365


class Variant(NamedTuple):
    """How the encoder was called: the order of the channels, the type of the array."""

    order: str
    array: str


class Layout(NamedTuple):
    """Where the blocks lie in the marked picture: blocks a row, number of the first block."""

    columns: int
    first: int = 0


#: The order of the first axis of what is read.
VARIANTS = tuple(Variant(order, array) for order in CHANNELS for array in ZEROS)


class Readings(NamedTuple):
    """Evidence for a one, as log likelihood: each of shape (variants, …, rows, columns)."""

    #: The lift against the blocks on all four sides.
    around: Floats
    #: The lift against the blocks to the left and right.
    beside: Floats


def read(blue: Floats, red: Floats, noise: float, beside: bool = True) -> Readings:
    """Read the evidence of every variant of dwtDct.

    `blue`, `red`: Cb and Cr over 2 x 2 pixels, centred on 0; one picture, or a stack of equal
    ones. `noise`: standard deviation of what the file's quantisation did to them. Where
    `beside` is not needed, it costs nothing and repeats `around`.
    """
    ways = (_around, _beside) if beside else (_around,)
    found: tuple[list[Floats], ...] = tuple([] for _ in ways)
    for order in CHANNELS:
        plane, means, other = _channel(blue, red, order)
        high, low = _extremes(plane)
        lifts = [_lift(means, other, way) for way in ways]
        for zero in ZEROS.values():
            phase = _weight(noise) * _phase(np.maximum(high + zero, -low - zero))
            for blocks, lift in zip(found, lifts, strict=True):
                blocks.append(phase + _signed(lift, means, zero))
    return _readings(found)


def read_singular(blue: Floats, red: Floats, noise: float, beside: bool = True) -> Readings:
    """Read the evidence of every variant of dwtDctSvd; arguments as for `read`, one picture."""
    ways = (_around, _beside) if beside else (_around,)
    found: tuple[list[Floats], ...] = tuple([] for _ in ways)
    for order in CHANNELS:
        plane, means, other = _channel(blue, red, order)
        rows, columns = means.shape
        squares = _whole(plane).reshape(rows, SIDE, columns, SIDE).transpose(1, 3, 0, 2)
        cells = np.ascontiguousarray(squares).reshape(SIDE, SIDE, -1)
        lifts = [_lift(means, other, way) for way in ways]
        for zero in ZEROS.values():
            phase = _phase(_singular(cells + np.float32(zero))).reshape(rows, columns)
            for blocks, lift in zip(found, lifts, strict=True):
                blocks.append(_weight(noise) * phase + _signed(lift, means, zero))
    return _readings(found)


def _readings(found: tuple[list[Floats], ...]) -> Readings:
    stacks = [np.stack(blocks) for blocks in found]
    return Readings(stacks[0], stacks[-1])


def sums(readings: Readings, bits: int, layout: Layout) -> Doubles:
    """Add up the evidence for each bit of a word of this many bits: shape (variants, bits)."""
    # Where a row holds whole words, the blocks above and below carry the same bit.
    blocks = readings.beside if layout.columns % bits == 0 else readings.around
    variants, rows, columns = blocks.shape
    skip = layout.first % bits
    rounds = -(-(skip + rows * layout.columns) // bits)
    flat = np.zeros((variants, rounds * bits), np.float32)
    wide = flat[:, skip : skip + rows * layout.columns].reshape(variants, rows, layout.columns)
    wide[:, :, : min(columns, layout.columns)] = blocks[:, :, : layout.columns]
    flat[:, skip : skip + rows * layout.columns] = wide.reshape(variants, -1)
    return np.asarray(flat.reshape(variants, rounds, bits).sum(axis=1, dtype=np.float64))


def _signed(lift: Floats, means: Floats, zero: float) -> Floats:
    """Turn the lift of blocks below zero: there, larger in size is lower."""
    return np.asarray(np.where(means + np.float32(zero) < 0, -lift, lift))


def _weight(noise: float) -> float:
    """Weigh the phase by how much of it this much noise leaves."""
    spread = noise * SCALE * 2 * np.pi / MODULUS
    return float(2 * np.exp(-(spread**2) / 2))


def _phase(values: Floats) -> Floats:
    return np.asarray(-np.sin(values * np.float32(2 * np.pi / MODULUS)))


def _channel(blue: Floats, red: Floats, order: str) -> tuple[Floats, Floats, Floats]:
    """Return the plane that the encoder saw, its blocks' means, and those of the other plane."""
    of_blue, of_red = (np.float32(share) for share in CHANNELS[order])
    plane = of_blue * blue if order == "rgb" else of_blue * blue + of_red * red
    other = np.float32(SCALE) * (red if order == "rgb" else blue)
    return plane, _means(plane), _means(other)


def _means(plane: Floats) -> Floats:
    inner = _whole(plane)
    narrow = inner[..., 0::4] + inner[..., 1::4] + inner[..., 2::4] + inner[..., 3::4]
    rows = [narrow[..., at::SIDE, :] for at in range(SIDE)]
    return np.asarray((rows[0] + rows[1] + rows[2] + rows[3]) / 16)


def _whole(plane: Floats) -> Floats:
    """Cut off what is no whole block."""
    rows, columns = (side // SIDE * SIDE for side in plane.shape[-2:])
    return plane[..., :rows, :columns]


def _extremes(plane: Floats) -> tuple[Floats, Floats]:
    """Return the largest and the smallest of each block; its first value never carries a bit."""
    inner = _whole(plane).copy()
    inner[..., ::SIDE, ::SIDE] = inner[..., ::SIDE, 1::SIDE]
    high, low = inner, inner
    for _ in range(2):
        high = np.maximum(high[..., ::2], high[..., 1::2])
        low = np.minimum(low[..., ::2], low[..., 1::2])
        high = np.maximum(high[..., ::2, :], high[..., 1::2, :])
        low = np.minimum(low[..., ::2, :], low[..., 1::2, :])
    return high, low


def _lift(means: Floats, other: Floats, near: Callable[[Floats], Floats]) -> Floats:
    """Return by how much each mean stands out, as a log likelihood ratio, clipped.

    What stands out in the other colour difference too is the picture's, not the mark's.
    """
    shift, elsewhere = means - near(means), other - near(other)
    slope = _smooth(shift * elsewhere, 3) / (_smooth(elsewhere**2, 3) + 1)
    shift = shift - slope * elsewhere
    variance = _smooth(np.minimum(shift**2, 400), 2) + np.float32(0.09)
    return np.asarray(np.clip(np.float32(1.1) * shift / variance, -3, 3))


def _beside(values: Floats) -> Floats:
    padded = _padded(values, 1, 1)
    return np.asarray((padded[..., :-2] + padded[..., 2:]) / 2)


def _around(values: Floats) -> Floats:
    return np.asarray((_beside(values) + _beside(values.swapaxes(-1, -2)).swapaxes(-1, -2)) / 2)


def _smooth(values: Floats, reach: int) -> Floats:
    """Average over squares of 2 reach + 1 blocks."""
    width = 2 * reach + 1
    for _ in range(2):
        total = np.cumsum(_padded(values, reach + 1, reach), axis=-1, dtype=np.float64)
        share = (total[..., width:] - total[..., :-width]) / width
        values = share.astype(np.float32).swapaxes(-1, -2)
    return values


def _padded(values: Floats, before: int, after: int) -> Floats:
    """Repeat the first and the last column."""
    places = np.arange(-before, values.shape[-1] + after).clip(0, values.shape[-1] - 1)
    return np.asarray(values[..., places])


def _singular(cells: Floats) -> Floats:
    """Return the largest singular value of each block, shape (4, 4, blocks), by power iteration."""
    gram = np.stack([(cells * cells[:, at : at + 1]).sum(axis=0) for at in range(SIDE)])
    vector = gram.sum(axis=1)
    for _ in range(ROUNDS):
        vector = vector / (np.abs(vector).max(axis=0) + np.float32(1e-6))
        vector = (gram * vector).sum(axis=1)
    image = (cells * vector).sum(axis=1)
    ratio = (image**2).sum(axis=0) / ((vector**2).sum(axis=0) + np.float32(1e-6))
    return np.asarray(np.sqrt(ratio))
