"""Draws pages of text and line art: pictures that the detector is not made for."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from scripts.rows import OTHER, Row
from server.image import load

#: Pages of text, and drawings made of the lines of real pictures.
PAGES, DRAWINGS = 150, 200
#: What the words are made of; only their shapes matter.
LETTERS = "eeeetttaaooiinnsshhrrddlucmfwygpbvk"


def page(seed: int) -> Image.Image:
    """Draw a page of words: one or two columns, dark on light or the reverse, sometimes ruled."""
    random = np.random.default_rng([seed, 1])
    width, height = (int(random.integers(200, 900)) for _ in range(2))
    light, dark = int(random.integers(225, 256)), int(random.integers(0, 70))
    ground, ink = (light, dark) if random.random() < 0.8 else (dark, light)
    shown = Image.new("RGB", (width, height), (ground,) * 3)
    draw = ImageDraw.Draw(shown)
    size = int(random.integers(10, max(11, min(40, height // 6))))
    font, columns = ImageFont.load_default(size), int(random.integers(1, 3))
    for column in range(columns):
        left = column * width // columns + size
        for top in range(size, height - 2 * size, round(size * random.uniform(1.2, 1.6))):
            if random.random() < 0.08:
                draw.line((left, top, left + width // columns - 2 * size, top), (ink,) * 3)
            else:
                room = int((width / columns - 2 * size) / (size * 0.5) * random.uniform(0.4, 1))
                draw.text((left, top), _words(random, room), (ink,) * 3, font)
    return shown


def _words(random: np.random.Generator, room: int) -> str:
    found = ""
    while len(found) < room:
        length = int(random.integers(1, 11))
        found += "".join(random.choice(list(LETTERS), length)) + " "
    return found[:room]


def line_art(picture: Image.Image, seed: int) -> Image.Image:
    """Keep a picture's lines alone, dark on white (difference of Gaussians; Winnemöller 2012)."""
    random = np.random.default_rng([seed, 2])
    grey = picture.convert("L")
    fine = random.uniform(0.8, 2.0)
    narrow, wide = (
        np.asarray(grey.filter(ImageFilter.GaussianBlur(radius)), np.float64)
        for radius in (fine, 1.6 * fine)
    )
    lines = 1 + np.tanh(random.uniform(0.4, 1.5) * np.minimum(narrow - wide + 1, 0))
    shown = (255 * lines).clip(0, 255).astype(np.uint8)
    return Image.fromarray(shown).convert("RGB")


def drawn(folder: Path, rows: list[Row]) -> Iterator[tuple[Row, Image.Image]]:
    """Yield pages of text, and drawings made of real art and photographs of `rows`."""
    for seed in range(PAGES):
        yield {"label": OTHER, "cls": "text", "repo": "drawn here: text"}, page(seed)
    real = [row for row in rows if row["label"] == "real" and row["cls"] in ("art", "portrait")]
    for seed, row in enumerate(sorted(real, key=lambda row: str(row["sha256"]))[:DRAWINGS]):
        picture = Image.fromarray(load((folder / row["file"]).read_bytes()).pixels)
        yield {"label": OTHER, "cls": "line", "repo": "drawn here: lines"}, line_art(picture, seed)
