"""The only module that opens image files: limits, format, and upright RGB pixels when asked."""

import hashlib
import io
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt
import pillow_heif
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from server.errors import EmptyImage, ImageTooLarge, TooManyPixels, UnreadableImage
from server.errors import UnsupportedFormat as Unsupported

T = TypeVar("T")
Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float32]

BYTE_LIMIT = 50 * 1024 * 1024
#: 100 megapixels are 300 MB of RGB; a phone's largest picture has 200 and is refused, said so.
PIXEL_LIMIT = 100_000_000

#: Pillow's name of each format -> the name in a report. Nothing else may touch the bytes.
FORMATS = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "GIF": "GIF",
    "AVIF": "AVIF",
    "TIFF": "TIFF",
}
#: Several JPEGs in one file; Pillow's JPEG plug-in opens it and calls it so.
ALIASES = {"MPO": "JPEG"}
HEIC_BRANDS = {b"heic", b"heix", b"hevc", b"hevx", b"heim", b"heis", b"mif1", b"msf1"}
#: How to put each EXIF orientation upright.
TURNS = {
    2: PillowImage.Transpose.FLIP_LEFT_RIGHT,
    3: PillowImage.Transpose.ROTATE_180,
    4: PillowImage.Transpose.FLIP_TOP_BOTTOM,
    5: PillowImage.Transpose.TRANSPOSE,
    6: PillowImage.Transpose.ROTATE_270,
    7: PillowImage.Transpose.TRANSVERSE,
    8: PillowImage.Transpose.ROTATE_90,
}
#: What Pillow and its codecs raise on bytes that are not what they say.
DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    OverflowError,
    RuntimeError,
    MemoryError,
    struct.error,
)


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

        Raises UnreadableImage where the header was sound but the pixels are not.
        """
        opened = _guarded(lambda: _rgb(_open(self.data, self.format)))
        return np.asarray(opened)


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
    name = _format(data)
    width, height = _guarded(lambda: _size(data, name, pixel_limit))
    return Image(data, hashlib.sha256(data).hexdigest(), name, width, height)


def _format(data: bytes) -> str:
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS and b"avif" not in data[8:64]:
        return "HEIC"
    with warnings.catch_warnings():
        # A bomb's warning is our own limit's matter; a damaged header's warning is no news.
        warnings.simplefilter("ignore")
        try:
            with PillowImage.open(io.BytesIO(data), formats=list(FORMATS)) as opened:
                name = str(opened.format)
                return FORMATS.get(name) or ALIASES[name]
        except PillowImage.DecompressionBombError as e:
            raise TooManyPixels(_sentence(e)) from e
        except UnidentifiedImageError as e:
            raise _unidentified(data) from e
        except DAMAGE as e:
            raise UnreadableImage(f"The image cannot be read: {_sentence(e)}") from e


def _unidentified(data: bytes) -> UnreadableImage | Unsupported:
    """Tell a damaged image of a known format from a file of another kind."""
    known = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\0", b"MM\0*")
    riff = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    if data.startswith(known) or riff or data[4:12] == b"ftypavif":
        return UnreadableImage(f"The image is damaged or cut short: {len(data)} bytes, no picture.")
    names = ", ".join(sorted({*FORMATS.values(), "HEIC"}))
    return Unsupported(
        f"The bytes begin with {data[:8].hex(' ')}, which is none of the formats {names}."
    )


def _open(data: bytes, name: str) -> PillowImage.Image:
    """Open without decoding."""
    if name == "HEIC":
        heif = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        return PillowImage.frombytes(
            heif.mode, heif.size, bytes(heif.data), "raw", heif.mode, heif.stride
        )
    return PillowImage.open(io.BytesIO(data), formats=list(FORMATS))


def _size(data: bytes, name: str, limit: int) -> tuple[int, int]:
    """Return the upright size; nothing is decoded before the limit is held."""
    if name == "HEIC":
        width, height = pillow_heif.open_heif(io.BytesIO(data)).size
        _check_pixels(width, height, limit)
        return int(width), int(height)
    with _open(data, name) as opened:
        width, height = opened.size
        _check_pixels(width, height, limit)
        turned = _orientation(opened) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


def _check_pixels(width: int, height: int, limit: int) -> None:
    count = width * height
    if count > limit:
        raise TooManyPixels(
            f"The image has {width} x {height} = {count} pixels; the limit is {limit}."
        )


def _orientation(opened: PillowImage.Image) -> int:
    """Return the EXIF orientation, 1 to 8 (EXIF 3.0, tag 0x0112; 5 to 8 turn by a quarter)."""
    # Pillow decodes a whole PNG to look for an eXIf chunk behind the pixels; browsers do not
    # turn a picture by one either.
    if opened.format == "PNG" and "exif" not in opened.info:
        return 1
    return int(opened.getexif().get(0x0112, 1))


def _rgb(opened: PillowImage.Image) -> PillowImage.Image:
    """Decode the first frame, turn it upright, put transparency on white."""
    turn = TURNS.get(_orientation(opened))
    opened.load()
    upright = opened if turn is None else opened.transpose(turn)
    if upright.mode.startswith("I;16"):
        # Pillow clips 16-bit grey to 255 instead of scaling it.
        return PillowImage.fromarray((np.asarray(upright) >> 8).astype(np.uint8)).convert("RGB")
    if upright.has_transparency_data:
        white = PillowImage.new("RGBA", upright.size, "white")
        return PillowImage.alpha_composite(white, upright.convert("RGBA")).convert("RGB")
    return upright.convert("RGB")


def _sentence(error: Exception) -> str:
    return f"{str(error).rstrip('.') or type(error).__name__}."


def _guarded(read: Callable[[], T]) -> T:
    """Run a codec; its damage becomes ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read()
        except PillowImage.DecompressionBombError as e:
            raise TooManyPixels(_sentence(e)) from e
        except DAMAGE as e:
            raise UnreadableImage(f"The image cannot be read: {_sentence(e)}") from e


def resize(pixels: Pixels, width: int, height: int, *, linear: bool = False) -> Pixels:
    """Resample RGB pixels with an antialiasing filter, cubic unless told otherwise."""
    kind = PillowImage.Resampling.BILINEAR if linear else PillowImage.Resampling.BICUBIC
    return np.asarray(PillowImage.fromarray(pixels).resize((width, height), kind))


#: What libwebp's quantisation adds to chroma at usual qualities; the file does not tell simply.
WEBP_NOISE = 2.0


def chroma(image: Image, top: int = 0, bottom: int | None = None) -> Chroma:
    """Return the colour differences of some rows, without what up-sampling did to them.

    Raises UnreadableImage as `Image.pixels` does.
    """
    if image.format == "JPEG":
        rows = slice(top // 2, None if bottom is None else bottom // 2)
        stored = _guarded(lambda: _halved(image.data, rows))
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
    with PillowImage.open(io.BytesIO(data), formats=["JPEG"]) as opened:
        layers = getattr(opened, "layer", [])
        if [layer[1:3] for layer in layers] != [(2, 2), (1, 1), (1, 1)] or _orientation(opened) > 1:
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
