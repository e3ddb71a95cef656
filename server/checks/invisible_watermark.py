"""Public invisible watermarks of the dwtDct family: known words, found with an honest alarm rate.

All words, variants and geometries together alarm on at most one unmarked picture in a million
(`GATE`): each search has its share of that, divided among all that it tries. How the evidence
is read: server/dwtdct.py; the words and the chance of agreeing: server/watermarks.py; measured:
docs/watermarks.md.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from server import rivagan
from server.dwtdct import SIDE, VARIANTS, Layout, Readings, Variant, read, read_singular, sums
from server.evidence import Claim, Evidence, Param, Strength
from server.image import Chroma, Image, chroma, resample
from server.watermarks import LENGTHS, WORDS, Doubles, Floats, Word, agreed, log_rate, score

NAME = "invisible_watermark"
#: False alarms of all searches together, an image.
GATE = 1e-6
#: How the gate is shared out. No public generator uses dwtDctSvd, so it gets little.
SHARES = {"as_is": 0.5, "singular": 0.05, "resized": 0.25, "cropped": 0.15, "rivagan": 0.05}
#: The encoders refuse pictures with fewer pixels, so these carry nothing.
SMALLEST = 256 * 256
#: Pixels that are read; of larger pictures the rows in the middle.
LARGEST = 2048 * 2048
BLOCK = 8  # pixels
#: Standard deviations below which nothing can pass the gate.
WEAK = 4.0
#: Blocks that rank the 64 phases of a crop, and the phases that are then read in full.
SAMPLE, FULL = 4096, 3
#: Sizes that generators offer (SDXL's training sizes; the defaults of Stable Diffusion and FLUX).
LONG_SHORT = (
    (512, 512), (640, 448), (640, 512), (704, 512), (768, 512), (832, 512), (896, 512),
    (640, 640), (768, 576), (1024, 576), (768, 640), (768, 768), (896, 768), (960, 768),
    (1024, 768), (1152, 768), (1280, 768), (1344, 768), (1360, 768), (1152, 832), (1216, 832),
    (1088, 896), (1152, 896), (1088, 960), (1024, 960), (1024, 1024), (1472, 704), (1408, 704),
    (1536, 640), (1600, 640), (1664, 576), (1728, 576), (1280, 720), (1440, 1080), (1920, 1088),
    (1536, 1024), (1248, 832), (1440, 960), (1280, 960), (1280, 1280), (1536, 1536), (2048, 2048),
)  # fmt: skip
NATIVE = tuple(sorted({*LONG_SHORT, *((short, long) for long, short in LONG_SHORT)}))
#: Copies smaller or larger than this have lost the mark.
SCALES = (0.33, 3.0)


class Planes(NamedTuple):
    """Cb and Cr at half the resolution of the marked picture, and their noise."""

    blue: Floats
    red: Floats
    noise: float


class Hit(NamedTuple):
    """A word that was found. `log_rate`: log10 of its false alarm rate, all searches counted."""

    word: Word
    method: str
    variant: Variant
    agreed: int
    log_rate: float
    geometry: str


def check(image: Image) -> list[Evidence]:
    """Look for every known word; the best hit, or nothing where none passes the gate."""
    hit = find(image)
    if hit is None:
        return []
    params: dict[str, Param] = {
        "source": hit.word.source,
        "word": hit.word.name,
        "agreed": hit.agreed,
        "bits": len(hit.word.bits),
        "rate": f"{10**hit.log_rate:.0e}",
        "geometry": hit.geometry,
        "method": " ".join((hit.method, *hit.variant)),
    }
    claim = Claim.AI_EDITED if hit.word.edits else Claim.AI_GENERATED
    return [Evidence(NAME, claim, Strength.DECLARATION, "watermark_known_word", params)]


def find(image: Image) -> Hit | None:
    """Search from the likeliest to the costliest geometry; stop at the first hit."""
    if image.width * image.height < SMALLEST:
        return None
    rows = max(BLOCK, min(image.height, LARGEST // image.width) // BLOCK * BLOCK)
    top = (image.height - rows) // 2 // BLOCK * BLOCK
    stored = chroma(image, top, None if rows + BLOCK > image.height else top + rows)
    size = image.width, image.height
    return (
        search_as_is(stored, size, top)
        or search_resized(stored, size)
        or search_cropped(stored, size, top)
        or search_rivagan(image)
    )


def search_as_is(stored: Chroma, size: tuple[int, int], top: int = 0) -> Hit | None:
    """Read the picture as the generator wrote it, by both methods."""
    columns = size[0] // BLOCK
    layout = Layout(columns, top // BLOCK * columns)
    planes = halve(stored)
    tests = len(WORDS) * len(VARIANTS)
    hits = [
        _best(read(*planes, _whole_words(columns)), layout, tests / SHARES["as_is"]),
        _best(read_singular(*planes, _whole_words(columns)), layout, tests / SHARES["singular"]),
    ]
    if hits[1]:
        hits[1] = hits[1]._replace(method="dwtDctSvd")
    # Each method reads something of the other's mark: the one that reads more bits is the one.
    hit = max((hit for hit in hits if hit), key=lambda hit: hit.agreed, default=None)
    return hit and hit._replace(geometry=f"{size[0]} × {size[1]}")


def search_resized(stored: Chroma, size: tuple[int, int]) -> Hit | None:
    """Bring the picture back to each native size that it may be a copy of."""
    if stored.blue.shape[0] * stored.step < size[1] - 1:
        return None  # only a part of a large picture was read
    found = list(origins(size))
    tests = len(WORDS) * len(VARIANTS) * len(found)
    hits: list[Hit] = []
    for width, height in found:
        wanted = width // BLOCK * SIDE, height // BLOCK * SIDE
        planes = Planes(
            resample(stored.blue, *wanted),
            resample(stored.red, *wanted),
            stored.noise * max(1.0, width / size[0]),  # enlarging a copy enlarges its noise
        )
        columns = width // BLOCK
        readings = read(*planes, _whole_words(columns))
        hit = _best(readings, Layout(columns), tests / SHARES["resized"])
        if hit:
            hits.append(hit._replace(geometry=f"{width} × {height} → {size[0]} × {size[1]}"))
    return min(hits, key=lambda hit: hit.log_rate, default=None)


def origins(size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the native sizes that a copy of this size may come from; near ones are crops."""
    for native in NATIVE:
        scale = size[0] / native[0]
        fits = abs(native[1] * scale - size[1]) <= max(1.0, scale)
        far = max(abs(native[at] - size[at]) for at in (0, 1)) >= 2 * BLOCK
        if fits and far and SCALES[0] <= scale <= SCALES[1]:
            yield native


def search_cropped(stored: Chroma, size: tuple[int, int], top: int = 0) -> Hit | None:
    """Shift the blocks by up to 7 pixels each way; rank all shifts on a sample, read the best."""
    shifts = list(_shifts(size))
    tests = len(WORDS) * len(VARIANTS) * len(shifts)
    height = stored.blue.shape[0] * stored.step
    rows = max(BLOCK, min(height, SAMPLE * BLOCK * BLOCK // size[0]) // BLOCK * BLOCK)
    skip = (height - rows) // 2 // BLOCK * BLOCK
    beside = any(_whole_words(columns) for _, _, columns in shifts)
    readings = _every_shift(_rows(stored, skip, skip + rows), beside)
    ranked: list[tuple[float, tuple[int, int, int]]] = []
    for down, right, columns in shifts:
        one = Readings(*(part[:, down * BLOCK + right] for part in readings))
        layout = _layout(down, right, columns, top + skip)
        ranked.append((_strongest(one, layout), (down, right, columns)))
    hits: list[Hit] = []
    for _, (down, right, columns) in sorted(ranked, reverse=True)[:FULL]:
        readings = read(*halve(stored, down, right))
        hit = _best(readings, _layout(down, right, columns, top), tests / SHARES["cropped"])
        if hit:
            lost = -down % BLOCK, -right % BLOCK
            hits.append(hit._replace(geometry=f"+{lost[1]} +{lost[0]} → {size[0]} × {size[1]}"))
    return min(hits, key=lambda hit: hit.log_rate, default=None)


def search_rivagan(image: Image) -> Hit | None:
    """Compare what RivaGAN's decoder reads, where it was fetched, with the words of its length."""
    found = rivagan.read(image.pixels)
    if found is None:
        return None
    words = [word for word in WORDS if len(word.bits) == rivagan.BITS]
    tests = len(words) / SHARES["rivagan"]
    hits = [hit for word in words if (hit := _passing(found, word, tests))]
    hit = min(hits, key=lambda hit: hit.log_rate, default=None)
    size = f"{image.width} × {image.height}"
    return hit and hit._replace(method="rivaGan", geometry=size)


def _shifts(size: tuple[int, int]) -> Iterator[tuple[int, int, int]]:
    """Yield (rows, columns) of pixels before the first whole block, and the blocks a row had."""
    for down in range(BLOCK):
        for right in range(BLOCK):
            width = size[0] + -right % BLOCK
            for columns in sorted({width // BLOCK, (width + BLOCK - 1) // BLOCK}):
                if down or right or columns != size[0] // BLOCK:
                    yield down, right, columns


def _every_shift(sample: Chroma, beside: bool) -> Readings:
    """Read all 64 shifts at once, cut to the blocks that all of them have."""
    planes = [halve(sample, down, right) for down in range(BLOCK) for right in range(BLOCK)]
    rows = min(plane.blue.shape[0] for plane in planes)
    columns = min(plane.blue.shape[1] for plane in planes)
    blue = np.stack([plane.blue[:rows, :columns] for plane in planes])
    red = np.stack([plane.red[:rows, :columns] for plane in planes])
    return read(blue, red, sample.noise, beside)


def _layout(down: int, right: int, columns: int, top: int) -> Layout:
    """Number the first whole block: a crop lost a part of the row and of the column before it."""
    row, column = top // BLOCK + (down > 0), int(right > 0)
    return Layout(columns, row * columns + column)


def _rows(stored: Chroma, start: int, stop: int) -> Chroma:
    inner = slice(start // stored.step, stop // stored.step)
    return stored._replace(blue=stored.blue[inner], red=stored.red[inner])


def halve(stored: Chroma, down: int = 0, right: int = 0) -> Planes:
    """Average over 2 x 2 pixels, from this many pixels down and to the right (at most 7)."""
    planes = [_halved(plane, stored.step, down, right) for plane in (stored.blue, stored.red)]
    return Planes(planes[0], planes[1], stored.noise)


def _halved(plane: Floats, step: int, down: int, right: int) -> Floats:
    if step == 2:
        # Half a value lies between two of them.
        plane = plane[down // 2 :, right // 2 :]
        if down % 2:
            plane = np.asarray((plane[:-1] + plane[1:]) / 2, np.float32)
        if right % 2:
            plane = np.asarray((plane[:, :-1] + plane[:, 1:]) / 2, np.float32)
        return plane
    plane = plane[down:, right:]
    plane = plane[: plane.shape[0] // 2 * 2, : plane.shape[1] // 2 * 2]
    high = plane[0::2] + plane[1::2]
    return np.asarray((high[:, 0::2] + high[:, 1::2]) / 4, np.float32)


def _whole_words(columns: int) -> bool:
    """Tell whether a row of this many blocks holds a whole number of some word."""
    return any(columns % bits == 0 for bits in LENGTHS)


def _strongest(readings: Readings, layout: Layout) -> float:
    found = {bits: sums(readings, bits, layout) for bits in LENGTHS}
    return max(float(score(found[len(word.bits)], word).max()) for word in WORDS)


def _best(readings: Readings, layout: Layout, tests: float) -> Hit | None:
    """Return the word that is least likely by chance, if it passes the gate after `tests`."""
    hits: list[Hit] = []
    found = {bits: sums(readings, bits, layout) for bits in LENGTHS}
    for word in WORDS:
        totals = found[len(word.bits)]
        hits.extend(
            hit._replace(variant=VARIANTS[at])
            for at in np.flatnonzero(score(totals, word) >= WEAK)
            if (hit := _passing(totals[at], word, tests))
        )
    return min(hits, key=lambda hit: hit.log_rate, default=None)


def _passing(totals: Doubles, word: Word, tests: float) -> Hit | None:
    rate = log_rate(totals, word) + math.log10(tests)
    if rate > math.log10(GATE):
        return None
    return Hit(word, "dwtDct", Variant("bgr", "float32"), agreed(totals, word), rate, "")
