"""What the web makes of a picture: one copy each for training, both classes by one law."""

import hashlib
import io

import numpy as np
from PIL import Image

from scripts.rows import Row
from server.image import load

#: Least factor of the scale, drawn evenly in its logarithm; the shorter side stays above SMALLEST.
SCALE, SMALLEST = 0.3, 96
QUALITIES = (50, 95)
#: Share of copies saved without loss, and of those as WebP; the others become JPEG.
LOSSLESS, WEBP = 0.15, 0.2
#: Share of copies that were encoded twice, as messengers do, and the second quality.
TWICE, SECOND = 0.2, (50, 89)


def degraded(data: bytes) -> bytes:
    """Return a copy of a file: shrunk, resampled, encoded anew. Raises ImageError.

    The lot is drawn by the file's own digest, so a picture always becomes the same.
    """
    random = np.random.default_rng(list(hashlib.sha256(b"copy" + data).digest()[:16]))
    picture = Image.fromarray(load(data).pixels)
    factor = float(np.exp(random.uniform(np.log(SCALE), 0)))
    factor = max(factor, min(1, SMALLEST / min(picture.size)))
    width, height = (max(1, round(side * factor)) for side in picture.size)
    kinds = Image.Resampling
    kernels = (kinds.LANCZOS, kinds.BICUBIC, kinds.BILINEAR, kinds.BOX)
    picture = picture.resize((width, height), kernels[int(random.integers(4))])
    kind, quality = random.random(), int(random.integers(QUALITIES[0], QUALITIES[1] + 1))
    if kind < LOSSLESS:
        copy = _encoded(picture, "PNG")
    elif kind < LOSSLESS + WEBP:
        copy = _encoded(picture, "WEBP", quality=quality)
    else:
        subsampling = int(random.choice((0, 2)))
        copy = _encoded(picture, "JPEG", quality=quality, subsampling=subsampling)
    if random.random() < TWICE:
        again = Image.open(io.BytesIO(copy)).convert("RGB")
        copy = _encoded(again, "JPEG", quality=int(random.integers(SECOND[0], SECOND[1] + 1)))
    return copy


def _encoded(picture: Image.Image, kind: str, **how: int) -> bytes:
    target = io.BytesIO()
    picture.save(target, kind, **how)
    return target.getvalue()


def copied(rows: list[Row], most: int) -> list[Row]:
    """Return the pictures that a copy is made of: at most so many of a repository and label."""
    counts: dict[tuple[str, str], int] = {}
    chosen = []
    for row in sorted(rows, key=lambda row: str(row["sha256"])):
        key = row["repo"], row["label"]
        counts[key] = counts.get(key, 0) + 1
        if counts[key] <= most:
            chosen.append(row)
    return chosen
