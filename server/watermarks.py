"""The public words of the dwtDct family, and how likely a picture agrees with one by chance.

Facts: the writing code of each source (docs/watermarks.md). The null says nothing of the
picture: its sums are taken as they are, and the word is drawn anew, each bit with the share of
ones that its place has. The bound is Chernoff's, so it holds for few and for uneven bits too.
"""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float32]
Doubles = npt.NDArray[np.float64]

#: Newton steps of the bound; any number of them gives a bound, more give a tighter one.
STEPS = 25


@dataclass(frozen=True)
class Word:
    """One message that a generator writes into every picture."""

    name: str
    source: str
    bits: str
    #: Bits a letter has in common with others: in text the top bits repeat. Places that repeat
    #: are compared only with each other, else stripes of 64 pixels would look like text.
    period: int = 1
    #: The generator that writes it only fills in parts of a picture.
    edits: bool = False

    @cached_property
    def signs(self) -> Doubles:
        """Bit minus its share of ones, times 2: shape (letters, period)."""
        ones = np.array([int(bit) for bit in self.bits], np.float64).reshape(-1, self.period)
        return np.asarray(2 * (ones - ones.mean(axis=0)))

    @cached_property
    def shares(self) -> Doubles:
        """The share of ones of each place: shape (1, period)."""
        ones = np.array([int(bit) for bit in self.bits], np.float64).reshape(-1, self.period)
        return np.asarray(ones.mean(axis=0, keepdims=True))


def _text(text: str) -> str:
    return "".join(f"{byte:08b}" for byte in text.encode("ascii"))


WORDS = (
    Word("SDXL", "Stable Diffusion XL", f"{0xB3EC907BB19E:048b}"),
    # The literal has 48 digits; Python's bin() drops the two leading zeros.
    Word("FLUX", "FLUX", f"{0x2AFE879CF52E:b}"),
    Word("StableDiffusionV1", "Stable Diffusion 1", _text("StableDiffusionV1"), 8),
    Word(
        "StableDiffusionV1-Inpainting",
        "Stable Diffusion 1 Inpainting",
        _text("StableDiffusionV1-Inpainting"),
        8,
        edits=True,
    ),
    Word("SDV2", "Stable Diffusion 2", _text("SDV2")),
    Word("InvokeAI", "InvokeAI", _text("InvokeAI"), 8),
    Word("MindONE", "MindONE SDXL", f"{0xB296919BB0B1BA:056b}", 8),
    Word("StableDiffusion", "MindONE Stable Diffusion", _text("StableDiffusion"), 8),
    Word("sige", "sige SDXL", _text("SDXL")),
)
LENGTHS = tuple(sorted({len(word.bits) for word in WORDS}))


def centred(sums: Doubles, word: Word) -> Doubles:
    """Take the mean of each place away: what all bits have in common is the picture's."""
    folded = sums.reshape(*sums.shape[:-1], -1, word.period)
    return np.asarray(folded - folded.mean(axis=-2, keepdims=True))


def score(sums: Doubles, word: Word) -> Doubles:
    """Return the agreement in standard deviations of a random word, over the last axis.

    `sums`: evidence for "one" of every bit, shape (…, bits); 0 where they hold nothing.
    """
    rest = centred(sums, word)
    spread = np.sqrt((4 * word.shares * (1 - word.shares) * rest**2).sum(axis=(-2, -1)))
    agreement = (rest * word.signs).sum(axis=(-2, -1))
    return np.asarray(np.divide(agreement, spread, out=np.zeros_like(spread), where=spread > 1e-9))


def log_rate(sums: Doubles, word: Word) -> float:
    """Bound log10 of the chance that a random word agrees at least this well; 0 = no evidence."""
    rest = centred(sums, word)
    agreement = float((rest * word.signs).sum())
    up, down = 2 * (1 - word.shares) * rest, -2 * word.shares * rest
    variance = float((word.shares * (1 - word.shares) * (up - down) ** 2).sum())
    if agreement <= 0 or variance < 1e-12:
        return 0.0
    best, tilt = 0.0, agreement / variance
    for _ in range(STEPS):
        # The logarithm of the moment generating function, and its first two derivatives.
        top = np.maximum(tilt * up, tilt * down)
        ones = word.shares * np.exp(tilt * up - top)
        both = ones + (1 - word.shares) * np.exp(tilt * down - top)
        best = min(best, float((np.log(both) + top).sum()) - tilt * agreement)
        chance = ones / both
        mean = float((chance * up + (1 - chance) * down).sum())
        curvature = float((chance * (1 - chance) * (up - down) ** 2).sum())
        if curvature < 1e-12 * variance:
            break
        tilt *= min(2.0, max(0.5, 1 + (agreement - mean) / curvature / tilt))
    return best / math.log(10)


def agreed(sums: Doubles, word: Word) -> int:
    """Count the bits that the sums agree with, by their side of the mean."""
    read = sums > sums.mean()
    return int(sum(bool(bit) == (want == "1") for bit, want in zip(read, word.bits, strict=True)))
