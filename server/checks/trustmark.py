"""TrustMark, the watermark of durable Content Credentials: a number in the pixels.

Adobe's scheme (adobe/trustmark, MIT): a network reads 100 bits, of which 96 are a payload with
its BCH parity and 4 name the form. The number leads to a record of where the picture comes
from, at whoever keeps it; it does not say that AI made the picture, and it decides no verdict.
"""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import numpy as np

from server import bch, weights
from server.errors import CheckUnavailable, WeightsError
from server.evidence import Claim, Evidence, Strength
from server.image import Image, Pixels, resize
from server.weights import Decoder

NAME = "trustmark"
VARIANTS = {"trustmark-q": "Q", "trustmark-p": "P"}


class Form(NamedTuple):
    """How the 96 bits are shared out; the data is padded with zeros to `padded` bits."""

    name: str
    data: int
    padded: int
    errors: int


#: By the version bits. The fourth form, BCH_3, corrects so little that one random reading in
#: fifteen passes it: it is not read.
FORMS = {
    "0000": Form("BCH_SUPER", 40, 40, 8),
    "0001": Form("BCH_5", 61, 64, 5),
    "0010": Form("BCH_4", 68, 72, 4),
}
#: Altered copies that must give the same number, of the three that are made. BCH_4 alone lets
#: 1 % of random readings through; a mark survives what is done to the copies, chance does not.
CONFIRMATIONS = 2
#: Longer side of the copies, in pixels: four times what the networks see.
LARGEST = 1024


class Mark(NamedTuple):
    """A number that was read: its form and its bits."""

    form: str
    payload: str


def check(image: Image, decoders: Mapping[str, Decoder] | None = None) -> list[Evidence]:
    """Read the number with every decoder that is here; one piece of evidence at most for each.

    Raises CheckUnavailable where there is no decoder (docs/watermarks.md says how to get one).
    """
    found = _installed() if decoders is None else decoders
    if not found:
        raise CheckUnavailable("trustmark_no_decoder")
    marks = {name: read(image.pixels, decoder) for name, decoder in found.items()}
    return [
        Evidence(
            NAME,
            Claim.PROVENANCE,
            Strength.DECLARATION,
            "trustmark_found",
            {
                "payload": mark.payload,
                "method": f"TrustMark {VARIANTS.get(name, name)} {mark.form}",
            },
        )
        for name, mark in marks.items()
        if mark
    ]


def _installed() -> dict[str, Decoder]:
    found: dict[str, Decoder] = {}
    for name in VARIANTS:
        try:
            found[name] = weights.load_decoder(name)
        except WeightsError:
            continue
    return found


def read(pixels: Pixels, decoder: Decoder) -> Mark | None:
    """Read the number and confirm it on altered copies; None where there is none."""
    mark = parse(decoder.bits(frame(pixels, decoder)))
    if mark is None:
        return None
    same = sum(parse(decoder.bits(frame(copy, decoder))) == mark for copy in _copies(pixels))
    return mark if same >= CONFIRMATIONS else None


def _copies(pixels: Pixels) -> Iterator[Pixels]:
    """Yield a smaller, a cropped and a darker copy, none of them large."""
    height, width = pixels.shape[:2]
    if max(height, width) > LARGEST:
        scale = LARGEST / max(height, width)
        pixels = resize(pixels, max(1, round(width * scale)), max(1, round(height * scale)))
        height, width = pixels.shape[:2]
    yield resize(pixels, max(1, width * 9 // 10), max(1, height * 9 // 10))
    yield pixels[height // 50 : height - height // 50, width // 50 : width - width // 50]
    yield (pixels * np.float32(0.95)).astype(np.uint8)


def frame(pixels: Pixels, decoder: Decoder) -> weights.Floats:
    """Cut the middle square where the picture is too long, squeeze, scale to -1…1."""
    height, width = pixels.shape[:2]
    side = min(height, width)
    if max(height, width) > side * decoder.longest_side:
        top, left = (height - side) // 2, (width - side) // 2
        pixels = np.ascontiguousarray(pixels[top : top + side, left : left + side])
    small = resize(np.ascontiguousarray(pixels), decoder.size, decoder.size, linear=True)
    scaled = small.astype(np.float32) / np.float32(127.5) - 1
    return np.ascontiguousarray(scaled.transpose(2, 0, 1)[None])


def parse(values: weights.Floats) -> Mark | None:
    """Correct the bits of one reading and return the number; None where it is none."""
    bits = [int(value > 0) for value in values]
    form = FORMS.get("".join(map(str, bits[96:])))
    if len(bits) != 100 or form is None:
        return None
    padding = [0] * (form.padded - form.data)
    length = bch.generator(form.errors).bit_length() - 1
    word = bits[: form.data] + padding + bits[form.data : form.data + length]
    fixed = bch.correct(word, form.errors)
    if fixed is None or any(fixed[form.data : form.padded]):
        return None
    payload = "".join(map(str, fixed[: form.data]))
    # Black and white pictures read as all zeros, which is a codeword.
    return Mark(form.name, payload) if "1" in payload else None
