"""RivaGAN, the learned mark of the invisible-watermark package: 32 bits from its own decoder.

No generator is known to write a fixed word with it, so there is little to find: the words of 32
bits that others write with dwtDct. The decoder is read only where the user fetched it.
"""

import numpy as np

from server import weights
from server.errors import WeightsError
from server.image import Pixels
from server.watermarks import Doubles

BITS = 32


def read(pixels: Pixels) -> Doubles | None:
    """Return the evidence for a one of each bit, from the middle; None without the decoder."""
    try:
        decoder = weights.load_decoder("rivagan")
    except WeightsError:
        return None
    height, width = pixels.shape[:2]
    top, left = max(0, height - decoder.size) // 2, max(0, width - decoder.size) // 2
    square = pixels[top : top + decoder.size, left : left + decoder.size]
    # The package reads blue, green, red; shape (1, channels, 1, rows, columns).
    frame = square[..., ::-1].transpose(2, 0, 1)[None, :, None].astype(np.float32) / 127.5 - 1
    return decoder.bits(np.ascontiguousarray(frame)).astype(np.float64)
