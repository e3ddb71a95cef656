"""An image: limits, what its header says, and its upright RGB pixels when asked."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from server import containers
from server.containers import Block
from server.decoding import format_of, guarded, open_file, orientation, size_of, upright
from server.errors import CheckUnavailable, EmptyImage, ImageTooLarge

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

BYTE_LIMIT = 50 * 1024 * 1024
#: 100 megapixels are 300 MB of RGB; a phone's largest picture has 200 and is refused, said so.
PIXEL_LIMIT = 100_000_000
#: Formats whose pixels come back as they were stored: only these can hide text in their bits.
LOSSLESS = ("PNG", "WebP")


@dataclass(frozen=True)
class Image:
    """One image: its bytes and its header; its metadata blocks and its pixels when asked."""

    data: bytes
    sha256: str
    format: str
    #: Upright size in pixels, orientation applied.
    width: int
    height: int

    @cached_property
    def pixels(self) -> Pixels:
        """First frame, upright, sRGB-encoded RGB on white: uint8, shape (height, width, 3).

        Raises UnreadableImage where the header was sound but the pixels are not, and
        CheckUnavailable for a format that has none (SVG).
        """
        if self.format == "SVG":
            raise CheckUnavailable("no_pixels", {"format": self.format})
        kept = self.format in LOSSLESS
        return np.asarray(
            guarded(lambda: upright(self._opened if kept else open_file(self.data, self.format)))
        )

    @cached_property
    def blocks(self) -> list[Block]:
        """The metadata blocks in the order of the file, for all checks that read them.

        Raises CheckUnavailable as `containers.blocks` does.
        """
        return containers.blocks(self.data, self.format)

    def columns(self, count: int) -> Pixels | None:
        """Return the first `count` columns as stored: shape (height, <= count, 3 or 4).

        None where the format or its mode does not keep the bits of RGB samples. Raises
        UnreadableImage as `pixels` does.
        """
        if self.format not in LOSSLESS:
            return None
        opened = guarded(lambda: self._opened)
        if opened.mode not in ("RGB", "RGBA"):
            return None
        return np.asarray(opened.crop((0, 0, min(count, opened.width), opened.height)))

    @cached_property
    def _opened(self) -> PillowImage.Image:
        """Decoded once, for the pixels and for the bits in them."""
        opened = open_file(self.data, self.format)
        opened.load()
        return opened


class Chroma(NamedTuple):
    """Colour differences as the file holds them: JFIF's Cb and Cr, centred on 0."""

    blue: Floats
    red: Floats
    #: Pixels that one value spans, each way: 2 where the file halves the colour's resolution.
    step: int
    #: Standard deviation that quantisation may have added to a value; 0 = unknown or none.
    noise: float


def load(data: bytes, *, byte_limit: int = BYTE_LIMIT, pixel_limit: int = PIXEL_LIMIT) -> Image:
    """Read the header only and return an image within the limits.

    Raises EmptyImage, ImageTooLarge, TooManyPixels, UnsupportedFormat or UnreadableImage.
    """
    if not data:
        raise EmptyImage("The image has 0 bytes.")
    if len(data) > byte_limit:
        raise ImageTooLarge(f"The image has {len(data)} bytes; the limit is {byte_limit}.")
    name = format_of(data)
    width, height = guarded(lambda: size_of(data, name, pixel_limit))
    return Image(data, hashlib.sha256(data).hexdigest(), name, width, height)


def resize(pixels: Pixels, width: int, height: int, *, linear: bool = False) -> Pixels:
    """Resample RGB pixels with an antialiasing filter, cubic unless told otherwise."""
    kind = PillowImage.Resampling.BILINEAR if linear else PillowImage.Resampling.BICUBIC
    return np.asarray(PillowImage.fromarray(pixels).resize((width, height), kind))


#: What libwebp's quantisation adds to chroma at usual qualities; the file does not tell simply.
WEBP_NOISE = 2.0


def chroma(image: Image, top: int = 0, bottom: int | None = None) -> Chroma:
    """Return the colour differences of some rows, without what up-sampling did to them.

    Raises UnreadableImage and CheckUnavailable as `Image.pixels` does.
    """
    if image.format == "JPEG":
        rows = slice(top // 2, None if bottom is None else bottom // 2)
        stored = guarded(lambda: _halved(image.data, rows))
        if stored is not None:
            return stored
    pixels = image.pixels[top:bottom].astype(np.float32)
    red, blue = pixels[..., 0], pixels[..., 2]
    luma = 0.299 * red + 0.587 * pixels[..., 1] + 0.114 * blue
    planes = (blue - luma) / np.float32(1.772), (red - luma) / np.float32(1.402)
    if image.format == "WebP" and _lossy(image.data):
        return Chroma(_unsmoothed(planes[0]), _unsmoothed(planes[1]), 2, WEBP_NOISE)
    return Chroma(*planes, 1, 0.0)


def _lossy(webp: bytes) -> bool:
    """Tell whether a still WebP holds a lossy picture: those halve the colour's resolution."""
    at = 12
    while at + 8 <= len(webp):
        if webp[at : at + 4] in (b"VP8 ", b"VP8L"):
            return webp[at : at + 4] == b"VP8 "
        at += 8 + (int.from_bytes(webp[at + 4 : at + 8], "little") + 1) // 2 * 2
    return False


def _unsmoothed(plane: Floats) -> Floats:
    """Undo, as far as one step goes, libwebp's up-sampling: the mean of 2 x 2 is (1, 6, 1) / 8."""
    plane = plane[: plane.shape[0] // 2 * 2, : plane.shape[1] // 2 * 2]
    high = plane[0::2] + plane[1::2]
    half = (high[:, 0::2] + high[:, 1::2]) / 4
    for _ in range(2):
        padded = np.pad(half, ((1, 1), (0, 0)), mode="edge")
        half = (half + (2 * half - padded[:-2] - padded[2:]) / 4).T
    return np.ascontiguousarray(half)


def _halved(data: bytes, rows: slice) -> Chroma | None:
    """Return the chroma planes of an upright 4:2:0 JPEG as they are stored; None = another kind.

    At half the size libjpeg takes all of the chroma's coefficients and up-samples nothing.
    """
    with open_file(data, "JPEG") as opened:
        layers = getattr(opened, "layer", [])
        if [layer[1:3] for layer in layers] != [(2, 2), (1, 1), (1, 1)] or orientation(opened) > 1:
            return None
        width, height = opened.width // 2, opened.height // 2
        steps = np.array(getattr(opened, "quantization")[layers[1][3]], np.float64)  # noqa: B009
        opened.draft("YCbCr", (width, height))
        if opened.mode != "YCbCr" or opened.width > width + 1:
            return None
        planes = np.asarray(opened)[:height, :width, 1:][rows].astype(np.float32) - 128
    noise = float(np.sqrt((steps**2 / 12).mean()))
    blue, red = (np.ascontiguousarray(planes[..., at]) for at in (0, 1))
    return Chroma(blue, red, 2, noise)


def resample(plane: Floats, width: int, height: int) -> Floats:
    """Resample one plane of numbers with an antialiasing filter that keeps it sharp."""
    found = PillowImage.fromarray(plane).resize((width, height), PillowImage.Resampling.LANCZOS)
    return np.asarray(found)
