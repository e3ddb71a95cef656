"""An image: limits, what its header says, and its upright RGB pixels when asked."""

import hashlib
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from server.decoding import format_of, guarded, open_file, size_of, upright
from server.errors import CheckUnavailable, EmptyImage, ImageTooLarge

Pixels = npt.NDArray[np.uint8]

BYTE_LIMIT = 50 * 1024 * 1024
#: 100 megapixels are 300 MB of RGB; a phone's largest picture has 200 and is refused, said so.
PIXEL_LIMIT = 100_000_000
#: Formats whose pixels come back as they were stored: only these can hide text in their bits.
LOSSLESS = ("PNG", "WebP")


@dataclass(frozen=True)
class Image:
    """One image: its bytes as they came, what the header says, and its pixels when asked."""

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


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Resample RGB pixels with an antialiasing cubic filter."""
    small = PillowImage.fromarray(pixels).resize((width, height), PillowImage.Resampling.BICUBIC)
    return np.asarray(small)
