"""An encoder of dwtDct and dwtDctSvd marks, from the formula, for pictures that tests make."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image as PillowImage

from scripts.pictures import scene

Pixels = npt.NDArray[np.uint8]
Floats = npt.NDArray[np.float64]


def textured(seed: int, width: int = 512, height: int = 512) -> Pixels:
    """A scene with coloured grain, as a generator's picture has."""
    random = np.random.default_rng(seed)
    grain = np.kron(random.normal(0, 6, (height // 4 + 1, width // 4 + 1, 3)), np.ones((4, 4, 1)))
    picture = np.asarray(scene(seed, width, height), np.float64) + grain[:height, :width]
    return picture.clip(0, 255).astype(np.uint8)


def embed(
    pixels: Pixels, bits: str, array: str, *, order: str = "rgb", singular: bool = False
) -> Pixels:
    """Write the bits into every block of U, with the package's swap of two Haar details."""
    red, green, blue = (pixels[..., at].astype(np.float64) for at in (0, 1, 2))
    if order == "bgr":
        red, blue = blue, red
    height, width = (side // 4 * 4 for side in pixels.shape[:2])
    luma = 0.299 * red + 0.587 * green + 0.114 * blue
    zero = 128.0 if array == "uint8" else 0.5
    chroma = 0.492 * (blue - luma) + zero
    if array == "uint8":
        chroma = np.rint(chroma)
    inner = chroma[:height, :width]
    average = (inner[::2, ::2] + inner[1::2, ::2] + inner[::2, 1::2] + inner[1::2, 1::2]) / 2
    moved = _moved(average, bits, singular) - average
    # Swapped details turn each square of 2 x 2 pixels over its diagonal.
    inner[::2, 1::2], inner[1::2, ::2] = inner[1::2, ::2].copy(), inner[::2, 1::2].copy()
    inner += np.kron(moved / 2, np.ones((2, 2)))
    if array == "uint8":
        chroma = np.floor(chroma)
    shift = (chroma - zero) / 0.492
    red_shift = red - luma
    green = luma - (0.114 * shift + 0.299 * red_shift) / 0.587
    channels = [red, green, luma + shift]
    marked = np.stack(channels if order == "rgb" else channels[::-1], axis=-1)
    return np.rint(marked).clip(0, 255).astype(np.uint8)


def _moved(average: Floats, bits: str, singular: bool) -> Floats:
    moved, number = average.copy(), 0
    for top in range(0, average.shape[0] // 4 * 4, 4):
        for left in range(0, average.shape[1] // 4 * 4, 4):
            block = moved[top : top + 4, left : left + 4]
            target = 0.25 + 0.5 * int(bits[number % len(bits)])
            if singular:
                u, s, v = np.linalg.svd(block)
                s[0] = (s[0] // 36 + target) * 36
                block[:] = (u * s) @ v
            else:
                place = np.unravel_index(int(np.abs(block.ravel()[1:]).argmax()) + 1, (4, 4))
                value = block[place]
                block[place] = np.copysign((abs(value) // 36 + target) * 36, value)
            number += 1
    return moved


def encode(pixels: Pixels, kind: str, **options: int) -> bytes:
    """Save a picture."""
    target = io.BytesIO()
    PillowImage.fromarray(pixels).save(target, kind, **options)
    return target.getvalue()
