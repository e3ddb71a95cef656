"""Measure the reader of invisible watermarks: what it finds, what it finds where nothing is.

    python -m scripts.benchmark_watermark robustness DATA [--size 1024] [--word FLUX]
    python -m scripts.benchmark_watermark geometry DATA [--size 1024] [--word FLUX]
    python -m scripts.benchmark_watermark null DATA...
    python -m scripts.benchmark_watermark time DATA [--size 1024]

DATA holds manifest.jsonl and the images that it names; marks go into its real photographs.
`robustness` and `geometry` embed with the package's own encoder and compare with its own
decoder; scripts/reference.py says how to get it.

Intervals are Wilson's, 95 %. A picture counts as read by the others when 92 % of the bits are
right, whatever that says of chance; by ours when the word passes the gate of the check.
"""

import argparse
import io
import json
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from PIL import Image as PillowImage
from tqdm import tqdm

from scripts.reference import reference
from server.checks import invisible_watermark as check
from server.dwtdct import VARIANTS, Layout, read, sums
from server.image import Pixels, chroma, load
from server.watermarks import WORDS, Word, log_rate, score

ENOUGH = 0.92
#: Pixels that the largest crop takes from the longest picture.
LOST = 14 * (608 + 608)
LEVELS = (1e-2, 1e-3, 1e-4)


class Way(NamedTuple):
    """How a picture is saved: Pillow's format and its options."""

    name: str
    format: str
    options: dict[str, int]


WAYS = (
    Way("PNG", "PNG", {"compress_level": 1}),
    Way("JPEG q95 4:4:4", "JPEG", {"quality": 95, "subsampling": 0}),
    Way("JPEG q95 4:2:0", "JPEG", {"quality": 95, "subsampling": 2}),
    Way("JPEG q90 4:2:0", "JPEG", {"quality": 90, "subsampling": 2}),
    Way("JPEG q85 4:2:0", "JPEG", {"quality": 85, "subsampling": 2}),
    Way("JPEG q75 4:2:0", "JPEG", {"quality": 75, "subsampling": 2}),
    Way("WebP q90", "WEBP", {"quality": 90}),
    Way("WebP q80", "WEBP", {"quality": 80}),
)
AS_IS = "they are"
PNG, Q95, Q85 = WAYS[0], WAYS[2], WAYS[4]


def wilson(hits: int, total: int) -> str:
    """Return a share and its 95 % interval in per cent."""
    z, share = 1.959964, hits / total
    middle = (share + z * z / (2 * total)) / (1 + z * z / total)
    half = z / (1 + z * z / total) * (share * (1 - share) / total + z * z / (4 * total**2)) ** 0.5
    return f"{share:.1%} ({max(0, middle - half):.1%} to {min(1, middle + half):.1%})"


def photographs(folder: Path, most: int) -> list[Path]:
    """Return the real photographs of a folder, thinned to `most`."""
    rows = [json.loads(line) for line in (folder / "manifest.jsonl").read_text().splitlines()]
    files = [
        folder / row["file"] for row in rows if (row["label"], row["cls"]) == ("real", "photo")
    ]
    return files[:: max(1, len(files) // most)][:most]


def picture(path: Path, size: int) -> Pixels:
    """Read a photograph; with a size, enlarge it to cover a square of it and cut the middle."""
    opened = PillowImage.open(path).convert("RGB")
    if size:
        scale = size / min(opened.size)
        width, height = (max(size, round(side * scale)) for side in opened.size)
        left, top = (width - size) // 2, (height - size) // 2
        opened = opened.resize((width, height), PillowImage.Resampling.LANCZOS)
        opened = opened.crop((left, top, left + size, top + size))
    return np.asarray(opened)


def save(pixels: Pixels, way: Way) -> bytes:
    """Encode a picture."""
    out = io.BytesIO()
    PillowImage.fromarray(pixels).save(out, way.format, **way.options)
    return out.getvalue()


def finds(data: bytes, word: Word) -> bool:
    """Tell whether the check names this word; another word would be a false alarm."""
    hit = check.find(load(data))
    if hit and hit.word != word:
        raise SystemExit(f"{hit.word.name} found where {word.name} is.")
    return hit is not None


def robustness(files: list[Path], size: int, word: Word) -> None:
    """Print how often each reader finds the word, by way of saving."""
    package, counts = reference(), Counter[tuple[str, str]]()
    total = 0
    for path in tqdm(files, desc=word.name, unit="photo"):
        pixels = picture(path, size)
        if pixels.shape[0] * pixels.shape[1] < check.SMALLEST:
            continue
        total += 1
        marked = package.encode(pixels, word)
        for way in WAYS:
            data = save(marked, way)
            seen = np.asarray(PillowImage.open(io.BytesIO(data)).convert("RGB"))
            right = {array: package.decode(seen, word, array) for array in ("uint8", "float32")}
            counts[way.name, "package"] += right["uint8"] >= ENOUGH
            counts[way.name, "both"] += max(right.values()) >= ENOUGH
            counts[way.name, "ours"] += finds(data, word)
    print(f"\n{word.name}, {len(word.bits)} bits, {total} photographs, {_sizes(size)}\n")
    print("| saved as | package's decoder | hard vote, both arrays | ours |\n|---|---|---|---|")
    for way in WAYS:
        cells = [wilson(counts[way.name, who], total) for who in ("package", "both", "ours")]
        print(f"| {way.name} | {' | '.join(cells)} |")


def geometry(files: list[Path], size: int, word: Word) -> None:
    """Print how often ours finds the word in resized and cropped copies."""
    package, counts = reference(), Counter[tuple[str, str]]()
    chance = np.random.default_rng(0)
    total = 0
    for path in tqdm(files, desc=word.name, unit="photo"):
        pixels = picture(path, size)
        if pixels.shape[0] * pixels.shape[1] < check.SMALLEST + LOST:
            continue
        total += 1
        marked = package.encode(pixels, word)
        # A photograph's own size is no generator's: its smaller copies are not looked for.
        for name, changed in _changes(marked, chance, (0.75, 0.5) if size else ()):
            for way in (PNG, Q95, Q85):
                counts[name, way.name] += finds(save(changed, way), word)
    print(f"\n{word.name}, {total} photographs, {_sizes(size)}\n")
    print(f"| copy | {' | '.join(way.name for way in (PNG, Q95, Q85))} |\n|---|---|---|---|")
    for name in dict.fromkeys(name for name, _ in counts):
        cells = [wilson(counts[name, way.name], total) for way in (PNG, Q95, Q85)]
        print(f"| {name} | {' | '.join(cells)} |")


def _changes(
    pixels: Pixels, chance: np.random.Generator, scales: Sequence[float]
) -> Iterator[tuple[str, Pixels]]:
    whole = PillowImage.fromarray(pixels)
    for scale in scales:
        for name in ("BICUBIC", "BILINEAR"):
            size = round(whole.width * scale), round(whole.height * scale)
            small = whole.resize(size, PillowImage.Resampling[name])
            yield f"resized to {scale}, {name.lower()}", np.asarray(small)
    top, left, bottom, right = (int(lost) for lost in chance.integers(0, 8, 4))
    height, width = pixels.shape[:2]
    cut = pixels[top : height - bottom, left : width - right]
    yield "each side cropped by 0 to 7 pixels", np.ascontiguousarray(cut)


def _sizes(size: int) -> str:
    return f"enlarged to {size} × {size}" if size else "at their own size (336 to 608 px)"


def null(
    folders: Iterable[Path], most: int, labels: Sequence[str] = ("real", "ai"), every: int = 4
) -> None:
    """Print the alarms on unmarked pictures and copies of every nth, and the null's calibration."""
    alarms, looked = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
    bounds, normals = list[float](), list[float]()
    for folder in folders:
        lines = (folder / "manifest.jsonl").read_text().splitlines()
        rows = [row for row in map(json.loads, lines) if row["label"] in labels]
        rows = rows[:: max(1, len(rows) // most)]
        for number, row in enumerate(tqdm(rows, desc=folder.name, unit="picture")):
            data = (folder / row["file"]).read_bytes()
            for name, copy in islice(_copies(data), 3 if number % every == 0 else 1):
                hit = check.find(load(copy))
                looked[row["label"], name] += 1
                if hit:
                    alarms[row["label"], name] += 1
                    tqdm.write(f"{row['file']} {row.get('generator')} {name}: {hit}")
                if name == AS_IS and row["label"] == "real":
                    for one, other in _chances(copy):
                        bounds.append(one)
                        normals.append(other)
    print("\n| pictures | as | looked at | alarms |\n|---|---|---|---|")
    for (label, name), total in looked.items():
        print(f"| {label} | {name} | {total} | {alarms[label, name]} |")
    if bounds:
        _print_calibration(np.array(bounds), np.array(normals))


def _copies(data: bytes) -> Iterator[tuple[str, bytes]]:
    """Yield the picture and, made only when asked for, its copies."""
    yield AS_IS, data
    whole = PillowImage.open(io.BytesIO(data)).convert("RGB")
    yield "JPEG q85 4:2:0", save(np.asarray(whole), Q85)
    size = max(1, round(whole.width * 0.8)), max(1, round(whole.height * 0.8))
    small = np.asarray(whole.resize(size, PillowImage.Resampling.BICUBIC))
    yield "resized to 0.8, PNG", save(small, PNG)


def _chances(data: bytes) -> Iterator[tuple[float, float]]:
    """Yield (bound, score) of every word and variant, the picture taken as it is."""
    image = load(data)
    stored = chroma(image)
    readings = read(*check.halve(stored))
    for word in WORDS:
        found = sums(readings, len(word.bits), Layout(image.width // check.BLOCK))
        for at, one in enumerate(score(found, word)):
            # Below two standard deviations no bound is under the levels.
            yield 10 ** log_rate(found[at], word) if one > 2 else 1.0, float(one)


def _print_calibration(bounds: Any, scores: Any) -> None:
    #: Upper quantiles of the normal law.
    quantiles = dict(zip(LEVELS, (2.326348, 3.090232, 3.719016), strict=True))
    print(f"\n{len(bounds)} tests: {len(WORDS)} words, {len(VARIANTS)} variants each\n")
    print("| level | observed below it, normal law | observed below it, bound |\n|---|---|---|")
    for level in LEVELS:
        cells = [int((scores > quantiles[level]).sum()), int((bounds < level).sum())]
        shares = [f"{count / len(bounds):.2e} ({count})" for count in cells]
        print(f"| {level:.0e} | {' | '.join(shares)} |")


def timing(files: list[Path], size: int) -> None:
    """Print the processor time of the check on unmarked photographs, decoding apart."""
    found: dict[str, list[float]] = {"as it is": [], "all geometries": []}
    for path in tqdm(files, unit="photo"):
        image = load(save(picture(path, size), PNG))
        image.pixels  # noqa: B018 - decoding is not the check's time
        begun = time.process_time()
        check.search_as_is(chroma(image), (image.width, image.height))
        found["as it is"].append((time.process_time() - begun) * 1000)
        begun = time.process_time()
        check.find(image)
        found["all geometries"].append((time.process_time() - begun) * 1000)
    print(f"\n{len(files)} unmarked photographs, {_sizes(size)}, PNG\n")
    print("| search | processor time, median ms | 95 % ms |\n|---|---|---|")
    for name, times in found.items():
        print(f"| {name} | {np.median(times):.0f} | {np.quantile(times, 0.95):.0f} |")


def main() -> None:
    """Run one of the measurements."""
    parser = argparse.ArgumentParser(description="Measure the reader of invisible watermarks.")
    parser.add_argument("what", choices=["robustness", "geometry", "null", "time"])
    parser.add_argument("data", type=Path, nargs="+", help="folders with manifest.jsonl")
    parser.add_argument("--size", type=int, default=0, help="side in pixels; 0 leaves it")
    parser.add_argument("--word", default="FLUX", choices=[word.name for word in WORDS])
    parser.add_argument("--most", type=int, default=400, help="pictures at most")
    parser.add_argument("--label", action="append", choices=["real", "ai"], help="null: of these")
    parser.add_argument("--every", type=int, default=4, help="null: copies of every nth picture")
    arguments = parser.parse_args()
    word = next(word for word in WORDS if word.name == arguments.word)
    if arguments.what == "null":
        labels = arguments.label or ("real", "ai")
        null(arguments.data, arguments.most, labels, max(1, arguments.every))
        return
    files = photographs(arguments.data[0], arguments.most)
    if arguments.what == "robustness":
        robustness(files, arguments.size, word)
    elif arguments.what == "geometry":
        geometry(files, arguments.size, word)
    else:
        timing(files, arguments.size)


if __name__ == "__main__":
    main()
