"""Lays visible marks over pictures, in memory, for tests and measurements. Nothing is stored."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from server import shapes

Floats = npt.NDArray[np.float64]

#: What is printed, and where; a line break makes two lines.
TEXTS = {
    "AI生成": "br",
    "人工智能生成": "bl",
    "豆包AI生成": "br",
    "即梦AI": "br",
    "千问AI生成": "br",
    "可灵AI 3.0": "br",
    "KlingAI": "br",
    "元宝\nAI生成": "br",
    "RunningHub AI生成": "tl",
    "Dola AI": "br",
    "Made with AI": "tr",
    "Imagined with AI": "bl",
}
LOW, HIGH = 0.029, 0.08
#: Families of fonts, and the number of their simplified Chinese face.
FONTS = ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", "NotoSerifCJK-Regular.ttc")
FACE = 2
#: Legible: the letters differ from their ground by so many grey levels, and by its deviation.
LEVELS, DEVIATIONS = 25, 1.0


class Composite(NamedTuple):
    """A photograph with a mark, and how the mark stands out of its ground."""

    picture: Image.Image
    legible: bool
    height: float


def shrunk(picture: Image.Image, scale: float) -> Image.Image:
    """Bring a picture to another scale."""
    width, height = (max(1, round(side * scale)) for side in picture.size)
    return picture.resize((width, height), Image.Resampling.BICUBIC)


@cache
def _font_file(name: str) -> str:
    for folder in ("/usr/share/fonts", "/usr/local/share/fonts", str(Path.home() / ".fonts")):
        for path in Path(folder).rglob(name):
            return str(path)
    raise SystemExit(f"The font {name} is missing (Debian: fonts-noto-cjk).")


def lay_text(
    picture: Image.Image, text: str, random: np.random.Generator, *, white: bool
) -> Composite | None:
    """Lay a text mark over a photograph; None where it would not fit."""
    short = min(picture.size)
    share = float(random.uniform(LOW, HIGH))
    lines, name = text.split("\n"), str(random.choice(FONTS))
    left, top, right, bottom = ImageFont.truetype(_font_file(name), 100, FACE).getbbox(lines[0])
    font = ImageFont.truetype(_font_file(name), 100 * share * short / (bottom - top), FACE)
    left, top, right, bottom = ImageDraw.Draw(picture).multiline_textbbox((0, 0), text, font)
    margin = random.uniform(0.01, 0.05) * short
    x, y = _corner(picture.size, (right - left, bottom - top), TEXTS[text], margin)
    if x < 0 or right - left > 0.8 * picture.width:
        return None
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).multiline_text((x - left, y - top), text, 255, font)
    opacity = random.uniform(0.5, 1)
    colour = 255 if white else 20
    laid = _blend(picture, np.asarray(mask) / 255 * opacity, colour)
    box = (slice(int(y), int(y + bottom - top)), slice(int(x), int(x + right - left)))
    on = np.asarray(mask)[box] > 127
    return Composite(laid, _legible(picture, laid, box, on), share * short)


def _legible(
    picture: Image.Image, laid: Image.Image, box: tuple[slice, slice], on: npt.NDArray[np.bool_]
) -> bool:
    """Tell whether a mark stands out: the change where it is, against its ground's unrest."""
    before, after = (np.asarray(each.convert("L"), np.float64)[box] for each in (picture, laid))
    change = float(np.abs(after[on] - before[on]).mean()) if on.any() else 0.0
    return change >= max(LEVELS, DEVIATIONS * float(before.std()))


def _corner(
    size: tuple[int, int], mark: tuple[float, float], corner: str, margin: float
) -> tuple[float, float]:
    x = margin if corner[1] == "l" else size[0] - margin - mark[0]
    y = margin if corner[0] == "t" else size[1] - margin - mark[1]
    return x, y


def _blend(picture: Image.Image, share: Floats, colour: int) -> Image.Image:
    ground = np.asarray(picture, np.float64)
    laid = ground * (1 - share[..., None]) + colour * share[..., None]
    return Image.fromarray(laid.round().astype(np.uint8))


def lay_sparkle(picture: Image.Image, size: int) -> Composite:
    """Lay Gemini's sparkle over a photograph at its known size and margin."""
    scale = (1088 if size == 96 else 1000) / min(picture.size)
    picture = shrunk(picture, scale if size == 96 else min(1.0, scale))
    share = np.zeros((picture.height, picture.width))
    far = size + size * 2 // 3
    bottom, right = picture.height - far, picture.width - far
    box = (slice(bottom, bottom + size), slice(right, right + size))
    share[box] = 0.51 * shapes.draw_sparkle(size)
    laid = _blend(picture, share, 255)
    return Composite(laid, _legible(picture, laid, box, share[box] > 0.25), size)


def lay_bar(picture: Image.Image) -> Composite:
    """Lay DALL-E 2's colour bar over a photograph of 1,024 pixels, as large as it gave them."""
    square = min(picture.size)
    laid = picture.crop((0, 0, square, square)).resize((1024, 1024), Image.Resampling.BICUBIC)
    for number, colour in enumerate(shapes.BAR):
        laid.paste(colour, (944 + 16 * number, 1008, 960 + 16 * number, 1024))
    return Composite(laid, True, 16)
