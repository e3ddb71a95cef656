"""The only import of image codecs: format, size, and the first frame of a file of bytes.

Every codec's damage becomes one of our errors here; nothing is decoded before its size is known
to lie within the limit.
"""

import io
import re
import struct
import warnings
from collections.abc import Callable
from typing import TypeVar

import numpy as np
import pillow_heif
import pylibjxl
from PIL import Image as PillowImage
from PIL import UnidentifiedImageError

from server import markup
from server.errors import ImageTooLarge, TooManyPixels, UnreadableImage
from server.errors import UnsupportedFormat as Unsupported

T = TypeVar("T")

#: Pillow's name of each format -> the name in a report. Nothing else may touch the bytes.
FORMATS = {
    "JPEG": "JPEG",
    "PNG": "PNG",
    "WEBP": "WebP",
    "GIF": "GIF",
    "AVIF": "AVIF",
    "TIFF": "TIFF",
    "JPEG2000": "JPEG 2000",
}
#: Read by other libraries than Pillow, or (SVG) not drawn at all.
OTHERS = ("HEIC", "JPEG XL", "SVG")
#: Several JPEGs in one file; Pillow's JPEG plug-in opens it and calls it so.
ALIASES = {"MPO": "JPEG"}
JXL_MAGIC = (b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")
#: A drawing is text; no honest one on a page is larger.
SVG_LIMIT = 8 * 1024 * 1024
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
    TypeError,  # Pillow searches a TIFF's XMP as text, whatever type its tag says
    struct.error,
)


def format_of(data: bytes) -> str:
    """Return the format's name. Raises UnsupportedFormat, UnreadableImage or TooManyPixels."""
    if data.startswith(JXL_MAGIC):
        return "JPEG XL"
    if _is_svg(data):
        return "SVG"
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


def _is_svg(data: bytes) -> bool:
    head = data[:4096].lstrip(b"\xef\xbb\xbf \t\r\n")
    begins = head.startswith((b"<?xml", b"<!--", b"<!DOCTYPE svg")) or head[:4] == b"<svg"
    return begins and re.search(rb"<(\w+:)?svg[\s/>]", head) is not None


def _unidentified(data: bytes) -> UnreadableImage | Unsupported:
    """Tell a damaged image of a known format from a file of another kind."""
    known = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF8", b"II*\0", b"MM\0*")
    riff = data[:4] == b"RIFF" and data[8:12] == b"WEBP"
    if data.startswith(known) or riff or data[4:12] == b"ftypavif":
        return UnreadableImage(f"The image is damaged or cut short: {len(data)} bytes, no picture.")
    names = ", ".join(sorted({*FORMATS.values(), *OTHERS}))
    return Unsupported(
        f"The bytes begin with {data[:8].hex(' ')}, which is none of the formats {names}."
    )


def open_file(data: bytes, name: str) -> PillowImage.Image:
    """Open without decoding."""
    if name == "HEIC":
        heif = pillow_heif.open_heif(io.BytesIO(data), convert_hdr_to_8bit=True)
        return PillowImage.frombytes(
            heif.mode, heif.size, bytes(heif.data), "raw", heif.mode, heif.stride
        )
    if name == "JPEG XL":
        decoded = pylibjxl.decode(data)
        return PillowImage.fromarray(decoded.squeeze(2) if decoded.shape[2:] == (1,) else decoded)
    return PillowImage.open(io.BytesIO(data), formats=list(FORMATS))


def size_of(data: bytes, name: str, limit: int) -> tuple[int, int]:
    """Return the upright size; nothing is decoded before the limit is held."""
    if name == "HEIC":
        width, height = pillow_heif.open_heif(io.BytesIO(data)).size
        _check_pixels(width, height, limit)
        return int(width), int(height)
    if name == "JPEG XL":
        header = pylibjxl.probe(data)
        width, height = int(header["width"]), int(header["height"])
        _check_pixels(width, height, limit)
        return width, height
    if name == "SVG":
        return _svg_size(data)
    with open_file(data, name) as opened:
        width, height = opened.size
        _check_pixels(width, height, limit)
        turned = orientation(opened) in (5, 6, 7, 8)
    return (height, width) if turned else (width, height)


def _svg_size(data: bytes) -> tuple[int, int]:
    """Return width and height, else the view box (SVG 2 section 8.2), in whole units.

    Raises ImageTooLarge, UnsupportedFormat, or ValueError where it is not well-formed.
    """
    if len(data) > SVG_LIMIT:
        raise ImageTooLarge(f"The SVG has {len(data)} bytes; the limit is {SVG_LIMIT}.")
    try:
        root = markup.parse(data, doctype=True)
    except ValueError as e:
        if "Entities" in str(e):  # Illustrator's old habit, and every XML bomb's
            raise Unsupported("The SVG declares entities; such files are not read.") from e
        raise
    if root.tag != "{http://www.w3.org/2000/svg}svg":
        raise Unsupported("The XML is no SVG document: its root element is another.")
    numbers = re.findall(r"-?[\d.]+", root.get("viewBox", ""))
    box = numbers[2:4] if len(numbers) == 4 else ["300", "150"]
    given = [re.match(r"[\d.]+(?=px|$)", root.get(name, "")) for name in ("width", "height")]
    sizes = [match[0] if match else size for match, size in zip(given, box, strict=False)]
    return max(1, round(float(sizes[0]))), max(1, round(float(sizes[1])))


def _check_pixels(width: int, height: int, limit: int) -> None:
    count = width * height
    if count > limit:
        raise TooManyPixels(
            f"The image has {width} x {height} = {count} pixels; the limit is {limit}."
        )


def orientation(opened: PillowImage.Image) -> int:
    """Return the EXIF orientation, 1 to 8 (EXIF 3.0, tag 0x0112; 5 to 8 turn by a quarter)."""
    # Pillow decodes a whole PNG to look for an eXIf chunk behind the pixels; browsers do not
    # turn a picture by one either.
    if opened.format == "PNG" and "exif" not in opened.info:
        return 1
    try:
        value = opened.getexif().get(0x0112)
    except DAMAGE:
        # Damaged EXIF turns nothing, in a browser as here; the checks report it.
        return 1
    return value if isinstance(value, int) and value in range(1, 9) else 1


def upright(opened: PillowImage.Image) -> PillowImage.Image:
    """Decode the first frame, turn it upright, put transparency on white."""
    turn = TURNS.get(orientation(opened))
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


def guarded(read: Callable[[], T]) -> T:
    """Run a codec; its damage becomes ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return read()
        except PillowImage.DecompressionBombError as e:
            raise TooManyPixels(_sentence(e)) from e
        except DAMAGE as e:
            raise UnreadableImage(f"The image cannot be read: {_sentence(e)}") from e
