"""Pastes a part of one picture into another, in memory, and tells where: composites with a truth.

For training and measuring `server.regions`. A seam alone must not mean AI: real pictures are pasted
into real ones by the same law. Nothing is stored.
"""

import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFilter

from scripts.rows import Row

Floats = npt.NDArray[np.float64]
#: Share of the picture that is pasted.
SHARE = (0.04, 0.5)
#: Of the pasted parts: rectangles, ellipses; the others are blots.
RECTANGLES, ELLIPSES = 0.3, 0.25
#: Share of the seams that are soft, and over how many pixels (deviation of the blur).
SOFT, BLUR = 0.5, (0.5, 5.0)
#: The composite is encoded anew, like anything on the web, and mostly shrunk.
SCALE, QUALITIES, JPEGS = (0.65, 1.0), (60, 95), 0.7
#: What is pasted: AI into real, real into real, real into AI; and whole pictures of both.
KINDS = ("ai_in_real",) * 11 + ("real_in_real",) * 4 + ("real_in_ai",) * 2 + ("real", "real", "ai")
#: Classes of real pictures that a part is pasted into or taken of.
CLASSES = ("photo", "portrait", "art", "render")


class Composite(NamedTuple):
    """A picture and, of each of its pixels, the share that is AI: shape (height, width)."""

    picture: Image.Image
    ai: Floats


class Sources:
    """Pictures by label; each repository is drawn equally often."""

    def __init__(self, rows: Sequence[Row]) -> None:
        """Take the AI pictures, and the real ones of CLASSES. Raises SystemExit without both.

        `rows`: with the `path` of each file.
        """
        self._files: dict[str, dict[str, list[Path]]] = {"ai": {}, "real": {}}
        for row in rows:
            if row["label"] == "ai" or (row["label"] == "real" and row["cls"] in CLASSES):
                self._files[row["label"]].setdefault(row["repo"], []).append(row["path"])
        if not all(self._files.values()):
            raise SystemExit("AI and real pictures are needed; one kind is not there.")

    def draw(self, label: str, random: np.random.Generator) -> Image.Image:
        """Return a picture of this label."""
        sources = self._files[label]
        files = sources[sorted(sources)[int(random.integers(len(sources)))]]
        return Image.open(files[int(random.integers(len(files)))]).convert("RGB")


def composite(sources: Sources, kind: str, random: np.random.Generator) -> Composite:
    """Draw a composite of one of KINDS."""
    if "_in_" not in kind:
        picture = sources.draw(kind, random)
        return _encoded(picture, np.full(picture.size[::-1], float(kind == "ai")), random)
    inner, outer = kind.split("_in_")
    ground, part = sources.draw(outer, random), sources.draw(inner, random)
    mask = _mask(ground.size, random)
    share = np.asarray(mask, np.float64) / 255
    ai = share * (inner == "ai") + (1 - share) * (outer == "ai")
    return _encoded(_paste(ground, part, mask, random), ai, random)


def _mask(size: tuple[int, int], random: np.random.Generator) -> Image.Image:
    """Draw what is covered: a rectangle, an ellipse or blots, sharp or soft."""
    width, height = size
    share, kind = random.uniform(*SHARE), random.random()
    mask = Image.new("L", size)
    if kind < RECTANGLES + ELLIPSES:
        form = np.exp(random.uniform(-0.7, 0.7))
        wide = min(0.95 * width, (share * width * height * form) ** 0.5)
        high = min(0.95 * height, share * width * height / wide)
        left, top = random.uniform(0, width - wide), random.uniform(0, height - high)
        drawing = ImageDraw.Draw(mask)
        shape = drawing.rectangle if kind < RECTANGLES else drawing.ellipse
        shape((left, top, left + wide, top + high), fill=255)
    else:
        side = int(random.integers(4, 8))
        noise = random.normal(size=(side, side)).astype(np.float32)
        field = np.asarray(Image.fromarray(noise).resize(size, Image.Resampling.BICUBIC))
        mask = Image.fromarray(((field > np.quantile(field, 1 - share)) * 255).astype(np.uint8))
    if random.random() < SOFT:
        mask = mask.filter(ImageFilter.GaussianBlur(float(random.uniform(*BLUR))))
    return mask


def _paste(
    ground: Image.Image, part: Image.Image, mask: Image.Image, random: np.random.Generator
) -> Image.Image:
    """Lay a cut of `part`, never enlarged more than it must be, where the mask is."""
    left, top, right, bottom = mask.getbbox() or (0, 0, *mask.size)
    wide, high = right - left, bottom - top
    least = max(wide / part.width, high / part.height)
    scale = random.uniform(least, 1) if least < 1 else least
    size = max(wide, round(part.width * scale)), max(high, round(part.height * scale))
    large = part.resize(size, Image.Resampling.BICUBIC)
    x, y = (
        int(random.integers(0, each - side + 1))
        for each, side in zip(size, (wide, high), strict=True)
    )
    layer = ground.copy()
    layer.paste(large.crop((x, y, x + wide, y + high)), (left, top))
    return Image.composite(layer, ground, mask)


def _encoded(picture: Image.Image, ai: Floats, random: np.random.Generator) -> Composite:
    scale, quality = random.uniform(*SCALE), int(random.integers(QUALITIES[0], QUALITIES[1] + 1))
    size = round(picture.width * scale), round(picture.height * scale)
    target = io.BytesIO()
    small = picture.resize(size, Image.Resampling.BICUBIC)
    how: dict[str, Any] = {"format": "WEBP"}
    if random.random() < JPEGS:
        how = {"format": "JPEG", "subsampling": int(random.choice((0, 2)))}
    small.save(target, quality=quality, **how)
    return Composite(Image.open(io.BytesIO(target.getvalue())).convert("RGB"), resized(ai, size))


def resized(ai: Floats, size: tuple[int, int]) -> Floats:
    """Bring a map of shares to another width and height; each cell is the mean of what it was."""
    found = Image.fromarray(ai.astype(np.float32)).resize(size, Image.Resampling.BOX)
    return np.asarray(found, np.float64)
