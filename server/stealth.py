"""Text hidden in the lowest bits of lossless pixels, as NovelAI and web UIs write it.

The bits run down each column, then to the next (NovelAI's published reader, nai_meta.py):
15 bytes of magic, the length in bits (32-bit, big-endian), the text, plain or gzip. In the
alpha channel one bit a pixel, else three a pixel (red, green, blue).
"""

import zlib
from collections.abc import Callable

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.uint8]

_HEADER_BITS = 15 * 8
_LENGTH_BITS = 32
#: Magic -> is the text compressed? One table for each kind of channel.
_ALPHA = {b"stealth_pnginfo": False, b"stealth_pngcomp": True}
_RGB = {b"stealth_rgbinfo": False, b"stealth_rgbcomp": True}
#: No honest text is larger; a compressed one stops here.
TEXT_LIMIT = 4 * 1024 * 1024


def read(columns: Callable[[int], Samples | None]) -> str | None:
    """Return the hidden text; None where the magic is not there.

    `columns`: gives the first n columns as stored in the file, shape (height, <= n, 3 or 4).
    Raises ValueError where the magic is there and the text cannot be read.
    """
    start = columns(_HEADER_BITS + _LENGTH_BITS)
    if start is None:
        return None
    for magics, first, last in ((_ALPHA, 3, 4), (_RGB, 0, 3)):
        channel = start[..., first:last]
        magic = _bytes(channel, 0, _HEADER_BITS)
        if magic not in magics:
            continue
        length = int.from_bytes(_bytes(channel, _HEADER_BITS, _LENGTH_BITS), "big")
        raw = _payload(columns, (first, last), length)
        return _text(raw, compressed=magics[magic])
    return None


def _payload(
    columns: Callable[[int], Samples | None], channels: tuple[int, int], length: int
) -> bytes:
    bits = _HEADER_BITS + _LENGTH_BITS + length
    if not 0 < length <= 8 * TEXT_LIMIT:
        raise ValueError(f"the hidden text claims {length} bits; the limit is {8 * TEXT_LIMIT}")
    samples = columns(bits)
    room = 0 if samples is None else samples[..., slice(*channels)].size
    if samples is None or room < bits:
        raise ValueError(f"the hidden text claims {length} bits; there is room for {room}")
    return _bytes(samples[..., slice(*channels)], bits - length, length)


def _text(raw: bytes, *, compressed: bool) -> str:
    if compressed:
        try:
            raw = zlib.decompressobj(wbits=31).decompress(raw, TEXT_LIMIT)  # 31: gzip
        except zlib.error as e:
            raise ValueError("the hidden text is not gzip") from e
    return raw.decode("utf-8", "replace")


def _bytes(channel: Samples, start: int, count: int) -> bytes:
    """Pack `count` bits from bit `start` on, column by column, most significant bit first."""
    height, _, depth = channel.shape
    step = height * depth
    first, last = start // max(step, 1), (start + count - 1) // max(step, 1) + 1
    bits = channel[:, first:last].transpose(1, 0, 2).reshape(-1) & 1
    skip = start - first * step
    return np.packbits(bits[skip : skip + count]).tobytes()
