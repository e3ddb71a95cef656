"""Pictures of text, made with whatever Chinese font the system has."""

import subprocess
from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from server.image import Pixels

Lines = list[tuple[str, float, tuple[float, float]]]
Frame = tuple[int, int, int, int]


@cache
def _font_file() -> tuple[str, int]:
    command = ["fc-match", "-f", "%{file}\n%{index}", "sans:lang=zh-cn"]
    path, index = subprocess.run(command, capture_output=True, text=True, check=True).stdout.split(
        "\n"
    )
    return path, int(index) & 0xFFFF


def font(height: float, sample: str = "AI生成") -> ImageFont.FreeTypeFont:
    """A font whose letters of the sample are this many pixels high."""
    path, index = _font_file()
    _, top, _, bottom = ImageFont.truetype(path, 100, index=index).getbbox(sample)
    return ImageFont.truetype(path, 100 * height / (bottom - top), index=index)


def write(
    picture: Image.Image, text: str, height: float, at: tuple[float, float], *, opacity: float = 1.0
) -> Frame:
    """Write white letters, the ink's upper left corner at a point; the frame of the ink."""
    letters = font(height, text)
    left, top, right, bottom = letters.getbbox(text)
    mask = Image.new("L", picture.size)
    ImageDraw.Draw(mask).text((at[0] - left, at[1] - top), text, round(255 * opacity), letters)
    picture.paste((255, 255, 255), mask=mask)
    x, y = round(at[0]), round(at[1])
    return x, y, round(x + right - left), round(y + bottom - top)


def lettered(lines: Lines, size: tuple[int, int]) -> tuple[Pixels, Frame]:
    """White lines on grey: the picture, and the frame of the first line."""
    picture = Image.new("RGB", size, (70, 80, 90))
    frames = [write(picture, text, height, at) for text, height, at in lines]
    return np.asarray(picture), frames[0]
