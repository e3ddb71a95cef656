"""What a model is fed: squares of a picture, cut and normalised as its registry entry says."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from server.entries import Section
from server.image import Pixels, resize

Floats = npt.NDArray[np.float32]
#: A side, in pixels, that no network of this kind exceeds.
LARGEST = 4096


@dataclass(frozen=True)
class Input:
    """What a network is fed: square views of `size` pixels, of a picture at most `limit` long."""

    size: int
    #: Longer side that a larger picture is brought to before all else; None = as it is.
    limit: int | None
    views: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    #: Shorter side that `crop` and `five` cut from; 0 = `size`.
    shorter: int = 0
    interpolation: str = "bicubic"
    #: What black and white become, before mean and std.
    range: tuple[float, ...] = (0.0, 1.0)
    layout: str = "NCHW"
    channels: str = "RGB"


def read_input(entry: Mapping[str, Any], where: str = "input") -> Input:
    """Read what a model is fed out of its registry entry. Raises WeightsError."""
    section = Section(where, entry)
    section.only([field.name for field in fields(Input)])
    size = section.whole("size", 8, LARGEST)
    scale = section.numbers("range", 2) if "range" in entry else Input.range
    if scale[0] >= scale[1]:
        raise section.refused("range", "two numbers, black's below white's")
    std = section.numbers("std", 3)
    if min(std) <= 0:
        raise section.refused("std", "a list of 3 numbers above 0")
    return Input(
        size,
        section.whole("limit", 8, 100_000) if entry.get("limit") is not None else None,
        section.choices("views", tuple(VIEWS)),
        section.numbers("mean", 3),
        std,
        section.whole("shorter", size, LARGEST) if "shorter" in entry else 0,
        section.choice("interpolation", ("bicubic", "bilinear"), "bicubic"),
        scale,
        section.choice("layout", ("NCHW", "NHWC"), "NCHW"),
        section.choice("channels", ("RGB", "BGR"), "RGB"),
    )


def bounded(pixels: Pixels, limit: int | None) -> Pixels:
    """Shrink to a longer side of at most `limit`: the scale that the head was trained at."""
    height, width = pixels.shape[:2]
    if limit is None or max(height, width) <= limit:
        return pixels
    scale = limit / max(height, width)
    return resize(pixels, max(1, round(width * scale)), max(1, round(height * scale)))


def views(picture: Pixels, wanted: Input) -> Floats:
    """Cut the views: float32, shape (n, 3, size, size), or (n, size, size, 3) for NHWC.

    The order is that of `wanted.views`, the squares of one name row by row. Mean and std are
    those of red, green and blue, whatever order the network wants.
    """
    cut = np.stack([square for name in wanted.views for square in VIEWS[name](picture, wanted)])
    low, high = wanted.range
    scaled = cut.astype(np.float32) / 255
    if (low, high) != (0, 1):
        scaled = scaled * np.float32(high - low) + np.float32(low)
    normal = (scaled - np.array(wanted.mean, np.float32)) / np.array(wanted.std, np.float32)
    if wanted.channels == "BGR":
        normal = normal[..., ::-1]
    return np.ascontiguousarray(normal if wanted.layout == "NHWC" else normal.transpose(0, 3, 1, 2))


class _Size(NamedTuple):
    height: int
    width: int


def _resize(picture: Pixels, size: _Size, wanted: Input) -> Pixels:
    return resize(picture, size.width, size.height, linear=wanted.interpolation == "bilinear")


def _square(picture: Pixels, top: int, left: int, size: int) -> Pixels:
    return picture[top : top + size, left : left + size]


def _whole(picture: Pixels, wanted: Input) -> list[Pixels]:
    """Squeeze all of it into the square: nothing at the edges is lost.

    AI pictures are often square and photographs are not, so the squeeze could give the class
    away; on held-out sources it does not (false alarms are as rare among square photographs).
    """
    return [_resize(picture, _Size(wanted.size, wanted.size), wanted)]


def _native(picture: Pixels, wanted: Input) -> list[Pixels]:
    """Cut the middle at the picture's own scale; a smaller picture is shown whole."""
    height, width = picture.shape[:2]
    if min(height, width) < wanted.size:
        return _whole(picture, wanted)
    top, left = (height - wanted.size) // 2, (width - wanted.size) // 2
    return [_square(picture, top, left, wanted.size)]


def _tiles(picture: Pixels, wanted: Input) -> list[Pixels]:
    """Squeeze all of it into twice the square and cut that into its four quarters."""
    size = wanted.size
    large = _resize(picture, _Size(2 * size, 2 * size), wanted)
    return [_square(large, top, left, size) for top in (0, size) for left in (0, size)]


def _shorter(picture: Pixels, wanted: Input) -> Pixels:
    """Bring the shorter side to what the crops are cut from, keeping the picture's shape."""
    height, width = picture.shape[:2]
    scale = (wanted.shorter or wanted.size) / min(height, width)
    # An extreme strip must not become an endless one: beyond 32 squares the rest is cut off.
    longest = 32 * (wanted.shorter or wanted.size)
    if max(height, width) * scale > longest:
        keep = int(longest / scale)
        top, left = max(0, height - keep) // 2, max(0, width - keep) // 2
        picture = picture[top : top + keep, left : left + keep]
        height, width = picture.shape[:2]
    return _resize(picture, _Size(round(height * scale), round(width * scale)), wanted)


def _crop(picture: Pixels, wanted: Input) -> list[Pixels]:
    """Bring the shorter side to a size and cut the middle square out."""
    shown = _shorter(picture, wanted)
    height, width = shown.shape[:2]
    return [_square(shown, (height - wanted.size) // 2, (width - wanted.size) // 2, wanted.size)]


def _five(picture: Pixels, wanted: Input) -> list[Pixels]:
    """As `crop`: the middle square, then those in the four corners."""
    shown = _shorter(picture, wanted)
    bottom, right = (side - wanted.size for side in shown.shape[:2])
    corners = [(top, left) for top in (0, bottom) for left in (0, right)]
    places = [(bottom // 2, right // 2), *corners]
    return [_square(shown, top, left, wanted.size) for top, left in places]


def _pad(picture: Pixels, wanted: Input) -> list[Pixels]:
    """Bring the longer side to the square's and lay the picture in the middle of black."""
    height, width = picture.shape[:2]
    scale = wanted.size / max(height, width)
    shape = _Size(max(1, round(height * scale)), max(1, round(width * scale)))
    square = np.zeros((wanted.size, wanted.size, 3), np.uint8)
    top, left = (wanted.size - shape.height) // 2, (wanted.size - shape.width) // 2
    square[top : top + shape.height, left : left + shape.width] = _resize(picture, shape, wanted)
    return [square]


#: The ways to cut squares of a picture, by the name that a registry entry gives.
VIEWS: dict[str, Callable[[Pixels, Input], list[Pixels]]] = {
    "whole": _whole,
    "native": _native,
    "tiles": _tiles,
    "crop": _crop,
    "five": _five,
    "pad": _pad,
}
